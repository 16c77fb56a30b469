"""A terminal's folders for a clinic: a process of its own that ends with its context."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

_PATIENCE_S = 20.0
_STEP_S = 0.02


class Folder:
    """`req`, `res` and `face` below a path, served by a terminal's process if it has one."""

    def __init__(self, path: Path | str, process: "subprocess.Popen[bytes] | None" = None) -> None:
        self.path = Path(path)
        self.req, self.res, self.face = (self.path / name for name in ("req", "res", "face"))
        self._process = process

    @classmethod
    def start(cls, path: Path | str, url: str, clinic: str, admin_token: str = "") -> Self:
        """Start a terminal and wait until its folders are there."""
        command = [sys.executable, "-m", "mockserver", "terminal", "--url", url, "--clinic", clinic]
        token = {"MOCKSERVER_ADMIN_TOKEN": admin_token} if admin_token else {}
        process = subprocess.Popen(  # noqa: S603 - this program itself
            [*command, "--folder", str(path)],
            env={**os.environ, **token},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        folder = cls(path, process)
        try:
            folder._wait()
        except BaseException:
            folder.close()
            raise
        return folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the terminal; the files stay."""
        if self._process:
            self._process.terminate()
            self._process.wait(_PATIENCE_S)

    def _wait(self) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not all(folder.is_dir() for folder in (self.req, self.res, self.face)):
            if time.monotonic() > end or (self._process and self._process.poll() is not None):
                raise RuntimeError(f"端末が起動しません / the terminal does not start: {self.path}")
            time.sleep(_STEP_S)
