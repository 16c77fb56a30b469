"""Every bad input there is a name for: its HTTP status, and a message in both languages that names the member."""

import logging
import re
from datetime import date
from typing import Any

import pytest

from tests.serving.conftest import (
    CLINIC,
    DROP,
    HEADER_MEMBERS,
    INDIVIDUAL_NUMBER,
    LOGIN,
    REQUIRED_OF_HEADER,
    SEARCH,
    Reply,
    Running,
    StartMock,
    as_bytes,
    http,
    question,
)

PERSON_MEMBERS = (
    "InsurerNumber",
    "InsuredCardSymbol",
    "InsuredIdentificationNumber",
    "InsuredBranchNumber",
    "Birthdate",
    "LimitApplicationCertificateRelatedConsFlg",
    "ArbitraryIdentifier",
)
MEMBERS = (*HEADER_MEMBERS, *PERSON_MEMBERS)
REQUIRED = (
    "QualificationConfirmationDate",
    "MedicalInstitutionCode",
    "InsurerNumber",
    "InsuredIdentificationNumber",
    "Birthdate",
)
DAYS = ("QualificationConfirmationDate", "Birthdate")
JAPANESE = range(0x3040, 0x9FFF)


def assert_refused(reply: Reply, status: int, *words: str) -> None:
    """A refusal a person can use: HTTP status, both languages, and the words that say where to look."""
    japanese, _, english = reply.problem.partition(" / ")
    assert reply.status == status, reply.problem
    assert any(ord(character) in JAPANESE for character in japanese), japanese
    assert len(re.findall(r"\b[a-z]{2,}\b", english)) >= 2, english
    for word in words:
        assert word in japanese, japanese
        assert word in english, english
    if "XmlMsg" in reply.json:
        assert set(REQUIRED_OF_HEADER) <= set(reply.header)
        assert reply.message_body["ProcessingResultStatus"] == "2"
        assert (reply.validity, reply.pattern) == (None, "refused")


# What is no search at all

NO_SEARCH = {  # body: words of the message
    "text": (b"hello", "JSON"),
    "empty": (b"", "JSON"),
    "blank": (b" \r\n", "JSON"),
    "xml": (b"<?xml version='1.0'?><XmlMsg/>", "JSON"),
    "form": (b"XmlMsg=1", "JSON"),
    "two-documents": (as_bytes(question()) + b"{}", "JSON"),
    "single-quotes": (b"{'XmlMsg': {}}", "JSON"),
    "invalid-utf-8": (b'\xff\xfe{"XmlMsg": {}}', "JSON"),
    "array": (b"[]", "object"),
    "string": (b'"text"', "object"),
    "number": (b"12", "object"),
    "null": (b"null", "object"),
    "true": (b"true", "object"),
    "wrong-root": (b'{"xmlmsg": {}}', "XmlMsg"),
    "message-is-text": (b'{"XmlMsg": "x"}', "XmlMsg"),
    "message-is-array": (b'{"XmlMsg": []}', "XmlMsg"),
    "no-header": (as_bytes({"XmlMsg": {"MessageBody": question()["XmlMsg"]["MessageBody"]}}), "MessageHeader"),
    "no-search-info": (
        as_bytes({"XmlMsg": {**question()["XmlMsg"], "MessageBody": {}}}),
        "QualificationConfirmSearchInfo",
    ),
    "no-body": (as_bytes({"XmlMsg": {"MessageHeader": question()["XmlMsg"]["MessageHeader"]}}), "MessageBody"),
}


@pytest.mark.parametrize("case", NO_SEARCH)
async def test_what_is_no_search_is_told_so(mock: Running, case: str):
    body, word = NO_SEARCH[case]

    assert_refused(await mock.search(body), 400, word)


@pytest.mark.parametrize("case", ["text", "empty", "blank", "invalid-utf-8", "array", "string", "number", "null"])
async def test_what_is_no_login_is_told_so(mock: Running, case: str):
    body, word = NO_SEARCH[case]

    assert_refused(await mock.call("POST", LOGIN, body), 400, word)


@pytest.mark.parametrize("member", REQUIRED)
async def test_missing_member_is_named(mock: Running, member: str):
    assert_refused(await mock.search(**{member: DROP}), 400, member)


@pytest.mark.parametrize("member", MEMBERS)
@pytest.mark.parametrize(("value", "kind"), [(7, "int"), (None, "null"), (True, "bool"), ([], "array"), ({}, "object")])
async def test_member_that_is_no_string_is_named(mock: Running, member: str, value: Any, kind: str):
    assert_refused(await mock.search(**{member: value}), 400, member, kind, "string")


