"""Login and search over real sockets: their shapes, who is let in, and one answer whichever way it is asked."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.serving.conftest import (
    CLINIC,
    DROP,
    LOGIN,
    NOW,
    OTHER_CLINIC,
    REQUIRED_OF_HEADER,
    SEARCH,
    Reply,
    Running,
    StartMock,
    as_bytes,
    http,
    question,
)

# wire.md 1.3
HEADER_ORDER = (
    "ProcessExecutionTime QualificationConfirmationDate MedicalInstitutionCode ArbitraryFileIdentifier "
    "ReferenceClassification SegmentOfResult ErrorCode ErrorMessage CharacterCodeIdentifier"
).split()
BODY_ORDER = (
    "QualificationConfirmSearchInfo PrescriptionIssueSelect ProcessingResultStatus ProcessingResultCode "
    "ProcessingResultMessage QualificationValidity ResultList"
).split()
RESULT_ORDER = (
    "InsuredCardClassification InsurerNumber InsuredCardSymbol InsuredIdentificationNumber InsuredBranchNumber "
    "PersonalFamilyClassification Name NameKana Sex1 Birthdate Address PostNumber InsuredCertificateIssuanceDate "
    "InsuredCardValidDate InsurerName LimitApplicationCertificateRelatedConsFlg "
    "LimitApplicationCertificateRelatedConsTime LimitApplicationCertificateRelatedInfo"
).split()
REQUIRED_OF_RESULT = ("InsuredCardClassification", "Name", "Sex1", "Birthdate", "InsurerName")

LOOK_UPS = {  # last two digits of the number: validity, pattern
    "01": ("1", "valid"),
    "02": ("2", "lost"),
    "03": ("3", "renewed"),
    "04": ("4", "no-match"),
    "05": ("5", "multiple-match"),
    "11": ("1", "garbled-name"),
    "00": ("4", "unknown"),
}
REFUSALS = {  # one of each kind: body, HTTP status, code
    "not-json": (b"{", 400, "MOCK-E1002"),
    "shape": ({}, 400, "MOCK-E1003"),
    "clinic": (question(MedicalInstitutionCode="x"), 400, "MOCK-E3001"),
    "day": (question(QualificationConfirmationDate="x"), 400, "MOCK-E3002"),
    "person": (question(Birthdate="x"), 200, "MOCK-E4001"),
}


def leaves(found: Any) -> Iterator[Any]:
    """Every value of a JSON document that holds no others."""
    if isinstance(found, dict | list):
        for part in found.values() if isinstance(found, dict) else found:
            yield from leaves(part)
    else:
        yield found


def is_ordered(members: dict[str, Any], order: list[str]) -> bool:
    """Whether the members that an order names come in that order."""
    return [name for name in members if name in order] == [name for name in order if name in members]


def assert_envelope(reply: Reply) -> None:
    """What a strict client insists on, whatever the answer says."""
    assert list(reply.json) == ["XmlMsg"]
    assert list(reply.json["XmlMsg"]) == ["MessageHeader", "MessageBody"]
    assert all(isinstance(leaf, str) and leaf for leaf in leaves(reply.json))
    assert set(REQUIRED_OF_HEADER) <= set(reply.header) <= set(HEADER_ORDER)
    assert set(reply.message_body) <= set(BODY_ORDER)
    assert reply.message_body["ProcessingResultStatus"] in ("1", "2")
    assert is_ordered(reply.header, HEADER_ORDER)
    assert is_ordered(reply.message_body, BODY_ORDER)


def test_table_of_look_ups_has_each_validity():
    assert {validity for validity, _ in LOOK_UPS.values()} == set("12345")


async def test_login_has_the_shape_of_the_real_one(mock: Running):
    reply = await mock.login(user="any", password="body", nested={"is": ["welcome", 1, None]})

    assert (reply.status, list(reply.json)) == (200, ["status", "msg", "result"])
    assert list(reply.json["result"]) == ["accessToken", "refreshToken", "idToken", "linkSysCharCd"]
    assert all(isinstance(leaf, str) for leaf in leaves(reply.json))
    assert all(reply.json["result"].values())
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"


async def test_each_login_gives_tokens_of_its_own_and_all_are_good(mock: Running):
    tokens = [(await mock.login()).json["result"]["idToken"] for _ in range(3)]

    assert len(set(tokens)) == 3
    for token in tokens:
        assert (await mock.search(headers={"Authorization": token})).validity == "1"


@pytest.mark.parametrize("code", LOOK_UPS)
async def test_search_answer_has_the_shape_of_the_real_one(mock: Running, code: str):
    reply = await mock.search(InsuredIdentificationNumber=f"10000{code}")

    assert_envelope(reply)
    assert (reply.validity, reply.pattern) == LOOK_UPS[code]
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert not {"ErrorCode", "ErrorMessage", "ArbitraryFileIdentifier"} & set(reply.header)
    assert not {"ProcessingResultCode", "ProcessingResultMessage"} & set(reply.message_body)


async def test_answer_tells_when_it_was_made_and_what_was_asked(mock: Running):
    reply = await mock.search(QualificationConfirmationDate="20261101")

    assert reply.header == {
        "ProcessExecutionTime": NOW.strftime("%Y%m%d%H%M%S"),
        "QualificationConfirmationDate": "20261101",
        "MedicalInstitutionCode": CLINIC,
        "ReferenceClassification": "2",
        "SegmentOfResult": "1",
        "CharacterCodeIdentifier": "0",
    }
    asked = question()["XmlMsg"]["MessageBody"]["QualificationConfirmSearchInfo"]
    assert reply.message_body["QualificationConfirmSearchInfo"] == asked


async def test_result_list_is_an_array_of_wrapped_results(mock: Running):
    listed = (await mock.search()).message_body["ResultList"]

    assert isinstance(listed, list)
    assert [list(item) for item in listed] == [["ResultOfQualificationConfirmation"]]
    (result,) = (item["ResultOfQualificationConfirmation"] for item in listed)
    assert is_ordered(result, RESULT_ORDER)
    assert set(REQUIRED_OF_RESULT) <= set(result)
    assert (result["InsuredIdentificationNumber"], result["Birthdate"]) == ("1000001", "19800101")


@pytest.mark.parametrize("code", ["04", "05"])
async def test_nobody_found_means_no_result_list(mock: Running, code: str):
    assert "ResultList" not in (await mock.search(InsuredIdentificationNumber=f"10000{code}")).message_body


@pytest.mark.parametrize("case", REFUSALS)
@pytest.mark.parametrize("refusal_status", ["distinct", "ok"])
async def test_refusal_comes_in_the_envelope(start_mock: StartMock, case: str, refusal_status: str):
    mock = await start_mock(refusal_status=refusal_status)
    body, status, code = REFUSALS[case]

    reply = await mock.search(body)

    assert_envelope(reply)
    assert (reply.status, reply.code) == (status if refusal_status == "distinct" else 200, code)
    assert (reply.pattern, reply.validity, reply.results) == ("refused", None, [])
    assert reply.header["SegmentOfResult"] == ("1" if case == "person" else "9")
    assert reply.message_body["ProcessingResultStatus"] == "2"


async def test_error_codes_begin_as_set(start_mock: StartMock):
    mock = await start_mock(error_code_prefix="TEST")

    assert (await mock.search({})).code == "TEST1003"


async def test_refused_login_is_200_where_all_refusals_are(start_mock: StartMock):
    mock = await start_mock(refusal_status="ok")

    reply = await mock.call("POST", LOGIN, [])

    assert (reply.status, list(reply.json)) == (200, ["status", "msg"])


# Who is let in


@pytest.mark.parametrize("written", ["{}", "Bearer {}", " {} ", "Bearer  {}"])
async def test_token_is_taken_raw_or_as_bearer(mock: Running, written: str):
    assert (await mock.search(headers={"Authorization": written.format(mock.token)})).validity == "1"


TOKENS = {
    "missing": ("", "MOCK-E2001"),
    "only-bearer": ("Bearer", "MOCK-E2002"),
    "unknown": ("a.b", "MOCK-E2002"),
    "no-point": ("abc", "MOCK-E2002"),
    "japanese": ("トークン", "MOCK-E2002"),
    "long": ("x" * 5000, "MOCK-E2002"),
}


@pytest.mark.parametrize("case", TOKENS)
async def test_wrong_token_is_refused_in_the_envelope(mock: Running, case: str):
    token, code = TOKENS[case]

    reply = await mock.search(headers={"Authorization": token})

    assert_envelope(reply)
    assert (reply.status, reply.code) == (401, code)
    assert (reply.header["MedicalInstitutionCode"], reply.header["QualificationConfirmationDate"]) == (
        CLINIC,
        "20261123",
    )


@pytest.mark.parametrize("change", ["payload", "signature"])
async def test_forged_token_is_refused(mock: Running, change: str):
    payload, _, signature = mock.token.partition(".")
    forged = f"A{payload[1:]}x.{signature}" if change == "payload" else f"{payload}.{signature[::-1]}"

    assert (await mock.search(headers={"Authorization": forged})).code == "MOCK-E2002"


async def test_token_with_bytes_that_are_no_text_is_refused(mock: Running):
    plain = http(question(), Authorization="YWJj.?")

    (reply,) = await mock.raw(plain.replace(b"YWJj.?", b"YWJj.\xff"))

    assert (reply.status, reply.code) == (401, "MOCK-E2002")


@pytest.mark.parametrize(("seconds", "code"), [(0, None), (59, None), (60, "MOCK-E2003"), (86_400, "MOCK-E2003")])
async def test_token_expires(start_mock: StartMock, seconds: int, code: str | None):
    mock = await start_mock(token_lifetime_s=60)

    mock.moment += timedelta(seconds=seconds)

    assert (await mock.search()).code == code


async def test_token_is_needed_no_more_after_a_new_login(start_mock: StartMock):
    mock = await start_mock(token_lifetime_s=60)
    mock.moment = NOW.replace(hour=12)

    await mock.login()

    assert (await mock.search()).validity == "1"


async def test_token_is_not_asked_for_where_none_is_required(start_mock: StartMock):
    mock = await start_mock(require_token=False)

    assert (await mock.call("POST", SEARCH, question())).validity == "1"


async def test_token_of_another_server_is_good_with_the_same_secret_only(start_mock: StartMock):
    one, same, other = [await start_mock(token_secret=secret) for secret in ("a", "a", "b")]

    assert (await same.search(headers={"Authorization": one.token})).validity == "1"
    assert (await other.search(headers={"Authorization": one.token})).code == "MOCK-E2002"


LOGINS = {  # login: is it accepted, clinics its token is good for
    "own-clinic": ({"user": "a", "password": "x"}, (CLINIC,)),
    "more-members": ({"user": "a", "password": "x", "device": "9"}, (CLINIC,)),
    "any-clinic": ({"user": "b"}, (CLINIC, OTHER_CLINIC)),
    "wrong-password": ({"user": "a", "password": "y"}, ()),
    "no-password": ({"user": "a"}, ()),
    "empty": ({}, ()),
}


@pytest.fixture
async def guarded(start_mock: StartMock, tmp_path) -> Running:
    """A mock with two logins: one of a clinic, one of any."""
    path = tmp_path / "logins.json"
    path.write_bytes(as_bytes([{"login": {"user": "a", "password": "x"}, "clinic": CLINIC}, {"login": {"user": "b"}}]))
    return await start_mock(credentials=str(path))


@pytest.mark.parametrize("case", LOGINS)
async def test_configured_logins_are_the_only_ones(guarded: Running, case: str):
    fields, clinics = LOGINS[case]

    reply = await guarded.login(**fields)

    assert reply.status == (200 if clinics else 401)
    assert ("result" in reply.json) is bool(clinics)
    if not clinics:
        assert (reply.code, "login" in reply.problem, "ログイン" in reply.problem) == ("MOCK-E2005", True, True)


@pytest.mark.parametrize("clinic", [CLINIC, OTHER_CLINIC])
@pytest.mark.parametrize("case", [case for case, (_, clinics) in LOGINS.items() if clinics])
async def test_token_is_good_for_its_clinic_only(guarded: Running, case: str, clinic: str):
    fields, clinics = LOGINS[case]
    await guarded.login(**fields)

    reply = await guarded.search(MedicalInstitutionCode=clinic)

    assert (reply.status, reply.code) == ((200, None) if clinic in clinics else (403, "MOCK-E2004"))
    assert_envelope(reply)


# How things may be written

VALID_DIFFERENTLY = {
    "zeros": {"InsurerNumber": "01139906"},
    "no-padding": {"InsurerNumber": "1139906"},
    "spaces": {"InsurerNumber": " 1139906"},
    "spaces-behind": {"InsurerNumber": "1139906 "},
    "branch": {"InsuredBranchNumber": "01"},
    "branch-00": {"InsuredBranchNumber": "00"},
    "branch-empty": {"InsuredBranchNumber": ""},
    "number-padded": {"InsuredIdentificationNumber": " 1000001 "},
    "unknown-member": {"HealthCardColour": 7},
    "unknown-tree": {"Extra": {"deep": [None, {"er": 1.5}]}},
}
KOKUHO = {  # a 国保 number has six digits
    "zeros": "00139915",
    "spaces": "  139915",
    "none": "139915",
    "seven": "0139915",
}


@pytest.mark.parametrize("case", VALID_DIFFERENTLY)
async def test_same_person_is_found_however_it_is_written(mock: Running, case: str):
    plain = (await mock.search()).results

    reply = await mock.search(**VALID_DIFFERENTLY[case])

    assert (reply.validity, reply.pattern) == ("1", "valid")
    assert reply.results == plain


@pytest.mark.parametrize("case", KOKUHO)
async def test_short_insurer_number_is_found_with_any_padding(mock: Running, case: str):
    reply = await mock.search(
        InsurerNumber=KOKUHO[case],
        InsuredCardSymbol="10-01",
        InsuredIdentificationNumber="1000051",
        Birthdate="19731103",
    )

    assert (reply.validity, reply.pattern) == ("1", "valid")
    assert reply.message_body["QualificationConfirmSearchInfo"]["InsurerNumber"] == KOKUHO[case]


@pytest.mark.parametrize(("padding", "number"), [("spaces", "  139915"), ("zeros", "00139915"), ("none", "139915")])
async def test_insurer_number_is_padded_as_set(start_mock: StartMock, padding: str, number: str):
    mock = await start_mock(insurer_padding=padding)

    reply = await mock.search(
        InsurerNumber="00139915", InsuredCardSymbol="10-01", InsuredIdentificationNumber="1000051", Birthdate="19731103"
    )

    assert reply.results[0]["InsurerNumber"] == number


async def test_members_of_nobody_are_ignored_everywhere(mock: Running):
    asked = question()
    asked["More"] = 1
    asked["XmlMsg"]["More"] = [1]
    asked["XmlMsg"]["MessageHeader"]["More"] = None
    asked["XmlMsg"]["MessageBody"]["More"] = {"x": True}

    reply = await mock.search(asked)

    assert reply.validity == "1"
    assert b"More" not in reply.body


async def test_identifiers_of_the_client_come_back(mock: Running):
    reply = await mock.search(ArbitraryFileIdentifier="file 7", ArbitraryIdentifier="患者12")

    assert reply.header["ArbitraryFileIdentifier"] == "file 7"
    assert reply.message_body["QualificationConfirmSearchInfo"]["ArbitraryIdentifier"] == "患者12"
    assert_envelope(reply)


@pytest.mark.parametrize(("flag", "is_shown"), [("1", True), ("0", False), (DROP, False)])
async def test_limit_certificate_is_shown_with_consent_only(mock: Running, flag: Any, is_shown: bool):
    (result,) = (await mock.search(LimitApplicationCertificateRelatedConsFlg=flag)).results

    assert result["LimitApplicationCertificateRelatedConsFlg"] == ("1" if is_shown else "0")
    assert ("LimitApplicationCertificateRelatedInfo" in result) is is_shown
    assert ("LimitApplicationCertificateRelatedConsTime" in result) is is_shown


STRICT = {  # what only --strict refuses: members, code
    "clinic-check-digit": ({"MedicalInstitutionCode": "1311234567"}, "MOCK-E3001"),
    "day-before": ({"QualificationConfirmationDate": "19610331", "Birthdate": "19600101"}, "MOCK-E3002"),
    "day-after": ({"QualificationConfirmationDate": "21010101"}, "MOCK-E3002"),
    "born-later": ({"Birthdate": "20261124"}, "MOCK-E4001"),
    "insurer-check-digit": ({"InsurerNumber": "01139907"}, "MOCK-E4001"),
    "insurer-length": ({"InsurerNumber": "011399060"}, "MOCK-E4001"),
    "insurer-letters": ({"InsurerNumber": "0113990a"}, "MOCK-E4001"),
    "long-symbol": ({"InsuredCardSymbol": "１" * 21}, "MOCK-E4001"),
    "long-number": ({"InsuredIdentificationNumber": "1" * 21}, "MOCK-E4001"),
    "short-branch": ({"InsuredBranchNumber": "1"}, "MOCK-E4001"),
    "branch-letters": ({"InsuredBranchNumber": "aa"}, "MOCK-E4001"),
    "flag": ({"LimitApplicationCertificateRelatedConsFlg": "2"}, "MOCK-E4001"),
}


@pytest.mark.parametrize("case", STRICT)
async def test_strict_refuses_more(start_mock: StartMock, case: str):
    lenient, strict = await start_mock(), await start_mock(strict=True)
    members, code = STRICT[case]

    reply = await strict.search(**members)

    assert (await lenient.search(**members)).validity in set("12345")
    assert reply.code == code
    assert next(iter(members)) in reply.problem
    assert_envelope(reply)


@pytest.mark.parametrize("case", ["zeros", "spaces", "branch", "branch-00", "unknown-member"])
async def test_strict_takes_what_is_right(start_mock: StartMock, case: str):
    strict = await start_mock(strict=True)

    assert (await strict.search(**VALID_DIFFERENTLY[case])).validity == "1"


# Which way it comes in: the short way of listening.py, or aiohttp's


def split(request: bytes, at: int | None = None) -> tuple[bytes, bytes]:
    """A request in two pieces: head and body, or anywhere."""
    place = request.index(b"\r\n\r\n") + 4 if at is None else at
    return request[:place], request[place:]


def chunked(body: bytes, token: str, size: int) -> bytes:
    """A search whose body comes in chunks."""
    head = f"POST {SEARCH} HTTP/1.1\r\nHost: mock\r\nContent-Type: application/json\r\nAuthorization: {token}\r\n"
    chunks = [body[at : at + size] for at in range(0, len(body), size)]
    return (
        f"{head}Transfer-Encoding: chunked\r\n\r\n".encode()
        + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
        + b"0\r\n\r\n"
    )


def renamed(request: bytes, change: str) -> bytes:
    """A request with its header names in upper or lower case."""
    head, body = request.split(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    pairs = [line.split(b": ", 1) for line in lines]
    return b"\r\n".join([first, *(getattr(name, change)() + b": " + value for name, value in pairs), b"", body])


WAYS = {
    "two-pieces": lambda plain, _: split(plain),
    "in-the-head": lambda plain, _: split(plain, 60),
    "in-the-body": lambda plain, _: split(plain, len(plain) - 20),
    "last-byte": lambda plain, _: split(plain, len(plain) - 1),
    "lower-case": lambda plain, _: (renamed(plain, "lower"),),
    "upper-case": lambda plain, _: (renamed(plain, "upper"),),
    "other-headers": lambda plain, _: (plain.replace(b"Host", b"X-Trace: 1\r\nCookie: a=b\r\nHost", 1),),
    "no-host": lambda plain, _: (plain.replace(b"Host: mock\r\n", b"", 1),),
    "query": lambda plain, _: (plain.replace(b"search HTTP", b"search?x=1 HTTP", 1),),
    "expect": lambda plain, _: split(plain.replace(b"Host", b"Expect: 100-continue\r\nHost", 1)),
    "chunked": lambda plain, token: (chunked(plain.split(b"\r\n\r\n")[1], token, 10_000),),
    "small-chunks": lambda plain, token: (chunked(plain.split(b"\r\n\r\n")[1], token, 7),),
    "http-1.0": lambda plain, _: (plain.replace(b"HTTP/1.1", b"HTTP/1.0", 1),),
    "http-1.0-pieces": lambda plain, _: split(plain.replace(b"HTTP/1.1", b"HTTP/1.0", 1)),
}
ASKED = {
    "valid": question(),
    "full-width-symbol": question(InsuredCardSymbol="国１２・３４", ArbitraryIdentifier="患者"),
    "no-match": question(InsuredIdentificationNumber="1000004"),
    "refused": question(Birthdate="x"),
    "no-clinic": question(MedicalInstitutionCode="x"),
}


def meant(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    """An answer without what a transport may add."""
    added = {"Date", "Server", "Connection"}
    return reply.status, {name: value for name, value in reply.headers.items() if name not in added}, reply.body


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("case", ASKED)
async def test_answer_is_the_same_whichever_way_it_is_asked(mock: Running, case: str, way: str):
    plain = http(ASKED[case], Authorization=mock.token)

    (short,), (other,) = await mock.raw(plain), await mock.raw(*WAYS[way](plain, mock.token))

    assert meant(other) == meant(short)
    assert short.pattern


NO_HEADERS = {  # header lines that HTTP does not allow
    "line-feed": b"X-Request-Id: a\nTransfer-Encoding: chunked",
    "nul": b"X-Request-Id: a\x00b",
    "carriage-return": b"User-Agent: a\rb",
    "no-name": b": a",
    "space-in-name": b"Content-Type : a",
}


@pytest.mark.parametrize("case", NO_HEADERS)
async def test_head_that_is_not_http_is_refused_whichever_way_it_comes(mock: Running, case: str):
    wrong = http(question(), Authorization=mock.token).replace(b"Host", NO_HEADERS[case] + b"\r\nHost", 1)

    (whole,), (in_pieces,) = await mock.raw(wrong), await mock.raw(*split(wrong))

    assert in_pieces.status == 400
    assert meant(whole) == meant(in_pieces)


async def test_two_requests_in_one_piece_get_two_answers_in_order(mock: Running):
    first, second = (
        http(question(InsuredIdentificationNumber=number), Authorization=mock.token)
        for number in ("1000004", "1000011")
    )

    replies = await mock.raw(first + second, answers=2)

    assert [reply.pattern for reply in replies] == ["no-match", "garbled-name"]


async def test_requests_sent_before_the_answers_are_read_are_answered_in_order(mock: Running):
    codes = ("04", "11", "01", "02")
    pieces = [http(question(InsuredIdentificationNumber=f"10000{code}"), Authorization=mock.token) for code in codes]

    replies = await mock.raw(pieces[0], *split(pieces[1]), *pieces[2:], answers=4)

    assert [reply.pattern for reply in replies] == [LOOK_UPS[code][1] for code in codes]


async def test_one_connection_carries_login_and_searches(mock: Running):
    plain = http(question(), Authorization=mock.token)
    login = http({"user": "a"}, LOGIN)

    replies = await mock.raw(plain, login, plain, http({}), *split(plain), answers=5)

    assert [reply.status for reply in replies] == [200, 200, 200, 400, 200]
    assert "Connection" not in replies[0].headers
    assert replies[1].json["result"]["idToken"]
    assert replies[0].body == replies[2].body == replies[4].body


async def test_client_may_end_a_connection(mock: Running):
    (reply,) = await mock.raw(http(question(), Authorization=mock.token, Connection="close"))

    assert (reply.validity, reply.headers["Connection"]) == ("1", "close")


# The mark of the mock


ANSWERED = {  # method, path, body: HTTP status
    "login": ("POST", LOGIN, {}, 200),
    "search": ("POST", SEARCH, {}, 400),
    "wrong-method": ("GET", SEARCH, None, 405),
    "head": ("HEAD", SEARCH, None, 405),
    "no-such-path": ("GET", "/nowhere", None, 404),
    "root": ("GET", "/", None, 404),
    "no-such-admin-path": ("POST", "/admin/pattern", {}, 404),
    "another-method": ("POST", "/admin/patterns", {}, 405),
    "probe": ("GET", "/healthz", None, 200),
    "deleted": ("DELETE", f"/admin/clinics/{CLINIC}", None, 204),
    "too-large": ("POST", SEARCH, b" " * 70_000, 413),
    "too-large-admin": ("PUT", f"/admin/clinics/{CLINIC}", b" " * 70_000, 413),
}


@pytest.mark.parametrize("case", ANSWERED)
async def test_every_answer_says_it_is_the_mocks(mock: Running, case: str):
    method, path, body, status = ANSWERED[case]

    reply = await mock.call(method, path, body)  # `checked` looks at X-Mock-Response

    assert reply.status == status
    assert ("X-Mock-Pattern" in reply.headers) is (path == SEARCH)


ODD = {
    "garbage": b"hello\r\n\r\n",
    "expectation": http(question(), Expect="something"),
    "connect": b"CONNECT mock:80 HTTP/1.1\r\nHost: mock\r\n\r\n",
}


@pytest.mark.parametrize("case", ODD)
async def test_answer_to_odd_http_says_it_is_the_mocks(mock: Running, case: str):
    (reply,) = await mock.raw(ODD[case])

    assert reply.headers["Content-Type"].startswith("application/json")
    assert json.loads(reply.body)
