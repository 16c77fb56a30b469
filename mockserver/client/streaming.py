"""Server-sent events of a journal, read line by line. No I/O in here."""

import msgspec

from mockserver.recalling import EntryView


class Entries:
    """Takes in the lines of a stream; what is not an entry is passed over."""

    def __init__(self) -> None:
        self._event = b""
        self._data = b""

    def take(self, line: bytes) -> EntryView | None:
        """The entry that ends with this line, if one does."""
        name, _, text = line.rstrip(b"\r\n").partition(b":")
        if name == b"event":
            self._event = text
        elif name == b"data":
            self._data = text
        elif not line.strip():
            event, data, self._event, self._data = self._event, self._data, b"", b""
            return msgspec.json.decode(data, type=EntryView) if data and not event else None
        return None
