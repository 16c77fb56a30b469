"""The Dockerfile: what stays in the images, who runs there, how they end."""

import json
import re

import pytest

from tests.deploy.support import DOCKERFILE, PATHS, PROJECT, ROOT, SERVICES, STAGES, is_pinned, of, unknown_flags

IMAGES = ("mock", "load")
INSTALLS = re.compile(r"\b(pip install|apt-get install|pip wheel|uv )")


def last(stage, name):
    return of(stage, name)[-1]


def test_the_mock_is_what_is_built_by_default():
    assert STAGES[-1] == "mock"


def test_the_base_is_pinned_and_slim():
    image = next(one.rest for one in DOCKERFILE if one.name == "ARG").removeprefix("PYTHON=")
    assert is_pinned(image), image
    assert "-slim-" in image, image
    others = {one.rest.split()[0] for one in DOCKERFILE if one.name == "FROM"} - {"${PYTHON}", *STAGES}
    assert not others


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_runs_as_a_user_without_rights(image):
    user, group = last(image, "USER").split(":")
    assert (int(user), int(group)) > (999, 999)


@pytest.mark.parametrize("image", IMAGES)
def test_nothing_is_built_or_installed_in_the_last_stage(image):
    assert not [line for line in of(image, "RUN") if INSTALLS.search(line)]
    assert [line for line in of(image, "COPY") if line.startswith("--from=")]


def test_the_builder_does_install():
    assert [line for line in of("build", "RUN") if INSTALLS.search(line)]


def test_everything_from_outside_comes_with_its_hash():
    found = [part for one in DOCKERFILE if one.name == "RUN" for part in one.rest.split("&&") if "pip" in part]
    assert not [part for part in found if "-r requirements" in part and "--require-hashes" not in part]
    assert not [
        part for part in found if "install" in part.split() and not re.search("--require-hashes|--no-deps", part)
    ]
    named = {name for part in found for name in re.findall(r"requirements/\w+\.txt", part)}
    assert named == {"requirements/build.txt", "requirements/run.txt", "requirements/load.txt"}
    assert not [name for name in named if "--hash=sha256:" not in (ROOT / name).read_text()]


def test_the_lock_of_the_load_image_holds_the_extra():
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements/load.txt").read_text(), re.MULTILINE))
    wanted = {re.match(r"[\w-]+", one)[0] for one in PROJECT["optional-dependencies"]["load"]}
    assert wanted <= locked, "make lock"


def test_sigterm_reaches_the_mock():
    assert last("mock", "STOPSIGNAL") == "SIGTERM"
    command = json.loads(last("mock", "ENTRYPOINT")) + json.loads(last("mock", "CMD"))
    assert command[:2] == ["mockserver", "serve"]


def test_the_mock_is_started_with_flags_it_has():
    command = json.loads(last("mock", "CMD"))
    assert not unknown_flags(command)
    assert command[1:] == ["--host", "0.0.0.0", "--port", "8080", "--log-format", "json"]
    assert last("mock", "EXPOSE") == "8080"


def test_health_is_asked_without_a_shell_and_without_curl():
    probe = json.loads(last("mock", "HEALTHCHECK").split("CMD ")[1])
    assert probe[0] == "python"
    (path,) = re.findall(r"127\.0\.0\.1:8080(/\w+)", probe[-1])
    assert path in PATHS
    assert ["CMD", *probe] == SERVICES["mock"]["healthcheck"]["test"]


@pytest.mark.parametrize("image", IMAGES)
def test_an_image_says_what_it_is(image):
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', " ".join(of(image, "LABEL"))))
    assert labels.keys() >= {"title", "description", "licenses", "version", "revision"}
    assert labels["licenses"] == PROJECT["license"]
    assert f"VERSION={PROJECT['version']}" in of(image, "ARG")


def test_whatever_is_copied_is_there_and_not_ignored():
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        name.rstrip("/")
        for one in DOCKERFILE
        if one.name == "COPY" and not one.rest.startswith("--from")
        for name in one.rest.split()[:-1]
    }
    assert not [name for name in copied if not (ROOT / name).exists()]
    assert copied == let_in
