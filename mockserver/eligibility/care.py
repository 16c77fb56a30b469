"""What was given to a person and found in check-ups: 薬剤情報, 診療情報, 特定健診. All of it is made up.

Nothing is stored: every draw is a hash of the person's key, so the same key always has the same content, and a month
is the same whatever period is asked about. Source of what such information holds: wire.md 2.10.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from hashlib import blake2b
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from mockserver.eligibility.calendar import age_on, months_after
from mockserver.eligibility.numbering import institution_code
from mockserver.eligibility.records import Person

MONTHS_KEPT = 60  # what is older than five years is not shown
CHECKUP_AGES = range(40, 75)  # 特定健診 is for these ages, full years


class Institution(Struct, frozen=True):
    """医療機関 or 薬局: its code (10 digits) and its name."""

    code: str
    name: str


class Drug(Struct, frozen=True):
    """薬剤. `kind` is the 診療識別 (21 内服, 22 屯服, 23 外用, 33 点滴, 14 在宅); `code` has 12 characters.

    `quantity`, in `unit`, is that of a day if 内服 and of one time otherwise; `times` are days or times.
    """

    code: str
    name: str
    ingredient: str
    kind: str
    quantity: str
    unit: str
    usage: str
    times: int


class Treatment(Struct, frozen=True):
    """診療行為: code (9 digits), 診療識別 (60 検査, 14 在宅); given in one month of so many."""

    code: str
    name: str
    kind: str
    every_months: int = 1


class DrugDay(Struct, frozen=True):
    """What was given on a day (調剤日), the day it was prescribed (処方日), and what was done."""

    dispensed_on: date
    prescribed_on: date
    drugs: tuple[Drug, ...]
    treatments: tuple[Treatment, ...] = ()


class DrugMonth(Struct, frozen=True):
    """One institution's month: who dispensed, who prescribed (None: the same), and on which days what.

    `month` is its first day. `is_from_claims` tells レセプト from dispensing results (調剤結果).
    """

    month: date
    dispenser: Institution
    prescriber: Institution | None
    days: tuple[DrugDay, ...]
    is_inpatient: bool = False
    is_from_claims: bool = True


class CheckupItem(Struct, frozen=True):
    """One result (健診項目): JLAC10 code of 17 characters, value, and how it is shown; `oid` names its list of codes.

    `kind` is PQ for a quantity in `unit`, CO for a grade, CD for another code.
    """

    code: str
    name: str
    kind: Literal["PQ", "CO", "CD"]
    value: str
    shown: str
    unit: str | None = None
    oid: str | None = None


class Checkup(Struct, frozen=True):
    """特定健診 of one day."""

    examined_on: date
    items: tuple[CheckupItem, ...]


class Course(Struct, frozen=True):
    """Who is given what for a complaint: ages in full years, percent of people (`is_lasting`) or of a person's months."""

    complaint: str
    ages: range
    percent: int
    percent_from_65: int
    drugs: tuple[Drug, ...]
    treatments: tuple[Treatment, ...] = ()
    is_lasting: bool = False
    is_inpatient: bool = False


class Measure(Struct, frozen=True):
    """A 健診検査: values from `lowest` to `lowest + spread`, higher by `more` with a complaint; tenths if `has_tenths`."""

    code: str
    name: str
    unit: str
    lowest: int
    spread: int
    complaint: str = ""
    more: int = 0
    has_tenths: bool = False


# --- what there is to give; codes end in ZZZ, as those of generic names (一般名) do, so that no product is named ---

_REGULAR = 28  # days between regular visits, for some half as many
_MORNING, _THRICE, _PAIN = "１日１回朝食後", "１日３回毎食後", "疼痛時　１回１錠"
_BLOOD_TEST = Treatment("160008010", "末梢血液一般検査", "60", 3)
_CHEMISTRY = Treatment("160019410", "血液化学検査（５項目以上）", "60", 3)
_GLYCATED = Treatment("160010010", "ＨｂＡ１ｃ", "60", 2)
_SELF_INJECTION = Treatment("114005410", "在宅自己注射指導管理料", "14")

