"""The messages of 薬剤情報等 (YZKsiquc01) and 特定健診情報 (TKKsiquc01), under the real system's own names.

Every leaf is a string, and a member without a value is absent. Source: wire.md 2.10, and the client it names (O2),
which reads 調剤情報 and 電子処方箋 under names of their own (`CzDrugC`, `ShDrugC`): those of its table are used.
"""

from msgspec import UNSET, Struct, UnsetType

from mockserver.wire.message import Text

# --- requests ---


class CareHeader(Struct, frozen=True, kw_only=True):
    """Header of both requests: who asks (医療機関コード, 10 digits) about which card, under names of its own."""

    MedicalInstitutionCode: str
    InsurerNumber: str
    InsuranceCardSymbol: Text = UNSET
    InsuredPersonIdentificationNumber: str
    BranchNumber: Text = UNSET
    ArbitraryFileIdentifier: Text = UNSET


class DrugBody(Struct, frozen=True, kw_only=True):
    """Body of YZKsiquc01req: the period asked about, form of the file, 診療区分 (OQSCD028)."""

    StartDate: Text = UNSET
    EndDate: Text = UNSET
    FileCategory: Text = UNSET
    PrDiInfClassification: Text = UNSET
    MedicalTreatmentFlag: Text = UNSET


class DrugMessage(Struct, frozen=True, kw_only=True):
    """薬剤情報等の照会: YZKsiquc01req."""

    MessageHeader: CareHeader
    MessageBody: DrugBody


class DrugRequest(Struct, frozen=True, kw_only=True):
    """薬剤情報等の照会: YZKsiquc01req."""

    XmlMsg: DrugMessage


class CheckupBody(Struct, frozen=True, kw_only=True):
    """Body of TKKsiquc01req: form of the file, 診療区分 (OQSCD028); no period."""

    FileCategory: Text = UNSET
    PrDiInfClassification: Text = UNSET
    MedicalTreatmentFlag: Text = UNSET


class CheckupMessage(Struct, frozen=True, kw_only=True):
    """特定健診情報の照会: TKKsiquc01req."""

    MessageHeader: CareHeader
    MessageBody: CheckupBody


class CheckupRequest(Struct, frozen=True, kw_only=True):
    """特定健診情報の照会: TKKsiquc01req."""

    XmlMsg: CheckupMessage


# --- 薬剤情報等: the answer ---


class DrugPerson(Struct, frozen=True, kw_only=True):
    """`QuaInf`: whose 薬剤情報等 they are. Birth YYYYMMDD, gender as OQSCD007."""

    Name: Text = UNSET
    KanaName: Text = UNSET
    Birth: Text = UNSET
    AdmGendCode: Text = UNSET


class DrugAnswerHeader(Struct, frozen=True, kw_only=True):
    """Header of YZKsiquc01res. `ResultCode` 1 is success; otherwise `MessageContents` says why."""

    ProcessExecutionTime: str
    MedicalInstitutionCode: str
    ArbitraryFileIdentifier: Text = UNSET
    ResultCode: str
    MessageContents: Text = UNSET
    CharacterCodeIdentifier: str
    QuaInf: DrugPerson | UnsetType = UNSET


class ClaimedDrug(Struct, frozen=True, kw_only=True):
    """`DrugInf`: 薬剤 of a claim. `Qua1` is of a day for what is swallowed daily, `Times` are days or times."""

    DrugC: Text = UNSET
    DrugN: Text = UNSET
    Qua1: Text = UNSET
    Unit: Text = UNSET
    UsageN: Text = UNSET
    SpInst: Text = UNSET
    Times: Text = UNSET
    IngreN: Text = UNSET
    MeTrIdCl: Text = UNSET


class ClaimedDrugItem(Struct, frozen=True, kw_only=True):
    """An item of `DrugInfs` (薬剤)."""

    DrugInf: ClaimedDrug


class ClaimedTreatment(Struct, frozen=True, kw_only=True):
    """`MeTrInf`: 診療行為 of a claim."""

    SinInfN: Text = UNSET
    SinInfCd: Text = UNSET
    MeTrIdCl: Text = UNSET
    Qua1: Text = UNSET
    Times: Text = UNSET
    Unit: Text = UNSET


class ClaimedTreatmentItem(Struct, frozen=True, kw_only=True):
    """An item of `MeTrInfs` (診療行為)."""

    MeTrInf: ClaimedTreatment


