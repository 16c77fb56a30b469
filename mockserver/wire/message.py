"""The messages of the qualification confirmation (資格確認照会), under the real system's own names.

Every leaf is a string, and a member without a value is absent. Sources: wire.md 1.2 and 1.3 (JSON), 2.6 (the whole
list of members; names and formats there marked [H] unless said otherwise). The order is the layout's.
"""

from msgspec import UNSET, Struct, UnsetType

Text = str | UnsetType


class SearchInfo(Struct, frozen=True, kw_only=True, gc=False):
    """照会条件: whom the question is about. Numbers of insurers may be padded with zeros or spaces."""

    InsurerNumber: str
    InsuredCardSymbol: Text = UNSET
    InsuredIdentificationNumber: str
    InsuredBranchNumber: Text = UNSET
    Birthdate: str
    LimitApplicationCertificateRelatedConsFlg: Text = UNSET
    ArbitraryIdentifier: Text = UNSET


class RequestHeader(Struct, frozen=True, kw_only=True, gc=False):
    """Header of a request: day asked about (YYYYMMDD), 医療機関コード (10 digits), the asker's own file identifier."""

    QualificationConfirmationDate: str
    MedicalInstitutionCode: str
    ArbitraryFileIdentifier: Text = UNSET


class RequestBody(Struct, frozen=True, kw_only=True, gc=False):
    """Body of a single request."""

    QualificationConfirmSearchInfo: SearchInfo


class RequestMessage(Struct, frozen=True, kw_only=True, gc=False):
    """A single request."""

    MessageHeader: RequestHeader
    MessageBody: RequestBody


class SearchRequest(Struct, frozen=True, kw_only=True, gc=False):
    """What is posted to the search path."""

    XmlMsg: RequestMessage


class PartialHeader(Struct, frozen=True, kw_only=True, gc=False):
    """As much of a header as there is."""

    QualificationConfirmationDate: Text = UNSET
    MedicalInstitutionCode: Text = UNSET
    ArbitraryFileIdentifier: Text = UNSET


class HeadedMessage(Struct, frozen=True, kw_only=True, gc=False):
    """The header of a request that is wrong elsewhere."""

    MessageHeader: PartialHeader


class Envelope(Struct, frozen=True, kw_only=True, gc=False):
    """The header of a request that is wrong elsewhere."""

    XmlMsg: HeadedMessage


class ResponseHeader(Struct, frozen=True, kw_only=True, gc=False):
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


class ElderlyCertificateInfo(Struct, frozen=True, kw_only=True, gc=False):
    """高齢受給者証情報."""

    ElderlyRecipientCertificateDate: Text = UNSET
    ElderlyRecipientValidStartDate: Text = UNSET
    ElderlyRecipientValidEndDate: Text = UNSET
    ElderlyRecipientContributionRatio: Text = UNSET


class LimitCertificateInfo(Struct, frozen=True, kw_only=True, gc=False):
    """限度額適用認定証関連情報."""

    LimitApplicationCertificateClassification: Text = UNSET
    LimitApplicationCertificateClassificationFlag: Text = UNSET
    LimitApplicationCertificateDate: Text = UNSET
    LimitApplicationCertificateValidStartDate: Text = UNSET
    LimitApplicationCertificateValidEndDate: Text = UNSET
    LimitApplicationCertificateLongTermDate: Text = UNSET


class DiseaseInfo(Struct, frozen=True, kw_only=True, gc=False):
    """特定疾病療養受療証情報; self pay in yen a month."""

    SpecificDiseasesDiseaseCategory: Text = UNSET
    SpecificDiseasesCertificateDate: Text = UNSET
    SpecificDiseasesValidStartDate: Text = UNSET
    SpecificDiseasesValidEndDate: Text = UNSET
    SpecificDiseasesSelfPay: Text = UNSET


class DiseaseItem(Struct, frozen=True, kw_only=True, gc=False):
    """An item of `SpecificDiseasesCertificateList`."""

    SpecificDiseasesCertificateInfo: DiseaseInfo


