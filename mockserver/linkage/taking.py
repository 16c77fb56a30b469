"""A request file in, an answer file out: the table of families, and the way of each through the mock."""

import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO
from typing import Any

from msgspec import UNSET, Struct
from msgspec.structs import replace

from mockserver.catalogue import request_for
from mockserver.eligibility.numbering import holds_individual_number
from mockserver.eligibility.text import plain
from mockserver.exchange import Exchange
from mockserver.linkage import bulk, care, periods, registration
from mockserver.linkage.caller import Caller
from mockserver.linkage.hindering import hindered
from mockserver.linkage.outcome import AnswerFile, Outcome, Spoken, error_outcome
from mockserver.linkage.receptions import refuse_receipt
from mockserver.linkage.taps import Face
from mockserver.told import REFUSED, Told, addressed_to
from mockserver.wire.answer import refusal_message
from mockserver.wire.batches import (
    BulkRegistrationRequest,
    BulkRequest,
    CollectRequest,
    PeriodRequest,
    RegistrationRequest,
)
from mockserver.wire.care import CheckupRequest, DrugRequest
from mockserver.wire.care_answer import SUCCEEDED
from mockserver.wire.encodings import CHARACTER_CODES, shown_in
from mockserver.wire.files import PLAYED, FileForm, RequestName, label, read_name
from mockserver.wire.message import Envelope, SearchRequest
from mockserver.wire.qualification import Manner
from mockserver.wire.question import is_clinic_code, wrong_clinic
from mockserver.wire.refusals import INDIVIDUAL_NUMBER, Problem, Refusal, wrong_member
from mockserver.wire.xml_codec import read, write

_ZIP_DAY = (1980, 1, 1, 0, 0, 0)  # the same result is the same file
_ERROR_FILE = Refusal(
    Problem.ERROR_FILE,
    "パターン error-file または障害の設定による応答です",
    "this is what the pattern error-file, or a fault that was set, does",
)


class Family(Struct, frozen=True):
    """How a family is read, answered, and refused where its header already is wrong."""

    request: type[Struct]
    answer: Callable[[Caller, Any], Struct]
    refuse: Callable[[Caller, Any, Refusal], Struct]


def _refuse_receipt(caller: Caller, request: Any, refusal: Refusal) -> Struct:
    return refuse_receipt(caller, request.XmlMsg.MessageHeader, refusal)


def _period(family: str) -> Iterator[tuple[str, Family]]:
    def receive(caller: Caller, request: PeriodRequest) -> Struct:
        return periods.receive_period(caller, family, request)

    def collect(caller: Caller, request: CollectRequest) -> Struct:
        return periods.collect_period(caller, family, request)

    yield f"{family}01", Family(PeriodRequest, receive, _refuse_receipt)
    yield f"{family}02", Family(CollectRequest, collect, bulk.refuse_result)


FAMILIES = {
    "OQSmuquc01": Family(BulkRequest, bulk.receive_people, _refuse_receipt),
    "OQSmuquc02": Family(CollectRequest, bulk.collect_people, bulk.refuse_result),
    "OQSsiimm01": Family(RegistrationRequest, registration.register, registration.refuse_registration),
    "OQSmuimm01": Family(BulkRegistrationRequest, registration.receive_numbers, _refuse_receipt),
    "OQSmuimm02": Family(CollectRequest, registration.collect_numbers, registration.refuse_numbers),
    **dict(_period(periods.TICKETS)),
    **dict(_period(periods.HOME_VISITS)),
    **dict(_period(periods.ONLINE)),
    "YZKsiquc01": Family(DrugRequest, care.drugs, care.refuse_drugs),
    "TKKsiquc01": Family(CheckupRequest, care.checkup_results, care.refuse_checkups),
}
SINGLE = "OQSsiquc01"
_REASONS = (
    ("ErrorCode", "ErrorMessage"),
    ("ProcessingResultCode", "ProcessingResultMessage"),
    ("ResultCode", "MessageContents"),
)  # members that tell why
_LONGEST_TEXT = 1_000  # characters of a member that may be kept


