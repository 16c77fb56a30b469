"""Results of readers come to terminals in one order, that of the notices, whichever server a terminal asks."""

from msgspec.structs import replace

from mockserver.linkage.taps import Face
from mockserver.sharing.events import Core
from mockserver.sharing.replaying import Replaying


class FacesInOrder:
    """Holds back what a replay posts until every notice before it was followed. `released`: the last that was."""

    def __init__(self, core: Core, replaying: Replaying) -> None:
        self._begin = core.begin_faces
        self._post, core.post = core.post, self._hold
        self._forget, core.forget_faces = core.forget_faces, self._forget_once
        self._replaying = replaying
        self._released = 0
        self._held: list[tuple[int, Face]] = []

    def begin(self, epoch: str, serial: int) -> None:
        """Post what readers give after a notice; their numbers belong to an epoch of the log."""
        self._released, self._held = serial, []
        self._begin(epoch)

    def release(self, serial: int) -> None:
        """Post the results up to a notice."""
        for number, face in sorted((held for held in self._held if held[0] <= serial), key=lambda held: held[0]):
            self._post(replace(face, serial=number))
        self._held = [held for held in self._held if held[0] > serial]
        self._released = serial

    def _hold(self, face: Face) -> None:
        if self._replaying.serial > self._released:
            self._held.append((self._replaying.serial, face))

    def _forget_once(self, code: str) -> None:
        """A reset takes away what was given before it; when it is replayed later, what was given since stays."""
        if self._replaying.serial > self._released:
            self._held = [held for held in self._held if held[1].clinic_code != code]
            self._forget(code)
