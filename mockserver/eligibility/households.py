"""The block: 124 people in 78 households, the mix of the whole country in small.

The country is this block a million times over, so the kinds of insurer keep the proportions of volume.md everywhere
(in millions: 協会けんぽ 39, 組合健保 28, 共済 10, 国保 27, 後期高齢 20 make 124; the page rounds 国保 to 26).
"""

from msgspec import Struct

from mockserver.eligibility.records import InsurerKind


class Plan(Struct, frozen=True, gc=False):
    """A household of the block: kind of insurer on the epoch's day, size, the block's slot of its first seat.

    The head's age on the epoch is `youngest_days` plus a share of `span_days`; with `skew` the young are more frequent.
    """

    kind: InsurerKind
    size: int
    first_slot: int
    youngest_days: int
    span_days: int
    skew: bool


def years(count: float) -> int:
    """Years as days."""
    return round(count * 365.2425)


# How many households of which size; the sizes add up to the people of the kind.
_SIZES = (
    (InsurerKind.ASSOCIATION, (1,) * 17 + (2,) * 4 + (3, 3, 4, 4)),
    (InsurerKind.SOCIETY, (1,) * 9 + (2, 2, 2, 3, 3, 3, 4)),
    (InsurerKind.MUTUAL_AID, (1, 1, 1, 3, 4)),
    (InsurerKind.NATIONAL, (1,) * 11 + (2,) * 5 + (3, 3)),
    (InsurerKind.ELDERLY, (1,) * 8 + (2,) * 6),
)
_ELDEST_WORKER_YEARS = 69
_SINGLES_OF_SIXTY_AND_MORE = 7  # of the single households of 国保


def _plan(kind: InsurerKind, size: int, order: int, slot: int) -> Plan:
    if kind is InsurerKind.ELDERLY:
        return Plan(kind, size, slot, years(75.1 if size == 1 else 78.2), years(25), True)
    if size > 1:
        return Plan(kind, size, slot, years(29), years(40 if kind is InsurerKind.NATIONAL else 34), False)
    if kind is InsurerKind.NATIONAL and order < _SINGLES_OF_SIXTY_AND_MORE:
        return Plan(kind, size, slot, years(60), years(14.9), False)
    return Plan(kind, size, slot, years(19), years(_ELDEST_WORKER_YEARS - 19), False)


def _plans() -> tuple[Plan, ...]:
    plans: list[Plan] = []
    slot = 0
    for kind, sizes in _SIZES:
        for order, size in enumerate(sizes):
            plans.append(_plan(kind, size, order, slot))
            slot += size
    return tuple(plans)


PLANS = _plans()
PEOPLE_PER_BLOCK = sum(plan.size for plan in PLANS)
# slot -> household of the block, and the run of each kind's households
HOUSEHOLD_OF_SLOT = tuple(ordinal for ordinal, plan in enumerate(PLANS) for _ in range(plan.size))
ORDINALS = {
    kind: range(ordinals[0], ordinals[-1] + 1)
    for kind in InsurerKind
    if (ordinals := [n for n, plan in enumerate(PLANS) if plan.kind is kind])
}
