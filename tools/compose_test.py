"""Build the images, stand `docker-compose.yml` up and ask it what it promises (`make compose-test`).

Exit codes: 0 everything held; 1 something did not; 77 skipped, because no container engine answers here.
It works in a Compose project of its own on free ports, and leaves nothing behind.
"""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from mockserver.client import Mock, Patient, Refused
from mockserver.client.sync import BareClinic
from mockserver.scenarios import JobChangeGap

ROOT = Path(__file__).parent.parent
PROJECT = "oqs-compose-test"
REPLICAS = 3
SKIPPED = 77
NO_ENGINE = (
    "skipped: コンテナーエンジンがないため、何も試していません（docker compose か podman compose が要ります） / "
    "there is no container engine here (docker compose or podman compose), so nothing was tried"
)
_ENGINES = ("docker", "podman")
_ANSWERS_WITHIN_S = 20


class Broken(Exception):
    """A promise that was not kept."""


def engine() -> str | None:
    """The engine that answers, with Compose; None where there is none."""
    return next((name for name in _ENGINES if shutil.which(name) and _answers(name)), None)


def _answers(name: str) -> bool:
    try:
        return all(
            subprocess.run([name, *asked], capture_output=True, timeout=_ANSWERS_WITHIN_S, check=False).returncode == 0
            for asked in (["info"], ["compose", "version"])
        )
    except (OSError, subprocess.TimeoutExpired):
        return False


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Compose:
    """The Compose project of this test."""

    def __init__(self, name: str) -> None:
        self.engine = name
        self.token = secrets.token_urlsafe(24)
        self.ports = {name: _free_port() for name in ("MOCK_PORT", "PROXY_PORT", "LOCUST_PORT")}
        told = {name: str(port) for name, port in self.ports.items()}
        self._environment = os.environ | told | {"MOCKSERVER_ADMIN_TOKEN": self.token}

    def __call__(self, *arguments: str) -> str:
        """What a command prints. Broken where it fails."""
        done = self.run(*arguments)
        if done.returncode:
            raise Broken(f"{' '.join(arguments)}: exit {done.returncode}")
        return done.stdout

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command with all profiles."""
        command = [self.engine, "compose", "-p", PROJECT, "--profile", "load", "--profile", "scale", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self._environment, stdout=subprocess.PIPE, text=True, check=False)

    def mock(self, port: str, token: str | None = None) -> Mock:
        """A client of what listens at a published port."""
        return Mock(f"http://127.0.0.1:{self.ports[port]}", self.token if token is None else token)

    def exit_code(self, service: str) -> int:
        """With what the container of a service ended."""
        container = self("ps", "--all", "--quiet", service).split()[0]
        told = subprocess.check_output([self.engine, "inspect", "--format", "{{.State.ExitCode}}", container])
        return int(told)


def validity(answer: dict[str, Any]) -> str:
    """The validity that an answer tells."""
    return str(answer["XmlMsg"]["MessageBody"].get("QualificationValidity", "refused"))


def expect(what: str, found: object, expected: object) -> None:
    """Broken where they differ."""
    if found != expected:
        raise Broken(f"{what}: found {found!r}, expected {expected!r}")
    sys.stdout.write(f"  ok  {what}: {found}\n")


def admin_status(call: Callable[[], object]) -> int:
    """With what an admin call is refused; 201 where it is not."""
    try:
        call()
    except Refused as refused:
        return refused.status
    return 201


def in_time(ask: Callable[[], int], wanted: int) -> int:
    """What is found as soon as it is what is wanted, or in the end."""
    deadline = time.monotonic() + _ANSWERS_WITHIN_S
    while (found := ask()) != wanted and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


def two_jobs(clinic: BareClinic) -> Patient:
    """Somebody of a clinic whose old job is over and whose new insurer does not know of it yet: 無効."""
    clinic.clock.set("2025-12-01T09:00:00+09:00")
    patient = clinic.patient(fits=JobChangeGap())
    clinic.assign(patient, JobChangeGap(old_insurer_days=0, new_insurer_days=10))
    return patient


def told_by_replica(compose: Compose, number: int, code: str, patient: Patient) -> str:
    """What one replica, asked alone, says of a patient."""
    inside = ("exec", "-T", "--index", str(number), "mock-replica", "mockserver", "ask", "--json")
    symbol = ("--symbol", patient.symbol) if patient.symbol else ()
    branch = ("--branch", patient.branch) if patient.branch else ()
    who = (patient.insurer_number, patient.number, f"{patient.birthdate:%Y%m%d}")
    return validity(json.loads(compose(*inside, "--clinic", code, *symbol, *branch, *who)))


def try_one(compose: Compose) -> None:
    """The mock alone."""
    compose("up", "--detach", "--wait", "mock")
    mock = compose.mock("MOCK_PORT")
    clinic = mock.new_clinic()
    expect("a look-up", validity(clinic.ask(two_jobs(clinic))), "2")
    expect("an admin call without the token", admin_status(compose.mock("MOCK_PORT", "wrong").new_clinic), 401)
    compose("stop", "mock")
    expect("the mock ends well on SIGTERM", compose.exit_code("mock"), 0)


def try_scale(compose: Compose) -> None:
    """Several mocks behind the proxy."""
    compose("up", "--detach", "--wait", "proxy")
    mock = compose.mock("PROXY_PORT")
    clinic = mock.new_clinic()
    patient = two_jobs(clinic)
    expect("look-ups through the proxy", {validity(clinic.ask(patient)) for _ in range(4 * REPLICAS)}, {"2"})
    alike = [told_by_replica(compose, number + 1, clinic.code, patient) for number in range(REPLICAS)]
    expect("each replica alone", alike, ["2"] * REPLICAS)
    compose("stop", "valkey")
    expect("a look-up without Valkey", validity(clinic.ask(patient)), "2")
    expect("an admin call without Valkey", admin_status(lambda: clinic.clock.advance(days=10)), 503)
    compose("start", "valkey")
    expect("an admin call when Valkey is back", in_time(lambda: admin_status(mock.new_clinic), 201), 201)


def try_load(compose: Compose) -> None:
    """A master and two workers drive the mock for a while, through the gate."""
    compose("up", "--detach", "--wait", "mock")
    compose("up", "--detach", "--no-deps", "--scale", "locust-worker=2", "locust-worker")
    driving = ("python", "-m", "loadtests", "--master", "--expect-workers", "2", "--host", "http://mock:8080")
    amount = ("--country", "0.05", "--minutes", "0.25", "--out", "/tmp/report")
    done = compose.run("run", "--rm", "-T", "--use-aliases", "locust-master", *driving, *amount)
    sys.stdout.write(done.stdout)
    expect("the gate", done.returncode, 0)


def main() -> int:
    """Try everything, and clean up."""
    name = engine()
    if name is None:
        sys.stdout.write(f"{NO_ENGINE}\n")
        return SKIPPED
    compose = Compose(name)
    with ExitStack() as stack:
        stack.callback(compose.run, "down", "--volumes", "--remove-orphans")
        try:
            compose("build")
            for part in (try_one, try_scale, try_load):
                sys.stdout.write(f"{part.__doc__}\n")
                part(compose)
        except Broken as broken:
            sys.stdout.write(f"{compose.run('logs', '--tail', '50').stdout}\n  NO  {broken}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