@pytest.mark.parametrize("member", ["InsurerNumber", "InsuredIdentificationNumber"])
@pytest.mark.parametrize("value", ["", " ", "　"])
async def test_empty_number_is_named(mock: Running, member: str, value: str):
    assert_refused(await mock.search(**{member: value}), 200, member)


# Days

NO_DAYS = [
    "20260230",
    "20261301",
    "20260100",
    "20250229",
    "00000101",
    "2026abcd",
    "２０２６１１２３",
    "2026112",
    "202611230",
]
NO_DAYS += ["", " ", "2026-11-23", "2026W487", "+2026112", "20261123 "]
FAR_DAYS = ["00010101", "18680101", "19000101", "22000101", "99990101", "99991231"]


@pytest.mark.parametrize("day", NO_DAYS)
@pytest.mark.parametrize(("member", "status"), [("QualificationConfirmationDate", 400), ("Birthdate", 200)])
async def test_day_that_does_not_exist_is_named(mock: Running, member: str, status: int, day: str):
    reply = await mock.search(**{member: day})

    assert_refused(reply, status, member, "YYYYMMDD")
    assert f'"{day}"' in reply.problem


NUMBERS = {  # insurer number, 被保険者番号, birth date
    "rule": ("01139906", "1000001", "19800101"),
    "rule-elderly": ("39139902", "10000001", "19400101"),
    "rule-gap": ("01139906", "1000031", "19800101"),
    "ready": ("01139914", "1000001", "19800412"),
    "ready-70": ("00139915", "1000053", "19541223"),
    "resident": ("01010016", "8654321", "19891224"),
}


@pytest.mark.parametrize("day", FAR_DAYS)
@pytest.mark.parametrize("numbers", NUMBERS)
async def test_day_long_past_or_far_ahead_is_answered(mock: Running, numbers: str, day: str):
    insurer, number, birthdate = NUMBERS[numbers]

    reply = await mock.search(
        QualificationConfirmationDate=day,
        InsurerNumber=insurer,
        InsuredIdentificationNumber=number,
        Birthdate=birthdate,
    )

    assert (reply.status, reply.header["QualificationConfirmationDate"]) == (200, day)
    assert reply.validity in set("12345")


@pytest.mark.parametrize("day", FAR_DAYS)
@pytest.mark.parametrize("insurer", ["01139906", "00139907", "39139902"])
async def test_birth_date_long_past_or_far_ahead_is_answered(mock: Running, insurer: str, day: str):
    reply = await mock.search(InsurerNumber=insurer, Birthdate=day)

    assert (reply.status, reply.validity in set("12345")) == (200, True)


# Codes, characters


@pytest.mark.parametrize(
    "code", ["", "131123456", "13112345678", "131123456a", "１３１１２３４５６６", "1311-23456", " 311234566"]
)
async def test_malformed_clinic_code_is_named(mock: Running, code: str):
    reply = await mock.search(MedicalInstitutionCode=code)

    assert_refused(reply, 400, "MedicalInstitutionCode")
    assert f'"{code}"' in reply.problem
    assert reply.header["MedicalInstitutionCode"] == "0000000000"


@pytest.mark.parametrize("member", MEMBERS)
async def test_control_character_is_refused_and_shown_as_such(mock: Running, member: str):
    for character in "\x00\x1b\n\t\x7f\x85":
        reply = await mock.search(**{member: f"1{character}"})

        assert_refused(reply, 400 if member in HEADER_MEMBERS[:2] else 200, member)
        assert f"\\x{ord(character):02x}" in reply.problem
        assert character not in reply.problem


async def test_symbol_may_hold_japanese(mock: Running):
    reply = await mock.search(
        InsurerNumber="00139915",
        InsuredCardSymbol="国１２・３４",
        InsuredIdentificationNumber="1000055",
        Birthdate="19920830",
    )

    assert (reply.validity, reply.results[0]["InsuredCardSymbol"]) == ("1", "国１２・３４")


@pytest.mark.parametrize("symbol", ["記号", "　", "ｷｺﾞｳ", "髙﨑", "𠮷", "🏥", "\u200b", "é", "a'\"\\/<&>"])
async def test_any_text_may_be_a_symbol(mock: Running, symbol: str):
    reply = await mock.search(InsuredCardSymbol=symbol)

    assert reply.validity == "1"
    assert reply.message_body["QualificationConfirmSearchInfo"]["InsuredCardSymbol"] == symbol


