"""A terminal without folders: sends messages as request files, and reads the answer files back."""

import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from mockserver.catalogue import request_for
from mockserver.eligibility.population import Country
from mockserver.eligibility.records import Card
from mockserver.eligibility.residents import Resident
from mockserver.eligibility.text import Repertoire
from mockserver.exchange import Exchange
from mockserver.linkage.outcome import Outcome
from mockserver.linkage.taking import Linkage
from mockserver.linkage.taps import Tapped
from mockserver.scenarios.casting import BY_CODE, cast_ready
from mockserver.settings import Settings
from mockserver.tapping import NewTap, lay_down
from mockserver.wire.batches import (
    BatchHeader,
    BulkBody,
    BulkMessage,
    BulkRegistered,
    BulkRegistrationBody,
    BulkRegistrationMessage,
    BulkRegistrationRequest,
    BulkRequest,
    BulkResult,
    CollectBody,
    CollectMessage,
    CollectRequest,
    PeriodBody,
    PeriodInfo,
    PeriodMessage,
    PeriodRequest,
    Receipt,
    ReferenceInfo,
    Registered,
    RegistrationBody,
    RegistrationMessage,
    RegistrationRequest,
)
from mockserver.wire.care import (
    CareHeader,
    CheckupAnswer,
    CheckupBody,
    CheckupMessage,
    CheckupRequest,
    DrugAnswer,
    DrugBody,
    DrugMessage,
    DrugRequest,
)
from mockserver.wire.files import FileForm
from mockserver.wire.message import SearchInfo, SearchRequest, SearchResponse
from mockserver.wire.xml_codec import read, write
from tests.support import CLINIC, NOW, TODAY, Desk

SINGLE, REGISTRATION, DRUGS, CHECKUPS = "OQSsiquc01", "OQSsiimm01", "YZKsiquc01", "TKKsiquc01"
BULK, NUMBERS, TICKETS, HOME_VISITS, ONLINE = "OQSmuquc", "OQSmuimm", "OQSmutic", "OQSmuhvq", "OQSmuonq"
BATCHES = (BULK, NUMBERS, TICKETS, HOME_VISITS, ONLINE)
ANSWERS: dict[str, type[Struct]] = {
    SINGLE: SearchResponse,
    REGISTRATION: Registered,
    DRUGS: DrugAnswer,
    CHECKUPS: CheckupAnswer,
    **{f"{family}01": Receipt for family in BATCHES},
    **{f"{family}02": BulkRegistered if family == NUMBERS else BulkResult for family in BATCHES},
}
IDENTIFIER = "20261123090000-0a1b2c3d"
ASKED_DAY = TODAY.strftime("%Y%m%d")
FILE_NAME = "{}req_202611230001.xml"
INDIVIDUAL_NUMBER = "123456789018"  # the last of the twelve digits is their check digit
OTHER_CLINIC = "2719900249"
BULK_TIME = timedelta(milliseconds=Settings().bulk_ms)
REPERTOIRE = Repertoire(Settings().repertoire)


