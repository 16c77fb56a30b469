"""The files of the folder linkage: families of messages and how their files are called. Source: wire.md 2.2."""

import re
from typing import Literal

from msgspec import Struct

from mockserver.wire.encodings import Encoding
from mockserver.wire.question import parse_day
from mockserver.wire.refusals import Problem, Refusal, quote

FACE_PREFIX = "OQSsiquc01res_face_"
PLAYED = {
    "OQSsiquc01": "資格確認照会",
    "OQSmuquc01": "資格確認 一括照会（受付）",
    "OQSmuquc02": "資格確認 一括照会（結果）",
    "OQSsiimm01": "照会番号登録",
    "OQSmuimm01": "照会番号一括登録（受付）",
    "OQSmuimm02": "照会番号一括登録（結果）",
    "OQSmutic01": "医療扶助 医療券・調剤券の一括照会（受付）",
    "OQSmutic02": "医療扶助 医療券・調剤券の一括照会（結果）",
    "OQSmuhvq01": "訪問診療等の一括照会（受付）",
    "OQSmuhvq02": "訪問診療等の一括照会（結果）",
    "OQSmuonq01": "オンライン診療等の一括照会（受付）",
    "OQSmuonq02": "オンライン診療等の一括照会（結果）",
    "YZKsiquc01": "薬剤情報等",
    "TKKsiquc01": "特定健診情報",
}
KNOWN_BY_NAME = ("OQSsihvq", "OQSsionq", "OQSsihvd", "OQSsiurl", "OQSsiinq", "OQSsiupd", "EPS", "PMHsimsm")
_NAME = re.compile(r"[A-Za-z]{3,12}[0-9]{2}re[qs]_[0-9]{12}\.[A-Za-z]{1,4}")
_DAY = re.compile(r"_(\d{8})\d{4,6}\.")
_REQUEST = re.compile(r"(?P<prefix>[A-Za-z]+\d{2})req_(?P<digits>[0-9]{1,40})\.xml", re.IGNORECASE)
_PLAYED, _NAMED = "|".join(PLAYED), "|".join(KNOWN_BY_NAME)
_OWN_ANSWER = re.compile(
    rf"(?:{_PLAYED})res_[0-9]+\.(?:xml|zip)"
    rf"|(?:{_PLAYED}|(?:{_NAMED})[A-Za-z0-9]*)req_[0-9]+\.(?:xml|err)"
    rf"|{FACE_PREFIX}[0-9]{{10}}[0-9a-f]{{20}}_[0-9]{{14}}\.xml"
)


class FileForm(Struct, frozen=True):
    """How a terminal writes its answer files: encoding, order of the elements, bulk results packed or not."""

    encoding: Encoding = "utf-8"
    order: Literal["layout", "shuffled"] = "layout"
    bulk_result: Literal["xml", "zip"] = "xml"


class RequestName(Struct, frozen=True):
    """The name of a request file: family with message number, and the digits that tell one from another (usually 12)."""

    prefix: str
    digits: str

    def answer(self, suffix: str) -> str:
        """The name of the answer: `req` replaced by `res`."""
        return f"{self.prefix}res_{self.digits}{suffix}"


def is_request(name: str) -> bool:
    """Whether a file is to be taken: XML. Others are left alone (a file not yet renamed into place, for one)."""
    return name.lower().endswith(".xml") and not name.startswith(".")


def is_own_answer(name: str) -> bool:
    """Whether a file in `res` or `face` can be one of the mock's, so that it may be tidied away."""
    return _OWN_ANSWER.fullmatch(name) is not None


def error_name(name: str) -> str:
    """The name of the error file: that of the request with another extension."""
    return f"{name.rpartition('.')[0]}.err"


def label(name: str) -> str:
    """A file name for a message or a log: as it is if its digits begin with a day, else without what may be a 個人番号."""
    digits = _DAY.search(name)
    is_plain = digits and parse_day(digits[1]) and (_NAME.fullmatch(name) or is_own_answer(name))
    return f'"{name}"' if is_plain else quote(name)


def read_name(name: str) -> RequestName | Refusal:
    """What a file name asks for, or why that is not answered."""
    match = _REQUEST.fullmatch(name)
    if match and match["prefix"] in PLAYED:
        return RequestName(match["prefix"], match["digits"])
    by_name = next((prefix for prefix in KNOWN_BY_NAME if name.startswith(prefix)), None)
    if by_name:
        return Refusal(
            Problem.FAMILY,
            f"{by_name} は名前だけが知られている電文です。公開された構造がないため、このモックは応答できません",
            f"{by_name} is known by name only: its layout is not public, so this mock cannot answer it",
        )
    known = next((prefix for prefix in PLAYED if name.startswith(prefix)), None)
    if known:
        return Refusal(
            Problem.FILE_NAME,
            f"ファイル名 {label(name)} が正しくありません。{known}req_ に数字（通常12桁）と .xml を続けてください",
            f"file name: found {label(name)}, expected {known}req_, digits (12 as a rule) and .xml",
        )
    return Refusal(
        Problem.FAMILY,
        f"ファイル名 {label(name)} の電文を知りません。応答できるのは {', '.join(PLAYED)} です",
        f"file name {label(name)}: no such family of messages; known are {', '.join(PLAYED)}",
    )
