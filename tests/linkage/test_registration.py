"""照会番号: what a clinic registers for a card comes back in its answers, whatever carries them, and in nobody else's."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from mockserver.control import Control
from mockserver.scenarios.casting import BY_CODE, READY_PEOPLE
from mockserver.views import ClinicChange
from mockserver.wire.batches import ReferenceInfo
from mockserver.wire.files import FileForm
from mockserver.wire.message import SearchRequest
from tests.linkage.support import (
    BULK,
    BULK_TIME,
    IDENTIFIER,
    NUMBERS,
    OTHER_CLINIC,
    REGISTRATION,
    SINGLE,
    Terminal,
    bulk,
    family_of,
    info,
    numbers,
    ready_card,
    registration,
    request_of,
    search_of,
)
from tests.support import CLINIC, NOW, TODAY, WAYS

CARD = ready_card("01")
FOUND_ONCE = ("1", "2", "3", "6")
IS_SOMEBODYS_ALL_THE_SAME = {
    ("27", "by_rule"),
    *((code, way) for code in ("05", "07") for way in WAYS),
}  # two people; a worker
TWELVE_DIGITS = ("123456789018", "1234-5678-9018", "１２３４５６７８９０１８", "患者 1234 5678 9018")


def registered(terminal: Terminal, request: SearchRequest) -> str | None:
    """The 照会番号 in the answer over HTTP."""
    return terminal.result(request).get("ReferenceNumber")


def info_of(request: SearchRequest, reference: str) -> ReferenceInfo:
    """A registration by what a look-up asks with."""
    search = search_of(request)
    return ReferenceInfo(
        ReferenceNumber=reference,
        InsurerNumber=search.InsurerNumber,
        InsuredCardSymbol=search.InsuredCardSymbol,
        InsuredIdentificationNumber=search.InsuredIdentificationNumber,
        InsuredBranchNumber=search.InsuredBranchNumber,
    )


# --- one number ---


def test_a_registration_is_confirmed_as_in_the_layout():
    message = Terminal().told(REGISTRATION, registration(info("患者-0001", CARD)))
    header, body = message.MessageHeader, message.MessageBody
    assert (header.SegmentOfResult, header.ProcessExecutionTime) == ("1", "20261123090000")
    assert (header.MedicalInstitutionCode, header.ArbitraryFileIdentifier) == (CLINIC, IDENTIFIER)
    assert body.ReferenceNumberRegistrationInfo == info("患者-0001", CARD)
    assert (body.ProcessingResultStatus, body.ProcessingResultCode, body.ProcessingResultMessage) == ("1", UNSET, UNSET)


def test_a_number_comes_back_by_file_over_http_in_a_batch_and_from_the_reader():
    terminal = Terminal()
    request = terminal.ready(BY_CODE["01"])
    assert registered(terminal, request) is None
    terminal.register("K-1", CARD)
    (item,) = terminal.told(SINGLE, request).MessageBody.ResultList
    assert item.ResultOfQualificationConfirmation.ReferenceNumber == "K-1"
    assert registered(terminal, request) == "K-1"
    (unit,) = terminal.batch(BULK, bulk(search_of(request))).MessageBody.BulkConfirmUnit
    assert unit.ReferenceNumber == ("K-1",)
    assert unit.ResultOfQualificationConfirmation[0].ReferenceNumber is UNSET
    (item,) = terminal.tap(pattern="valid").face.message(terminal.exchange.manner).XmlMsg.MessageBody.ResultList
    assert item.ResultOfQualificationConfirmation.ReferenceNumber == "K-1"


def test_in_a_batch_each_number_stands_beside_its_own_person():
    terminal = Terminal()
    terminal.register("K-3", ready_card("13"))
    people = [search_of(terminal.ready(BY_CODE[code])) for code in ("01", "13", "02")]
    units = terminal.batch(BULK, bulk(*people)).MessageBody.BulkConfirmUnit
    assert [unit.ReferenceNumber for unit in units] == [UNSET, ("K-3",), UNSET]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ready", [r for r in READY_PEOPLE if not r.is_worker], ids=lambda ready: ready.code)
def test_a_number_can_be_registered_for_whom_a_look_up_finds(ready, way):
    terminal = Terminal()
    asked = getattr(terminal, way)(ready)
    found = terminal.body(asked)
    told = terminal.told(REGISTRATION, registration(info_of(asked, "K-1"))).MessageBody
    if found["QualificationValidity"] in FOUND_ONCE:
        assert told.ProcessingResultStatus == "1"
        assert registered(terminal, asked) == "K-1"
    elif (ready.code, way) not in IS_SOMEBODYS_ALL_THE_SAME:
        assert (told.ProcessingResultStatus, told.ProcessingResultCode) == ("2", "MOCK-E4002")


@settings(max_examples=40, deadline=None, derandomize=True)
@given(seat=st.integers(0, 123_999_999), has_branch=st.booleans())
def test_anybody_of_the_population_can_have_a_number(seat, has_branch):
    terminal = Terminal()
    resident = terminal.country.resident(seat)
    card, asked = resident.card_on(TODAY), request_of(resident)
    is_found = terminal.validity(asked) != "4"  # else not yet born
    body = terminal.register("K-1", card, **({} if has_branch else {"InsuredBranchNumber": UNSET}))
    if is_found:
        assert body.ProcessingResultStatus == "1"
        assert registered(terminal, asked) == "K-1"


def test_a_new_number_takes_the_place_of_the_old_one():
    terminal = Terminal()
    for number in ("A", "B", "C"):
        assert terminal.register(number, CARD).ProcessingResultStatus == "1"
        assert registered(terminal, terminal.ready(BY_CODE["01"])) == number


def test_one_number_may_stand_for_two_cards():
    terminal = Terminal()
    for code in ("01", "02"):
        terminal.register("family", ready_card(code))
    assert {registered(terminal, terminal.ready(BY_CODE[code])) for code in ("01", "02")} == {"family"}


def test_a_number_is_told_to_its_own_clinic_only_and_until_a_reset():
    here = Terminal()
    there = Terminal(OTHER_CLINIC, here.exchange)
    here.register("H", CARD)
    there.register("T", ready_card("02"))
    table = [(here, "01", "H"), (here, "02", None), (there, "01", None), (there, "02", "T")]
    for terminal, code, number in table:
        assert registered(terminal, terminal.ready(BY_CODE[code])) == number
    here.reset()
    assert registered(here, here.ready(BY_CODE["01"])) is None
    assert registered(there, there.ready(BY_CODE["02"])) == "T"


def test_a_number_of_somebody_in_the_former_country_is_not_told_of_another_in_the_new_one():
    terminal = Terminal()
    terminal.register("K-1", terminal.country.resident(0).card_on(TODAY), InsuredBranchNumber=UNSET)
    Control(terminal.exchange).change_clinic(CLINIC, ClinicChange(seed=2), NOW)
    country = terminal.exchange.register.country_of(terminal.exchange.clinics.find(CLINIC, NOW))
    assert registered(terminal, request_of(country.resident(0))) is None


# --- whose card ---


def test_with_a_branch_the_number_is_one_persons_without_one_the_whole_familys():
    terminal = Terminal()
    family = [request_of(member) for member in family_of(terminal.country)]
    assert (
        terminal.told(REGISTRATION, registration(info_of(family[1], "one"))).MessageBody.ProcessingResultStatus == "1"
    )
    assert [registered(terminal, member) for member in family] == [None, "one", None]
    everybody = replace(info_of(family[0], "all"), InsuredBranchNumber="00")
    assert terminal.told(REGISTRATION, registration(everybody)).MessageBody.ProcessingResultStatus == "1"
    assert [registered(terminal, member) for member in family] == ["all", "one", "all"]


@pytest.mark.parametrize("branch", ["01", "00", "", UNSET, "０１", " 01"])
def test_a_branch_may_be_given_absent_or_zero_as_in_a_look_up(branch):
    terminal = Terminal()
    assert terminal.register("K-1", CARD, InsuredBranchNumber=branch).ProcessingResultStatus == "1"
    assert registered(terminal, terminal.ready(BY_CODE["01"])) == "K-1"


def test_a_branch_of_one_digit_is_that_of_two():
    assert Terminal().register("K-1", CARD, InsuredBranchNumber="1").ProcessingResultStatus == "1"


@pytest.mark.parametrize(
    "changes",
    [
        {"InsurerNumber": "1139914"},
        {"InsurerNumber": "０１１３９９１４"},
        {"InsuredCardSymbol": "１００１０００１"},
        {"InsuredCardSymbol": UNSET},
        {"InsuredIdentificationNumber": "１０００００１"},
    ],
    ids=str,
)
def test_a_card_may_be_written_in_any_width_and_padding(changes):
    terminal = Terminal()
    assert terminal.register("K-1", CARD, **changes).ProcessingResultStatus == "1"
    assert registered(terminal, terminal.ready(BY_CODE["01"])) == "K-1"


@pytest.mark.parametrize(
    "changes",
    [
        {"InsuredCardSymbol": "別の記号"},
        {"InsuredBranchNumber": "02"},
        {"InsuredIdentificationNumber": "9999999"},
        {"InsuredIdentificationNumber": ""},
        {"InsurerNumber": "99999999"},
        {"InsurerNumber": ""},
        {"InsurerNumber": "保険者"},
    ],
    ids=str,
)
def test_a_card_that_nobody_has_is_refused(changes):
    terminal = Terminal()
    message = terminal.told(REGISTRATION, registration(info("K-1", CARD, **changes)))
    body = message.MessageBody
    assert message.MessageHeader.SegmentOfResult == "1"
    assert (body.ProcessingResultStatus, body.ProcessingResultCode) == ("2", "MOCK-E4002")
    japanese, english = body.ProcessingResultMessage.split(" / ")
    assert "資格がありません" in japanese
    assert "nobody is insured" in english
    assert body.ReferenceNumberRegistrationInfo == info("K-1", CARD, **changes)
    assert registered(terminal, terminal.ready(BY_CODE["01"])) is None


# --- the number itself ---


@pytest.mark.parametrize("number", ["1", "x" * 50, "照" * 50, "a b", "<&>'\"", "髙", "00", "A" * 12, "12345678901"])
@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis"])
def test_a_number_of_up_to_50_characters_comes_back_to_the_character(number, encoding):
    terminal = Terminal(form=FileForm(encoding))
    body = terminal.register(number, CARD)
    assert (body.ProcessingResultStatus, body.ReferenceNumberRegistrationInfo.ReferenceNumber) == ("1", number)
    assert registered(terminal, terminal.ready(BY_CODE["01"])) == number
    (item,) = terminal.told(SINGLE, terminal.ready(BY_CODE["01"])).MessageBody.ResultList
    assert item.ResultOfQualificationConfirmation.ReferenceNumber == number


@pytest.mark.parametrize("number", ["", " ", "　", "x" * 51, "a\tb", "a\nb", "a\x7fb", "a\x85b"], ids=repr)
def test_a_number_that_cannot_be_one_is_refused_and_not_kept(number):
    terminal = Terminal()
    body = terminal.register(number, CARD)
    assert (body.ProcessingResultStatus, body.ProcessingResultCode) == ("2", "MOCK-E4003")
    assert "ReferenceNumber: found" in body.ProcessingResultMessage
    assert registered(terminal, terminal.ready(BY_CODE["01"])) is None


def test_a_number_may_hold_a_full_width_space():
    assert Terminal().register("内科　0001", CARD).ProcessingResultStatus == "1"


def test_a_control_sign_in_a_number_is_named_as_what_is_wrong():
    assert "control" in Terminal().register("a\tb", CARD).ProcessingResultMessage


@pytest.mark.parametrize("number", TWELVE_DIGITS)
def test_an_individual_number_is_refused_neither_kept_nor_told(number):
    terminal = Terminal()
    outcome = terminal.send(REGISTRATION, registration(info(number, CARD)))
    message = terminal.told(REGISTRATION, registration(info(number, CARD)))
    assert (message.MessageHeader.SegmentOfResult, message.MessageHeader.ErrorCode) == ("9", "MOCK-E1009")
    assert message.MessageBody.ProcessingResultStatus == "2"
    assert number not in outcome.file.body.decode() + outcome.told
    assert registered(terminal, terminal.ready(BY_CODE["01"])) is None
    assert terminal.exchange.clinics.reference_numbers() == 0


# --- many numbers ---


def test_many_numbers_count_at_once_and_each_is_told_of_in_order():
    terminal = Terminal()
    cards = [ready_card(code) for code in ("01", "02", "13")]
    asked = [
        *(info(f"K-{n}", card) for n, card in enumerate(cards)),
        info("x" * 51, CARD),
        info("K", CARD, InsurerNumber="1"),
    ]
    number = terminal.receive(NUMBERS, numbers(*asked))
    assert registered(terminal, terminal.ready(BY_CODE["13"])) == "K-2"
    message = terminal.collect(NUMBERS, number)
    assert (message.MessageHeader.SegmentOfResult, message.MessageBody.BulkRegistrationUnit) == ("2", UNSET)
    terminal.now += BULK_TIME
    message = terminal.collect(NUMBERS, number)
    header, units = message.MessageHeader, message.MessageBody.BulkRegistrationUnit
    assert (header.SegmentOfResult, header.ReceptionNumber, header.ArbitraryFileIdentifier) == ("1", number, IDENTIFIER)
    assert [unit.ReferenceNumberRegistrationInfo for unit in units] == asked
    assert [unit.ProcessingResultStatus for unit in units] == ["1", "1", "1", "2", "2"]
    assert [unit.ProcessingResultCode for unit in units] == [UNSET, UNSET, UNSET, "MOCK-E4003", "MOCK-E4002"]
    assert all(" / " in unit.ProcessingResultMessage for unit in units[3:])


def test_of_two_numbers_for_one_card_in_a_batch_the_last_counts():
    terminal = Terminal()
    terminal.batch(NUMBERS, numbers(info("A", CARD), info("B", CARD)))
    assert registered(terminal, terminal.ready(BY_CODE["01"])) == "B"


@pytest.mark.parametrize("number", TWELVE_DIGITS)
def test_an_individual_number_refuses_the_whole_batch_of_numbers(number):
    terminal = Terminal()
    message = terminal.told(f"{NUMBERS}01", numbers(info("K-1", CARD), info(number, ready_card("02"))))
    assert (message.MessageHeader.SegmentOfResult, message.MessageHeader.ErrorCode) == ("9", "MOCK-E1009")
    assert message.MessageBody.ReceptionNumber is UNSET
    assert terminal.exchange.clinics.reference_numbers() == 0


def test_collecting_a_batch_does_not_bring_back_a_number_that_was_replaced_since():
    terminal = Terminal()
    number = terminal.receive(NUMBERS, numbers(info("old", CARD)))
    terminal.register("new", CARD)
    terminal.now += BULK_TIME
    terminal.collect(NUMBERS, number)
    assert registered(terminal, terminal.ready(BY_CODE["01"])) == "new"


def test_more_numbers_than_the_limit_are_refused():
    terminal = Terminal(max_references=2)
    statuses = [terminal.register("K", ready_card(code)).ProcessingResultStatus for code in ("01", "02", "13")]
    assert statuses == ["1", "1", "2"]
    assert terminal.register("K", ready_card("13")).ProcessingResultCode == "MOCK-E4101"


def test_at_the_limit_a_number_can_still_be_replaced():
    terminal = Terminal(max_references=1)
    assert terminal.register("A", CARD).ProcessingResultStatus == "1"
    assert terminal.register("B", CARD).ProcessingResultStatus == "1"


def test_a_batch_that_fills_the_limit_is_told_as_it_was_registered():
    terminal = Terminal(max_references=1)
    (unit,) = terminal.batch(NUMBERS, numbers(info("A", CARD))).MessageBody.BulkRegistrationUnit
    assert registered(terminal, terminal.ready(BY_CODE["01"])) == "A"
    assert unit.ProcessingResultStatus == "1"


def test_a_batch_of_numbers_over_the_limit_of_people_registers_nothing():
    terminal = Terminal(max_bulk_people=1)
    message = terminal.told(f"{NUMBERS}01", numbers(info("A", CARD), info("B", CARD)))
    assert message.MessageHeader.ErrorCode == "MOCK-E4101"
    assert registered(terminal, terminal.ready(BY_CODE["01"])) is None