class Terminal(Desk):
    """A clinic's desk with a terminal. `now` is the real moment."""

    def __init__(
        self, clinic: str = CLINIC, exchange: Exchange | None = None, form: FileForm | None = None, **settings: object
    ) -> None:
        super().__init__(clinic, exchange, **settings)
        self.linkage = Linkage(self.exchange)
        self.form = form or FileForm()
        self.now = NOW

    def take(self, name: str, data: bytes) -> Outcome:
        """What comes of a file."""
        return self.linkage.take(name, data, self.form, self.now)

    def send(self, family: str, request: Struct) -> Outcome:
        """What comes of a message in a file."""
        return self.take(FILE_NAME.format(family), write(request, FileForm()))

    def told(self, family: str, request: Struct) -> Any:
        """The message in the answer file to a message."""
        outcome = self.send(family, request)
        message = read(content(outcome), ANSWERS[family])
        assert isinstance(message, ANSWERS[family]), (outcome, message)
        return message.XmlMsg

    def receive(self, family: str, request: Struct) -> str:
        """The 受付番号 of a batch."""
        return self.told(f"{family}01", request).MessageBody.ReceptionNumber

    def collect(self, family: str, number: str) -> Any:
        """The result of a batch, as it is by now."""
        return self.told(f"{family}02", collect(number, self.clinic))

    def batch(self, family: str, request: Struct) -> Any:
        """The result of a batch, once it is there."""
        number = self.receive(family, request)
        self.now += BULK_TIME
        return self.collect(family, number)

    def register(self, reference: str, card: Card, **members: Any) -> Any:
        """The body of the answer to a registration of a 照会番号 for a card."""
        return self.told(REGISTRATION, registration(info(reference, card, **members), self.clinic)).MessageBody

    def tap(self, **how: Any) -> Tapped:
        """Somebody lays a card on the reader."""
        return lay_down(self.exchange, self.clinic, NewTap(**how), self.now)[1]

    def reset(self) -> None:
        """Forget everything about the clinic."""
        self.exchange.clinics.reset(self.clinic)

    def ready_code(self, code: str) -> SearchRequest:
        """The request for the ready person of a code."""
        return self.ready(BY_CODE[code])


def content(outcome: Outcome) -> bytes:
    """The XML of an answer file, unpacked if need be."""
    file = outcome.file
    if not file.name.endswith(".zip"):
        return file.body
    with zipfile.ZipFile(BytesIO(file.body)) as archive:
        (inner,) = archive.namelist()
        return archive.read(inner)


def ready_card(code: str) -> Card:
    """The card of the ready person of a code."""
    ready = BY_CODE[code]
    cast = cast_ready(ready, TODAY, REPERTOIRE)
    return cast.next_card if ready.is_next else cast.card


def family_of(country: Country) -> list[Resident]:
    """The first household of three whose cards today differ by the branch only."""
    child = next(r for r in map(country.resident, range(10_000)) if r.seat == 2 and r.left_on > TODAY)
    members = [country.resident(child.index + step) for step in (-2, -1, 0)]
    cards = [member.card_on(TODAY) for member in members]
    assert len({(card.insurer, card.symbol, card.number) for card in cards}) == 1
    return members


def request_of(resident: Resident) -> SearchRequest:
    """The request for one of the population."""
    card = resident.card_on(TODAY)
    return request_for(card, resident.person.birthdate, TODAY, CLINIC, card.branch)


# --- requests ---


def identified(request: SearchRequest, identifier: str = IDENTIFIER) -> SearchRequest:
    """The same request with a file identifier."""
    header = replace(request.XmlMsg.MessageHeader, ArbitraryFileIdentifier=identifier)
    return SearchRequest(XmlMsg=replace(request.XmlMsg, MessageHeader=header))


def search_of(request: SearchRequest, **changes: Any) -> SearchInfo:
    """The person of a single request, for a batch."""
    return replace(request.XmlMsg.MessageBody.QualificationConfirmSearchInfo, **changes)


def bulk(*people: SearchInfo, clinic: str = CLINIC, day: Any = ASKED_DAY) -> BulkRequest:
    """OQSmuquc01req."""
    header = replace(_header(clinic), QualificationConfirmationDate=day)
    body = BulkBody(QualificationConfirmSearchInfo=people)
    return BulkRequest(XmlMsg=BulkMessage(MessageHeader=header, MessageBody=body))


def collect(number: str, clinic: str = CLINIC, identifier: str | UnsetType = UNSET) -> CollectRequest:
    """02req of any family."""
    header = BatchHeader(MedicalInstitutionCode=clinic, ArbitraryFileIdentifier=identifier)
    return CollectRequest(XmlMsg=CollectMessage(MessageHeader=header, MessageBody=CollectBody(ReceptionNumber=number)))


def info(reference: str, card: Card, **members: Any) -> ReferenceInfo:
    """A 照会番号 and the card it is for."""
    usual = {
        "InsurerNumber": card.insurer.number.rjust(8),
        "InsuredCardSymbol": card.symbol or UNSET,
        "InsuredIdentificationNumber": card.number,
        "InsuredBranchNumber": card.branch or UNSET,
    }
    return ReferenceInfo(ReferenceNumber=reference, **{**usual, **members})


