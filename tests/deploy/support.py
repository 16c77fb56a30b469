"""What the tests of this folder read."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import yaml

from mockserver.serving.operations import PROBES
from mockserver.settings import Settings

ROOT = Path(__file__).parent.parent.parent
SETTINGS = {field.name for field in msgspec.structs.fields(Settings)}  # comes with shared clinics
PATHS = {operation.path for operation in PROBES}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
HERE = "127.0.0.1"
_DEFAULTED = re.compile(r"\$\{\w+:-([^${}]*)\}")


def read(path: str) -> Any:
    """A YAML file of the project."""
    return yaml.safe_load((ROOT / path).read_text(encoding="utf-8"))


def plain(value: Any) -> Any:
    """The same with every ${NAME:-default} as it is where no variable is set."""
    text = json.dumps(value)
    while text != (text := _DEFAULTED.sub(r"\1", text)):
        pass
    return json.loads(text)


COMPOSE = plain(read("docker-compose.yml"))
SERVICES: dict[str, Any] = COMPOSE["services"]


class Instruction(NamedTuple):
    """A line of the Dockerfile; `stage` is where it stands."""

    stage: str
    name: str
    rest: str


def instructions() -> list[Instruction]:
    """The Dockerfile."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return list(_staged(text.replace("\\\n", " ").splitlines()))


def _staged(lines: list[str]) -> Iterator[Instruction]:
    stage = ""
    for line in filter(str.strip, lines):
        name, rest = line.strip().split(maxsplit=1)
        stage = rest.split()[-1] if name == "FROM" else stage
        yield Instruction(stage, name, " ".join(rest.split()))


DOCKERFILE = instructions()
STAGES = [one.stage for one in DOCKERFILE if one.name == "FROM"]


def of(stage: str, name: str) -> list[str]:
    """What a stage says with an instruction, its base's words first."""
    base = next(one.rest.split()[0] for one in DOCKERFILE if one.name == "FROM" and one.stage == stage)
    inherited = of(base, name) if base in STAGES else []
    return inherited + [one.rest for one in DOCKERFILE if one.stage == stage and one.name == name]


def is_pinned(image: str) -> bool:
    """Whether an image is named with a tag that tells its version."""
    _, _, tag = image.rpartition("/")[2].partition(":")
    return bool(re.match(r"v?\d+\.\d+", tag))


def unknown_names(environment: dict[str, Any]) -> set[str]:
    """Variables of the mock that are no setting of it."""
    ours = {name.removeprefix("MOCKSERVER_").lower() for name in environment if name.startswith("MOCKSERVER_")}
    return ours - SETTINGS


def unknown_flags(command: list[str]) -> set[str]:
    """Flags of `mockserver serve` that are no setting of it."""
    return {part for part in command if part.startswith("--") and part[2:].replace("-", "_") not in SETTINGS}