@pytest.mark.parametrize("escape", [r"\ud800", r"\udc00", r"\ud800A", r"\ud800\u0041"])
async def test_lone_surrogate_is_no_json(mock: Running, escape: str):
    for member in MEMBERS:
        body = as_bytes(question(**{member: "@@"})).replace(b"@@", escape.encode())

        assert_refused(await mock.search(body), 400, "JSON")


@pytest.mark.parametrize("escape", [r"\ud800", r"\ud800x"])
async def test_lone_surrogate_at_the_end_is_not_blamed_on_content_length(mock: Running, escape: str):
    reply = await mock.search(f'{{"XmlMsg": "{escape}"}}'.encode())

    assert_refused(reply, 400)
    assert "Content-Length" not in reply.problem


@pytest.mark.parametrize("junk", [b"\xff", b"\x80", b"\xe3\x81", b"\xed\xa0\x80", b"\x8b\x4c"])
async def test_text_that_is_not_utf_8_is_no_json(mock: Running, junk: bytes):
    for member in MEMBERS:
        body = as_bytes(question(**{member: "@@"})).replace(b"@@", junk)

        assert_refused(await mock.search(body), 400, "JSON")


# Size, nesting, method, type

BRACKETS = 100_000
DEEP = {
    "arrays": b"[" * BRACKETS + b"]" * BRACKETS,
    "objects": b'{"a":' * BRACKETS + b"1" + b"}" * BRACKETS,
    "unknown-member": b'{"x":' + b"[" * BRACKETS + b"]" * BRACKETS + b"}",
    "open": b"[" * BRACKETS,
}


@pytest.mark.parametrize("case", DEEP)
@pytest.mark.parametrize("path", [SEARCH, LOGIN])
async def test_deep_nesting_is_refused(start_mock: StartMock, path: str, case: str):
    mock = await start_mock(max_body_bytes=1_000_000)

    assert_refused(await mock.call("POST", path, DEEP[case], headers={"Authorization": mock.token}), 400)


@pytest.mark.parametrize("case", DEEP)
@pytest.mark.parametrize(("method", "path"), [("PUT", "/clock"), ("PUT", ""), ("POST", "/assignments")])
async def test_deep_nesting_is_refused_on_the_admin_paths(start_mock: StartMock, method: str, path: str, case: str):
    mock = await start_mock(max_body_bytes=1_000_000)

    assert_refused(await mock.admin(method, path, DEEP[case]), 400)


async def test_deep_nesting_in_a_parameter_is_refused(start_mock: StartMock):
    mock = await start_mock(max_body_bytes=1_000_000)
    body = b'{"pattern":"lost","person":1,"parameters":{"x":' + DEEP["arrays"] + b"}}"

    assert (await mock.admin("POST", "/assignments", body)).status in (400, 422)


def sizes(body: bytes) -> dict[str, tuple[bytes, ...]]:
    """A body that is too large, sent in each way there is."""
    whole = http(body)
    head, _ = whole.split(b"\r\n\r\n", 1)
    chunked = http(b"").replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    return {
        "short": (whole,),
        "long": (head + b"\r\n\r\n", body),
        "chunked": (chunked + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body),),
        "chunked-pieces": (chunked, *(b"200\r\n%b\r\n" % body[:512] for _ in range(3)), b"0\r\n\r\n"),
    }


@pytest.mark.parametrize("way", sizes(b""))
@pytest.mark.parametrize("blank", [0, 2000])
async def test_body_over_the_limit_is_refused(start_mock: StartMock, way: str, blank: int):
    mock = await start_mock(max_body_bytes=1024)
    body = as_bytes(question(InsuredCardSymbol="1" * (2000 - blank))) + b" " * blank

    (reply,) = await mock.raw(*sizes(body)[way])

    assert_refused(reply, 413, "1024")


async def test_body_at_the_limit_is_taken(start_mock: StartMock):
    mock = await start_mock(max_body_bytes=1024)
    body = as_bytes(question()).ljust(1024)

    assert (await mock.search(body)).validity == "1"
    assert_refused(await mock.search(body + b" "), 413)


async def test_login_over_the_limit_is_refused(mock: Running):
    assert_refused(await mock.call("POST", LOGIN, {"a": "x" * 70_000}), 413, "65536")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", [SEARCH, LOGIN])
async def test_wrong_method_is_refused(mock: Running, path: str, method: str):
    assert_refused(await mock.call(method, path), 405, method, "POST")


@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_connection_goes_on_after_a_wrong_method(mock: Running, method: str):
    wrong = http(question(), start_line=f"{method} {SEARCH} HTTP/1.1")

    replies = await mock.raw(wrong, http(question(), Authorization=mock.token), answers=2)

    assert [reply.status for reply in replies] == [405, 200]


