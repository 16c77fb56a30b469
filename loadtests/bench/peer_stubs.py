"""General mock servers as peers: how each is installed, taught the people, and started."""

import importlib.util
import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from loadtests.bench.processes import ANSWER_BYTES
from mockserver.wire.paths import SEARCH_PATH

MOUNTEBANK, WIREMOCK = "2.9.1", "3.13.2"
MEMBERS = ("InsurerNumber", "InsuredIdentificationNumber", "Birthdate")
_WHERE = ("XmlMsg", "MessageBody", "QualificationConfirmSearchInfo")
_INSTALL_DEADLINE_S = 300
_HEADERS = {"Content-Type": "application/json", "Content-Length": str(ANSWER_BYTES), "Connection": "keep-alive"}
_INJECTED = """config => {
  const table = config.state.table ??= JSON.parse(require('fs').readFileSync(%s));
  const asked = JSON.parse(config.request.body).%s;
  return {statusCode: 200, headers: %s, body: table[[%s].join(' ')]};
}"""


@dataclass(frozen=True)
class Peer:
    """A server to be measured: its name, and its command for a port."""

    name: str
    command: Callable[[int], list[str]]


@dataclass(frozen=True)
class Person:
    """One of the people, as a peer is taught them."""

    key: tuple[str, ...]
    request: bytes

    @classmethod
    def asked_about(cls, request: bytes) -> "Person":
        """The person of a request."""
        info = json.loads(request.partition(b"\r\n\r\n")[2])
        for member in _WHERE:
            info = info[member]
        return cls(tuple(info[member] for member in MEMBERS), request)

    @property
    def number(self) -> str:
        """The member of the three that tells people apart."""
        return self.key[1]

    @property
    def answer(self) -> str:
        """An answer of the usual length that names the person."""
        told = json.dumps(dict(zip(MEMBERS, self.key, strict=True)))[:-1] + ', "Rest": "'
        return told.ljust(ANSWER_BYTES - 2, "x") + '"}'


