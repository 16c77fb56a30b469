# `make run` and `make test` are all a fresh machine needs (Debian, Python 3.11 or newer, make, pip).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A venv without pip of its own: Debian keeps ensurepip in a package that a fresh machine lacks.
PIP := $(PYTHON) -m pip --python $(BIN)/python --disable-pip-version-check --quiet

# Where nothing may be kept compiled (as in many images), every process of the tests would compile all it imports.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help run setup test check bench load compose-test golden lock format
help: ## show this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

run: $(VENV)/.run ## set everything up and start the mock on 127.0.0.1:8080 (ARGS="--port 0" passes flags)
	@exec $(BIN)/mockserver serve $(ARGS)

setup: $(VENV)/.dev ## set everything up, pytest included, and start nothing

test: check ## set everything up, check style and types, run every test (three at a time: many of them wait)
	$(BIN)/python -m pytest -n 3 --dist worksteal $(ARGS)

check: $(VENV)/.dev ## style, types and tables, without the tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tools/tables.py check

bench: $(VENV)/.dev ## measure against the bare stack and print the table of docs/benchmarks.md
	$(BIN)/python -m loadtests.bench $(ARGS)

load: $(VENV)/.dev ## a minute of the whole country's Monday peak (COUNTRY=0.1 MINUTES=10, ARGS="--help")
	$(BIN)/python -m loadtests $(if $(COUNTRY),--country $(COUNTRY)) $(if $(MINUTES),--minutes $(MINUTES)) $(ARGS)

compose-test: $(VENV)/.run ## build the images, stand docker-compose.yml up and ask it (77: there is no container engine)
	$(BIN)/python tools/compose_test.py $(ARGS)

golden: $(VENV)/.dev ## rewrite the golden files and generated documents
	$(BIN)/python -m tests.golden_files

lock: $(VENV)/.dev ## renew the hashed lock files
	$(BIN)/uv pip compile $(LOCK) requirements/build.in -o requirements/build.txt
	$(BIN)/uv pip compile $(LOCK) -c requirements/build.txt pyproject.toml -o requirements/run.txt
	$(BIN)/uv pip compile $(LOCK) -c requirements/build.txt -c requirements/run.txt --extra dev --extra load \
		pyproject.toml -o requirements/dev.txt
	$(BIN)/uv pip compile $(LOCK) -c requirements/dev.txt --extra load pyproject.toml -o requirements/load.txt
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --quiet --upgrade \
	--custom-compile-command 'make lock'

format: $(VENV)/.dev ## put the code into shape
	$(BIN)/ruff check --fix . ; $(BIN)/ruff format .

$(BIN)/python:
	$(PYTHON) -m venv --without-pip $(VENV)

$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements/build.txt -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@
