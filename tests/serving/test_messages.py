"""Words for the mistakes a newcomer makes: which one it was is named."""

import json

import pytest

from mockserver.wire.json_codec import decode_search
from mockserver.wire.refusals import Refusal
from tests.serving.conftest import Running, question

GOOD = json.dumps(question(), ensure_ascii=False).encode()
JAPANESE = json.dumps(question(InsuredCardSymbol="記号１"), ensure_ascii=False)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"\xef\xbb\xbf" + GOOD, "BOM"),
        (JAPANESE.encode("cp932"), "Shift_JIS"),
        (GOOD[:-1], "括弧"),
        (JAPANESE.encode()[:-4], "Content-Length"),
    ],
    ids=["bom", "shift-jis", "bracket", "content-length"],
)
async def test_the_mistake_is_named(mock: Running, body: bytes, word: str):
    reply = await mock.search(body)
    assert reply.status == 400
    assert word in reply.problem


async def test_a_refusal_names_the_clinic_and_the_day_of_a_request_that_is_wrong_elsewhere(mock: Running):
    body = question()
    del body["XmlMsg"]["MessageBody"]["QualificationConfirmSearchInfo"]["Birthdate"]
    header = (await mock.search(body)).header
    asked = body["XmlMsg"]["MessageHeader"]
    names = ("MedicalInstitutionCode", "QualificationConfirmationDate")
    assert [header[name] for name in names] == [asked[name] for name in names]


async def test_a_wrong_path_is_told_whole_beside_the_right_ones(mock: Running):
    reply = await mock.call("POST", "/oqs-api-pro/MSA01030/ILI01030SV01/search/", {})
    assert reply.status == 404
    told = reply.json["error"]["message_ja"]
    assert "/ILI01030SV01/search/ " in told
    assert "/oqs-api-pro/MSA12020/ILI12020SV01/auth" in told


@pytest.mark.parametrize("opening", [b"[", b'{"x":'])
def test_any_depth_of_unclosed_brackets_is_refused(opening: bytes):
    for depth in range(1, 1_500):  # two parsers reach the end of their depth one after the other
        assert isinstance(decode_search(b'{"x": ' + opening * depth), Refusal)