class ClaimedDay(Struct, frozen=True, kw_only=True):
    """`DiDateInf`: what was given on a day. Days of dispensing (調剤) and prescription (処方), YYYYMMDD."""

    DiDate: Text = UNSET
    PrDate: Text = UNSET
    DrugInfs: tuple[ClaimedDrugItem, ...] | UnsetType = UNSET
    MeTrInfs: tuple[ClaimedTreatmentItem, ...] | UnsetType = UNSET


class ClaimedDayItem(Struct, frozen=True, kw_only=True):
    """An item of `DiDateInfs` (調剤年月日)."""

    DiDateInf: ClaimedDay


class ClaimedMonth(Struct, frozen=True, kw_only=True):
    """`MeTrMonthInf`: a claim (レセプト) of a month (YYYYMM): who gave it, who prescribed it (codes of 10 digits)."""

    DiOrg: Text = UNSET
    MeTrDiHCd: Text = UNSET
    PrlsHCd: Text = UNSET
    MeTrDiHNm: Text = UNSET
    MeTrMonth: Text = UNSET
    PrlsHNm: Text = UNSET
    PrIsOrg: Text = UNSET
    InOut: Text = UNSET
    DiDateInfs: tuple[ClaimedDayItem, ...] | UnsetType = UNSET


class DispensedDrug(Struct, frozen=True, kw_only=True):
    """`CzDrugInf`: 薬剤 as dispensed; the members are those of `DrugInf`."""

    CzDrugC: Text = UNSET
    CzDrugN: Text = UNSET
    CzQua1: Text = UNSET
    CzUnit: Text = UNSET
    CzUsageN: Text = UNSET
    CzSpInst: Text = UNSET
    CzTimes: Text = UNSET
    CzIngreN: Text = UNSET
    CzUsageCl: Text = UNSET


class DispensedDrugItem(Struct, frozen=True, kw_only=True):
    """An item of `CzDrugInfs` (薬剤)."""

    CzDrugInf: DispensedDrug


class DispensedDay(Struct, frozen=True, kw_only=True):
    """`CzDiDateInf`: what was dispensed on a day. Days of dispensing (調剤) and prescription (処方), YYYYMMDD."""

    CzDiDate: Text = UNSET
    CzPrDate: Text = UNSET
    CzDrugInfs: tuple[DispensedDrugItem, ...] | UnsetType = UNSET


class DispensedDayItem(Struct, frozen=True, kw_only=True):
    """An item of `CzDiDateInfs` (調剤年月日)."""

    CzDiDateInf: DispensedDay


class DispensedMonth(Struct, frozen=True, kw_only=True):
    """`CzDiMonthInf`: dispensing results (調剤結果) of a month (YYYYMM), known before the claim is."""

    CzDiOrg: Text = UNSET
    CzMeTrDiHCd: Text = UNSET
    CzPrlsHCd: Text = UNSET
    CzMeTrDiHNm: Text = UNSET
    CzDiMonth: Text = UNSET
    CzPrlsHNm: Text = UNSET
    CzPrIsOrg: Text = UNSET
    CzPrCl: Text = UNSET
    CzDiDateInfs: tuple[DispensedDayItem, ...] | UnsetType = UNSET


class DispensedMonthItem(Struct, frozen=True, kw_only=True):
    """An item of `CzDiInf` (調剤情報)."""

    CzDiMonthInf: DispensedMonth


class PrescribedDrug(Struct, frozen=True, kw_only=True):
    """`ShDrugInf`: 薬剤 as prescribed; the members are those of `DrugInf`."""

    ShDrugC: Text = UNSET
    ShDrugN: Text = UNSET
    ShQua1: Text = UNSET
    ShUnit: Text = UNSET
    ShUsageN: Text = UNSET
    ShSpInst: Text = UNSET
    ShTimes: Text = UNSET
    ShIngreN: Text = UNSET
    ShUsageCl: Text = UNSET


class PrescribedDrugItem(Struct, frozen=True, kw_only=True):
    """An item of `ShDrugInfs` (薬剤)."""

    ShDrugInf: PrescribedDrug


class PrescribedDay(Struct, frozen=True, kw_only=True):
    """`ShPrDateInf`: what was prescribed on a day (処方年月日, YYYYMMDD)."""

    ShPrDate: Text = UNSET
    ShDrugInfs: tuple[PrescribedDrugItem, ...] | UnsetType = UNSET


class PrescribedDayItem(Struct, frozen=True, kw_only=True):
    """An item of `ShPrDateInfs` (処方年月日)."""

    ShPrDateInf: PrescribedDay


