"""Care of a person (薬剤情報等, 特定健診情報) as the real system's messages. Formats: wire.md 2.10.

What a number means is known for few members; the rest is a guess, marked where it is made. Electronic prescriptions
(`ShPrInf`) are not told of.
"""

from datetime import date

from msgspec import UNSET, Struct, UnsetType

from mockserver.eligibility.care import Checkup, CheckupItem, Drug, DrugDay, DrugMonth, Institution, Treatment
from mockserver.eligibility.records import Person
from mockserver.wire.care import (
    CheckupAnswer,
    CheckupAnswerBody,
    CheckupAnswerHeader,
    CheckupAnswerMessage,
    CheckupInfo,
    CheckupPerson,
    CheckupResult,
    CheckupResultItem,
    ClaimedDay,
    ClaimedDayItem,
    ClaimedDrug,
    ClaimedDrugItem,
    ClaimedMonth,
    ClaimedTreatment,
    ClaimedTreatmentItem,
    DispensedDay,
    DispensedDayItem,
    DispensedDrug,
    DispensedDrugItem,
    DispensedMonth,
    DispensedMonthItem,
    DrugAnswer,
    DrugAnswerBody,
    DrugAnswerHeader,
    DrugAnswerMessage,
    DrugPerson,
)
from mockserver.wire.message import Text
from mockserver.wire.qualification import Manner, digits_of_day

SUCCEEDED, REFUSED = "1", "2"  # ResultCode: anything but 1 is a refusal to the client that is known
_INPATIENT, _OUTPATIENT = "1", "2"  # as in claims (入外)
_OWN, _OTHER = "1", "2"  # whether an institution is the asker: so in O2 for PrIsOrg, by analogy for DiOrg


class CareAddressed(Struct, frozen=True):
    """To whom a message goes and when it was made (14 digits): the members of a header that come from the request."""

    executed: str
    clinic_code: str
    file_identifier: str | UnsetType = UNSET


def drug_answer(person: Person, months: tuple[DrugMonth, ...], addressed: CareAddressed, manner: Manner) -> DrugAnswer:
    """A person's 薬剤情報等: months of claims, and months of dispensing results."""
    own = addressed.clinic_code
    claimed = tuple(_claimed(month, own) for month in months if month.is_from_claims)
    dispensed = tuple(
        DispensedMonthItem(CzDiMonthInf=_dispensed(month, own))
        for month in months
        if not month.is_from_claims and any(day.drugs for day in month.days)
    )
    subject = DrugPerson(
        Name=manner.show(person.name),
        KanaName=person.kana,
        Birth=digits_of_day(person.birthdate),
        AdmGendCode=person.sex,
    )
    body = DrugAnswerBody(MeTrMonthInf=claimed or UNSET, CzDiInf=dispensed or UNSET)
    return _drugs_message(SUCCEEDED, addressed, manner, body, subject)


def refused_drugs(text: str, addressed: CareAddressed, manner: Manner) -> DrugAnswer:
    """A refusal of 薬剤情報等, and why."""
    return _drugs_message(REFUSED, addressed, manner, DrugAnswerBody(), text=text)


def checkup_answer(
    person: Person, checkups: tuple[Checkup, ...], addressed: CareAddressed, manner: Manner
) -> CheckupAnswer:
    """A person's 特定健診情報."""
    subject = CheckupPerson(
        Name=manner.show(person.name),
        KanasName=person.kana,
        Birthday=digits_of_day(person.birthdate),
        AdministrativeGenderCode=person.sex,
    )
    body = CheckupAnswerBody(SpecificHealthCheckupInfo=tuple(map(_checkup, checkups)) or UNSET)
    return _checkups_message(SUCCEEDED, addressed, manner, body, subject)


def refused_checkups(text: str, addressed: CareAddressed, manner: Manner) -> CheckupAnswer:
    """A refusal of 特定健診情報, and why."""
    return _checkups_message(REFUSED, addressed, manner, CheckupAnswerBody(), text=text)


def _drugs_message(
    result: str,
    addressed: CareAddressed,
    manner: Manner,
    body: DrugAnswerBody,
    subject: DrugPerson | UnsetType = UNSET,
    text: Text = UNSET,
) -> DrugAnswer:
    header = DrugAnswerHeader(
        ProcessExecutionTime=addressed.executed,
        MedicalInstitutionCode=addressed.clinic_code,
        ArbitraryFileIdentifier=addressed.file_identifier,
        ResultCode=result,
        MessageContents=text,
        CharacterCodeIdentifier=manner.character_code,
        QuaInf=subject,
    )
    return DrugAnswer(XmlMsg=DrugAnswerMessage(MessageHeader=header, MessageBody=body))