_COURSES = (
    Course(
        "高血圧症", range(40, 130), 25, 60,
        (Drug("2171022F2ZZZ", "アムロジピン錠５ｍｇ", "アムロジピンベシル酸塩", "21", "1", "錠", _MORNING, _REGULAR),),
        (_CHEMISTRY,), is_lasting=True,
    ),
    Course(
        "脂質異常症", range(40, 130), 18, 40,
        (Drug("2189017F1ZZZ", "ロスバスタチン錠２．５ｍｇ", "ロスバスタチンカルシウム", "21", "1", "錠",
              "１日１回夕食後", _REGULAR),),
        is_lasting=True,
    ),
    Course(
        "２型糖尿病", range(40, 130), 8, 20,
        (Drug("3962002F2ZZZ", "メトホルミン塩酸塩錠２５０ｍｇ", "メトホルミン塩酸塩", "21", "3", "錠", _THRICE, _REGULAR),),
        (_GLYCATED,), is_lasting=True,
    ),
    Course(
        "１型糖尿病", range(7, 130), 1, 2,
        (Drug("2492416GAZZZ", "インスリン　グラルギン注キット３００単位", "インスリン　グラルギン", "14", "2", "キット",
              "１日１回就寝前　皮下注射", 1),),
        (_SELF_INJECTION, _GLYCATED), is_lasting=True,
    ),
    Course(
        "便秘症", range(65, 130), 0, 30,
        (Drug("2344009F2ZZZ", "酸化マグネシウム錠３３０ｍｇ", "酸化マグネシウム", "21", "3", "錠", _THRICE, _REGULAR),),
        is_lasting=True,
    ),
    Course(
        "感冒", range(7, 130), 7, 4,
        (Drug("2233002F1ZZZ", "カルボシステイン錠２５０ｍｇ", "Ｌ－カルボシステイン", "21", "3", "錠", _THRICE, 5),
         Drug("1141007F1ZZZ", "アセトアミノフェン錠２００ｍｇ", "アセトアミノフェン", "22", "1", "錠",
              "発熱時　１回１錠", 5)),
    ),
    Course(
        "腰痛症", range(20, 130), 4, 10,
        (Drug("1149019F1ZZZ", "ロキソプロフェンナトリウム錠６０ｍｇ", "ロキソプロフェンナトリウム水和物", "22", "1", "錠",
              _PAIN, 10),
         Drug("2649729S2ZZZ", "ケトプロフェンテープ２０ｍｇ", "ケトプロフェン", "23", "14", "枚", "１日１回患部に貼付", 1)),
        (_BLOOD_TEST,),
    ),
    Course(
        "小児の感冒", range(7), 18, 0,
        (Drug("2233002R2ZZZ", "カルボシステインシロップ用５０％", "Ｌ－カルボシステイン", "21", "0.8", "ｇ", _THRICE, 5),
         Drug("2249003R1ZZZ", "チペピジンヒベンズ酸塩ドライシロップ２％", "チペピジンヒベンズ酸塩", "21", "1", "ｇ", _THRICE, 5)),
    ),
    Course(
        "中耳炎", range(7), 6, 0,
        (Drug("6131001C1ZZZ", "アモキシシリン細粒１０％", "アモキシシリン水和物", "21", "4", "ｇ", _THRICE, 7),),
    ),
    Course(
        "肺炎", range(65, 130), 0, 1,
        (Drug("6139504F1ZZZ", "スルバクタム・アンピシリン静注用３ｇ", "アンピシリンナトリウム・スルバクタムナトリウム", "33",
              "2", "瓶", "点滴静注", 7),),
        (_BLOOD_TEST,), is_inpatient=True,
    ),
)  # fmt: skip
_LASTING = tuple(course for course in _COURSES if course.is_lasting)
_IN_HOSPITAL = tuple(course for course in _COURSES if course.is_inpatient)
_PASSING = tuple(course for course in _COURSES if not course.is_lasting and not course.is_inpatient)
_CLINICS = (
    Institution(institution_code(13, 1, 987001), "模擬内科クリニック"),
    Institution(institution_code(27, 1, 987002), "架空駅前診療所"),
)
_CHILDRENS_CLINIC = Institution(institution_code(13, 1, 987003), "模擬小児科医院")
_HOSPITAL = Institution(institution_code(13, 1, 987004), "模擬総合病院")
_PHARMACIES = (
    Institution(institution_code(13, 4, 987101), "模擬薬局"),
    Institution(institution_code(27, 4, 987102), "架空調剤薬局"),
)

_QUALITATIVE, _YES_OR_NO = "1.2.392.200119.6.2102", "1.2.392.200119.6.2003"
_MEASURES = (
    Measure("9A751000000000001", "収縮期血圧（１回目）", "mmHg", 105, 30, "高血圧症", 12),
    Measure("9A761000000000001", "拡張期血圧（１回目）", "mmHg", 62, 20, "高血圧症", 8),
    Measure("3F015000002327101", "空腹時中性脂肪（トリグリセリド）", "mg/dl", 50, 130, "脂質異常症", 60),
    Measure("3F070000002327101", "ＨＤＬコレステロール", "mg/dl", 42, 40),
    Measure("3F077000002327101", "ＬＤＬコレステロール", "mg/dl", 80, 55, "脂質異常症", 25),
    Measure("3B035000002327201", "ＡＳＴ（ＧＯＴ）", "U/l", 14, 20),
    Measure("3B045000002327201", "ＡＬＴ（ＧＰＴ）", "U/l", 9, 30),
    Measure("3B090000002327101", "γ－ＧＴ（γ－ＧＴＰ）", "U/l", 12, 50),
    Measure("3D010000001926101", "空腹時血糖", "mg/dl", 80, 22, "２型糖尿病", 35),
    Measure("3D046000001906202", "ＨｂＡ１ｃ（ＮＧＳＰ値）", "%", 50, 7, "２型糖尿病", 13, has_tenths=True),
)


