"""Notices when the mock forgot a clinic that is in use here: what was set up is gone, so no result can be trusted."""

from typing import Any

from mockserver.client.calls import Call
from mockserver.client.mistakes import Forgotten


class Watch:
    """What each clinic's answers said of a forgetting when it was first spoken to; anything later came under us."""

    def __init__(self) -> None:
        self._known: dict[str, str] = {}

    def begin(self, code: str) -> None:
        """A clinic was made for us: it was never forgotten."""
        self._known[code] = ""

    def look(self, call: Call[Any], header: str) -> None:
        """Forgotten, where an answer says that the clinic was forgotten since; after its reset all begins anew."""
        if not call.clinic:
            return
        known = self._known.setdefault(call.clinic, header)
        if call.is_reset:
            del self._known[call.clinic]
        if header not in ("", known):
            raise Forgotten(call.clinic, header)