def _checkups_message(
    result: str,
    addressed: CareAddressed,
    manner: Manner,
    body: CheckupAnswerBody,
    subject: CheckupPerson | UnsetType = UNSET,
    text: Text = UNSET,
) -> CheckupAnswer:
    header = CheckupAnswerHeader(
        ProcessExecutionTime=addressed.executed,
        MedicalInstitutionCode=addressed.clinic_code,
        ArbitraryFileIdentifier=addressed.file_identifier,
        ResultCode=result,
        MessageContents=text,
        CharacterCodeIdentifier=manner.character_code,
        QualificationsInfo=subject,
    )
    return CheckupAnswer(XmlMsg=CheckupAnswerMessage(MessageHeader=header, MessageBody=body))


# --- claims ---


def _claimed(month: DrugMonth, own: str) -> ClaimedMonth:
    prescriber = month.prescriber
    return ClaimedMonth(
        DiOrg=_whose(month.dispenser, own),
        MeTrDiHCd=month.dispenser.code,
        PrlsHCd=prescriber.code if prescriber else UNSET,
        MeTrDiHNm=month.dispenser.name,
        MeTrMonth=_digits_of_month(month.month),
        PrlsHNm=prescriber.name if prescriber else UNSET,
        PrIsOrg=_whose(prescriber or month.dispenser, own),
        InOut=_INPATIENT if month.is_inpatient else _OUTPATIENT,
        DiDateInfs=tuple(ClaimedDayItem(DiDateInf=_claimed_day(day)) for day in month.days) or UNSET,
    )


def _claimed_day(day: DrugDay) -> ClaimedDay:
    return ClaimedDay(
        DiDate=digits_of_day(day.dispensed_on),
        PrDate=digits_of_day(day.prescribed_on),
        DrugInfs=tuple(ClaimedDrugItem(DrugInf=_claimed_drug(drug)) for drug in day.drugs) or UNSET,
        MeTrInfs=tuple(ClaimedTreatmentItem(MeTrInf=_claimed_treatment(done)) for done in day.treatments) or UNSET,
    )


def _claimed_drug(drug: Drug) -> ClaimedDrug:
    return ClaimedDrug(
        DrugC=drug.code,
        DrugN=drug.name,
        Qua1=drug.quantity,
        Unit=drug.unit,
        UsageN=drug.usage,
        Times=str(drug.times),
        IngreN=drug.ingredient,
        MeTrIdCl=drug.kind,
    )


def _claimed_treatment(treatment: Treatment) -> ClaimedTreatment:
    return ClaimedTreatment(
        SinInfN=treatment.name,
        SinInfCd=treatment.code,
        MeTrIdCl=treatment.kind,
        Qua1="1",
        Times="1",
        Unit="回",
    )


# --- dispensing results ---


def _dispensed(month: DrugMonth, own: str) -> DispensedMonth:
    prescriber = month.prescriber
    days = (DispensedDayItem(CzDiDateInf=_dispensed_day(day)) for day in month.days if day.drugs)
    return DispensedMonth(
        CzDiOrg=_whose(month.dispenser, own),
        CzMeTrDiHCd=month.dispenser.code,
        CzPrlsHCd=prescriber.code if prescriber else UNSET,
        CzMeTrDiHNm=month.dispenser.name,
        CzDiMonth=_digits_of_month(month.month),
        CzPrlsHNm=prescriber.name if prescriber else UNSET,
        CzPrIsOrg=_whose(prescriber or month.dispenser, own),
        CzPrCl=_INPATIENT if month.is_inpatient else _OUTPATIENT,
        CzDiDateInfs=tuple(days),
    )


def _dispensed_day(day: DrugDay) -> DispensedDay:
    return DispensedDay(
        CzDiDate=digits_of_day(day.dispensed_on),
        CzPrDate=digits_of_day(day.prescribed_on),
        CzDrugInfs=tuple(DispensedDrugItem(CzDrugInf=_dispensed_drug(drug)) for drug in day.drugs),
    )


def _dispensed_drug(drug: Drug) -> DispensedDrug:
    return DispensedDrug(
        CzDrugC=drug.code,
        CzDrugN=drug.name,
        CzQua1=drug.quantity,
        CzUnit=drug.unit,
        CzUsageN=drug.usage,
        CzTimes=str(drug.times),
        CzIngreN=drug.ingredient,
        CzUsageCl=drug.kind,
    )


def _whose(institution: Institution, own: str) -> str:
    return _OWN if institution.code == own else _OTHER


def _digits_of_month(month: date) -> str:
    return digits_of_day(month)[:6]


# --- check-ups ---


def _checkup(checkup: Checkup) -> CheckupInfo:
    return CheckupInfo(
        EffectiveTime=digits_of_day(checkup.examined_on),
        HealthCheckupResultAndQuestionInfos=tuple(
            CheckupResultItem(HealthCheckupResultAndQuestionInfo=_result(item)) for item in checkup.items
        ),
    )


def _result(item: CheckupItem) -> CheckupResult:
    return CheckupResult(
        ItemCode=item.code,
        DataValue=item.value,
        ItemName=item.name,
        DataType=item.kind,
        Unit=item.unit or UNSET,
        Oid=item.oid or UNSET,
        DataValueName=item.shown,
    )
