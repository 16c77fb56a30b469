"""資格確認照会 by file: what is said is what is said over HTTP; only how a file gets there can be broken on the way."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from mockserver.control import Control
from mockserver.scenarios.casting import BY_CODE, READY_PEOPLE
from mockserver.scenarios.scenario import CLEAR, Ready, Way
from mockserver.views import NewAssignment
from mockserver.wire.encodings import CHARACTER_CODES
from mockserver.wire.files import FileForm
from mockserver.wire.message import SearchRequest, SearchResponse
from mockserver.wire.xml_codec import read, write
from tests.linkage.support import FILE_NAME, IDENTIFIER, OTHER_CLINIC, SINGLE, Terminal, identified, request_of
from tests.support import CLINIC, NOW, WAYS, Desk

FORMS = [FileForm(encoding, order) for encoding in ("utf-8", "shift_jis") for order in ("layout", "shuffled")]
NOT_AS_OVER_HTTP = ("83", "85")  # error-file, swapped-file
WAYS_OF_FILES = {
    "81": Way(late_ms=10_000),
    "82": Way(rest_after_ms=3_000),
    "83": Way(is_error=True),
    "84": Way(processing_inquiries=2),
    "85": Way(is_swapped=True),
    "86": Way(again_after_ms=2_000),
}
TWO_FORMS_IN_CP932 = "¢£¬‖−〜—"
TEXTS = st.text(st.characters(exclude_categories=["C"]) | st.sampled_from(TWO_FORMS_IN_CP932), min_size=1, max_size=40)


def by_http(desk: Desk, request: SearchRequest) -> SearchResponse:
    return msgspec.json.decode(desk.ask(request).body, type=SearchResponse)


def by_file(terminal: Terminal, request: SearchRequest) -> SearchResponse:
    return read(terminal.send(SINGLE, request).file.body, SearchResponse)


def named(ready: Ready) -> str:
    return f"{ready.code}-worker" if ready.is_worker else ready.code


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ready", [r for r in READY_PEOPLE if r.code not in NOT_AS_OVER_HTTP], ids=named)
def test_a_file_and_http_say_the_same_about_everybody(ready, way):
    terminal, desk = Terminal(), Desk()
    requests = [getattr(asker, way)(ready) for asker in (terminal, desk)]
    assert requests[0] == requests[1]
    assert by_file(terminal, requests[0]) == by_http(desk, requests[1])


def test_the_outcome_names_the_answer_the_file_and_the_pattern():
    terminal = Terminal()
    outcome = terminal.send(SINGLE, terminal.ready(BY_CODE["02"]))
    assert (outcome.file.folder, outcome.file.name) == ("res", "OQSsiquc01res_202611230001.xml")
    assert outcome.told == '"OQSsiquc01req_202611230001.xml" lost'
    assert not outcome.returns_request


@pytest.mark.parametrize("digits", ["1", "202611230001", "2021081611906", "01261123090012345", "9" * 40])
@pytest.mark.parametrize("suffix", [".xml", ".XML"])
def test_the_answer_has_the_digits_of_the_request(digits, suffix):
    terminal = Terminal()
    data = write(terminal.ready(BY_CODE["01"]), FileForm())
    assert terminal.take(f"{SINGLE}req_{digits}{suffix}", data).file.name == f"{SINGLE}res_{digits}.xml"


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_everybody_is_read_back_as_told_in_every_form(form):
    for ready in READY_PEOPLE:
        if ready.code in NOT_AS_OVER_HTTP:
            continue
        terminal, desk = Terminal(form=form), Terminal(form=form)
        request = identified(terminal.ready(ready))
        told = desk.exchange.look_up(request, NOW, desk.linkage.manner(form)).message
        assert by_file(terminal, request) == told
        assert told.XmlMsg.MessageHeader.CharacterCodeIdentifier == CHARACTER_CODES[form.encoding]


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seat=st.integers(0, 123_999_999), form=st.sampled_from(FORMS))
def test_anybody_of_the_population_gets_the_answer_of_http(seat, form):
    terminal = Terminal(form=form)
    request = request_of(terminal.country.resident(seat))
    body = json.loads(terminal.ask(request).body)["XmlMsg"]["MessageBody"]
    told = msgspec.to_builtins(by_file(terminal, request).XmlMsg.MessageBody)
    assert _without_what_shift_jis_changes(told) == _without_what_shift_jis_changes(body)


def _without_what_shift_jis_changes(body: dict) -> dict:
    body = json.loads(json.dumps(body))
    for item in body.get("ResultList", ()):
        for member in ("Name", "Address", "InsuredName", "InsurerName"):
            item["ResultOfQualificationConfirmation"].pop(member, None)
    return body


@settings(max_examples=60, deadline=None, derandomize=True)
@given(identifier=TEXTS, form=st.sampled_from(FORMS))
def test_the_file_identifier_comes_back_to_the_character(identifier, form):
    assert identifier_told(form, "01", identifier) == identifier


def identifier_told(form: FileForm, code: str, identifier: str) -> str:
    terminal = Terminal(form=form)
    request = identified(terminal.ready(BY_CODE[code]), identifier)
    return by_file(terminal, request).XmlMsg.MessageHeader.ArbitraryFileIdentifier


@pytest.mark.parametrize("spoil", ["shift_jis", "bom", "windows", "spaces", "comment"])
def test_a_request_is_read_however_it_is_written(spoil):
    terminal = Terminal()
    request = terminal.by_rule(BY_CODE["01"], symbol="記号１")
    plain = write(request, FileForm())
    data = {
        "shift_jis": write(request, FileForm("shift_jis")),
        "bom": b"\xef\xbb\xbf" + plain,
        "windows": plain.replace(b"\n", b"\r\n"),
        "spaces": b"\n" + plain + b"\n\n",
        "comment": plain.replace(b"<XmlMsg>", b"<XmlMsg><!-- made by hand -->"),
    }[spoil]
    expected = terminal.send(SINGLE, request)
    assert terminal.take(FILE_NAME.format(SINGLE), data) == expected
    assert "記号１" in expected.file.body.decode()


# --- folder faults ---


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("code", WAYS_OF_FILES)
def test_a_pattern_of_the_folder_sets_the_way_of_the_file(code, way):
    terminal = Terminal()
    outcome = terminal.send(SINGLE, getattr(terminal, way)(BY_CODE[code]))
    is_error = code == "83"
    assert outcome.file.way == (CLEAR if is_error else WAYS_OF_FILES[code])
    assert outcome.returns_request == is_error
    assert outcome.file.name.endswith(".err" if is_error else ".xml")


def test_the_parameters_of_an_assignment_set_the_way():
    terminal = Terminal()
    for pattern, member in (
        ("late-file", "late_ms"),
        ("half-written-file", "rest_after_ms"),
        ("repeated-file", "again_after_ms"),
    ):
        new = NewAssignment(pattern, 5, {member: 17})
        (request,) = Control(terminal.exchange).assign(CLINIC, new, NOW).requests
        assert terminal.send(SINGLE, request).file.way == Way(**{member: 17})


def test_a_person_without_a_fault_has_a_clear_way():
    terminal = Terminal()
    assert terminal.send(SINGLE, terminal.ready(BY_CODE["01"])).file.way == CLEAR


@pytest.mark.parametrize("way", WAYS)
def test_an_error_file_stands_in_place_of_the_answer_and_says_why_in_both_languages(way):
    terminal = Terminal()
    file = terminal.send(SINGLE, getattr(terminal, way)(BY_CODE["83"])).file
    assert (file.folder, file.name) == ("res", "OQSsiquc01req_202611230001.err")
    code, japanese, english = file.body.decode().splitlines()
    assert code == "MOCK-E1107"
    assert "パターン" in japanese
    assert "error-file" in english


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_swapped_file_is_the_whole_answer_to_another_patient(way, form):
    terminal = Terminal(form=form)
    request = identified(getattr(terminal, way)(BY_CODE["85"]))
    mine = by_http(Desk(), request) if way != "assigned" else by_http(terminal, request)
    outcome = terminal.send(SINGLE, request)
    theirs = read(outcome.file.body, SearchResponse)
    assert outcome.file.name == "OQSsiquc01res_202611230001.xml"
    assert theirs.XmlMsg.MessageHeader.ArbitraryFileIdentifier not in (IDENTIFIER, UNSET)
    assert theirs.XmlMsg.MessageHeader.MedicalInstitutionCode == CLINIC
    assert theirs.XmlMsg.MessageBody.QualificationValidity == "1"
    asked = request.XmlMsg.MessageBody.QualificationConfirmSearchInfo
    echoed = theirs.XmlMsg.MessageBody.QualificationConfirmSearchInfo
    assert echoed.InsuredIdentificationNumber != asked.InsuredIdentificationNumber
    (told,), (own,) = (message.XmlMsg.MessageBody.ResultList for message in (theirs, mine))
    told, own = told.ResultOfQualificationConfirmation, own.ResultOfQualificationConfirmation
    assert told.InsuredIdentificationNumber == echoed.InsuredIdentificationNumber
    assert (told.Name, told.Birthdate) != (own.Name, own.Birthdate)


@pytest.mark.parametrize("identifier", ["", "0", "1", "a", "番号０"])
def test_a_swapped_file_never_has_the_identifier_of_the_request(identifier):
    assert identifier_told(FileForm(), "85", identifier) != identifier


def test_a_swapped_file_is_another_patients_whoever_has_the_pattern():
    terminal = Terminal()
    middle = terminal.country.people // 2
    view = Control(terminal.exchange).assign(CLINIC, NewAssignment("swapped-file", middle), NOW)
    (item,) = by_file(terminal, view.requests[0]).XmlMsg.MessageBody.ResultList
    assert item.ResultOfQualificationConfirmation.Name != view.name


def segments(terminal: Terminal, request: SearchRequest, count: int) -> str:
    return "".join(by_file(terminal, request).XmlMsg.MessageHeader.SegmentOfResult for _ in range(count))


@pytest.mark.parametrize("way", WAYS)
def test_still_processing_is_said_to_the_first_inquiries_and_nothing_else_with_it(way):
    terminal = Terminal()
    request = getattr(terminal, way)(BY_CODE["84"])
    body = by_file(terminal, request).XmlMsg.MessageBody
    assert (body.QualificationValidity, body.ResultList) == (UNSET, UNSET)
    assert segments(terminal, request, 3) == "211"
    assert by_file(terminal, request).XmlMsg.MessageBody.QualificationValidity == "1"


def test_still_processing_is_counted_for_each_clinic_and_anew_after_a_reset():
    here = Terminal()
    there = Terminal(OTHER_CLINIC, here.exchange)
    ready = BY_CODE["84"]
    assert segments(here, here.ready(ready), 3) == "221"
    assert segments(there, there.ready(ready), 3) == "221"
    here.reset()
    assert segments(here, here.ready(ready), 3) == "221"
    assert segments(there, there.ready(ready), 1) == "1"


def test_still_processing_counts_files_and_http_together():
    terminal = Terminal()
    request = terminal.ready(BY_CODE["84"])
    assert segments(terminal, request, 1) == "2"
    assert by_http(terminal, request).XmlMsg.MessageHeader.SegmentOfResult == "2"
    assert segments(terminal, request, 1) == "1"