# --- drugs ---


def drug_months(person: Person, key: str, first: date, last: date, today: date) -> tuple[DrugMonth, ...]:
    """What a person was given from a day to another, both included, by month; `key` names the person.

    Not more than five years ago. This month is known from dispensing results, earlier ones from claims.
    """
    first, last = max(first, months_after(today, -MONTHS_KEPT), person.birthdate), min(last, today)
    known = (
        replace(whole, days=days, is_from_claims=month < today.replace(day=1))
        for month in _months(first, last)
        for whole in _whole_month(person, key, month)
        if (days := tuple(day for day in whole.days if first <= day.dispensed_on <= last))
    )
    return tuple(known)


def drugs_only(months: tuple[DrugMonth, ...]) -> tuple[DrugMonth, ...]:
    """The same months without 診療情報; those that hold nothing else are left out."""
    return tuple(
        replace(month, days=tuple(replace(day, treatments=()) for day in month.days if day.drugs))
        for month in months
        if any(day.drugs for day in month.days)
    )


def _months(first: date, last: date) -> Iterator[date]:
    """The first days of the months of a period."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return (months_after(first.replace(day=1), number) for number in range(count))


def _whole_month(person: Person, key: str, month: date) -> Iterator[DrugMonth]:
    """What a month holds: the regular visits, one when ill, a stay in hospital; in some months nothing."""
    age = age_on(person.birthdate, month)
    lasting, passing, inpatient = (_had(courses, age, key, month) for courses in (_LASTING, _PASSING, _IN_HOSPITAL))
    if lasting and _draw(8, key, month, "comes"):
        yield from _visits(key, month, age, lasting, _regular_days(key, month))
    if passing:
        yield from _visits(key, month, age, passing, (month + timedelta(_draw(27, key, month, "ill")),))
    if inpatient:
        day = month + timedelta(_draw(20, key, month, "stays"))
        days = (DrugDay(day, day, _drugs(inpatient, 1), _treatments(inpatient, month)),)
        yield DrugMonth(month, _HOSPITAL, None, days, is_inpatient=True)


def _had(courses: tuple[Course, ...], age: int, key: str, month: date) -> list[Course]:
    return [course for course in courses if _has(course, age, key, month)]


def _has(course: Course, age: int, key: str, month: date) -> bool:
    """Whether somebody of an age has a complaint in a month: one that lasts is drawn once and kept."""
    if age not in course.ages:
        return False
    drawn = _draw(100, key, course.complaint, "" if course.is_lasting else month)
    return drawn < (course.percent_from_65 if age >= 65 else course.percent)


def _regular_days(key: str, month: date) -> tuple[date, ...]:
    """One visit a month, or for some two; none later than the 27th."""
    day = month + timedelta(_draw(13, key, month, "regular"))
    comes_twice = _draw(4, key, "twice") == 0
    return (day, day + timedelta(_REGULAR // 2)) if comes_twice else (day,)


def _visits(key: str, month: date, age: int, courses: list[Course], days: tuple[date, ...]) -> Iterator[DrugMonth]:
    """Visits to a clinic: it gives the drugs itself, or a pharmacy does on the same day or the next."""
    clinic = _clinic(key, age, courses[0].is_lasting)
    done = _treatments(courses, month)
    given = [DrugDay(day, day, _drugs(courses, len(days))) for day in days]
    if _draw(4, key, clinic.code, "dispenses") == 0:
        yield DrugMonth(month, clinic, None, (replace(given[0], treatments=done), *given[1:]))
        return
    if done:
        yield DrugMonth(month, clinic, None, (DrugDay(days[0], days[0], (), done),))
    wait = timedelta(_draw(4, key, month, "wait") == 0)
    pharmacy = _PHARMACIES[_draw(len(_PHARMACIES), key, "pharmacy")]
    yield DrugMonth(
        month, pharmacy, clinic, tuple(replace(day, dispensed_on=day.prescribed_on + wait) for day in given)
    )


def _clinic(key: str, age: int, is_lasting: bool) -> Institution:
    """Where somebody goes: what lasts is never treated where the rest is, so a clinic has one claim a month."""
    if age < 15 and not is_lasting:
        return _CHILDRENS_CLINIC
    return _CLINICS[(_draw(2, key, "clinic") + is_lasting) % 2]


def _drugs(courses: list[Course], visits: int) -> tuple[Drug, ...]:
    """The drugs of the courses; who comes more often takes regular ones home for fewer days."""
    drugs = (drug for course in courses for drug in course.drugs)
    return tuple(replace(drug, times=_REGULAR // visits) if drug.times == _REGULAR else drug for drug in drugs)


def _treatments(courses: list[Course], month: date) -> tuple[Treatment, ...]:
    """What is done in a month, each thing once."""
    done = {treatment: None for course in courses for treatment in course.treatments}
    return tuple(treatment for treatment in done if month.month % treatment.every_months == 0)


# --- check-ups ---


def checkups(person: Person, key: str, day: date) -> tuple[Checkup, ...]:
    """The 特定健診 of the five years before a day, that day included, newest first; one a year from 40 to 74."""
    oldest = months_after(day, -MONTHS_KEPT)
    days = (_examined_on(key, year) for year in range(day.year, oldest.year - 1, -1))
    return tuple(
        Checkup(examined_on, _items(person, key, examined_on))
        for examined_on in days
        if oldest < examined_on <= day and age_on(person.birthdate, examined_on) in CHECKUP_AGES
    )


def _examined_on(key: str, year: int) -> date:
    """The day of a year's check-up: May to December."""
    return date(year, 5 + _draw(8, key, year, "month"), 1 + _draw(28, key, year, "day"))


