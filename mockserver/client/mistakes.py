"""What may go wrong when a mock is spoken to."""

from urllib.parse import urlsplit

from mockserver.views import forgotten_in_words, read_forgotten
from mockserver.wire.refusals import quote


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


def address(url: str) -> str:
    """The address of a mock, without a slash at its end. ValueError where it is none."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(
            f"モックの URL {quote(url)} は http://127.0.0.1:8080 の形ではありません / "
            f"the mock's URL: found {quote(url)}, expected the form http://127.0.0.1:8080"
        )
    return url.rstrip("/")
