"""What comes of a request file or of a tap: files to be put somewhere, and how."""

from typing import Literal

from msgspec import Struct

from mockserver.scenarios.scenario import CLEAR, Way
from mockserver.wire.encodings import Encoding, write_text
from mockserver.wire.files import error_name, label
from mockserver.wire.refusals import Refusal

Folder = Literal["res", "face"]


class AnswerFile(Struct, frozen=True):
    """A file to put into `res` or `face`, and what happens on its way."""

    folder: Folder
    name: str
    body: bytes
    way: Way = CLEAR


class Outcome(Struct, frozen=True):
    """What comes of a request file. `told` is a line for the log; `returns_request`: a copy goes back beside the `.err`."""

    file: AnswerFile
    told: str
    returns_request: bool = False


class Faces(Struct, frozen=True):
    """Results of readers as files, and the cursor behind them."""

    cursor: str
    files: list[AnswerFile]


class Spoken(Struct, frozen=True):
    """A message to be written, the pattern that was met, and what happens on its way."""

    message: Struct
    pattern: str = ""
    way: Way = CLEAR


def error_outcome(name: str, refusal: Refusal, code_prefix: str, encoding: Encoding) -> Outcome:
    """An `.err` file that says why in both languages; what the real one holds is not known."""
    code = f"{code_prefix}{refusal.problem.number}"
    text = f"{code}\r\n{refusal.japanese}\r\n{refusal.english}\r\n"
    file = AnswerFile("res", error_name(name), write_text(text, encoding))
    return Outcome(file, f"{label(name)} {code} {refusal.message}", returns_request=True)
