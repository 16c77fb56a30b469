"""The folders on a disk or share. Every method may raise OSError; nothing here waits.

A request is claimed by a rename into a folder of the mock's own, so that no second terminal takes it, a writer may use
its name again at once, and it is still there after a crash. An answer is written there and renamed into place.
"""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from mockserver.linkage.outcome import Folder
from mockserver.wire.files import is_own_answer

try:
    import fcntl
except ImportError:  # Windows: nothing keeps a second terminal away
    fcntl = None  # type: ignore[assignment]

_WORK, _PART = ".oqs-mock", ".part"
_LONGEST_KEPT = 60  # characters, at most 240 bytes; no name that long is answered, so its end is enough
_RETURNED = ".returned"
_PIECE = 1 << 20
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP)  # a share without locks: nothing keeps a second terminal away
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_FLAGS = os.O_CREAT | os.O_EXCL | os.O_WRONLY | _NO_FOLLOW


class Claim:
    """A request that was taken: its name, and where it lies until it is answered."""

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        self.path = path


class Folders:
    """`req`, `res` and `face` below a root."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.req = root / "req"
        self._work = root / _WORK
        self._answers: dict[Folder, str] = {"res": str(root / "res"), "face": str(root / "face")}
        self._serial = 0
        self._lock: TextIO | None = None

    def make(self) -> None:
        """Make what is missing."""
        for folder in (self.req, *map(Path, self._answers.values()), self._work):
            folder.mkdir(parents=True, exist_ok=True)

    def lock(self) -> None:
        """Keep other terminals away: two would answer each other's claims. BlockingIOError where there is one."""
        lock = open(self._work / "lock", "w")  # noqa: PTH123, SIM115 - open as long as the terminal runs
        try:
            if fcntl:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _NO_LOCKS:
                lock.close()
                raise
        self._lock = lock

    def unlock(self) -> None:
        """Let another terminal have the folders."""
        if self._lock:
            self._lock.close()

    def waiting(self) -> list[os.DirEntry[str]]:
        """What lies in `req`, by name."""
        with os.scandir(self.req) as entries:
            return sorted(entries, key=lambda entry: entry.name)

    def read(self, path: str) -> bytes:
        """A file's bytes; a link is not followed."""
        descriptor = os.open(path, os.O_RDONLY | _NO_FOLLOW)
        try:
            pieces = [os.read(descriptor, _PIECE)]
            while pieces[-1]:
                pieces.append(os.read(descriptor, _PIECE))
        finally:
            os.close(descriptor)
        return b"".join(pieces)

    def claim(self, name: str) -> Claim:
        """Take a request away from `req`."""
        self._serial += 1
        path = f"{self._work}/{self._serial:09d}~{name[-_LONGEST_KEPT:]}"
        try:
            os.rename(f"{self.req}/{name}", path)  # noqa: PTH104 - thousands at once: Path costs as much as the call
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            shutil.move(f"{self.req}/{name}", path)  # `req` is on a disk of its own
        return Claim(name, path)

    def claimed(self) -> Iterator[Claim]:
        """Requests that a stopped mock had taken and not answered; later claims get higher numbers."""
        with os.scandir(self._work) as entries:
            left = sorted(entry.name for entry in entries)
        for kept in left:
            serial, mark, name = kept.partition("~")
            if mark and serial.isdigit():
                self._serial = max(self._serial, int(serial))
                yield Claim(name, f"{self._work}/{kept}")
            elif kept.endswith(_PART):
                (self._work / kept).unlink()  # half an answer

    def release(self, claim: Claim) -> None:
        """Forget a request that was answered."""
        os.unlink(claim.path)  # noqa: PTH108 - as above

    def give_back(self, claim: Claim) -> None:
        """Put a request that cannot be answered beside its `.err`, as if it were written now (it is tidied later).

        One that bears the name of an answer must not take the place of that answer.
        """
        name = f"{claim.name}{_RETURNED}" if is_own_answer(claim.name) and "res_" in claim.name else claim.name
        os.utime(claim.path)
        shutil.move(claim.path, f"{self._answers['res']}/{name}")

    def remove_link(self, name: str) -> None:
        """Take a link away from `req`, not what it leads to."""
        path = self.req / name
        if stat.S_ISLNK(path.lstat().st_mode):
            path.unlink()

    def put(self, folder: Folder, name: str, body: bytes) -> None:
        """Let a whole file appear."""
        self._serial += 1
        path = f"{self._work}/{self._serial:09d}{_PART}"
        try:
            self._write(path, body)
            os.replace(path, f"{self._answers[folder]}/{name}")  # noqa: PTH105 - as above
        except OSError as error:
            Path(path).unlink(missing_ok=True)
            if error.errno != errno.EXDEV:
                raise
            self._put_across(folder, name, body)

    def _put_across(self, folder: Folder, name: str, body: bytes) -> None:
        """The same where the folder is on a disk of its own (a link, a volume): written beside its place."""
        path = f"{self._answers[folder]}/.{self._serial:09d}{_PART}"
        self._write(path, body)
        os.replace(path, f"{self._answers[folder]}/{name}")  # noqa: PTH105 - as above

    def create(self, folder: Folder, name: str) -> None:
        """Let an empty file appear, in place of one of that name."""
        path = f"{self._answers[folder]}/{name}"
        Path(path).unlink(missing_ok=True)
        self._write(path, b"")

    def append(self, folder: Folder, name: str, body: bytes) -> None:
        """Write on in a file. FileNotFoundError where a client has taken it away."""
        _write_all(os.open(f"{self._answers[folder]}/{name}", os.O_APPEND | os.O_WRONLY | _NO_FOLLOW), body)

    def tidy(self, older_than_s: float) -> list[str]:
        """Remove answers last written before a moment (seconds since 1970); their names."""
        removed: list[str] = []
        for folder in self._answers.values():
            with os.scandir(folder) as entries:
                removed += [entry.name for entry in entries if _is_removed(entry, older_than_s)]
        return removed

    def _write(self, path: str, body: bytes) -> None:
        _write_all(os.open(path, _FLAGS, 0o666), body)


def _is_removed(entry: os.DirEntry[str], older_than_s: float) -> bool:
    """Remove an old answer; a client may be quicker."""
    try:
        is_old = entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < older_than_s
        if not is_old or not is_own_answer(entry.name):
            return False
        os.unlink(entry.path)  # noqa: PTH108 - as above
    except FileNotFoundError:
        return False
    return True


def _write_all(descriptor: int, body: bytes) -> None:
    try:
        rest = memoryview(body)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
    finally:
        os.close(descriptor)
