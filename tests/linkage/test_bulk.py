"""一括照会: a receipt at once, 処理中 for a while, then everybody, each as if asked singly."""

import zipfile
from datetime import date, timedelta
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from mockserver.catalogue import request_for
from mockserver.clinics import Reception, Sandbox
from mockserver.eligibility.records import Card, InsurerKind
from mockserver.scenarios.casting import BY_CODE, READY_PEOPLE
from mockserver.scenarios.reserved import RULE_INSURERS
from mockserver.wire.batches import BulkUnit
from mockserver.wire.files import FileForm
from mockserver.wire.message import SearchInfo, SearchRequest
from tests.linkage.support import (
    ASKED_DAY,
    BATCHES,
    BULK,
    BULK_TIME,
    HOME_VISITS,
    IDENTIFIER,
    INDIVIDUAL_NUMBER,
    NUMBERS,
    ONLINE,
    OTHER_CLINIC,
    SINGLE,
    TICKETS,
    Terminal,
    bulk,
    collect,
    full_requests,
    request_of,
    search_of,
)
from tests.support import CLINIC, NOW, TODAY, Desk

PLAIN = [r for r in READY_PEOPLE if r.code not in ("84", "85")]  # neither 処理中 nor swapped where asked singly
NOBODY = SearchInfo(InsurerNumber="01139914", InsuredIdentificationNumber="9999999", Birthdate="19800101")
COUNTS = ("NumberOfProcessingResult", "NumberOfNormalProcessing", "NumberOfError")


def counts(message) -> tuple[int, ...]:
    return tuple(int(getattr(message.MessageHeader, name)) for name in COUNTS)


def units(message) -> tuple[BulkUnit, ...]:
    return message.MessageBody.BulkConfirmUnit


def person(code: str, **changes: str) -> SearchInfo:
    return search_of(Desk().ready(BY_CODE[code]), **changes)


def asked_singly(search: SearchInfo) -> BulkUnit:
    """What a unit is to say: the answer to a single inquiry, its 照会番号 set beside the result."""
    terminal = Terminal()
    request = terminal.ready(BY_CODE["01"])
    body = replace(request.XmlMsg.MessageBody, QualificationConfirmSearchInfo=search)
    told = terminal.told(SINGLE, SearchRequest(XmlMsg=replace(request.XmlMsg, MessageBody=body))).MessageBody
    results = [item.ResultOfQualificationConfirmation for item in told.ResultList or ()]
    limit = [UNSET if r.LimitApplicationCertificateRelatedInfo is UNSET else "0" for r in results]
    return BulkUnit(
        QualificationConfirmSearchInfo=search,
        ProcessingResultStatus=told.ProcessingResultStatus,
        ProcessingResultCode=told.ProcessingResultCode,
        ProcessingResultMessage=told.ProcessingResultMessage,
        QualificationValidity=told.QualificationValidity,
        ResultOfQualificationConfirmation=tuple(
            replace(result, LimitApplicationCertificateChanged=changed)
            for result, changed in zip(results, limit, strict=True)
        )
        or UNSET,
    )


def without_moments(unit: BulkUnit) -> BulkUnit:
    """A unit without the moment of the consent, which is that of the answer."""
    results = unit.ResultOfQualificationConfirmation or ()
    cleared = tuple(replace(r, LimitApplicationCertificateRelatedConsTime=UNSET) for r in results)
    return replace(unit, ResultOfQualificationConfirmation=cleared or UNSET)


# --- from the receipt to the result ---


