"""Whatever lies in a request file, something comes of it: an answer of its family, or an `.err` that says why."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET, Struct

from mockserver.linkage.outcome import Outcome
from mockserver.wire.files import KNOWN_BY_NAME, PLAYED, FileForm
from mockserver.wire.message import SearchResponse
from mockserver.wire.xml_codec import read, write
from tests.linkage.support import (
    ANSWERS,
    BULK,
    CHECKUPS,
    DRUGS,
    FILE_NAME,
    IDENTIFIER,
    INDIVIDUAL_NUMBER,
    REGISTRATION,
    SINGLE,
    TICKETS,
    Terminal,
    content,
    full_requests,
)
from tests.support import CLINIC

FULL = full_requests()
ECHOED = "ArbitraryFileIdentifier"
TWELVE_DIGITS = (INDIVIDUAL_NUMBER, "1234-5678-9018", "１２３４５６７８９０１８", f"番号 {INDIVIDUAL_NUMBER} です")
NASTY = st.text(max_size=30) | st.sampled_from(
    ["", " ", "　", "<&>]]>", "\r\n", "\x7f", "●", "9" * 2_000, "00010101", "99991231"]
)
Path = tuple[str | int, ...]


def leaves(value: object, path: Path = ()) -> list[Path]:
    """The ways to all texts of a message."""
    if isinstance(value, str):
        return [path]
    items = value.items() if isinstance(value, dict) else enumerate(value)
    return [leaf for name, member in items for leaf in leaves(member, (*path, name))]


LEAVES = [(family, path) for family, message in FULL.items() for path in leaves(msgspec.to_builtins(message))]

REFUSED_IN = [(family, path) for family, path in LEAVES if path[-1] != ECHOED]


def ident(case: object) -> str:
    return ".".join(map(str, case[2:])) if isinstance(case, tuple) else str(case)


def changed(family: str, path: Path, text: str | None) -> Struct | None:
    """The full request with another text at a place; without it if None, which may be no message any more."""
    message = msgspec.json.decode(msgspec.json.encode(FULL[family]))
    *way, last = path
    place = message
    for name in way:
        place = place[name]
    if text is None:
        del place[last]
    else:
        place[last] = text
    try:
        return msgspec.convert(message, type(FULL[family]))
    except msgspec.ValidationError:
        return None


def without(family: str, path: Path) -> bytes:
    """The file of the full request without the first element of a name."""
    text = write(FULL[family], FileForm()).decode()
    name = path[-1] if isinstance(path[-1], str) else path[-2]
    before, _, rest = text.partition(f"<{name}>")
    return (before + rest.partition(f"</{name}>")[2]).encode()


def said(family: str, outcome: Outcome) -> str:
    """What a refusal says: in an `.err`, in the header, in the body, or as MessageContents."""
    if outcome.file.name.endswith(".err"):
        assert outcome.returns_request
        return " / ".join(outcome.file.body.decode().splitlines()[1:])
    message = read(content(outcome), ANSWERS[family])
    assert isinstance(message, ANSWERS[family])
    header, body = message.XmlMsg.MessageHeader, message.XmlMsg.MessageBody
    if family in (DRUGS, CHECKUPS):
        return header.MessageContents or ""
    return header.ErrorMessage or getattr(body, "ProcessingResultMessage", "") or ""


def assert_both_languages(text: str) -> None:
    japanese, _, english = text.partition(" / ")
    assert any("ぁ" <= c <= "ヿ" for c in japanese), text
    assert english.replace("。", ""), text
    assert any("a" <= c <= "z" for c in english), text


def test_these_requests_are_of_every_family():
    assert set(FULL) == set(ANSWERS) == set(PLAYED)


# --- names ---


@pytest.mark.parametrize("name", KNOWN_BY_NAME)
@pytest.mark.parametrize("rest", ["01req_202611230001.xml", ""])
def test_a_family_known_by_name_only_gets_an_err_that_says_so(name, rest):
    outcome = Terminal().take(f"{name}{rest or '.xml'}", write(FULL[SINGLE], FileForm()))
    assert outcome.file.name == f"{name}{rest or '.xml'}".replace(".xml", ".err")
    assert outcome.file.folder == "res"
    assert outcome.returns_request
    code, japanese, english = outcome.file.body.decode().splitlines()
    assert code == "MOCK-E1105"
    assert "名前だけが知られている" in japanese
    assert "known by name only" in english
    assert name in japanese
    assert "known by name only" in outcome.told


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("OQSxxxxx01req_202611230001.xml", "1105"),
        ("OQSsiquc02req_202611230001.xml", "1105"),
        ("oqssiquc01req_202611230001.xml", "1105"),
        ("患者.xml", "1105"),
        (".xml", "1105"),
        ("OQSsiquc01req_.xml", "1104"),
        ("OQSsiquc01req_2026-1123.xml", "1104"),
        ("OQSsiquc01res_202611230001.xml", "1104"),
        ("OQSsiquc01req_202611230001 - コピー.xml", "1104"),
        ("OQSsiquc01req_２０２６.xml", "1104"),
        (f"OQSsiquc01req_{'1' * 41}.xml", "1104"),
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis"])
def test_a_name_that_is_none_gets_an_err_under_its_own_name(name, code, encoding):
    outcome = Terminal(form=FileForm(encoding)).take(name, write(FULL[SINGLE], FileForm()))
    assert outcome.file.name == f"{name.removesuffix('.xml')}.err"
    lines = outcome.file.body.decode({"utf-8": "utf-8", "shift_jis": "cp932"}[encoding]).splitlines()
    assert lines[0] == f"MOCK-E{code}"
    assert_both_languages(" / ".join(lines[1:]))


# --- contents ---


@pytest.mark.parametrize("family", PLAYED)
@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "1101"),
        (b"\r\n", "1101"),
        (b"XmlMsg", "1101"),
        (b"<XmlMsg>", "1101"),
        (b"<XmlMsg><MessageHeader></XmlMsg>", "1101"),
        (b"<Other/>", "1101"),
        (b'{"XmlMsg": {}}', "1101"),
        (bytes(range(128, 256)), "1101"),
        (b'<?xml version="1.0" encoding="EUC-JP"?><XmlMsg/>', "1102"),
        ('<?xml version="1.0" encoding="UTF-8"?><XmlMsg>記号</XmlMsg>'.encode("cp932"), "1102"),
        (b'<!DOCTYPE XmlMsg [<!ENTITY a "b">]><XmlMsg/>', "1103"),
    ],
)
def test_what_is_not_xml_gets_an_err(family, data, code):
    outcome = Terminal().take(FILE_NAME.format(family), data)
    assert outcome.file.name == f"{family}req_202611230001.err"
    assert outcome.file.body.startswith(f"MOCK-E{code}\r\n".encode())
    assert_both_languages(said(family, outcome))
    assert outcome.told.startswith(f'"{family}req_202611230001.xml" MOCK-E{code} ')


@pytest.mark.parametrize("family", PLAYED)
@pytest.mark.parametrize(
    "inside", ["", "<MessageHeader/>", "<MessageHeader/><MessageBody/>", "<MessageBody>文字</MessageBody>"]
)
def test_an_empty_message_is_refused_and_says_what_is_missing(family, inside):
    outcome = Terminal().take(FILE_NAME.format(family), f"<XmlMsg>{inside}</XmlMsg>".encode())
    assert_both_languages(said(family, outcome))
    assert "Message" in said(family, outcome)


@pytest.mark.parametrize("family", PLAYED)
def test_the_request_of_another_family_is_refused_or_answered_as_its_own(family):
    for other, message in FULL.items():
        outcome = Terminal().take(FILE_NAME.format(family), write(message, FileForm()))
        if outcome.file.name.endswith(".err"):
            assert_both_languages(said(family, outcome))
        else:
            assert isinstance(read(content(outcome), ANSWERS[family]), ANSWERS[family]), other


@pytest.mark.parametrize(
    ("family", "member", "text"),
    [
        (f"{BULK}01", "QualificationConfirmationDate", "20260230"),
        (f"{TICKETS}01", "MedicalTreatmentMonth", "202613"),
        (f"{BULK}02", "ReceptionNumber", "1"),
        (REGISTRATION, "ReferenceNumber", "x" * 51),
        (DRUGS, "StartDate", "20260230"),
    ],
)
def test_the_log_says_that_a_file_was_refused(family, member, text):
    (path,) = [path for known, path in LEAVES if known == family and path[-1] == member]
    assert Terminal().send(family, changed(family, path, text)).told.split()[1] == "refused"


# --- members ---


@pytest.mark.parametrize(("family", "path"), LEAVES, ids=ident)
def test_a_missing_member_is_named_or_may_be_left_out(family, path):
    outcome = Terminal().take(FILE_NAME.format(family), without(family, path))
    is_required = changed(family, path, None) is None
    assert outcome.file.name.endswith(".err") == (is_required and family != SINGLE)
    if is_required:
        assert_both_languages(said(family, outcome))
        assert str(path[-1]) in said(family, outcome).partition(" / ")[0]
        assert str(path[-1]) in said(family, outcome).partition(" / ")[2]
    else:
        assert "必須項目" not in said(family, outcome)


def test_a_single_inquiry_without_a_member_is_told_in_the_envelope_as_over_http():
    terminal = Terminal()
    outcome = terminal.take(FILE_NAME.format(SINGLE), without(SINGLE, ("Birthdate",)))
    header = read(outcome.file.body, SearchResponse).XmlMsg.MessageHeader
    assert (header.SegmentOfResult, header.ErrorCode) == ("9", "MOCK-E1003")
    assert (header.MedicalInstitutionCode, header.ArbitraryFileIdentifier) == (CLINIC, IDENTIFIER)
    assert "Birthdate" in header.ErrorMessage


@pytest.mark.parametrize("family", PLAYED)
@pytest.mark.parametrize(
    "text", ["", "131123456", "13112345667", "131123456a", "１３１１２３４５６６", " 311234566", "1311-23456"]
)
def test_a_wrong_clinic_code_is_refused_in_every_family(family, text):
    outcome = Terminal().send(family, changed(family, ("XmlMsg", "MessageHeader", "MedicalInstitutionCode"), text))
    assert not outcome.file.name.endswith(".err")
    assert_both_languages(said(family, outcome))
    assert f'MedicalInstitutionCode: found "{text}"' in said(family, outcome)
    assert outcome.told.startswith(f'"{family}req_202611230001.xml" refused ')
    assert f'MedicalInstitutionCode: found "{text}"' in outcome.told
    header = read(content(outcome), ANSWERS[family]).XmlMsg.MessageHeader
    if family in (DRUGS, CHECKUPS):
        assert header.ResultCode == "2"
    else:
        assert (header.SegmentOfResult, header.ErrorCode) == ("9", "MOCK-E3001")
    assert header.ArbitraryFileIdentifier in (IDENTIFIER, UNSET)


@pytest.mark.parametrize(("family", "path"), REFUSED_IN, ids=ident)
@pytest.mark.parametrize("number", TWELVE_DIGITS)
def test_an_individual_number_is_refused_in_every_member_and_told_nowhere(family, path, number):
    terminal = Terminal()
    outcome = terminal.send(family, changed(family, path, number))
    assert_both_languages(said(family, outcome))
    told = outcome.file.body.decode() + outcome.told
    assert number not in told
    assert INDIVIDUAL_NUMBER not in "".join(c for c in told if c.isdigit())
    sandbox = terminal.exchange.clinics.find(CLINIC, terminal.now)
    assert sandbox is None or not (sandbox.references or sandbox.receptions)


@pytest.mark.parametrize("family", PLAYED)
@pytest.mark.parametrize(
    "inside", [f"<a{INDIVIDUAL_NUMBER}>", f"<InsurerNumber>{INDIVIDUAL_NUMBER}", f"&a{INDIVIDUAL_NUMBER};"]
)
def test_an_individual_number_in_what_is_not_xml_is_told_nowhere(family, inside):
    outcome = Terminal().take(FILE_NAME.format(family), f"<XmlMsg>{inside}</XmlMsg>".encode())
    assert outcome.file.name.endswith(".err")
    assert INDIVIDUAL_NUMBER not in outcome.file.body.decode() + outcome.told


@pytest.mark.parametrize("family", [family for family, path in LEAVES if path[-1] == ECHOED])
@pytest.mark.parametrize("digits", [INDIVIDUAL_NUMBER, f"20261123-{INDIVIDUAL_NUMBER}"])
def test_the_digits_of_a_file_identifier_are_the_clinics_own(family, digits):
    outcome = Terminal().send(family, changed(family, ("XmlMsg", "MessageHeader", ECHOED), digits))
    assert read(content(outcome), ANSWERS[family]).XmlMsg.MessageHeader.ArbitraryFileIdentifier == digits
    assert "個人番号" not in said(family, outcome)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(where=st.sampled_from(LEAVES), text=NASTY, form=st.builds(FileForm, st.sampled_from(["utf-8", "shift_jis"])))
def test_whatever_a_member_holds_there_is_an_answer_or_an_err(where, text, form):
    family, path = where
    outcome = Terminal(form=form).send(family, changed(family, path, text))
    if not outcome.file.name.endswith(".err"):
        assert isinstance(read(content(outcome), ANSWERS[family]), ANSWERS[family])
    assert outcome.file.name.startswith(f"{family}re")
    assert outcome.told.startswith(f'"{family}req_202611230001.xml"')


@settings(max_examples=200, deadline=None, derandomize=True)
@given(family=st.sampled_from(sorted(FULL)), data=st.data())
def test_a_file_cut_or_spoilt_anywhere_gets_an_answer_or_an_err(family, data):
    whole = write(FULL[family], FileForm())
    start = data.draw(st.integers(0, len(whole)))
    rubbish = data.draw(st.binary(max_size=5))
    outcome = Terminal().take(
        FILE_NAME.format(family), whole[:start] + rubbish + whole[start + data.draw(st.integers(0, 9)) :]
    )
    if outcome.file.name.endswith(".err"):
        assert_both_languages(said(family, outcome))
    else:
        assert isinstance(read(content(outcome), ANSWERS[family]), ANSWERS[family])