class TicketInfo(Struct, frozen=True, kw_only=True, gc=False):
    """医療券・調剤券情報 of 医療扶助. `StatusOfInfecton` is spelt as in the real layout."""

    TicketType: Text = UNSET
    MedicalTicketValidDate: Text = UNSET
    MedicalTicketExpirationDate: Text = UNSET
    IssueNumber: Text = UNSET
    MedicalTreatmentMonth: Text = UNSET
    DesignatedMedicalInstitutionCode: Text = UNSET
    DesignatedMedicalInstitutionFlag: Text = UNSET
    DesignatedMedicalInstitutionName: Text = UNSET
    PrescriptionIssuerMedicalInstitutionCode: Text = UNSET
    PrescriptionIssuerMedicalInstitutionName: Text = UNSET
    InjuryName1: Text = UNSET
    InjuryName2: Text = UNSET
    InjuryName3: Text = UNSET
    MedicalTreatmentType: Text = UNSET
    SelfPayAmount: Text = UNSET
    DistrictContactName: Text = UNSET
    HandlingContactName: Text = UNSET
    SingleOrCombinedUse: Text = UNSET
    StatusOfSocialInsurance: Text = UNSET
    ConsistencyFlag: Text = UNSET
    StatusOfInfecton: Text = UNSET
    StatusOfElderlyMedicalCare: Text = UNSET
    StatusOfPrefecturalExpenses: Text = UNSET
    Remarks1: Text = UNSET
    Remarks2: Text = UNSET
    Remarks3: Text = UNSET


class TicketItem(Struct, frozen=True, kw_only=True, gc=False):
    """An item of `PublicExpenseResultList`."""

    MedicalTicketInfo: TicketInfo


class Qualification(Struct, frozen=True, gc=False):
    """資格確認結果: one person under one card.

    A consent (同意) is a flag of OQSCD001 or 016, its moment, and for information that may be looked at the end of it.
    """

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
    LimitApplicationCertificateChanged: Text = UNSET
    SpecificDiseasesCertificateRelatedConsFlg: Text = UNSET
    SpecificDiseasesCertificateRelatedConsTime: Text = UNSET
    SpecificDiseasesCertificateList: tuple[DiseaseItem, ...] | UnsetType = UNSET
    PublicExpenseResultList: tuple[TicketItem, ...] | UnsetType = UNSET
    PublicExpenseNumber: Text = UNSET
    BeneficiaryNumber: Text = UNSET
    SpecificHealthCheckupsInfoConsFlg: Text = UNSET
    SpecificHealthCheckupsInfoConsTime: Text = UNSET
    SpecificHealthCheckupsInfoAvailableTime: Text = UNSET
    PharmacistsInfoConsFlg: Text = UNSET
    PharmacistsInfoConsTime: Text = UNSET
    PharmacistsInfoAvailableTime: Text = UNSET
    DiagnosisInfoConsFlg: Text = UNSET
    DiagnosisInfoConsTime: Text = UNSET
    DiagnosisInfoAvailableTime: Text = UNSET
    OperationInfoConsFlg: Text = UNSET
    OperationInfoConsTime: Text = UNSET
    OperationInfoAvailableTime: Text = UNSET
    ReferenceNumber: Text = UNSET


class ResultItem(Struct, frozen=True, kw_only=True, gc=False):
    """An item of `ResultList`: the JSON interface wraps each result under its own name."""

    ResultOfQualificationConfirmation: Qualification


class ResponseBody(Struct, frozen=True, kw_only=True, gc=False):
    """Body of an answer. `ResultList` is absent where nobody was found."""

    QualificationConfirmSearchInfo: SearchInfo | UnsetType = UNSET
    PrescriptionIssueSelect: Text = UNSET
    ProcessingResultStatus: str
    ProcessingResultCode: Text = UNSET
    ProcessingResultMessage: Text = UNSET
    QualificationValidity: Text = UNSET
    ResultList: tuple[ResultItem, ...] | UnsetType = UNSET


class ResponseMessage(Struct, frozen=True, kw_only=True, gc=False):
    """An answer."""

    MessageHeader: ResponseHeader
    MessageBody: ResponseBody


class SearchResponse(Struct, frozen=True, kw_only=True, gc=False):
    """What the search path returns."""

    XmlMsg: ResponseMessage


class LoginResult(Struct, frozen=True, kw_only=True, gc=False):
    """Tokens of a login; clients use `idToken` only (wire.md 1.1)."""

    accessToken: str
    refreshToken: str
    idToken: str
    linkSysCharCd: str


class LoginResponse(Struct, frozen=True, kw_only=True, gc=False):
    """What the login path returns; a refused login has no `result`."""

    status: str
    msg: str
    result: LoginResult | UnsetType = UNSET