def test_a_batch_is_received_processed_for_a_while_and_then_there():
    terminal = Terminal()
    receipt = terminal.told(f"{BULK}01", bulk(person("01")))
    header, body = receipt.MessageHeader, receipt.MessageBody
    assert (header.MedicalInstitutionCode, header.ArbitraryFileIdentifier) == (CLINIC, IDENTIFIER)
    assert (header.ProcessExecutionTime, body.ReceptionDateTime) == ("20261123090000",) * 2
    assert body.ReceptionNumber.isdigit()
    for passed, segment in ((0, "2"), (1_999, "2"), (2_000, "1"), (60_000, "1")):
        terminal.now = NOW + timedelta(milliseconds=passed)
        message = terminal.collect(BULK, body.ReceptionNumber)
        assert message.MessageHeader.SegmentOfResult == segment
        assert message.MessageHeader.ReceptionNumber == body.ReceptionNumber
        assert (message.MessageBody.BulkConfirmUnit is UNSET) == (segment == "2")


def test_processing_lasts_in_real_time_however_the_clinics_clock_stands():
    terminal = Terminal(bulk_ms=5_000)
    terminal.go_to(0)
    number = terminal.receive(BULK, bulk(person("01")))
    terminal.go_to(3)
    assert terminal.collect(BULK, number).MessageHeader.SegmentOfResult == "2"
    terminal.now += timedelta(milliseconds=5_000)
    assert terminal.collect(BULK, number).MessageHeader.SegmentOfResult == "1"


def test_without_a_delay_the_result_is_there_at_once():
    terminal = Terminal(bulk_ms=0)
    assert terminal.collect(BULK, terminal.receive(BULK, bulk(person("01")))).MessageHeader.SegmentOfResult == "1"


def test_the_result_tells_what_was_asked_and_counts_its_people():
    terminal = Terminal()
    message = terminal.batch(BULK, bulk(person("01"), NOBODY, person("02", Birthdate="19800230")))
    header = message.MessageHeader
    assert header.QualificationConfirmationDate == ASKED_DAY
    assert (header.MedicalInstitutionCode, header.ArbitraryFileIdentifier) == (CLINIC, IDENTIFIER)
    assert header.ProcessExecutionTime == "20261123090002"
    assert (header.ErrorCode, header.ErrorMessage, header.CharacterCodeIdentifier) == (UNSET, UNSET, "0")
    assert counts(message) == (3, 2, 1)


def test_the_identifier_of_the_collecting_request_goes_before_that_of_the_batch():
    terminal = Terminal(bulk_ms=0)
    number = terminal.receive(BULK, bulk(person("01")))
    message = terminal.told(f"{BULK}02", collect(number, identifier="02req"))
    assert message.MessageHeader.ArbitraryFileIdentifier == "02req"


def test_a_batch_still_processing_is_answered_under_the_identifier_of_the_batch():
    terminal = Terminal()
    number = terminal.receive(BULK, bulk(person("01")))
    assert terminal.collect(BULK, number).MessageHeader.ArbitraryFileIdentifier == IDENTIFIER


def test_a_result_can_be_collected_again():
    terminal = Terminal()
    number = terminal.receive(BULK, bulk(person("01")))
    terminal.now += BULK_TIME
    assert terminal.collect(BULK, number) == terminal.collect(BULK, number)


def test_every_batch_has_a_number_of_its_own():
    terminal = Terminal()
    requests = full_requests()
    received = [terminal.receive(family, requests[f"{family}01"]) for family in BATCHES for _ in range(3)]
    assert len(set(received)) == len(received)


# --- the people ---


def test_everybody_comes_back_in_order_as_asked_singly():
    people = [search_of(Desk().ready(ready)) for ready in PLAIN if ready.code != "83"]
    told = units(Terminal().batch(BULK, bulk(*people)))
    assert [unit.QualificationConfirmSearchInfo for unit in told] == people
    for unit, search in zip(told, people, strict=True):
        assert without_moments(unit) == without_moments(asked_singly(search))


DESK = Desk()
ANYBODY = st.one_of(
    st.sampled_from([search_of(DESK.ready(ready)) for ready in PLAIN if ready.code != "83"]),
    st.integers(0, 123_999_999).map(lambda seat: search_of(request_of(DESK.country.resident(seat)))),
    st.sampled_from([NOBODY, replace(NOBODY, Birthdate="19810229"), replace(NOBODY, InsurerNumber=" ")]),
)


