"""Their words to ours: what a request asks, or why it cannot be asked."""

import re
from datetime import date
from functools import lru_cache

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import asdict, astuple

from mockserver.eligibility.numbering import (
    has_valid_check_digit,
    holds_individual_number,
    insurer_key,
    is_institution_code,
)
from mockserver.eligibility.records import Inquiry
from mockserver.wire.message import RequestHeader, SearchInfo, SearchRequest
from mockserver.wire.refusals import INDIVIDUAL_NUMBER, Problem, Refusal, wrong_member

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_iso_day, _by_number = date.fromisoformat, Inquiry.by_number
_LONGEST_TEXT = 20  # of 記号 and 番号, wire.md 5.4
_OLDEST_DAY, _LAST_DAY = date(1961, 4, 1), date(2100, 12, 31)  # 国民皆保険 began on the first


class Question(Struct, frozen=True, gc=False):
    """A request in our words: which clinic asks, about which day (also as written) and whom, whether it may see the 限度額."""

    clinic_code: str
    day: str
    inquiry: Inquiry
    limit_consent: bool
    search: SearchInfo
    file_identifier: str | UnsetType


def parse_day(text: str) -> date | None:
    """A day written YYYYMMDD, or None if there is no such day."""
    if len(text) != 8 or not text.isdigit():  # ISO 8601 writes weeks with eight characters, too
        return None
    try:
        return _iso_day(text)
    except ValueError:
        return None


_day_asked = lru_cache(maxsize=64)(parse_day)  # most ask about today


def is_clinic_code(code: str) -> bool:
    """Whether a text can be a 医療機関コード: ten ASCII digits."""
    return len(code) == 10 and code.isascii() and code.isdigit()


def read_question(request: SearchRequest, strict: bool) -> Question | Refusal:
    """What a request asks. Strict checks add lengths, check digits and the plausibility of days."""
    header, search = request.XmlMsg.MessageHeader, request.XmlMsg.MessageBody.QualificationConfirmSearchInfo
    texts: list[str] = [*filter(None, astuple(search))]  # an absent member is false
    for text in texts:
        if len(text) >= 12 and holds_individual_number(text):
            return INDIVIDUAL_NUMBER
    if not is_clinic_code(header.MedicalInstitutionCode):
        return wrong_clinic(header.MedicalInstitutionCode)
    asked = header.QualificationConfirmationDate
    day = _day_asked(asked) if len(asked) == 8 else None
    if day is None:
        return wrong_member(Problem.CONFIRMATION_DATE, "QualificationConfirmationDate", asked, *A_DAY)
    birthdate = parse_day(search.Birthdate)
    if birthdate is None:
        return _wrong_person("Birthdate", search.Birthdate, *A_DAY)
    wrong = _wrong_text(search, texts, header) or (_not_strict(search, header, birthdate, day) if strict else None)
    if wrong:
        return wrong
    symbol, branch = search.InsuredCardSymbol, search.InsuredBranchNumber
    inquiry = _by_number(
        search.InsurerNumber,
        None if symbol is UNSET else symbol,
        search.InsuredIdentificationNumber,
        None if branch is UNSET else branch,
        birthdate,
        day,
    )
    consent = search.LimitApplicationCertificateRelatedConsFlg == "1"
    return Question(
        header.MedicalInstitutionCode,
        asked,
        inquiry,
        consent,
        search,
        header.ArbitraryFileIdentifier,
    )


A_DAY = ("実在する日付 YYYYMMDD ", "a day that exists, as YYYYMMDD")


def _wrong_text(search: SearchInfo, texts: list[str], header: RequestHeader) -> Refusal | None:
    written = "".join(texts)
    if header.ArbitraryFileIdentifier is not UNSET:
        written += header.ArbitraryFileIdentifier
    if not written.isprintable():  # true of U+3000 too, so look again
        named = {**asdict(search), "ArbitraryFileIdentifier": header.ArbitraryFileIdentifier}
        for name, text in named.items():
            if text is not UNSET and CONTROL.search(text):
                return _wrong_person(name, text, "制御文字を含まない文字列", "text without control characters")
    if not search.InsurerNumber.strip():
        return _empty("InsurerNumber", search.InsurerNumber)
    if not search.InsuredIdentificationNumber.strip():
        return _empty("InsuredIdentificationNumber", search.InsuredIdentificationNumber)
    return None


def _empty(member: str, found: str) -> Refusal:
    return _wrong_person(member, found, "空でない値", "a value that is not empty")


def _not_strict(search: SearchInfo, header: RequestHeader, birthdate: date, day: date) -> Refusal | None:
    """What `--strict` adds; the real system is not known to make these checks (see assumptions.py)."""
    if not is_institution_code(header.MedicalInstitutionCode):
        expected = ("検証番号の正しい医療機関コード", "a clinic code with a valid check digit")
        return wrong_member(Problem.CLINIC_CODE, "MedicalInstitutionCode", header.MedicalInstitutionCode, *expected)
    if not _OLDEST_DAY <= day <= _LAST_DAY:
        found = header.QualificationConfirmationDate
        expected = ("1961年から2100年までの日付", "a day between 1961 and 2100")
        return wrong_member(Problem.CONFIRMATION_DATE, "QualificationConfirmationDate", found, *expected)
    if birthdate > day:
        expected = ("資格確認日以前の生年月日", "a birth date not after the day asked about")
        return _wrong_person("Birthdate", search.Birthdate, *expected)
    insurer = search.InsurerNumber
    if len(insurer.strip()) > 8 or not _is_insurer_number(insurer_key(insurer)):
        expected = ("検証番号の正しい6桁または8桁の保険者番号", "6 or 8 digits with a valid check digit")
        return _wrong_person("InsurerNumber", insurer, *expected)
    return _too_long({name: text for name, text in asdict(search).items() if text is not UNSET})


def _is_insurer_number(key: str) -> bool:
    """Whether a key is that of a 国保 number (6 digits, one zero may lead) or of an 8-digit one, check digit included."""
    number = key.zfill(6 if len(key) <= 6 else 8)
    return len(number) in (6, 8) and has_valid_check_digit(number)


def _too_long(texts: dict[str, str]) -> Refusal | None:
    for name in ("InsuredCardSymbol", "InsuredIdentificationNumber"):
        if len(texts.get(name, "")) > _LONGEST_TEXT:
            return _wrong_person(name, texts[name], f"{_LONGEST_TEXT}文字以内", f"at most {_LONGEST_TEXT} characters")
    branch = texts.get("InsuredBranchNumber", "")
    if branch and not (len(branch) == 2 and branch.isascii() and branch.isdigit()):
        return _wrong_person("InsuredBranchNumber", branch, "2桁の数字", "two digits")
    flag = texts.get("LimitApplicationCertificateRelatedConsFlg", "0")
    if flag not in ("0", "1"):
        return _wrong_person("LimitApplicationCertificateRelatedConsFlg", flag, "0 または 1", "0 or 1")
    return None


def _wrong_person(member: str, found: str, expected_ja: str, expected_en: str) -> Refusal:
    return wrong_member(Problem.PERSON_MEMBER, member, found, expected_ja, expected_en)


def wrong_clinic(found: str) -> Refusal:
    """A 医療機関コード that cannot be one."""
    member = "MedicalInstitutionCode"
    return wrong_member(Problem.CLINIC_CODE, member, found, "10桁の医療機関コード", "a clinic code of ten digits")
