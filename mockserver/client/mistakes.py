"""What may go wrong when a mock is spoken to."""

from mockserver.views import forgotten_in_words, read_forgotten


class Refused(Exception):
    """The mock would not: HTTP status, and why in both languages."""

    def __init__(self, status: int, message_ja: str, message_en: str) -> None:
        super().__init__(f"HTTP {status}: {message_ja} / {message_en}")
        self.status = status
        self.message_ja = message_ja
        self.message_en = message_en


class Unreachable(Exception):
    """No mock answers at the address, or not in time."""

    def __init__(self, url: str, error: Exception) -> None:
        super().__init__(
            f"{url} のモックから応答がありません / no mock answers at {url} ({type(error).__name__}: {error})"
        )
        self.url = url


class Forgotten(Exception):
    """The mock forgot the clinic while it was in use here: clock, assignments and faults are gone. `code`: the clinic."""

    def __init__(self, code: str, header: str) -> None:
        self.message_ja, self.message_en = forgotten_in_words(read_forgotten(header))
        super().__init__(f"{code}: {self.message_ja} / {self.message_en}")
        self.code = code


def expect_value(found: object, kind: type, what: str, example: str) -> None:
    """TypeError where something else is given than a value of a kind: a name, or the class without its brackets."""
    if not isinstance(found, kind):
        raise TypeError(
            f"{what} に {found!r} が渡されました。{example} のように値を渡してください / "
            f"{what}: found {found!r}, expected a value such as {example}"
        )