def free_port() -> int:
    """A port of loopback that nobody has."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def available(folder: Path, scratch: Path, people: list[Person]) -> tuple[list[Peer], dict[str, str]]:
    """The peers that run here, taught the people; and why the others do not."""
    table = scratch / "people.json"
    table.write_text(json.dumps({" ".join(person.key): person.answer for person in people}))
    peers: list[Peer] = []
    missing: dict[str, str] = {}
    for name, lacks, taught in (
        (f"mountebank {MOUNTEBANK}", _lacks(folder, "node", f"mountebank@{MOUNTEBANK}"), _mountebank),
        (f"WireMock {WIREMOCK}", _lacks(folder, "java", f"wiremock@{WIREMOCK}"), _wiremock),
        ("pytest-httpserver", _lacks_httpserver(), _httpserver),
    ):
        if lacks:
            missing[name] = lacks
        else:
            peers += taught(folder, scratch, people)
    return peers, missing


def _lacks(folder: Path, runtime: str, package: str) -> str:
    """What is missing for a package of the npm registry, which is installed if it can be."""
    if lacking := [name for name in (runtime, "npm") if not shutil.which(name)]:
        return f"no {lacking[0]}"
    name, _, wanted = package.partition("@")
    manifest = folder / "node_modules" / name / "package.json"
    if manifest.exists() and json.loads(manifest.read_text())["version"] == wanted:
        return ""
    folder.mkdir(parents=True, exist_ok=True)
    quiet = "--no-audit --no-fund --loglevel error".split()
    command = ["npm", "install", "--prefix", str(folder), "--ignore-scripts", *quiet, package]
    try:
        subprocess.run(command, check=True, timeout=_INSTALL_DEADLINE_S, stdout=subprocess.DEVNULL)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return "npm install failed"
    return ""


def _lacks_httpserver() -> str:
    return "" if importlib.util.find_spec("pytest_httpserver") else "pip install pytest-httpserver"


def _mountebank(folder: Path, scratch: Path, people: list[Person]) -> list[Peer]:
    """With a stub for each of the people, and with one injected function that has them in a table."""
    stubs = [
        {
            "predicates": [
                {"equals": {"method": "POST", "path": SEARCH_PATH, "body": _asked(p)}, "caseSensitive": True}
            ],
            "responses": [{"is": {"statusCode": 200, "headers": _HEADERS, "body": p.answer}}],
        }
        for p in people
    ]
    asked = ", ".join(f"asked.{member}" for member in MEMBERS)
    table = json.dumps(str(scratch / "people.json"))
    function = _INJECTED % (table, ".".join(_WHERE), json.dumps(_HEADERS), asked)
    injected = [
        {"predicates": [{"equals": {"method": "POST", "path": SEARCH_PATH}}], "responses": [{"inject": function}]}
    ]

    def command(name: str, stubs: list[Any]) -> Callable[[int], list[str]]:
        def started(port: int) -> list[str]:
            config = scratch / f"{name}-{port}.json"
            config.write_text(json.dumps({"imposters": [{"port": port, "protocol": "http", "stubs": stubs}]}))
            own = ["start", "--port", str(free_port()), "--allowInjection", "--noParse"]
            options = ["--loglevel", "error", "--nologfile", "--localOnly", "--pidfile", f"{config}.pid"]
            mb = folder / "node_modules/mountebank/bin/mb"
            return ["node", str(mb), *own, "--configfile", str(config), *options]

        return started

    return [
        Peer(f"mountebank {MOUNTEBANK}, a stub for each", command("stubs", stubs)),
        Peer(f"mountebank {MOUNTEBANK}, a function with a table", command("injected", injected)),
    ]


def _wiremock(folder: Path, scratch: Path, people: list[Person]) -> list[Peer]:
    """With a stub for each of the people."""
    path = "$." + ".".join(_WHERE)
    stubs = [
        {
            "request": {
                "method": "POST",
                "urlPath": SEARCH_PATH,
                "bodyPatterns": [
                    {"matchesJsonPath": {"expression": f"{path}.{member}", "equalTo": value}}
                    for member, value in sorted(zip(MEMBERS, p.key, strict=True), key=lambda pair: pair[1] != p.number)
                ],
            },
            "response": {"status": 200, "headers": {"Content-Type": "application/json"}, "body": p.answer},
        }
        for p in people
    ]
    mappings = scratch / "wiremock" / "mappings"
    mappings.mkdir(parents=True)
    (mappings / "people.json").write_text(json.dumps({"mappings": stubs}))
    jar = folder / f"node_modules/wiremock/build/wiremock-standalone-{WIREMOCK}.jar"
    quiet = "--no-request-journal --disable-request-logging --disable-banner --disable-gzip".split()
    options = [*quiet, "--use-chunked-encoding", "never", "--root-dir", str(mappings.parent)]
    name = f"WireMock {WIREMOCK}, a stub for each"
    return [Peer(name, lambda port: ["java", "-jar", str(jar), "--port", str(port), *options])]


def _httpserver(_: Path, scratch: Path, people: list[Person]) -> list[Peer]:
    """With an expectation for each of the people, and with one handler that has them in a table."""
    del people  # the table has them

    def command(way: str) -> Callable[[int], list[str]]:
        program = [sys.executable, "-m", "loadtests.bench.httpserver"]
        return lambda port: [*program, way, str(port), str(scratch / "people.json")]

    name = f"pytest-httpserver {version('pytest-httpserver')}"
    return [
        Peer(f"{name}, an expectation for each", command("expectations")),
        Peer(f"{name}, a handler with a table", command("handler")),
    ]


def _asked(person: Person) -> dict[str, Any]:
    """The part of a request that is matched."""
    part: dict[str, Any] = dict(zip(MEMBERS, person.key, strict=True))
    for member in reversed(_WHERE):
        part = {member: part}
    return part
