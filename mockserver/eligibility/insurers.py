"""Every insurer of the country, and the arithmetic between a card's number and a seat in a household.

Each insurer has the households (後期高齢: the people) of a run of blocks, counted 0, 1, 2 …; a number is that count
scrambled by multiplication modulo a prime, so neighbours have unlike numbers, most numbers are free, and the way back
is one more multiplication. Numbers: wire.md sections 5.1 and 5.2; names of 健保組合 are made up.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator
from itertools import accumulate, groupby

from msgspec import Struct

from mockserver.eligibility.households import ORDINALS, PEOPLE_PER_BLOCK, PLANS
from mockserver.eligibility.records import Insurer, InsurerKind
from mockserver.eligibility.tables import (
    PREFECTURE_THOUSANDS,
    Municipality,
    municipalities,
    prefecture_names,
)

_SCRAMBLE = 7_654_321
# (lowest number, prime number of numbers): 7 digits, for 後期高齢 8 as its members' numbers have
_SEVEN_DIGITS = (1_000_000, 8_999_993)
_EIGHT_DIGITS = (10_000_000, 89_999_999)
_INVERSE = {prime: pow(_SCRAMBLE, -1, prime) for _, prime in (_SEVEN_DIGITS, _EIGHT_DIGITS)}
_PEOPLE_PER_SOCIETY_THOUSANDS = 250
_PUBLIC_SERVANTS = ("31", "32", "32", "33", "34")  # 法別番号 of the block's five 共済 households
_MUTUAL_AID_NAMES = {
    "31": "国家公務員共済組合",
    "32": "地方職員共済組合",
    "33": "警察共済組合",
    "34": "公立学校共済組合",
}
_SOCIETY_HEADS = (
    "あおば みなと ひかり かえで さくら みらい つばさ きぼう やまと あさひ みずほ のぞみ "
    "こだま しらゆり ほくと はやぶさ すみれ わかば たちばな あけぼの こまくさ はまなす ゆうなぎ せせらぎ おおぞら"
).split()
_SOCIETY_TRADES = (
    "電機 機械 鉄鋼 化学 食品 繊維 印刷 建設 運輸 倉庫 商事 百貨 情報 通信 自動車 造船 精密 製薬 製紙 観光".split()
)


class Enrolment(Struct, frozen=True, gc=False):
    """An insurer and who is insured there: every `step`-th block of a run, and the households of each such block.

    An empty run of `ordinals` means that every person of the block has a number of the own (後期高齢).
    """

    insurer: Insurer
    first_block: int
    step: int
    blocks: int
    ordinals: range
    width: int  # how many numbers one block takes
    low: int  # the lowest number,
    prime: int  # and how many numbers there are
    inverse: int

    @classmethod
    def of(cls, insurer: Insurer, first_block: int, step: int, blocks: int, ordinals: range) -> "Enrolment":
        """An insurer's, with the arithmetic of its numbers."""
        low, prime = _EIGHT_DIGITS if insurer.kind is InsurerKind.ELDERLY else _SEVEN_DIGITS
        width = len(ordinals) or PEOPLE_PER_BLOCK
        return cls(insurer, first_block, step, blocks, ordinals, width, low, prime, _INVERSE[prime])

    def number(self, block: int, place: int) -> str:
        """The 被保険者番号 of the `place`-th household (後期高齢: slot) of a block."""
        count = (block - self.first_block) // self.step * self.width + place
        return str(self.low + count * _SCRAMBLE % self.prime)

    def place(self, number: str) -> tuple[int, int] | None:
        """Block and place of a number, or None where nobody has it."""
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            return None
        scrambled = int(number) - self.low
        count = scrambled * self.inverse % self.prime
        if not 0 <= scrambled < self.prime or count >= self.blocks * self.width:
            return None
        step, place = divmod(count, self.width)
        return self.first_block + step * self.step, place


class Area(Struct, frozen=True, gc=False):
    """A municipality with its blocks and the insurers of those who live there."""

    municipality: Municipality
    first_block: int
    national: Enrolment
    elderly: Enrolment
    by_ordinal: tuple[tuple[Enrolment, ...], ...]  # of each household of a block, one entry a turn
    prefecture_first_block: int


class Directory:
    """All insurers of a country of `blocks` blocks, by key and by block."""

    def __init__(self, blocks: int) -> None:
        self.areas = tuple(_areas(blocks))
        self._starts = [area.first_block for area in self.areas]
        self.by_key: dict[str, Enrolment] = {}
        for area in self.areas:
            employees = (enrolment for turns in area.by_ordinal for enrolment in turns)
            for enrolment in (area.national, area.elderly, *employees):
                if enrolment.blocks:
                    self.by_key[enrolment.insurer.key] = enrolment

    def area_of(self, block: int) -> Area:
        """The municipality in which a block's households live."""
        return self.areas[bisect_right(self._starts, block) - 1]