@pytest.mark.parametrize(
    "found",
    ["text/plain", "application/xml", "application/json;charset=Shift_JIS", "application/x-www-form-urlencoded"],
)
@pytest.mark.parametrize("path", [SEARCH, LOGIN])
async def test_wrong_content_type_is_refused(mock: Running, path: str, found: str):
    reply = await mock.call("POST", path, {}, headers={"Content-Type": found})

    assert_refused(reply, 415, "Content-Type", found, "application/json")


@pytest.mark.parametrize(
    "found",
    [
        "application/json",
        "Application/JSON",
        "application/json;charset=UTF-8",
        "application/json; charset=utf-8",
        'application/json; charset="utf-8"',
    ],
)
async def test_content_type_may_be_written_in_many_ways(mock: Running, found: str):
    assert (await mock.search(headers={"Content-Type": found})).validity == "1"


async def test_content_type_may_be_missing(mock: Running):
    plain = http(question(), Authorization=mock.token)

    (reply,) = await mock.raw(plain.replace(b"Content-Type: application/json;charset=UTF-8\r\n", b""))

    assert reply.validity == "1"


@pytest.mark.parametrize("junk", [b"\xff", b"\xe3\x81\x82"])
async def test_header_that_is_no_text_is_refused(mock: Running, junk: bytes):
    (reply,) = await mock.raw(http(question()).replace(b"charset=UTF-8", junk))

    assert (reply.status, "Content-Type" in reply.problem) == (415, True)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
@pytest.mark.parametrize("path", [SEARCH, LOGIN, f"/admin/clinics/{CLINIC}/assignments"])
async def test_compressed_body_is_refused(mock: Running, caplog, path: str, encoding: str):
    (reply,) = await mock.raw(http(question(), path, Content_Encoding=encoding))

    assert (reply.status, "Content-Encoding" in reply.problem) == (415, True)
    assert "Traceback" not in caplog.text


# Content-Length


def in_characters(**members: str) -> bytes:
    """A search with the Content-Length of a client that counts characters."""
    body = as_bytes(question(**members))
    return http(body, length=len(body.decode()))


@pytest.mark.parametrize("symbol", ["国", "国１２・３４", "記号" * 10])
async def test_content_length_in_characters_is_named(mock: Running, symbol: str):
    wrong = in_characters(InsuredCardSymbol=symbol)
    head, body = wrong.split(b"\r\n\r\n")

    (whole,), (in_pieces,) = await mock.raw(wrong), await mock.raw(head + b"\r\n\r\n", body)

    for reply in (whole, in_pieces):
        assert_refused(reply, 400, "Content-Length", "UTF-8")
        assert reply.headers.get("Connection", "close") == "close"


async def test_content_length_that_is_too_small_is_named_by_login(mock: Running):
    body = as_bytes({"name": "医院"})
    head = http(body, LOGIN, length=len(body.decode())).removesuffix(body)

    (reply,) = await mock.raw(head, body)

    assert_refused(reply, 400, "Content-Length")


@pytest.mark.parametrize("path", [SEARCH, LOGIN, f"/admin/clinics/{CLINIC}/clock"])
@pytest.mark.parametrize("missing", [1, 100])
async def test_content_length_that_is_too_large_is_named(start_mock: StartMock, path: str, missing: int):
    mock = await start_mock(body_timeout_ms=50)
    body = as_bytes(question())
    method = "PUT" if path.startswith("/admin") else "POST"
    wrong = http(body, start_line=f"{method} {path} HTTP/1.1", length=len(body) + missing)

    (reply,) = await mock.raw(wrong, patience_s=0.3)

    assert_refused(reply, 408, "Content-Length", str(len(body) + missing))


@pytest.mark.parametrize("length", ["-1", "x", "1.5", "1e3", "+5", "1, 2", "9" * 30])
async def test_content_length_that_is_no_number_is_refused(mock: Running, length: str):
    plain = http(question(), Authorization=mock.token)
    body = as_bytes(question())

    (reply,) = await mock.raw(plain.replace(b"Content-Length: %d" % len(body), f"Content-Length: {length}".encode()))

    assert reply.status == 400


GARBAGE = {
    "words": b"hello world\r\n\r\n",
    "every-byte": bytes(range(256)),
    "zeros": bytes(1000),
    "tls": bytes.fromhex("16030102000100 01fc0303") + bytes(32),
    "http-2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "http-9": f"POST {SEARCH} HTTP/9.9\r\n\r\n".encode(),
    "no-such-method": f"SEARCH* {SEARCH} HTTP/1.1\r\n\r\n".encode(),
    "long-line": b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
    "long-header": http(question(), X_Long="a" * 20_000),
    "bad-chunk": http(b"zz\r\n").replace(b"Content-Length: 4", b"Transfer-Encoding: chunked"),
    "japanese": "資格確認\r\n\r\n".encode(),
}


