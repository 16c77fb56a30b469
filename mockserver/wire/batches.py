"""The messages in two steps, receipt and result: bulk look-ups and 照会番号, under the real names. Source: wire.md 2.7-2.9.

Members that are [H] or [M] there; a receipt without `ReceptionNumber` is a failure and says why in its header.
"""

from msgspec import UNSET, Struct, UnsetType

from mockserver.wire.message import Qualification, SearchInfo, Text


class BatchHeader(Struct, frozen=True, kw_only=True):
    """Header of a request; the day asked about (YYYYMMDD) is that of 資格確認 一括照会 only."""

    QualificationConfirmationDate: Text = UNSET
    MedicalInstitutionCode: str
    ArbitraryFileIdentifier: Text = UNSET


class BatchAnswerHeader(Struct, frozen=True, kw_only=True):
    """Header of every answer below; each message uses the members it has."""

    ProcessExecutionTime: str
    QualificationConfirmationDate: Text = UNSET
    MedicalInstitutionCode: str
    ArbitraryFileIdentifier: Text = UNSET
    ReceptionNumber: Text = UNSET
    SegmentOfResult: Text = UNSET
    ErrorCode: Text = UNSET
    ErrorMessage: Text = UNSET
    NumberOfProcessingResult: Text = UNSET
    NumberOfNormalProcessing: Text = UNSET
    NumberOfError: Text = UNSET
    CharacterCodeIdentifier: str


class BulkBody(Struct, frozen=True, kw_only=True):
    """OQSmuquc01req: the people asked for."""

    QualificationConfirmSearchInfo: tuple[SearchInfo, ...]


class BulkMessage(Struct, frozen=True, kw_only=True):
    """OQSmuquc01req."""

    MessageHeader: BatchHeader
    MessageBody: BulkBody


class BulkRequest(Struct, frozen=True, kw_only=True):
    """OQSmuquc01req."""

    XmlMsg: BulkMessage


class PeriodInfo(Struct, frozen=True, kw_only=True):
    """Whom OQSmutic, OQSmuhvq and OQSmuonq ask for: a month (yyyyMM), or days (YYYYMMDD) of consent or examination."""

    MedicalTreatmentMonth: Text = UNSET
    ConsentDateFrom: Text = UNSET
    ConsentDateTo: Text = UNSET
    ExaminationDateFrom: Text = UNSET
    ExaminationDateTo: Text = UNSET
    MedicalTreatmentFlag: Text = UNSET


class PeriodBody(Struct, frozen=True, kw_only=True):
    """Body of OQSmutic01req, OQSmuhvq01req and OQSmuonq01req."""

    QualificationConfirmSearchInfo: PeriodInfo


class PeriodMessage(Struct, frozen=True, kw_only=True):
    """OQSmutic01req, OQSmuhvq01req or OQSmuonq01req."""

    MessageHeader: BatchHeader
    MessageBody: PeriodBody


class PeriodRequest(Struct, frozen=True, kw_only=True):
    """OQSmutic01req, OQSmuhvq01req or OQSmuonq01req."""

    XmlMsg: PeriodMessage


class ReceiptBody(Struct, frozen=True, kw_only=True):
    """Body of every 01res of a batch; without a number where the request was refused."""

    ReceptionNumber: Text = UNSET
    ReceptionDateTime: Text = UNSET
    ProcessingResultStatus: Text = UNSET


class ReceiptMessage(Struct, frozen=True, kw_only=True):
    """受付: 01res of a batch."""

    MessageHeader: BatchAnswerHeader
    MessageBody: ReceiptBody


class Receipt(Struct, frozen=True, kw_only=True):
    """受付: 01res of a batch."""

    XmlMsg: ReceiptMessage


class CollectBody(Struct, frozen=True, kw_only=True):
    """Body of every 02req of a batch."""

    ReceptionNumber: str


class CollectMessage(Struct, frozen=True, kw_only=True):
    """02req of a batch: asks for the result."""

    MessageHeader: BatchHeader
    MessageBody: CollectBody


