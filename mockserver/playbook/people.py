"""Insurers and people of one's own: from the entries of the files to those of the register."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import NamedTuple

from msgspec.structs import replace

from mockserver.eligibility.numbering import check_digit, has_valid_check_digit, holds_individual_number, insurer_key
from mockserver.eligibility.records import Card, Cover, Insurer, InsurerKind, Means, Person, Relation
from mockserver.eligibility.text import half_width, plain
from mockserver.playbook.entries import CardEntry, InsurerEntry, PersonEntry
from mockserver.playbook.gathering import Gathering, Origin
from mockserver.playbook.shaping import nearest
from mockserver.scenarios.casting import USUAL_ASSISTANCE
from mockserver.scenarios.own import OwnPerson
from mockserver.scenarios.scenario import LAST_START
from mockserver.wire.refusals import quote

_WIDE_SPACE = "\u3000"
_FIRST_BIRTH = date(1830, 1, 1)  # 120 years old when the clocks begin


class Placed(NamedTuple):
    """Somebody, and where they are written down."""

    origin: Origin
    own: OwnPerson


def read_insurers(gathering: Gathering) -> dict[str, Insurer]:
    """The insurers of the files by id."""
    insurers: dict[str, Insurer] = {}
    first: dict[str, Origin] = {}
    for origin, entry in gathering.entries("insurers", InsurerEntry):
        if not has_valid_check_digit(entry.number):
            right = entry.number[:-1] + check_digit(entry.number[:-1])
            gathering.refuse(
                origin.below("number"),
                f"保険者番号 {entry.number} の検証番号が正しくありません（{right} ではありませんか）",
                f"number: the check digit of {entry.number} is wrong (did you mean {right}?)",
            )
        elif is_new(gathering, first, origin, entry.id):
            insurers[entry.id] = Insurer(entry.number, entry.name, entry.kind, insurer_key(entry.number))
    return insurers


def read_people(
    gathering: Gathering, own: Mapping[str, Insurer], known: Callable[[str], Insurer | None]
) -> dict[str, Placed]:
    """The people of the files by id. `known` finds an insurer there is by the key of its number."""
    people: dict[str, Placed] = {}
    first: dict[str, Origin] = {}
    asked: dict[str, Origin] = {}
    for origin, entry in gathering.entries("people", PersonEntry):
        card = _card(gathering, origin, entry, own, known)
        following = _card(gathering, origin.below("next"), entry.next, own, known) if entry.next else None
        person = _person(gathering, origin, entry)
        if card is None or person is None or (entry.next and following is None):
            continue
        number = f"{card.insurer.number} {card.symbol} {card.number} {card.branch} {entry.birthdate}"
        if is_new(gathering, first, origin, entry.id) and _is_new_number(gathering, asked, origin, number):
            someone = OwnPerson(entry.id, person, card, _cover(entry, card), entry.since, following)
            people[entry.id] = Placed(origin, someone)
    return people


def is_new(gathering: Gathering, first: dict[str, Origin], origin: Origin, name: str) -> bool:
    """Whether an id stands here for the first time."""
    held = first.setdefault(name, origin)
    if held is not origin:
        gathering.refuse(
            origin.below("id"),
            f"id {quote(name)} は {held} で使われています",
            f"id: {quote(name)} is in use at {held}",
        )
    return held is origin


def _is_new_number(gathering: Gathering, asked: dict[str, Origin], origin: Origin, number: str) -> bool:
    held = asked.setdefault(number, origin)
    if held is not origin:
        gathering.refuse(
            origin.below("number"),
            f"同じ記号・番号・枝番・生年月日の人が {held} にあります",
            f"number: the person at {held} has the same number and birth date",
        )
    return held is origin


def _card(
    gathering: Gathering,
    origin: Origin,
    entry: CardEntry,
    own: Mapping[str, Insurer],
    known: Callable[[str], Insurer | None],
) -> Card | None:
    insurer = own.get(entry.insurer) or known(insurer_key(plain(entry.insurer)))
    if insurer is None and gathering.may_have("insurers", entry.insurer):
        return None
    if insurer is None:
        near = nearest(entry.insurer, own)
        gathering.refuse(
            origin.below("insurer"),
            f"保険者 {quote(entry.insurer)} はありません" + (f"（{near} ではありませんか）" if near else ""),
            f"insurer: there is no {quote(entry.insurer)}" + (f" (did you mean {near}?)" if near else ""),
        )
        return None
    for member, text in (("number", entry.number), ("symbol", entry.symbol)):
        if text and holds_individual_number(text):
            gathering.refuse(
                origin.below(member),
                "12桁の個人番号は書けません。被保険者証の記号・番号を指定してください",
                f"{member}: found an individual number of 12 digits, expected that of the insurance",
            )
            return None
    return Card(insurer, entry.symbol, plain(entry.number), entry.branch)


def _person(gathering: Gathering, origin: Origin, entry: PersonEntry) -> Person | None:
    family, _, given = entry.name.replace(_WIDE_SPACE, " ").partition(" ")
    family_kana, _, given_kana = half_width(entry.kana).replace(_WIDE_SPACE, " ").partition(" ")
    for member, found, second in (("name", entry.name, given), ("kana", entry.kana, given_kana)):
        if not second.strip():
            gathering.refuse(
                origin.below(member),
                f"{member} の値 {quote(found)} に空白がありません。姓と名の間に空白を入れてください",
                f"{member}: found {quote(found)}, expected family and given name with a space between",
            )
            return None
    if not _FIRST_BIRTH <= entry.birthdate <= LAST_START:
        gathering.refuse(
            origin.below("birthdate"),
            f"birthdate の値 {entry.birthdate} が正しくありません。"
            f"{_FIRST_BIRTH} から {LAST_START} までの日付を指定してください",
            f"birthdate: found {entry.birthdate}, expected a day from {_FIRST_BIRTH} to {LAST_START}",
        )
        return None
    if entry.since and not entry.birthdate <= entry.since <= LAST_START:
        gathering.refuse(
            origin.below("since"),
            f"since の値 {entry.since} が正しくありません。"
            f"生年月日 {entry.birthdate} から {LAST_START} までの日付を指定してください",
            f"since: found {entry.since}, expected a day from the birth date {entry.birthdate} to {LAST_START}",
        )
        return None
    return Person(
        family_name=family,
        given_name=given.strip(),
        family_kana=family_kana,
        given_kana=given_kana.strip(),
        sex="1" if entry.sex == "male" else "2",
        birthdate=entry.birthdate,
        address=entry.address,
        post_number=entry.post_number,
    )


def _cover(entry: PersonEntry, card: Card) -> Cover:
    relation = Relation.FAMILY if entry.head else Relation.SELF
    cover = Cover(relation, Means(entry.income, entry.income), entry.head and entry.head.replace(" ", _WIDE_SPACE))
    is_assisted = card.insurer.kind is InsurerKind.ASSISTANCE
    return replace(cover, assistance=USUAL_ASSISTANCE) if is_assisted else cover