@pytest.mark.parametrize("case", GARBAGE)
async def test_garbage_is_answered_in_the_envelope(mock: Running, case: str):
    (reply,) = await mock.raw(GARBAGE[case])

    assert_refused(reply, 400, "HTTP")


async def test_client_that_hangs_up_leaves_no_trace(mock: Running, caplog):
    plain = http(question(), Authorization=mock.token)

    for piece in (plain, plain[:100], plain[:-5], b""):
        await mock.raw(piece, answers=0)

    assert (await mock.search()).validity == "1"
    assert not caplog.records


# 個人番号

WRITTEN = {
    "plain": INDIVIDUAL_NUMBER,
    "spaces": "1234 5678 9018",
    "hyphens": "1234-5678-9018",
    "full-width": "１２３４５６７８９０１８",
    "padded": f" {INDIVIDUAL_NUMBER} ",
}


def assert_never_told(reply: Reply, caplog, text: str = INDIVIDUAL_NUMBER) -> None:
    """Neither the answer nor the log has it."""
    assert text not in reply.body.decode()
    assert text not in str(reply.headers)
    assert text not in caplog.text


@pytest.mark.parametrize("written", WRITTEN)
@pytest.mark.parametrize("member", PERSON_MEMBERS)
async def test_individual_number_is_refused_and_never_told(mock: Running, caplog, member: str, written: str):
    caplog.set_level(logging.DEBUG)

    reply = await mock.search(**{member: WRITTEN[written]})

    assert_refused(reply, 400, "12")
    assert reply.code == "MOCK-E1009"
    assert_never_told(reply, caplog, WRITTEN[written])


@pytest.mark.parametrize("member", HEADER_MEMBERS[:2])
@pytest.mark.parametrize("written", WRITTEN)
async def test_individual_number_in_the_header_is_never_told(mock: Running, caplog, member: str, written: str):
    caplog.set_level(logging.DEBUG)

    reply = await mock.search(**{member: WRITTEN[written]})

    assert_refused(reply, 400, member)
    assert_never_told(reply, caplog, WRITTEN[written].strip())


@pytest.mark.parametrize(
    "body", [f'"{INDIVIDUAL_NUMBER}"', INDIVIDUAL_NUMBER, f'{{"{INDIVIDUAL_NUMBER}": 1}}', INDIVIDUAL_NUMBER + "x"]
)
@pytest.mark.parametrize("path", [SEARCH, LOGIN, f"/{INDIVIDUAL_NUMBER}"])
async def test_individual_number_anywhere_else_is_never_told(mock: Running, caplog, path: str, body: str):
    caplog.set_level(logging.DEBUG)

    assert_never_told(await mock.call("POST", path, body.encode()), caplog)


