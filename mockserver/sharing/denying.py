"""What several servers do not let happen: without their log, beyond its room, and with somebody's 個人番号."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from mockserver.denial import Denial, refused
from mockserver.eligibility.numbering import holds_individual_number
from mockserver.sharing.log import ALL
from mockserver.wire.refusals import INDIVIDUAL_NUMBER

_ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")


def denied_as_lost() -> Denial:
    """Nothing can be set up while the log cannot be reached."""
    return Denial(
        503,
        "共有の状態 (--state) に接続できないため、今は設定を変更できません。照会には応答します",
        "the shared state (--state) cannot be reached, so nothing can be set up now; look-ups are answered",
    )


def denied_as_full(name: str) -> Denial:
    """Nothing more can be set up in a log that is full; what helps."""
    if name == ALL:
        return Denial(
            409,
            "全医療機関の障害の記録が一杯です（--state-most-events）。DELETE /admin/faults で消してください",
            "the log of what is set up for all clinics is full (--state-most-events): clear it with DELETE /admin/faults",
        )
    return Denial(
        409,
        "この医療機関の記録が一杯です（--state-most-events）。リセットしてください",
        "the log of this clinic is full (--state-most-events): reset it",
    )


def deny_individual_number(payload: Any) -> None:
    """Denial for what holds a 個人番号, as that would be kept."""
    if any(map(_is_in, _texts(msgspec.to_builtins(payload, builtin_types=(bytes,))))):
        raise refused(INDIVIDUAL_NUMBER)


def _is_in(text: str) -> bool:
    return holds_individual_number(_ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))


def _texts(value: Any) -> Iterator[str]:
    match value:
        case dict():
            for name, member in value.items():
                yield from (*_texts(name), *_texts(member))
        case list() | tuple():
            for one in value:
                yield from _texts(one)
        case str() | int():
            yield str(value)