class CollectRequest(Struct, frozen=True, kw_only=True):
    """02req of a batch: asks for the result."""

    XmlMsg: CollectMessage


class BulkUnit(Struct, frozen=True, kw_only=True):
    """`BulkConfirmUnit`: one person; the result is a direct child, and the 照会番号 stands beside it."""

    QualificationConfirmSearchInfo: SearchInfo | UnsetType = UNSET
    ProcessingResultStatus: str
    ProcessingResultCode: Text = UNSET
    ProcessingResultMessage: Text = UNSET
    QualificationValidity: Text = UNSET
    ResultOfQualificationConfirmation: tuple[Qualification, ...] | UnsetType = UNSET
    ReferenceNumber: tuple[str, ...] | UnsetType = UNSET


class BulkResultBody(Struct, frozen=True, kw_only=True):
    """Body of OQSmuquc02res, OQSmutic02res, OQSmuhvq02res and OQSmuonq02res."""

    BulkConfirmUnit: tuple[BulkUnit, ...] | UnsetType = UNSET


class BulkResultMessage(Struct, frozen=True, kw_only=True):
    """OQSmuquc02res and its sisters."""

    MessageHeader: BatchAnswerHeader
    MessageBody: BulkResultBody


class BulkResult(Struct, frozen=True, kw_only=True):
    """OQSmuquc02res and its sisters."""

    XmlMsg: BulkResultMessage


class ReferenceInfo(Struct, frozen=True, kw_only=True):
    """照会番号登録情報: the clinic's own number (at most 50 characters) for a card. There is no birth date in it."""

    ReferenceNumber: str
    InsurerNumber: str
    InsuredCardSymbol: Text = UNSET
    InsuredIdentificationNumber: str
    InsuredBranchNumber: Text = UNSET


class RegistrationBody(Struct, frozen=True, kw_only=True):
    """Body of OQSsiimm01req."""

    ReferenceNumberRegistrationInfo: ReferenceInfo


class RegistrationMessage(Struct, frozen=True, kw_only=True):
    """OQSsiimm01req."""

    MessageHeader: BatchHeader
    MessageBody: RegistrationBody


class RegistrationRequest(Struct, frozen=True, kw_only=True):
    """OQSsiimm01req."""

    XmlMsg: RegistrationMessage


class BulkRegistrationBody(Struct, frozen=True, kw_only=True):
    """Body of OQSmuimm01req."""

    ReferenceNumberRegistrationInfo: tuple[ReferenceInfo, ...]


class BulkRegistrationMessage(Struct, frozen=True, kw_only=True):
    """OQSmuimm01req."""

    MessageHeader: BatchHeader
    MessageBody: BulkRegistrationBody


class BulkRegistrationRequest(Struct, frozen=True, kw_only=True):
    """OQSmuimm01req."""

    XmlMsg: BulkRegistrationMessage


class RegisteredBody(Struct, frozen=True, kw_only=True):
    """Body of OQSsiimm01res, and of each `BulkRegistrationUnit`: no code and message on success."""

    ReferenceNumberRegistrationInfo: ReferenceInfo | UnsetType = UNSET
    ProcessingResultStatus: str
    ProcessingResultCode: Text = UNSET
    ProcessingResultMessage: Text = UNSET


class RegisteredMessage(Struct, frozen=True, kw_only=True):
    """OQSsiimm01res."""

    MessageHeader: BatchAnswerHeader
    MessageBody: RegisteredBody


class Registered(Struct, frozen=True, kw_only=True):
    """OQSsiimm01res."""

    XmlMsg: RegisteredMessage


class BulkRegisteredBody(Struct, frozen=True, kw_only=True):
    """Body of OQSmuimm02res."""

    BulkRegistrationUnit: tuple[RegisteredBody, ...] | UnsetType = UNSET


class BulkRegisteredMessage(Struct, frozen=True, kw_only=True):
    """OQSmuimm02res."""

    MessageHeader: BatchAnswerHeader
    MessageBody: BulkRegisteredBody


class BulkRegistered(Struct, frozen=True, kw_only=True):
    """OQSmuimm02res."""

    XmlMsg: BulkRegisteredMessage
