"""A terminal's folders for a clinic: a process of its own that ends with its context."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Self

_PATIENCE_S = 20.0


class Folder:
    """`req`, `res` and `face` below a path, served by a terminal's process if it has one."""

    def __init__(self, path: Path | str, process: "subprocess.Popen[bytes] | None" = None) -> None:
        self.path = Path(path)
        self.req, self.res, self.face = (self.path / name for name in ("req", "res", "face"))
        self._process = process

    @classmethod
    def start(cls, path: Path | str, url: str, clinic: str, admin_token: str = "") -> Self:
        """Start a terminal and wait until it says that it is at work."""
        command = [sys.executable, "-m", "mockserver", "terminal", "--url", url, "--clinic", clinic]
        token = {"MOCKSERVER_ADMIN_TOKEN": admin_token} if admin_token else {}
        process = subprocess.Popen(  # noqa: S603 - this program itself
            [*command, "--folder", str(path)],
            env={**os.environ, **token},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        folder = cls(path, process)
        assert process.stdout
        if not process.stdout.readline():
            folder.close()
            raise RuntimeError(f"端末が起動しません / the terminal does not start: {path}")
        return folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the terminal; the files stay."""
        if self._process:
            self._process.terminate()
            self._process.communicate(timeout=_PATIENCE_S)