@settings(max_examples=25, deadline=None, derandomize=True)
@given(people=st.lists(ANYBODY, min_size=1, max_size=8))
def test_a_batch_of_anybody_is_the_single_answers_in_order(people):
    message = Terminal().batch(BULK, bulk(*people))
    told = [without_moments(unit) for unit in units(message)]
    assert told == [without_moments(asked_singly(search)) for search in people]
    wrong = sum(unit.ProcessingResultStatus == "2" for unit in told)
    assert counts(message) == (len(people), len(people) - wrong, wrong)


@pytest.mark.parametrize(
    "changes",
    [
        {"Birthdate": "19801301"},
        {"Birthdate": "昭和55年"},
        {"InsuredIdentificationNumber": ""},
        {"InsurerNumber": "　"},
    ],
    ids=str,
)
def test_a_wrong_person_is_told_in_their_unit_and_the_others_come(changes):
    first, wrong, last = units(Terminal().batch(BULK, bulk(person("01"), person("02", **changes), person("03"))))
    assert (first.QualificationValidity, last.QualificationValidity) == ("1", "3")
    assert (wrong.ProcessingResultStatus, wrong.ProcessingResultCode) == ("2", "MOCK-E4001")
    (member,) = changes
    japanese, english = wrong.ProcessingResultMessage.split(" / ")
    assert member in japanese
    assert english.startswith(f"{member}: found ")
    assert (wrong.QualificationValidity, wrong.ResultOfQualificationConfirmation) == (UNSET, UNSET)


def test_an_individual_number_of_one_person_refuses_the_whole_batch_and_nothing_is_kept():
    terminal = Terminal()
    people = [person("01"), person("02", ArbitraryIdentifier=INDIVIDUAL_NUMBER)]
    message = terminal.told(f"{BULK}01", bulk(*people))
    assert (message.MessageHeader.SegmentOfResult, message.MessageHeader.ErrorCode) == ("9", "MOCK-E1009")
    assert message.MessageBody.ReceptionNumber is UNSET
    assert terminal.exchange.clinics.people_received() == 0


def test_an_unknown_number_is_no_error():
    message = Terminal().batch(BULK, bulk(NOBODY))
    (unit,) = units(message)
    assert (unit.ProcessingResultStatus, unit.QualificationValidity) == ("1", "4")
    assert unit.ResultOfQualificationConfirmation is UNSET
    assert counts(message) == (1, 1, 0)


def test_the_limit_certificate_comes_with_consent_only_and_says_whether_it_changed():
    consented, not_consented = units(
        Terminal().batch(BULK, bulk(person("01"), person("01", LimitApplicationCertificateRelatedConsFlg="0")))
    )
    (shown,), (hidden,) = (u.ResultOfQualificationConfirmation for u in (consented, not_consented))
    assert shown.LimitApplicationCertificateChanged == "0"
    assert shown.LimitApplicationCertificateRelatedInfo is not UNSET
    assert hidden.LimitApplicationCertificateChanged is UNSET
    assert hidden.LimitApplicationCertificateRelatedInfo is UNSET


def test_the_batch_asks_about_its_own_day():
    long_ago = (TODAY - timedelta(days=300)).strftime("%Y%m%d")
    for day, validity in ((ASKED_DAY, "2"), (long_ago, "1")):
        (unit,) = units(Terminal().batch(BULK, bulk(person("02"), day=day)))
        assert unit.QualificationValidity == validity


@pytest.mark.parametrize("day", [UNSET, "", "20260230", "2026-11-23", "２０２６１１２３"])
def test_a_batch_about_no_day_gets_no_number(day):
    message = Terminal().told(f"{BULK}01", bulk(person("01"), day=day))
    assert (message.MessageHeader.SegmentOfResult, message.MessageHeader.ErrorCode) == ("9", "MOCK-E3002")
    assert (message.MessageBody.ReceptionNumber, message.MessageBody.ProcessingResultStatus) == (UNSET, "2")