def registration(what: ReferenceInfo, clinic: str = CLINIC) -> RegistrationRequest:
    """OQSsiimm01req."""
    body = RegistrationBody(ReferenceNumberRegistrationInfo=what)
    return RegistrationRequest(XmlMsg=RegistrationMessage(MessageHeader=_header(clinic), MessageBody=body))


def numbers(*what: ReferenceInfo, clinic: str = CLINIC) -> BulkRegistrationRequest:
    """OQSmuimm01req."""
    body = BulkRegistrationBody(ReferenceNumberRegistrationInfo=what)
    return BulkRegistrationRequest(XmlMsg=BulkRegistrationMessage(MessageHeader=_header(clinic), MessageBody=body))


def period(clinic: str = CLINIC, **members: str) -> PeriodRequest:
    """01req of OQSmutic, OQSmuhvq or OQSmuonq."""
    body = PeriodBody(QualificationConfirmSearchInfo=PeriodInfo(**members))
    return PeriodRequest(XmlMsg=PeriodMessage(MessageHeader=_header(clinic), MessageBody=body))


def drugs(card: Card, clinic: str = CLINIC, branch: Any = None, **body: str) -> DrugRequest:
    """YZKsiquc01req."""
    header = _care_header(card, clinic, branch)
    return DrugRequest(XmlMsg=DrugMessage(MessageHeader=header, MessageBody=DrugBody(**body)))


def checkups(card: Card, clinic: str = CLINIC, branch: Any = None, **body: str) -> CheckupRequest:
    """TKKsiquc01req."""
    header = _care_header(card, clinic, branch)
    return CheckupRequest(XmlMsg=CheckupMessage(MessageHeader=header, MessageBody=CheckupBody(**body)))


def _header(clinic: str) -> BatchHeader:
    return BatchHeader(MedicalInstitutionCode=clinic, ArbitraryFileIdentifier=IDENTIFIER)


def _care_header(card: Card, clinic: str, branch: Any) -> CareHeader:
    return CareHeader(
        MedicalInstitutionCode=clinic,
        InsurerNumber=card.insurer.number.rjust(8),
        InsuranceCardSymbol=card.symbol or UNSET,
        InsuredPersonIdentificationNumber=card.number,
        BranchNumber=branch if branch is not None else card.branch or UNSET,
        ArbitraryFileIdentifier=IDENTIFIER,
    )


# --- one good request of each family, every member filled ---


def full_requests() -> dict[str, Struct]:
    """By family with message number; each 02req asks for a number that nobody has."""
    first, second = ready_card("01"), ready_card("02")
    single = identified(Desk().ready(BY_CODE["01"]))
    people = [search_of(Desk().ready(BY_CODE[code]), ArbitraryIdentifier=f"患者{code}") for code in ("01", "02")]
    body = replace(single.XmlMsg.MessageBody, QualificationConfirmSearchInfo=people[0])
    begins, ends = "20261101", "20261130"
    care = {"FileCategory": "3", "PrDiInfClassification": "1", "MedicalTreatmentFlag": "1"}
    return {
        SINGLE: SearchRequest(XmlMsg=replace(single.XmlMsg, MessageBody=body)),
        f"{BULK}01": bulk(*people),
        REGISTRATION: registration(info("患者-0001", first)),
        f"{NUMBERS}01": numbers(info("患者-0001", first), info("患者-0002", second)),
        f"{TICKETS}01": period(MedicalTreatmentMonth="202611"),
        f"{HOME_VISITS}01": period(ConsentDateFrom=begins, ConsentDateTo=ends, MedicalTreatmentFlag="2"),
        f"{ONLINE}01": period(ExaminationDateFrom=begins, ExaminationDateTo=ends, MedicalTreatmentFlag="3"),
        DRUGS: drugs(first, StartDate="20260901", EndDate=ends, **care),
        CHECKUPS: checkups(first, **care),
        **{f"{family}02": collect("20261123090000000001", identifier=IDENTIFIER) for family in BATCHES},
    }