def base_enrolment(area: Area, block: int, ordinal: int) -> Enrolment:
    """The insurer of a household while nobody in it is 75: an employees' one or the municipality's 国保."""
    turns = area.by_ordinal[ordinal]
    if not turns:
        return area.national
    return turns[(block - area.prefecture_first_block) % len(turns)]


def _areas(blocks: int) -> Iterator[Area]:
    everywhere = municipalities()
    siblings = Counter(place.prefecture for place in everywhere)
    starts = _shares(blocks, [PREFECTURE_THOUSANDS[p.prefecture - 1] / siblings[p.prefecture] for p in everywhere])
    block_of = dict(zip(everywhere, starts, strict=True))
    serial = 0
    for prefecture, group in groupby(everywhere, key=lambda place: place.prefecture):
        places = tuple(group)
        first, end = block_of[places[0]][0], block_of[places[-1]][1]
        by_ordinal = _employees(prefecture, first, end - first, serial)
        serial += _societies(prefecture)
        for order, place in enumerate(places, start=1):
            start, stop = block_of[place]
            yield Area(
                place,
                start,
                _national(place, order, start, stop),
                _elderly(place, start, stop),
                by_ordinal,
                first,
            )


def _shares(blocks: int, weights: list[float]) -> list[tuple[int, int]]:
    """Cut `blocks` into runs in proportion to the weights: (start, end) of each."""
    total = sum(weights)
    ends = [round(blocks * part / total) for part in accumulate(weights)]
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _national(place: Municipality, order: int, start: int, stop: int) -> Enrolment:
    insurer = Insurer.numbered(f"{place.prefecture:02d}{order:03d}", place.name, InsurerKind.NATIONAL)
    return Enrolment.of(insurer, start, 1, stop - start, range(len(PLANS)))


def _elderly(place: Municipality, start: int, stop: int) -> Enrolment:
    name = f"{prefecture_names()[place.prefecture - 1]}後期高齢者医療広域連合"
    insurer = Insurer.numbered(f"39{place.prefecture:02d}{place.code}", name, InsurerKind.ELDERLY)
    return Enrolment.of(insurer, start, 1, stop - start, range(0))


def _societies(prefecture: int) -> int:
    return max(1, PREFECTURE_THOUSANDS[prefecture - 1] // _PEOPLE_PER_SOCIETY_THOUSANDS)


def _employees(prefecture: int, first: int, blocks: int, serial: int) -> tuple[tuple[Enrolment, ...], ...]:
    """For each household of a block the employees' insurers that take turns from block to block."""
    association = (_association(prefecture, first, blocks),)
    count = _societies(prefecture)
    societies = tuple(_society(prefecture, first, blocks, serial, n, count) for n in range(count))
    turns: dict[int, tuple[Enrolment, ...]] = dict.fromkeys(ORDINALS[InsurerKind.ASSOCIATION], association)
    turns |= dict.fromkeys(ORDINALS[InsurerKind.SOCIETY], societies)
    for law in set(_PUBLIC_SERVANTS):
        first_ordinal = ORDINALS[InsurerKind.MUTUAL_AID][0] + _PUBLIC_SERVANTS.index(law)
        ordinals = range(first_ordinal, first_ordinal + _PUBLIC_SERVANTS.count(law))
        turns |= dict.fromkeys(ordinals, (_mutual_aid(prefecture, first, blocks, law, ordinals),))
    return tuple(turns.get(ordinal, ()) for ordinal in range(len(PLANS)))


def _association(prefecture: int, first: int, blocks: int) -> Enrolment:
    name = f"全国健康保険協会　{prefecture_names()[prefecture - 1]}支部"
    insurer = Insurer.numbered(f"01{prefecture:02d}001", name, InsurerKind.ASSOCIATION)
    return Enrolment.of(insurer, first, 1, blocks, ORDINALS[InsurerKind.ASSOCIATION])


def _society(prefecture: int, first: int, blocks: int, serial: int, turn: int, count: int) -> Enrolment:
    trade, head = divmod(serial + turn, len(_SOCIETY_HEADS))
    name = f"{_SOCIETY_HEADS[head]}{_SOCIETY_TRADES[trade % len(_SOCIETY_TRADES)]}健康保険組合"
    insurer = Insurer.numbered(f"06{prefecture:02d}{turn + 1:03d}", name, InsurerKind.SOCIETY)
    own_blocks = len(range(turn, blocks, count))
    return Enrolment.of(insurer, first + turn, count, own_blocks, ORDINALS[InsurerKind.SOCIETY])


def _mutual_aid(prefecture: int, first: int, blocks: int, law: str, ordinals: range) -> Enrolment:
    name = f"{_MUTUAL_AID_NAMES[law]}　{prefecture_names()[prefecture - 1]}支部"
    insurer = Insurer.numbered(f"{law}{prefecture:02d}001", name, InsurerKind.MUTUAL_AID)
    return Enrolment.of(insurer, first, 1, blocks, ordinals)