def test_faults_of_the_folder_do_not_touch_a_batch():
    terminal = Terminal()
    number = terminal.receive(BULK, bulk(*(person(code) for code in ("81", "82", "83", "85", "86"))))
    terminal.now += BULK_TIME
    outcome = terminal.send(f"{BULK}02", collect(number))
    assert outcome.file.name == "OQSmuquc02res_202611230001.xml"
    message = terminal.collect(BULK, number)
    assert [unit.QualificationValidity for unit in units(message)] == ["1"] * 5
    names = {unit.ResultOfQualificationConfirmation[0].Name for unit in units(message)}
    assert "高田　恵子" in names


def test_a_person_still_processing_holds_up_the_whole_batch():
    terminal = Terminal()
    number = terminal.receive(BULK, bulk(person("01"), person("84")))
    terminal.now += BULK_TIME
    assert [terminal.collect(BULK, number).MessageHeader.SegmentOfResult for _ in range(4)] == ["2", "2", "1", "1"]


def test_a_batch_of_many_people_still_processing_comes_to_an_end():
    terminal = Terminal(bulk_ms=0)
    cards = [Card(RULE_INSURERS[InsurerKind.SOCIETY], "1", f"{n}84", "01") for n in range(10_000, 11_001)]
    people = [search_of(request_for(card, date(1980, 1, 1), TODAY, CLINIC)) for card in cards]
    number = terminal.receive(BULK, bulk(*people))
    assert "1" in [terminal.collect(BULK, number).MessageHeader.SegmentOfResult for _ in range(4)]


# --- numbers that are not there ---


def refused(message) -> bool:
    header = message.MessageHeader
    assert (header.SegmentOfResult == "9") == (header.ErrorCode == "MOCK-E4102")
    assert (header.SegmentOfResult == "9") == (" / ReceptionNumber " in (header.ErrorMessage or ""))
    return header.SegmentOfResult == "9"


@pytest.mark.parametrize("family", BATCHES)
@pytest.mark.parametrize("number", ["", "0", "20261123090000000001", "番号", "1" * 60])
def test_an_unknown_number_is_refused(family, number):
    assert refused(Terminal().collect(family, number))


@pytest.mark.parametrize("family", BATCHES)
def test_a_number_is_known_to_its_own_clinic_and_family_only(family):
    here = Terminal(bulk_ms=0)
    there = Terminal(OTHER_CLINIC, here.exchange)
    there.receive(family, _for_clinic(family, there))
    number = here.receive(family, full_requests()[f"{family}01"])
    assert {other: refused(here.collect(other, number)) for other in BATCHES} == {f: f != family for f in BATCHES}
    theirs = there.receive(family, _for_clinic(family, there))
    assert refused(here.collect(family, theirs))
    assert not refused(there.collect(family, theirs))


def _for_clinic(family: str, terminal: Terminal):
    message = full_requests()[f"{family}01"]
    header = replace(message.XmlMsg.MessageHeader, MedicalInstitutionCode=terminal.clinic)
    return replace(message, XmlMsg=replace(message.XmlMsg, MessageHeader=header))


@pytest.mark.parametrize("family", BATCHES)
def test_a_reset_forgets_the_batches(family):
    terminal = Terminal(bulk_ms=0)
    number = terminal.receive(family, full_requests()[f"{family}01"])
    terminal.reset()
    assert refused(terminal.collect(family, number))


# --- limits and forms ---


