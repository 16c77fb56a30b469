"""薬剤情報 (YZKsiquc01) and 特定健診情報 (TKKsiquc01): small, made-up, the same for the same person. wire.md 2.10."""

from datetime import date

from msgspec import UNSET, UnsetType

from mockserver.eligibility.calendar import ONE_DAY, months_after
from mockserver.eligibility.care import checkups, drug_months, drugs_only
from mockserver.eligibility.chips import Consent
from mockserver.eligibility.records import Record
from mockserver.linkage.caller import Caller
from mockserver.linkage.registration import card_number, people_named, unknown_number
from mockserver.register import card_holder
from mockserver.wire.care import CareHeader, CheckupAnswer, CheckupRequest, DrugAnswer, DrugRequest
from mockserver.wire.care_answer import CareAddressed, checkup_answer, drug_answer, refused_checkups, refused_drugs
from mockserver.wire.qualification import CONSENT_LASTS, digits_of_day
from mockserver.wire.question import A_DAY, parse_day
from mockserver.wire.refusals import Problem, Refusal, quote, wrong_member

_WITH_TREATMENTS = (UNSET, "", "3", "4")  # FileCategory: 1 and 2 are the drugs alone
_MONTHS_BACK = 36  # where no first day is asked for


def drugs(caller: Caller, request: DrugRequest) -> DrugAnswer:
    """YZKsiquc01req: what a patient was given between two days."""
    header, body = request.XmlMsg.MessageHeader, request.XmlMsg.MessageBody
    today = caller.moment.date()
    first = _day("StartDate", body.StartDate, months_after(today, -_MONTHS_BACK))
    last = _day("EndDate", body.EndDate, today)
    patient = _patient(caller, header, Consent.DRUGS)
    for wrong in (first, last, patient):
        if isinstance(wrong, Refusal):
            return refuse_drugs(caller, request, wrong)
    assert isinstance(first, date) and isinstance(last, date) and isinstance(patient, Record)  # noqa: PT018
    if first > last:
        expected = ("終了日（省略時は今日）以前の日付", "a day not after the last one (today if not given)")
        return refuse_drugs(caller, request, wrong_member(Problem.PERIOD, "StartDate", digits_of_day(first), *expected))
    months = drug_months(patient.person, _key(patient), first, last, today)
    shown = months if body.FileCategory in _WITH_TREATMENTS else drugs_only(months)
    return drug_answer(patient.person, shown, _addressed(caller, header), caller.manner)


def checkup_results(caller: Caller, request: CheckupRequest) -> CheckupAnswer:
    """TKKsiquc01req: a patient's 特定健診 of the last years."""
    header = request.XmlMsg.MessageHeader
    patient = _patient(caller, header, Consent.CHECKUPS)
    if isinstance(patient, Refusal):
        return refuse_checkups(caller, request, patient)
    found = checkups(patient.person, _key(patient), caller.moment.date())
    return checkup_answer(patient.person, found, _addressed(caller, header), caller.manner)


def refuse_drugs(caller: Caller, request: DrugRequest, refusal: Refusal) -> DrugAnswer:
    """Why there is no 薬剤情報."""
    return refused_drugs(refusal.message, _addressed(caller, request.XmlMsg.MessageHeader), caller.manner)


def refuse_checkups(caller: Caller, request: CheckupRequest, refusal: Refusal) -> CheckupAnswer:
    """Why there is no 特定健診情報."""
    return refused_checkups(refusal.message, _addressed(caller, request.XmlMsg.MessageHeader), caller.manner)


def _key(patient: Record) -> str:
    """What stays the same when the insurance changes."""
    return f"{patient.person.name} {patient.person.birthdate}"


def _addressed(caller: Caller, header: CareHeader) -> CareAddressed:
    return CareAddressed(caller.executed, caller.clinic_code, header.ArbitraryFileIdentifier)


def _day(member: str, text: str | UnsetType, otherwise: date) -> date | Refusal:
    if text is UNSET or text == "":
        return otherwise
    month = parse_day(f"{text}01")
    if month:
        return month if member == "StartDate" else months_after(month, 1) - ONE_DAY
    return parse_day(text) or wrong_member(Problem.PERIOD, member, text, *A_DAY)


def _patient(caller: Caller, header: CareHeader, consent: Consent) -> Record | Refusal:
    """Who is asked for, if the clinic may know."""
    number = header.InsuredPersonIdentificationNumber
    asked = card_number(header.InsurerNumber, header.InsuranceCardSymbol, number, header.BranchNumber)
    named = people_named(caller, asked)
    if not named:
        return unknown_number(number)
    if len({record.holder for record in named}) > 1:
        return Refusal(
            Problem.NOBODY,
            f"番号 {quote(number)} では患者を1人に特定できません。枝番も指定してください",
            f"number {quote(number)} is that of more than one patient: give the branch, too",
        )
    patient = named[-1]
    if _may_see(caller, patient, consent):
        return patient
    return Refusal(
        Problem.NO_CONSENT,
        f"患者の閲覧同意（{consent.japanese}）がないか、24時間の期限が切れています",
        f"the patient has not consented ({consent.value}), or the 24 hours are over",
    )


def _may_see(caller: Caller, patient: Record, consent: Consent) -> bool:
    rule = caller.exchange.settings.consent_check
    sandbox = caller.sandbox
    visit = sandbox.visits.get(card_holder(patient)) if sandbox else None
    if visit is None or rule == "never":
        return rule != "always"
    return consent in visit.consents and caller.moment <= visit.moment + CONSENT_LASTS
