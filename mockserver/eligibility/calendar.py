"""Days and ages as Japanese law counts them. All days are Japanese days (JST).

Days past the end of the calendar (year 9999) are its last day, so that a far birth date is no accident.
"""

from calendar import monthrange
from datetime import MAXYEAR, date, datetime, time, timedelta, timezone
from functools import lru_cache

JST = timezone(timedelta(hours=9), "JST")
ONE_DAY = timedelta(days=1)
_MIDNIGHT = time(tzinfo=JST)
_combine = datetime.combine  # a class makes its own methods anew each time they are asked for, felt on the look-up path


def later(one: date, other: date) -> date:
    """The later of two days; `max` takes longer, felt on the look-up path."""
    return one if one > other else other  # noqa: FURB136


def midnight(day: date) -> datetime:
    """The first moment of a Japanese day."""
    return _combine(day, _MIDNIGHT)


def birthday(birthdate: date, years: int) -> date:
    """The day somebody is said to have turned `years`; who is born on 29 February has it on 1 March in other years."""
    year = birthdate.year + years
    if year > MAXYEAR:
        return date.max
    try:
        return date(year, birthdate.month, birthdate.day)
    except ValueError:
        return date(year, 3, 1)


def months_after(day: date, months: int) -> date:
    """The same day so many months later (earlier, if negative), or the last one of a month that is too short."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= years <= MAXYEAR:
        return date.max if years > MAXYEAR else date.min
    return date(years, month + 1, min(day.day, monthrange(years, month + 1)[1]))


def age_on(birthdate: date, day: date) -> int:
    """Full years of age on a day; negative before birth."""
    return day.year - birthdate.year - ((day.month, day.day) < (birthdate.month, birthdate.day))


def school_start(birthdate: date) -> date:
    """The 1 April on which compulsory school begins (就学): the first after the sixth year of life is full.

    Who is born on 1 April is six at the end of 31 March and starts the next day.
    """
    early = (birthdate.month, birthdate.day) <= (4, 1)
    year = birthdate.year + (6 if early else 7)
    return date(year, 4, 1) if year <= MAXYEAR else date.max


def elderly_certificate_start(birthdate: date) -> date:
    """The first day of the 高齢受給者証: the month after the 70th birthday, the same month for those born on a 1st.

    Source: wire.md section 7 (city pages).
    """
    turned_70 = birthday(birthdate, 70)
    if turned_70.day == 1 or (turned_70.year, turned_70.month) == (MAXYEAR, 12):
        return turned_70
    return date(turned_70.year + turned_70.month // 12, turned_70.month % 12 + 1, 1)


@lru_cache(maxsize=1_024)
def insurance_year(day: date) -> tuple[date, date]:
    """First and last day of the yearly period, 1 August to 31 July, of 国保 and 後期高齢 certificates holding `day`."""
    first_year = day.year if day.month >= 8 else day.year - 1
    start = date(first_year, 8, 1) if first_year else date.min
    return start, date(first_year + 1, 7, 31) if first_year < MAXYEAR else date.max