class PrescribedMonth(Struct, frozen=True, kw_only=True):
    """`ShPrMonthInf`: electronic prescriptions (電子処方箋) of a month (YYYYMM)."""

    ShPrOrg: Text = UNSET
    ShMeTrDiHCd: Text = UNSET
    ShPrHCd: Text = UNSET
    ShMeTrDiHNm: Text = UNSET
    ShPrMonth: Text = UNSET
    ShPrHNm: Text = UNSET
    ShPrIsOrg: Text = UNSET
    ShPrCl: Text = UNSET
    ShPrDateInfs: tuple[PrescribedDayItem, ...] | UnsetType = UNSET


class PrescribedMonthItem(Struct, frozen=True, kw_only=True):
    """An item of `ShPrInf` (処方情報)."""

    ShPrMonthInf: PrescribedMonth


class DrugAnswerBody(Struct, frozen=True, kw_only=True):
    """Body of YZKsiquc01res: claims, dispensing results, electronic prescriptions; empty where nothing is known."""

    MeTrMonthInf: tuple[ClaimedMonth, ...] | UnsetType = UNSET
    CzDiInf: tuple[DispensedMonthItem, ...] | UnsetType = UNSET
    ShPrInf: tuple[PrescribedMonthItem, ...] | UnsetType = UNSET


class DrugAnswerMessage(Struct, frozen=True, kw_only=True):
    """薬剤情報等: YZKsiquc01res."""

    MessageHeader: DrugAnswerHeader
    MessageBody: DrugAnswerBody


class DrugAnswer(Struct, frozen=True, kw_only=True):
    """薬剤情報等: YZKsiquc01res."""

    XmlMsg: DrugAnswerMessage


# --- 特定健診情報: the answer ---


class CheckupPerson(Struct, frozen=True, kw_only=True):
    """`QualificationsInfo`: whose 特定健診情報 it is. Birthday YYYYMMDD, gender as OQSCD007."""

    Name: Text = UNSET
    KanasName: Text = UNSET
    Birthday: Text = UNSET
    AdministrativeGenderCode: Text = UNSET


class CheckupAnswerHeader(Struct, frozen=True, kw_only=True):
    """Header of TKKsiquc01res. `ResultCode` 1 is success; otherwise `MessageContents` says why."""

    ProcessExecutionTime: str
    MedicalInstitutionCode: str
    ArbitraryFileIdentifier: Text = UNSET
    ResultCode: str
    MessageContents: Text = UNSET
    CharacterCodeIdentifier: str
    QualificationsInfo: CheckupPerson | UnsetType = UNSET


class CheckupResult(Struct, frozen=True, kw_only=True):
    """`HealthCheckupResultAndQuestionInfo`: one 健診結果 or 質問票 item. `DataType` PQ measured, CO and CD coded.

    `DataValueName` is the value as shown, for a measured one too: O2 shows nothing else.
    """

    ItemCode: Text = UNSET
    DataValue: Text = UNSET
    ItemName: Text = UNSET
    DataType: Text = UNSET
    Unit: Text = UNSET
    Oid: Text = UNSET
    DataValueName: Text = UNSET


class CheckupResultItem(Struct, frozen=True, kw_only=True):
    """An item of `HealthCheckupResultAndQuestionInfos` (健診結果・質問票)."""

    HealthCheckupResultAndQuestionInfo: CheckupResult


class CheckupInfo(Struct, frozen=True, kw_only=True):
    """`SpecificHealthCheckupInfo`: one 特定健診; `EffectiveTime` is its day, YYYYMMDD."""

    EffectiveTime: Text = UNSET
    HealthCheckupResultAndQuestionInfos: tuple[CheckupResultItem, ...] | UnsetType = UNSET


class CheckupAnswerBody(Struct, frozen=True, kw_only=True):
    """Body of TKKsiquc01res; empty where nothing is known."""

    SpecificHealthCheckupInfo: tuple[CheckupInfo, ...] | UnsetType = UNSET


class CheckupAnswerMessage(Struct, frozen=True, kw_only=True):
    """特定健診情報: TKKsiquc01res."""

    MessageHeader: CheckupAnswerHeader
    MessageBody: CheckupAnswerBody


class CheckupAnswer(Struct, frozen=True, kw_only=True):
    """特定健診情報: TKKsiquc01res."""

    XmlMsg: CheckupAnswerMessage