class Linkage:
    """Answers request files as the linkage application of a terminal does."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange

    def manner(self, form: FileForm) -> Manner:
        """How a terminal's messages are written: with ● also for what its encoding cannot hold."""
        show = self._exchange.repertoire.show
        code = CHARACTER_CODES[form.encoding]
        return replace(
            self._exchange.manner, show=lambda text: shown_in(show(text), form.encoding), character_code=code
        )

    def take(self, name: str, data: bytes, form: FileForm, now: datetime) -> Outcome:
        """What comes of a request file. `now` is the real moment."""
        asked = read_name(name)
        if isinstance(asked, Refusal):
            return self.fail(name, asked, form)
        struct = SearchRequest if asked.prefix == SINGLE else FAMILIES[asked.prefix].request
        request = read(data, struct)
        if not isinstance(request, Refusal):
            spoken = self._speak(asked, request, form, now)
        elif request.problem is Problem.SHAPE and asked.prefix == SINGLE:
            spoken = self._misshapen(data, request, form, now)
        else:
            return self.fail(name, request, form)
        if spoken.way.is_error:
            return self.fail(name, _ERROR_FILE, form)
        told = f"{label(name)} {spoken.pattern} {_reason(spoken.message)}".strip()
        return Outcome(self._file(asked, spoken, form), told)

    def fail(self, name: str, refusal: Refusal, form: FileForm) -> Outcome:
        """An `.err` file."""
        return error_outcome(name, refusal, self._exchange.settings.error_code_prefix, form.encoding)

    def face_file(self, face: Face, form: FileForm) -> AnswerFile:
        """A reader's result as a terminal writes it."""
        return AnswerFile("face", face.name, write(face.message(self.manner(form)), form), face.way)

    def _speak(self, asked: RequestName, request: Any, form: FileForm, now: datetime) -> Spoken:
        code = request.XmlMsg.MessageHeader.MedicalInstitutionCode
        caller = Caller(self._exchange, code, self.manner(form), now)
        if asked.prefix == SINGLE:
            return _single(caller, request)
        family = FAMILIES[asked.prefix]
        refusal = _wrong_text(request) if is_clinic_code(code) else wrong_clinic(code)
        if refusal:
            return Spoken(family.refuse(caller, request, refusal), REFUSED)
        message = family.answer(caller, request)
        pattern = REFUSED if _is_refusal(message) else ""
        moment = self._exchange.moment(code, now)
        self._exchange.keeping.enter_note(code, "file", PLAYED[asked.prefix], now, moment, pattern, _reason(message))
        return Spoken(message, pattern)

    def _misshapen(self, data: bytes, refusal: Refusal, form: FileForm, now: datetime) -> Spoken:
        """A single inquiry of another shape is told in the envelope, as over HTTP."""
        envelope = read(data, Envelope)
        header = None if isinstance(envelope, Refusal) else envelope.XmlMsg.MessageHeader
        addressed = addressed_to(header)
        moment = self._exchange.moment(addressed.clinic_code, now)
        return Spoken(refusal_message(refusal, moment, self.manner(form), addressed), REFUSED)

    def _file(self, asked: RequestName, spoken: Spoken, form: FileForm) -> AnswerFile:
        body = write(spoken.message, form)
        if form.bulk_result == "zip" and asked.prefix.endswith("02"):
            return AnswerFile("res", asked.answer(".zip"), _zipped(asked.answer(".xml"), body), spoken.way)
        return AnswerFile("res", asked.answer(".xml"), body, spoken.way)


def _single(caller: Caller, request: SearchRequest) -> Spoken:
    """資格確認照会, by the same road as over HTTP."""
    told = caller.exchange.look_up_as("files", request, caller.now, caller.manner)
    caller.exchange.keeping.enter_told("file", told, caller.now)
    if told.way.is_swapped:
        told = _anothers(caller, request, told)
    return Spoken(told.message, told.pattern, hindered(told.way, told.decision))


def _anothers(caller: Caller, request: SearchRequest, told: Told) -> Told:
    """The answer to somebody else's inquiry: another patient, another file identifier."""
    asked = request.XmlMsg.MessageHeader
    country = caller.exchange.register.country_of(caller.sandbox)
    day = caller.moment.date()
    number = request.XmlMsg.MessageBody.QualificationConfirmSearchInfo.InsuredIdentificationNumber
    middle = country.resident(country.people // 2)
    other = country.resident(0) if middle.card_on(day).number == plain(number) else middle
    card = other.card_on(day)
    theirs = request_for(card, other.person.birthdate, day, caller.code, card.branch).XmlMsg
    identifier = asked.ArbitraryFileIdentifier
    mine = identifier if identifier is UNSET else f"{identifier[:-1]}{'1' if identifier[-1:] == '0' else '0'}"
    header = replace(asked, ArbitraryFileIdentifier=mine)
    swapped = caller.exchange.look_up(
        SearchRequest(XmlMsg=replace(theirs, MessageHeader=header)), caller.now, caller.manner
    )
    return replace(told, message=swapped.message)


def _is_refusal(message: Any) -> bool:
    header, body = message.XmlMsg.MessageHeader, message.XmlMsg.MessageBody
    if getattr(header, "ErrorCode", UNSET) is not UNSET or getattr(body, "ProcessingResultStatus", UNSET) == "2":
        return True
    return getattr(header, "ResultCode", SUCCEEDED) != SUCCEEDED


def _reason(message: Any) -> str:
    """The code and text of a refusal, for the log; the product may have removed the answer already."""
    for part in (message.XmlMsg.MessageHeader, message.XmlMsg.MessageBody):
        for code, text in _REASONS:
            if getattr(part, text, UNSET) is not UNSET:
                return f"{getattr(part, code, '')} {getattr(part, text)}"
    return ""


def _wrong_text(request: Struct) -> Refusal | None:
    """Refuse a 個人番号 anywhere but in the identifier of the file, whose digits are the clinic's own; and endless text."""
    for name, text in _texts(request):
        if name != "ArbitraryFileIdentifier" and holds_individual_number(text):
            no = INDIVIDUAL_NUMBER
            return Refusal(no.problem, f"{name}: {no.japanese}", f"{name}: {no.english}")
        if len(text) > _LONGEST_TEXT:
            expected = (f"{_LONGEST_TEXT}文字以内", f"at most {_LONGEST_TEXT} characters")
            return wrong_member(Problem.SHAPE, name, text, *expected)
    return None


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    for name in value.__struct_fields__:
        member = getattr(value, name)
        if isinstance(member, str):
            yield name, member
        elif isinstance(member, Struct):
            yield from _texts(member)
        elif isinstance(member, tuple):
            for item in member:
                yield from _texts(item)


def _zipped(name: str, body: bytes) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name, _ZIP_DAY), body, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
