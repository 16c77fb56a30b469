# Two images: `mock` (the last stage, and so the one built by default) and `load` (Locust and its suite).
ARG PYTHON=python:3.13-slim-trixie

# A venv each, from the hashed lock files. Whatever builds the wheel stays in this stage.
FROM ${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements/ requirements/
RUN pip install --require-hashes -r requirements/build.txt \
    && python -m venv --without-pip /opt/venv \
    && pip --python /opt/venv/bin/python install --require-hashes -r requirements/run.txt
COPY pyproject.toml README.md LICENSE ./
COPY mockserver/ mockserver/
RUN pip wheel --no-deps --no-build-isolation --wheel-dir dist . \
    && pip --python /opt/venv/bin/python install --no-deps dist/*.whl

FROM build AS build-load
# hdrhistogram has wheels for x86_64 only.
RUN if [ "$(uname -m)" != x86_64 ]; then \
      apt-get update && apt-get install --yes --no-install-recommends gcc libc6-dev; fi
RUN pip --python /opt/venv/bin/python install --require-hashes -r requirements/load.txt

# What both images share: no installer, a user without a name's privileges, nothing to write to but /tmp.
FROM ${PYTHON} AS runtime
RUN pip uninstall --yes --root-user-action ignore pip \
    && groupadd --gid 10001 app \
    && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /tmp --shell /usr/sbin/nologin app
ENV PATH=/opt/venv/bin:$PATH HOME=/tmp PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 10001:10001
STOPSIGNAL SIGTERM
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

FROM runtime AS load
LABEL org.opencontainers.image.title="oqs-mockserver-load" \
      org.opencontainers.image.description="A country's Monday morning of eligibility look-ups, with Locust"
COPY --from=build-load /opt/venv /opt/venv
COPY loadtests/ loadtests/
ENV PYTHONPATH=/app MPLCONFIGDIR=/tmp/matplotlib
EXPOSE 8089 5557
CMD ["python", "-m", "loadtests", "--help"]

FROM runtime AS mock
LABEL org.opencontainers.image.title="oqs-mockserver" \
      org.opencontainers.image.description="A mock of the backend of Japan's online eligibility verification"
COPY --from=build /opt/venv /opt/venv
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as web; web.urlopen('http://127.0.0.1:8080/readyz', timeout=2)"]
ENTRYPOINT ["mockserver"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080", "--log-format", "json"]