def _items(person: Person, key: str, day: date) -> tuple[CheckupItem, ...]:
    age, month = age_on(person.birthdate, day), day.replace(day=1)
    complaints = {course.complaint for course in _had(_LASTING, age, key, month)}
    return (
        *_build(person, key, day.year),
        *(_result(measure, key, day.year, measure.complaint in complaints) for measure in _MEASURES),
        _grade("1A020000000191111", "尿糖", "２型糖尿病" in complaints and _draw(2, key, day.year, "sugar") == 0),
        _grade("1A010000000191111", "尿蛋白", _draw(20, key, day.year, "protein") == 0),
        _answer("9N701000000000011", "服薬１（血圧）", "高血圧症" in complaints),
        _answer("9N706000000000011", "服薬２（血糖）", bool(complaints & {"１型糖尿病", "２型糖尿病"})),
        _answer("9N711000000000011", "服薬３（脂質）", "脂質異常症" in complaints),
    )


def _build(person: Person, key: str, year: int) -> tuple[CheckupItem, ...]:
    """Height, weight, BMI and waist, in tenths, which agree; the height stays."""
    height = (1590 if person.sex == "1" else 1460) + _draw(200, key, "height")
    index = 185 + _draw(100, key, "bmi") + _draw(9, key, year, "bmi")
    weight = index * height * height // 1_000_000
    waist = 400 + index * 18 // 10 + _draw(40, key, "waist")
    return (
        _quantity("9N001000000000001", "身長", "cm", _tenths(height)),
        _quantity("9N006000000000001", "体重", "kg", _tenths(weight)),
        _quantity("9N011000000000001", "ＢＭＩ", "kg/m2", _tenths(round(weight * 1_000_000 / height / height))),
        _quantity("9N016160100000001", "腹囲（実測）", "cm", _tenths(waist)),
    )


def _result(measure: Measure, key: str, year: int, is_ill: bool) -> CheckupItem:
    """A person's own level, a little different each year."""
    level = measure.lowest + _draw(measure.spread * 3 // 4 + 1, key, measure.code)
    value = level + _draw(measure.spread // 4 + 1, key, measure.code, year) + is_ill * measure.more
    return _quantity(measure.code, measure.name, measure.unit, _tenths(value) if measure.has_tenths else str(value))


def _quantity(code: str, name: str, unit: str, value: str) -> CheckupItem:
    return CheckupItem(code, name, "PQ", value, value, unit)


def _grade(code: str, name: str, is_found: bool) -> CheckupItem:
    value, shown = ("3", "１＋") if is_found else ("1", "－")
    return CheckupItem(code, name, "CO", value, shown, oid=_QUALITATIVE)


def _answer(code: str, name: str, is_so: bool) -> CheckupItem:
    value, shown = ("1", "はい") if is_so else ("2", "いいえ")
    return CheckupItem(code, name, "CD", value, shown, oid=_YES_OR_NO)


def _tenths(value: int) -> str:
    return f"{value // 10}.{value % 10}"


def _draw(below: int, *about: object) -> int:
    """A number from 0 to `below` - 1: always the same about the same."""
    text = "\x1f".join(map(str, about)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big") % below