NUMBERED = {"insurer_number": "01139914", "number": "1000001", "birthdate": "1980-04-12"}
TWELVE = int(INDIVIDUAL_NUMBER)
ADMIN_WITH_NUMBER = {  # method, path, body
    "truth-insurer": ("GET", "/truth", {**NUMBERED, "insurer_number": INDIVIDUAL_NUMBER}),
    "truth-number": ("GET", "/truth", {**NUMBERED, "number": INDIVIDUAL_NUMBER}),
    "truth-symbol": ("GET", "/truth", {**NUMBERED, "symbol": INDIVIDUAL_NUMBER}),
    "truth-branch": ("GET", "/truth", {**NUMBERED, "branch": INDIVIDUAL_NUMBER}),
    "truth-birthdate": ("GET", "/truth", {**NUMBERED, "birthdate": INDIVIDUAL_NUMBER}),
    "truth-day": ("GET", "/truth", {**NUMBERED, "day": INDIVIDUAL_NUMBER}),
    "truth-unknown": ("GET", "/truth", {**NUMBERED, INDIVIDUAL_NUMBER: "1"}),
    "insurer": (
        "POST",
        "/assignments",
        {"pattern": "lost", "person": {**NUMBERED, "insurer_number": INDIVIDUAL_NUMBER}},
    ),
    "number": ("POST", "/assignments", {"pattern": "lost", "person": {**NUMBERED, "number": INDIVIDUAL_NUMBER}}),
    "symbol": ("POST", "/assignments", {"pattern": "lost", "person": {**NUMBERED, "symbol": INDIVIDUAL_NUMBER}}),
    "branch": ("POST", "/assignments", {"pattern": "lost", "person": {**NUMBERED, "branch": INDIVIDUAL_NUMBER}}),
    "birthdate": ("POST", "/assignments", {"pattern": "lost", "person": {**NUMBERED, "birthdate": INDIVIDUAL_NUMBER}}),
    "unknown-of-person": ("POST", "/assignments", {"pattern": "lost", "person": {**NUMBERED, INDIVIDUAL_NUMBER: 1}}),
    "person-text": ("POST", "/assignments", {"pattern": "lost", "person": INDIVIDUAL_NUMBER}),
    "person": ("POST", "/assignments", {"pattern": "lost", "person": TWELVE}),
    "pattern": ("POST", "/assignments", {"pattern": INDIVIDUAL_NUMBER, "person": 1}),
    "start": ("POST", "/assignments", {"pattern": "lost", "person": 1, "start": INDIVIDUAL_NUMBER}),
    "parameter": (
        "POST",
        "/assignments",
        {"pattern": "lost", "person": 1, "parameters": {"reason": INDIVIDUAL_NUMBER}},
    ),
    "unknown-parameter": (
        "POST",
        "/assignments",
        {"pattern": "lost", "person": 1, "parameters": {INDIVIDUAL_NUMBER: 1}},
    ),
    "unknown": ("POST", "/assignments", {"pattern": "lost", "person": 1, INDIVIDUAL_NUMBER: 1}),
    "clock": ("PUT", "/clock", {"now": INDIVIDUAL_NUMBER}),
    "clock-unknown": ("PUT", "/clock", {INDIVIDUAL_NUMBER: 1}),
    "free-text": (
        "POST",
        "/assignments",
        {"pattern": "subsidy-not-linked", "person": 1, "parameters": {"subsidy": INDIVIDUAL_NUMBER}},
    ),
    "assignment": ("DELETE", f"/assignments/{INDIVIDUAL_NUMBER}", None),
}


@pytest.mark.parametrize("case", ADMIN_WITH_NUMBER)
async def test_individual_number_is_never_told_by_the_admin_paths(mock: Running, caplog, case: str):
    caplog.set_level(logging.DEBUG)
    method, path, body = ADMIN_WITH_NUMBER[case]

    reply = await mock.admin(method, path, **({"params": body} if method == "GET" else {"body": body}))

    assert reply.status >= 400
    assert_refused(reply, reply.status)
    assert_never_told(reply, caplog)
    assert not (await mock.admin("GET")).json["assignments"]


@pytest.mark.parametrize("path", [f"/admin/clinics/{INDIVIDUAL_NUMBER}", f"/admin/patterns/{INDIVIDUAL_NUMBER}"])
async def test_individual_number_in_a_path_is_never_told(mock: Running, caplog, path: str):
    caplog.set_level(logging.DEBUG)

    assert_never_told(await mock.call("GET", path), caplog)


# The admin paths

CLOCK = {  # change: words of the message
    "no-way": ({}, "now"),
    "two-ways": ({"now": "2025-12-01T09:00:00+09:00", "advance_days": 1}, "now"),
    "three-ways": ({"now": "2025-12-01T09:00:00+09:00", "advance_seconds": 1, "real": True}, "real"),
    "real-and-days": ({"real": True, "advance_days": 1}, "advance_days"),
    "not-real": ({"real": False}, "real"),
    "only-running": ({"running": True}, "now"),
    "naive": ({"now": "2025-12-01T09:00:00"}, "now"),
    "day-only": ({"now": "2025-12-01"}, "now"),
    "no-such-day": ({"now": "2025-02-30T09:00:00+09:00"}, "now"),
    "no-text": ({"now": 20251201}, "now"),
    "before": ({"now": "1949-12-31T23:59:59+09:00"}, "1950"),
    "after": ({"now": "2200-01-01T00:00:01+09:00"}, "1950"),
    "first": ({"now": "0001-01-01T00:00:00+14:00"}, "1950"),
    "last": ({"now": "9999-12-31T23:59:59-14:00"}, "1950"),
    "running-before": ({"now": "1900-01-01T00:00:00Z", "running": True}, "1950"),
    "back-too-far": ({"advance_days": -40_000}, "1950"),
    "ahead-too-far": ({"advance_days": 70_000}, "1950"),
    "seconds-too-far": ({"advance_seconds": 10**10}, "1950"),
    "huge": ({"advance_days": 10**12}, "1950"),
    "huger": ({"advance_seconds": 10**30}, "1950"),
    "half-a-day": ({"advance_days": 0.5}, "advance_days"),
    "days-as-text": ({"advance_days": "1"}, "advance_days"),
    "unknown": ({"noww": "2025-12-01T09:00:00+09:00"}, "noww"),
    "array": ([], "object"),
    "not-json": (b"now", "JSON"),
}


