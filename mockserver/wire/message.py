"""The messages of the qualification confirmation (資格確認照会), under the real system's own names.

Every leaf is a string, and a member without a value is absent. Sources: wire.md 1.2 and 1.3 (JSON), 2.6 (the whole
list of members; names and formats there marked [H] unless said otherwise). The order is the layout's.
"""

from msgspec import UNSET, Struct, UnsetType

Text = str | UnsetType


class SearchInfo(Struct, frozen=True, kw_only=True):
    """照会条件: whom the question is about. Numbers of insurers may be padded with zeros or spaces."""

    InsurerNumber: str
    InsuredCardSymbol: Text = UNSET
    InsuredIdentificationNumber: str
    InsuredBranchNumber: Text = UNSET
    Birthdate: str
    LimitApplicationCertificateRelatedConsFlg: Text = UNSET
    ArbitraryIdentifier: Text = UNSET


class RequestHeader(Struct, frozen=True, kw_only=True):
    """Header of a request: day asked about (YYYYMMDD), 医療機関コード (10 digits), the asker's own file identifier."""

    QualificationConfirmationDate: str
    MedicalInstitutionCode: str
    ArbitraryFileIdentifier: Text = UNSET


class RequestBody(Struct, frozen=True, kw_only=True):
    """Body of a single request."""

    QualificationConfirmSearchInfo: SearchInfo


class RequestMessage(Struct, frozen=True, kw_only=True):
    """A single request."""

    MessageHeader: RequestHeader
    MessageBody: RequestBody


class SearchRequest(Struct, frozen=True, kw_only=True):
    """What is posted to the search path."""

    XmlMsg: RequestMessage


class ResponseHeader(Struct, frozen=True, kw_only=True):
    """Header of an answer. A strict client wants every member without a default, on error answers too."""

    ProcessExecutionTime: str
    QualificationConfirmationDate: str
    MedicalInstitutionCode: str
    ArbitraryFileIdentifier: Text = UNSET
    ReferenceClassification: str
    SegmentOfResult: str
    ErrorCode: Text = UNSET
    ErrorMessage: Text = UNSET
    CharacterCodeIdentifier: str


class ElderlyCertificateInfo(Struct, frozen=True, kw_only=True):
    """高齢受給者証情報."""

    ElderlyRecipientCertificateDate: Text = UNSET
    ElderlyRecipientValidStartDate: Text = UNSET
    ElderlyRecipientValidEndDate: Text = UNSET
    ElderlyRecipientContributionRatio: Text = UNSET


class LimitCertificateInfo(Struct, frozen=True, kw_only=True):
    """限度額適用認定証関連情報."""

    LimitApplicationCertificateClassification: Text = UNSET
    LimitApplicationCertificateClassificationFlag: Text = UNSET
    LimitApplicationCertificateDate: Text = UNSET
    LimitApplicationCertificateValidStartDate: Text = UNSET
    LimitApplicationCertificateValidEndDate: Text = UNSET
    LimitApplicationCertificateLongTermDate: Text = UNSET


class Qualification(Struct, frozen=True, kw_only=True):
    """資格確認結果: one person under one card."""

    InsuredCardClassification: str
    InsurerNumber: Text = UNSET
    InsuredCardSymbol: Text = UNSET
    InsuredIdentificationNumber: Text = UNSET
    InsuredBranchNumber: Text = UNSET
    PersonalFamilyClassification: Text = UNSET
    InsuredName: Text = UNSET
    Name: Text = UNSET
    NameOfOther: Text = UNSET
    NameKana: Text = UNSET
    NameOfOtherKana: Text = UNSET
    Sex1: Text = UNSET
    Sex2: Text = UNSET
    Birthdate: Text = UNSET
    Address: Text = UNSET
    PostNumber: Text = UNSET
    QualificationDate: Text = UNSET
    DisqualificationDate: Text = UNSET
    InsuredCertificateIssuanceDate: Text = UNSET
    InsuredCardValidDate: Text = UNSET
    InsuredCardExpirationDate: Text = UNSET
    InsuredPartialContributionRatio: Text = UNSET
    PreschoolClassification: Text = UNSET
    ReasonOfLoss: Text = UNSET
    InsurerName: Text = UNSET
    ElderlyRecipientCertificateInfo: ElderlyCertificateInfo | UnsetType = UNSET
    LimitApplicationCertificateRelatedConsFlg: Text = UNSET
    LimitApplicationCertificateRelatedConsTime: Text = UNSET
    LimitApplicationCertificateRelatedInfo: LimitCertificateInfo | UnsetType = UNSET
    ReferenceNumber: Text = UNSET


class ResultItem(Struct, frozen=True, kw_only=True):
    """An item of `ResultList`: the JSON interface wraps each result under its own name."""

    ResultOfQualificationConfirmation: Qualification


class ResponseBody(Struct, frozen=True, kw_only=True):
    """Body of an answer. `ResultList` is absent where nobody was found."""

    QualificationConfirmSearchInfo: SearchInfo | UnsetType = UNSET
    PrescriptionIssueSelect: Text = UNSET
    ProcessingResultStatus: str
    ProcessingResultCode: Text = UNSET
    ProcessingResultMessage: Text = UNSET
    QualificationValidity: Text = UNSET
    ResultList: tuple[ResultItem, ...] | UnsetType = UNSET


class ResponseMessage(Struct, frozen=True, kw_only=True):
    """An answer."""

    MessageHeader: ResponseHeader
    MessageBody: ResponseBody


class SearchResponse(Struct, frozen=True, kw_only=True):
    """What the search path returns."""

    XmlMsg: ResponseMessage


class LoginResult(Struct, frozen=True, kw_only=True):
    """Tokens of a login; clients use `idToken` only (wire.md 1.1)."""

    accessToken: str
    refreshToken: str
    idToken: str
    linkSysCharCd: str


class LoginResponse(Struct, frozen=True, kw_only=True):
    """What the login path returns; a refused login has no `result`."""

    status: str
    msg: str
    result: LoginResult | UnsetType = UNSET
