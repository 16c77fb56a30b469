"""What the mock says when it cannot take a request: a value beside the answers, never an exception.

The real list of codes (別紙6-1) is not public, so all codes here are the mock's own and say so by their prefix, a
setting. Every message names the member, what was found and what was expected, in Japanese and English.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from enum import Enum
from typing import final

from msgspec import Struct

from mockserver.eligibility.numbering import mask_individual_numbers

_LONGEST_QUOTE = 40


class Problem(Enum):
    """What is wrong: number of the mock's own code, and the HTTP status that fits."""

    NOT_JSON = (1001, 400)
    CUT_SHORT = (1002, 400)
    SHAPE = (1003, 400)
    TOO_LARGE = (1004, 413)
    CONTENT_TYPE = (1005, 415)
    METHOD = (1006, 405)
    NOT_HTTP = (1007, 400)
    INCOMPLETE = (1008, 408)
    INDIVIDUAL_NUMBER = (1009, 400)
    INTERNAL = (1010, 500)
    NOT_XML = (1101, 400)
    ENCODING = (1102, 400)
    DTD = (1103, 400)
    FILE_NAME = (1104, 400)
    FAMILY = (1105, 400)
    LINK = (1106, 400)
    ERROR_FILE = (1107, 200)
    UNREADABLE = (1108, 400)
    TOKEN_MISSING = (2001, 401)
    TOKEN_UNKNOWN = (2002, 401)
    TOKEN_EXPIRED = (2003, 401)
    TOKEN_OF_OTHER_CLINIC = (2004, 403)
    LOGIN = (2005, 401)
    CLINIC_CODE = (3001, 400)
    CONFIRMATION_DATE = (3002, 400)
    PERSON_MEMBER = (4001, 200)
    NUMBER_UNKNOWN = (4002, 200)
    REFERENCE_NUMBER = (4003, 200)
    TOO_MANY = (4101, 409)
    RECEPTION_UNKNOWN = (4102, 404)
    PERIOD = (4103, 400)
    NO_CONSENT = (4201, 403)
    NOBODY = (4202, 404)
    CERTIFICATE_EXPIRING = (5001, 200)
    CERTIFICATE_GRACE = (5002, 200)
    CARD_NOT_REGISTERED = (5003, 200)
    PIN_WRONG = (5004, 200)
    PIN_LOCKED = (5005, 200)
    FACE_MISMATCH = (5006, 200)
    CARD_BARRED = (5007, 200)
    READER = (5008, 200)
    OUTAGE = (6001, 503)
    MAINTENANCE = (6002, 503)

    @property
    def number(self) -> int:
        """Number of the mock's own code."""
        return int(self.value[0])

    @property
    def http_status(self) -> int:
        """The HTTP status that fits; what the real system sends is unknown (wire.md 1.4)."""
        return int(self.value[1])

    @property
    def is_about_person(self) -> bool:
        """Whether it is told in the body (ProcessingResultStatus 2) rather than in the header (SegmentOfResult 9)."""
        return self in _ABOUT_PERSON


_ABOUT_PERSON = (Problem.PERSON_MEMBER, Problem.NUMBER_UNKNOWN, Problem.REFERENCE_NUMBER)


@final
class Refusal(Struct, frozen=True):
    """A request that is not answered, and why."""

    problem: Problem
    japanese: str
    english: str

    @property
    def message(self) -> str:
        """Both languages on one line."""
        return f"{self.japanese} / {self.english}"


def quote(found: str) -> str:
    """What was found, short, without control characters and without anything that may be a 個人番号."""
    text = mask_individual_numbers(found)
    text = text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"
    return '"' + "".join(c if c.isprintable() or c == "\u3000" else f"\\x{ord(c):02x}" for c in text) + '"'


def suggestion(name: str, known: Iterable[str]) -> str:
    """The known name that was perhaps meant, as a hint to be added; empty where none is near."""
    near = get_close_matches(name, known, n=1)
    return f' ("{near[0]}"?)' if near else ""


def wrong_member(problem: Problem, member: str, found: str, expected_ja: str, expected_en: str) -> Refusal:
    """A member whose text is not what it should be."""
    return Refusal(
        problem,
        f"{member} の値 {quote(found)} が正しくありません。{expected_ja}を指定してください",
        f"{member}: found {quote(found)}, expected {expected_en}",
    )


def file_too_large(most_bytes: int) -> Refusal:
    """A request file over the limit."""
    return Refusal(
        Problem.TOO_LARGE,
        f"要求ファイルは {most_bytes} バイトまでです",
        f"a request file may have {most_bytes} bytes at most",
    )


INTERNAL = Refusal(
    Problem.INTERNAL,
    "モックで内部エラーが発生しました。ログを添えて報告してください",
    "the mock itself failed; please report it with its log",
)
INDIVIDUAL_NUMBER = Refusal(
    Problem.INDIVIDUAL_NUMBER,
    "12桁の個人番号（マイナンバー）と思われる値が含まれているため、受け付けません。保存も記録もしていません",
    "a member holds what looks like a 12-digit individual number (My Number); refused, neither stored nor logged",
)
