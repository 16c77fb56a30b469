"""The reserved insurer numbers: by rule (990) and of the ready people (991), one of each kind, check digits valid.

No population has them. With a 990 number the last two digits of the 被保険者番号 choose the pattern; with a 991 number
the ready people are found under one of two stems + their code.
"""

from mockserver.eligibility.benefits import Subsidy
from mockserver.eligibility.numbering import with_check_digit
from mockserver.eligibility.records import Card, Insurer, InsurerKind

READY_STEMS = ("10000", "100000")  # before the code: 7 digits in all, 8 for 後期高齢
_LAW = {
    InsurerKind.ASSOCIATION: "01",
    InsurerKind.SOCIETY: "06",
    InsurerKind.MUTUAL_AID: "34",
    InsurerKind.NATIONAL: "",
    InsurerKind.ELDERLY: "39",
    InsurerKind.ASSISTANCE: "12",
}
_NAMES = {
    InsurerKind.ASSOCIATION: "模擬健康保険協会　試験支部",
    InsurerKind.SOCIETY: "模擬健康保険組合",
    InsurerKind.MUTUAL_AID: "模擬共済組合",
    InsurerKind.NATIONAL: "模擬市",
    InsurerKind.ELDERLY: "模擬後期高齢者医療広域連合",
    InsurerKind.ASSISTANCE: "模擬市福祉事務所",
}
_SYMBOLS = {
    InsurerKind.ASSOCIATION: "10010001",
    InsurerKind.SOCIETY: "1001",
    InsurerKind.MUTUAL_AID: "公立模擬",
    InsurerKind.NATIONAL: "10-01",
    InsurerKind.ELDERLY: None,
    InsurerKind.ASSISTANCE: None,
}


def _insurers(serial: int) -> dict[InsurerKind, Insurer]:
    return {kind: Insurer.numbered(f"{law}13{serial}", _NAMES[kind], kind) for kind, law in _LAW.items()}


RULE_INSURERS = _insurers(990)
READY_INSURERS = _insurers(991)
BY_RULE = {insurer.key: insurer for insurer in RULE_INSURERS.values()}
BY_READY = {insurer.key: insurer for insurer in READY_INSURERS.values()}


def childrens_subsidy(name: str) -> Subsidy:
    """A municipality's subsidy for children, with numbers nobody has: 公費負担者番号 8 digits, 受給者番号 7."""
    return Subsidy(name, with_check_digit("8813990"), with_check_digit("990001"))


def another_kind(kind: InsurerKind) -> InsurerKind:
    """The kind of insurer somebody changes to: a 健保組合, from there 協会けんぽ; 後期高齢 that of another prefecture."""
    if kind is InsurerKind.ELDERLY:
        return kind
    if kind is InsurerKind.ASSISTANCE:
        return InsurerKind.NATIONAL
    return InsurerKind.ASSOCIATION if kind is InsurerKind.SOCIETY else InsurerKind.SOCIETY


def ready_card(kind: InsurerKind, code: str, symbol: str | None, branch: str | None) -> Card:
    """The card of a ready person; 後期高齢 numbers have 8 digits and no branch, those of 医療扶助 (受給者番号) 7 and none."""
    if kind is InsurerKind.ASSISTANCE:
        return Card(READY_INSURERS[kind], None, READY_STEMS[0] + code, None)
    if kind is InsurerKind.ELDERLY:
        return Card(READY_INSURERS[kind], None, READY_STEMS[1] + code, None)
    return Card(READY_INSURERS[kind], symbol or _SYMBOLS[kind], READY_STEMS[0] + code, branch)