@pytest.mark.parametrize("case", CLOCK)
async def test_wrong_clock_change_is_told(mock: Running, case: str):
    change, word = CLOCK[case]

    assert_refused(await mock.admin("PUT", "/clock", change), 400, word)
    assert (await mock.admin("GET")).json["clock"]["mode"] == "real"


ASSIGNMENTS = {  # assignment: HTTP status, words
    "empty": ({}, 400, "pattern"),
    "no-person": ({"pattern": "lost"}, 400, "person"),
    "unknown-pattern": ({"pattern": "los", "person": 1}, 404, '"lost"'),
    "far-pattern": ({"pattern": "zzzz", "person": 1}, 404, "zzzz"),
    "case": ({"pattern": "Lost", "person": 1}, 404, '"lost"'),
    "control": ({"pattern": "\x00\x1b", "person": 1}, 404, "\\x00"),
    "pattern-number": ({"pattern": 1, "person": 1}, 400, "pattern"),
    "before-first": ({"pattern": "lost", "person": -1}, 404, "person"),
    "after-last": ({"pattern": "lost", "person": 124_000_000}, 404, "123999999"),
    "huge": ({"pattern": "lost", "person": 10**40}, 404, "123999999"),
    "person-text": ({"pattern": "lost", "person": "1"}, 400, "person"),
    "person-null": ({"pattern": "lost", "person": None}, 400, "person"),
    "person-true": ({"pattern": "lost", "person": True}, 400, "person"),
    "half-identity": ({"pattern": "lost", "person": {"number": "1"}}, 400, "insurer_number"),
    "birthdate": ({"pattern": "lost", "person": {**NUMBERED, "birthdate": "19800412"}}, 400, "birthdate"),
    "more-of-person": ({"pattern": "lost", "person": {**NUMBERED, "name": "x"}}, 400, "name"),
    "nobody": ({"pattern": "lost", "person": {**NUMBERED, "birthdate": "1980-04-13"}}, 404, "mockserver patients"),
    "unknown": ({"pattern": "lost", "person": 1, "perimeters": {}}, 400, "perimeters"),
    "unknown-parameter": ({"pattern": "lost", "person": 1, "parameters": {"dalay": 1}}, 422, "dalay"),
    "parameters-array": ({"pattern": "lost", "person": 1, "parameters": []}, 400, "parameters"),
    "start": ({"pattern": "lost", "person": 1, "start": "2026-02-30"}, 400, "start"),
    "start-number": ({"pattern": "lost", "person": 1, "start": 20260101}, 400, "start"),
    "not-json": (b"lost", 400, "JSON"),
}


@pytest.mark.parametrize("case", ASSIGNMENTS)
async def test_wrong_assignment_is_told(mock: Running, case: str):
    new, status, word = ASSIGNMENTS[case]

    assert_refused(await mock.admin("POST", "/assignments", new), status, word)
    assert (await mock.admin("GET")).json["assignments"] == []


async def test_every_parameter_refuses_what_its_schema_does_not_allow(mock: Running):
    patterns = (await mock.call("GET", "/admin/patterns")).json["patterns"]
    named = [(pattern["id"], name) for pattern in patterns for name in pattern["parameters"]]

    assert named
    for pattern, name in named:
        for value in (-1, True, {}):
            new = {"pattern": pattern, "person": 1, "parameters": {name: value}}
            reply = await mock.admin("POST", "/assignments", new)
            assert (reply.status, name in reply.problem) == (422, True), (pattern, name, value)


@pytest.mark.parametrize("start", [date.min, date(2, 1, 1), date(9998, 12, 31), date.max])
async def test_story_at_the_ends_of_the_calendar_is_no_accident(mock: Running, start: date):
    for pattern in (await mock.call("GET", "/admin/patterns")).json["patterns"]:
        new = {"pattern": pattern["id"], "person": 1, "start": start.isoformat()}

        assert (await mock.admin("POST", "/assignments", new)).status in (201, 400, 422)


@pytest.mark.parametrize("day", ["0001-01-01", "1950-01-01", "2200-01-01", "9999-12-31"])
async def test_old_card_of_any_day_is_answered(mock: Running, day: str):
    new = {"pattern": "old-card", "person": 1, "parameters": {"card_ends_on": day}}

    view = await mock.admin("POST", "/assignments", new)

    assert view.status in (201, 422)
    if view.status == 201:
        assert (await mock.search(view.json["requests"][0])).validity in set("12345")


