"""Where readers' results wait for terminals, in this process or elsewhere."""

import asyncio
import contextlib
from collections.abc import Callable

from mockserver.linkage.outcome import AnswerFile, Faces
from mockserver.linkage.taps import Face, Tray
from mockserver.wire.files import FileForm

_LONGEST_SERIAL = 16
_LATELY_S, _MOST_TAKERS = 90.0, 10_000


class Mailbox:
    """The results, and a bell that rings when there is a new one. `epoch` tells one run of a mock from another."""

    def __init__(self, write: Callable[[Face, FileForm], AnswerFile], epoch: str) -> None:
        self._write = write
        self._tray = Tray()
        self._epoch = epoch
        self._bell = asyncio.Event()
        self._takers: dict[str, float] = {}

    def is_taken(self, clinic_code: str) -> bool:
        """Whether a terminal that would take a clinic's results has asked for some lately."""
        since_s = asyncio.get_running_loop().time() - _LATELY_S
        return any(self._takers.get(code, since_s) > since_s for code in ("", clinic_code))

    def post(self, face: Face) -> None:
        """Put a result where every terminal of the clinic takes it, with its number if it has one already."""
        self._tray.put(face)
        self._bell.set()
        self._bell = asyncio.Event()

    def begin(self, epoch: str) -> None:
        """Forget all results: from now on they are numbered as in another run."""
        self._epoch, self._tray = epoch, Tray()

    def close(self) -> None:
        """Let nobody wait any more."""
        self._bell.set()

    def forget(self, clinic_code: str) -> None:
        """Take away what a clinic that is reset has not taken."""
        self._tray.forget(clinic_code)

    async def take(self, cursor: str, clinic_code: str, form: FileForm, wait_ms: int) -> Faces:
        """Results after a cursor ("": from now on), of a clinic or ("") of all; waits for one.

        A cursor of a mock that has ended means all of this one, so that a restart loses nothing.
        """
        if len(self._takers) >= _MOST_TAKERS:
            self._takers.clear()
        self._takers[clinic_code] = asyncio.get_running_loop().time()
        epoch, _, serial = cursor.rpartition(":")
        is_known = epoch == self._epoch and serial.isascii() and serial.isdigit() and len(serial) < _LONGEST_SERIAL
        after = int(serial) if is_known else 0
        if not cursor:
            after = self._tray.last
        if not self._tray.after(after, clinic_code) and cursor:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), wait_ms / 1000)
        found = self._tray.after(after, clinic_code)
        files = [self._write(face, form) for face in found]
        return Faces(f"{self._epoch}:{found[-1].serial if found else after}", files)