def test_the_limit_counts_the_people_of_all_clinics_until_a_reset():
    here = Terminal(max_bulk_people=3)
    there = Terminal(OTHER_CLINIC, here.exchange)
    everybody = [person("01")] * 3
    assert here.receive(BULK, bulk(*everybody[:2])) is not UNSET
    message = there.told(f"{BULK}01", bulk(*everybody[:2], clinic=OTHER_CLINIC))
    assert (message.MessageHeader.SegmentOfResult, message.MessageHeader.ErrorCode) == ("9", "MOCK-E4101")
    assert "--max-bulk-people" in message.MessageHeader.ErrorMessage
    assert message.MessageBody.ReceptionNumber is UNSET
    assert there.receive(BULK, bulk(everybody[0], clinic=OTHER_CLINIC)) is not UNSET
    assert there.receive(BULK, bulk(everybody[0], clinic=OTHER_CLINIC)) is UNSET
    here.reset()
    assert there.receive(BULK, bulk(*everybody[:2], clinic=OTHER_CLINIC)) is not UNSET


def test_collected_batches_give_way_to_new_ones_and_waiting_ones_do_not():
    terminal = Terminal(max_bulk_people=3, bulk_ms=0)
    waiting, collected = (terminal.receive(BULK, bulk(person(code))) for code in ("01", "02"))
    assert not refused(terminal.collect(BULK, collected))
    assert terminal.receive(BULK, bulk(*[person("01")] * 2)) is not UNSET
    assert refused(terminal.collect(BULK, collected))
    assert not refused(terminal.collect(BULK, waiting))


def test_a_batch_still_processing_does_not_give_way():
    terminal = Terminal(max_bulk_people=2, bulk_ms=0)
    number = terminal.receive(BULK, bulk(person("01"), person("84")))
    assert terminal.collect(BULK, number).MessageHeader.SegmentOfResult == "2"
    terminal.receive(BULK, bulk(person("01")))
    assert not refused(terminal.collect(BULK, number))


def test_a_batch_larger_than_the_limit_is_refused_at_once():
    assert Terminal(max_bulk_people=3).receive(BULK, bulk(*[person("01")] * 4)) is UNSET


@pytest.mark.parametrize("family", BATCHES)
@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis"])
def test_a_packed_result_holds_one_xml_under_the_name_of_the_result(family, encoding):
    plain = Terminal(form=FileForm(encoding), bulk_ms=0)
    packed = Terminal(form=FileForm(encoding, bulk_result="zip"), bulk_ms=0)
    request = full_requests()[f"{family}01"]
    assert packed.send(f"{family}01", request) == plain.send(f"{family}01", request)
    numbers = [terminal.receive(family, request) for terminal in (plain, packed)]
    files = [t.send(f"{family}02", collect(n)).file for t, n in zip((plain, packed), numbers, strict=True)]
    assert [file.name for file in files] == [f"{family}02res_202611230001{suffix}" for suffix in (".xml", ".zip")]
    with zipfile.ZipFile(BytesIO(files[1].body)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {files[0].name: files[0].body}


@pytest.mark.parametrize("family", [NUMBERS, TICKETS, HOME_VISITS, ONLINE, BULK])
def test_a_refused_or_unready_result_is_packed_like_any_other(family):
    terminal = Terminal(form=FileForm(bulk_result="zip"))
    assert refused(terminal.collect(family, "1"))
    number = terminal.receive(family, full_requests()[f"{family}01"])
    assert terminal.collect(family, number).MessageHeader.SegmentOfResult == "2"


def test_ten_thousand_people_come_back_whole_and_as_asked_singly():
    terminal = Terminal()
    people = [search_of(request_of(terminal.country.resident(12_345 * n))) for n in range(10_000)]
    message = terminal.batch(BULK, bulk(*people))
    told = units(message)
    assert [unit.QualificationConfirmSearchInfo for unit in told] == people
    assert counts(message) == (10_000, 10_000, 0)
    for place in range(0, 10_000, 97):
        assert without_moments(told[place]) == without_moments(asked_singly(people[place]))


def test_batches_that_gave_way_are_forgotten_altogether():
    sandbox = Sandbox(1, NOW)
    for number in map(str, range(300)):
        sandbox.receive(Reception(number, "OQSmuquc", bulk(), 1, NOW))
        sandbox.collected.add(number)
    assert sandbox.collected == set(sandbox.receptions)