TRUTH = {  # what is changed in the query: HTTP status, words
    "nothing-asked": (dict.fromkeys(NUMBERED), 400, "insurer_number"),
    "no-number": ({"number": None}, 400, "number"),
    "no-birthdate": ({"birthdate": None}, 400, "birthdate"),
    "birthdate": ({"birthdate": "19800412"}, 400, "birthdate"),
    "day": ({"day": "2026-02-30"}, 400, "day"),
    "empty-day": ({"day": ""}, 400, "day"),
    "unknown": ({"colour": "red"}, 400, "colour"),
}


@pytest.mark.parametrize("case", TRUTH)
async def test_wrong_question_for_the_truth_is_told(mock: Running, case: str):
    change, status, word = TRUTH[case]
    query = {name: text for name, text in {**NUMBERED, **change}.items() if text is not None}

    assert_refused(await mock.admin("GET", "/truth", params=query), status, word)


@pytest.mark.parametrize("member", ["day", "birthdate"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("insurer", ["01139906", "00139907", "01139914"])
async def test_truth_of_a_far_day_is_no_accident(mock: Running, insurer: str, day: str, member: str):
    reply = await mock.admin("GET", "/truth", params={**NUMBERED, "insurer_number": insurer, member: day})

    assert reply.status == 200


SEEDS = {"missing": {}, "text": {"seed": "1"}, "half": {"seed": 1.5}, "unknown": {"seed": 1, "sead": 2}, "array": []}


@pytest.mark.parametrize("case", SEEDS)
async def test_wrong_clinic_change_is_told(mock: Running, case: str):
    assert_refused(await mock.admin("PUT", "", SEEDS[case]), 400)
    assert (await mock.admin("GET")).json["seed"] == 1


@pytest.mark.parametrize("seed", [0, -1, 2**63, 2**64, -(10**40), 10**40])
async def test_any_number_is_a_seed(mock: Running, seed: int):
    assert (await mock.admin("PUT", "", {"seed": seed})).json["seed"] == seed
    assert (await mock.admin("POST", "/assignments", {"pattern": "lost", "person": 7})).status in (201, 422)
    assert (await mock.search(InsurerNumber="01010016")).validity == "4"


ON_ADMIN = [
    ("GET", "", None),
    ("PUT", "", {"seed": 1}),
    ("DELETE", "", None),
    ("PUT", "/clock", {"real": True}),
    ("POST", "/assignments", {"pattern": "lost", "person": 1}),
    ("DELETE", "/assignments/1", None),
    ("GET", "/truth?insurer_number=1&number=1&birthdate=1980-01-01", None),
]


@pytest.mark.parametrize(("method", "path", "body"), ON_ADMIN)
@pytest.mark.parametrize("code", ["x", "131123456", "13112345666", "１３１１２３４５６６", "%00", "131123456%0A"])
async def test_wrong_clinic_code_is_told_by_the_admin_paths(
    mock: Running, code: str, method: str, path: str, body: Any
):
    assert_refused(await mock.admin(method, path, body, clinic=code), 400)


async def test_wrong_clinic_of_the_catalogue_is_told(mock: Running):
    assert_refused(await mock.call("GET", "/admin/patterns?clinic=12"), 400, '"12"')


async def test_pattern_there_is_not_is_told(mock: Running):
    assert_refused(await mock.call("GET", "/admin/patterns/valdi"), 404, '"valdi"')


@pytest.mark.parametrize(("method", "path", "body"), [call for call in ON_ADMIN if call[2]])
@pytest.mark.parametrize("found", ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream"])
async def test_wrong_content_type_is_refused_by_the_admin_paths(
    mock: Running, found: str, method: str, path: str, body: Any
):
    reply = await mock.admin(method, path, body, headers={"Content-Type": found})

    assert_refused(reply, 415, "Content-Type", found, "application/json")


@pytest.mark.parametrize("number", ["0", "7", "x", "-1", "1.0", "9" * 30, "１", "%00"])
async def test_assignment_there_is_not_cannot_be_taken_back(mock: Running, number: str):
    await mock.admin("POST", "/assignments", {"pattern": "lost", "person": 1})

    assert_refused(await mock.admin("DELETE", f"/assignments/{number}"), 404)
    assert len((await mock.admin("GET")).json["assignments"]) == 1


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/admin"), ("POST", "/admin/pattern"), ("GET", f"/admin/clinics/{CLINIC}/clocks"), ("PATCH", "/health")],
)
async def test_path_there_is_not_is_told(mock: Running, method: str, path: str):
    assert_refused(await mock.call(method, path), 404, f"{method} {path}", "/admin/openapi.json")
