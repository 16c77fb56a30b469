"""The folder of scenario files: read at start, watched, taken up whole; a bad file leaves the last good set standing."""

import asyncio
import logging
from datetime import datetime
from pathlib import Path

from mockserver.clock import Now
from mockserver.exchange import Exchange
from mockserver.playbook.gathering import READERS, Remark
from mockserver.playbook.staging import Rehearsal, Stage, rehearse
from mockserver.settings import Settings
from mockserver.terminal.waking import Waking
from mockserver.views import ScenariosView, own_person_view

_LOG = logging.getLogger("mockserver.scenarios")
_POLL_MS = 100
_HALF_WRITTEN_MS = 40  # so long nothing may change: an editor may be at work, and half a file may be a good one
_MOST_FILES = 200
_MOST_TOLD = 20
Signature = tuple[tuple[str, int, int, int], ...]


class UnreadableFolder(Exception):
    """A folder of scenarios that cannot be read; why, in both languages."""


def scenario_files(folder: Path) -> list[Path]:
    """The files of a folder that hold scenarios, by name. UnreadableFolder."""
    try:
        found = [path for path in folder.iterdir() if path.suffix[1:].lower() in READERS and path.name[0] != "."]
    except OSError as error:
        why = error.strerror
        raise UnreadableFolder(f"{folder}: 読めません（{why}） / the folder cannot be read ({why})") from None
    if len(found) > _MOST_FILES:
        raise UnreadableFolder(
            f"{folder}: ファイルが {len(found)} 個あります。{_MOST_FILES} 個までにしてください / "
            f"{len(found)} files, expected {_MOST_FILES} at most"
        )
    return sorted(found)


def read_folder(folder: Path) -> dict[str, bytes]:
    """The scenario files of a folder, by name. UnreadableFolder."""
    files: dict[str, bytes] = {}
    for path in scenario_files(folder):
        try:
            files[path.name] = path.read_bytes()
        except OSError as error:
            raise UnreadableFolder(
                f"{path.name}: 読めません（{error.strerror}） / the file cannot be read ({error.strerror})"
            ) from None
    return files


class ScenarioFolder:
    """Plays the scenario files of a mock; without a folder there are none. `problems` tells why the newest are not played."""

    def __init__(self, settings: Settings, exchange: Exchange, now: Now) -> None:
        self.stage = Stage(exchange)
        self.problems: list[str] = []
        self._settings = settings
        self._folder = Path(settings.scenarios)
        self._opened_at = exchange.opened_at
        self._now = now
        self._stopping = asyncio.Event()
        self._seen: Signature | None = None  # while the folder cannot be read

    def open(self) -> None:
        """Play what is there at start. UnreadableFolder, also for files that are wrong."""
        self._seen = self._signature()
        rehearsal = self._rehearsed()
        if rehearsal.remarks:
            raise UnreadableFolder("\n".join(_told(rehearsal.remarks)))
        self.stage.take_up(rehearsal.playbook, self._opened_at)

    def again(self, code: str, now: datetime) -> None:
        """Set a clinic up anew that was reset, as the files say."""
        self.stage.again(code, now)

    def view(self) -> ScenariosView:
        """What is played, and what is wrong with newer files."""
        playbook, day = self.stage.playbook, self._now().date()
        people = [own_person_view(own, day) for own in playbook.people]
        return ScenariosView(people, sorted(playbook.clinics), list(self.problems))

    def stop(self) -> None:
        """End `run` soon."""
        self._stopping.set()

    async def run(self) -> None:
        """Take changes up until stopped."""
        waking = Waking(self._folder, _POLL_MS, self._stopping, has_events=True)
        async for _ in waking.moments():
            try:
                if self._signature() != self._seen:
                    await self._look()
                waking.regain()
            except UnreadableFolder as error:
                waking.lose()
                self._seen = None
                self._refuse([str(error)])

    async def _look(self) -> None:
        seen = self._signature()
        rehearsal = await asyncio.to_thread(self._rehearsed)
        await asyncio.sleep(_HALF_WRITTEN_MS / 1000)
        if self._signature() != seen:
            return  # still being written: the next moment comes soon
        self._seen = seen
        if rehearsal.remarks:
            self._refuse(_told(rehearsal.remarks))
            return
        left = self.stage.take_up(rehearsal.playbook, self._now())
        self._tell_taken()
        if left:
            self._tell(_told(left))

    def _rehearsed(self) -> Rehearsal:
        return rehearse(read_folder(self._folder), self._settings, self._opened_at)

    def _signature(self) -> Signature:
        """What changes when a file does."""
        signature = []
        for path in scenario_files(self._folder):
            try:
                status = path.stat()
            except OSError:
                continue  # just removed: the next moment sees it
            signature.append((path.name, status.st_ino, status.st_size, status.st_mtime_ns))
        return tuple(signature)

    def _refuse(self, problems: list[str]) -> None:
        if problems != self.problems:
            self._tell(problems)
            _LOG.error("シナリオは前のままです / the scenarios stay as they were")

    def _tell(self, problems: list[str]) -> None:
        self.problems = problems
        for problem in problems:
            _LOG.error("%s", problem)

    def _tell_taken(self) -> None:
        self.problems = []
        _LOG.info("シナリオファイル %s 個を読み込みました / scenario files taken up", len(self._seen or ()))


def _told(remarks: tuple[Remark, ...]) -> list[str]:
    told = [str(remark) for remark in remarks[:_MOST_TOLD]]
    more = len(remarks) - _MOST_TOLD
    return [*told, f"… ほか {more} 件 / and {more} more"] if more > 0 else told
