"""The faults of the way to the answer over HTTP, in reading order. patterns.md section 3, *Fault*.

Which share of real look-ups meets them is not public: nothing happens unless a rule says so.
"""

import math
from datetime import timedelta
from statistics import NormalDist
from typing import Annotated, Literal

from msgspec import Meta

from mockserver.faults.fault import LONGEST_DELAY_MS, Fault, Milliseconds, Seconds, Title

_NORMAL = NormalDist()
_Z_OF_99 = _NORMAL.inv_cdf(0.99)
Body = Literal["envelope", "html", "empty"]


class Slow(Fault, frozen=True, kw_only=True, tag="slow"):
    """The answer comes late: by `ms`, by anything from `min_ms` to `max_ms`, or log-normally by `median_ms` and `p99_ms`."""

    ms: Milliseconds | None = None
    min_ms: Milliseconds | None = None
    max_ms: Milliseconds | None = None
    median_ms: Annotated[int, Meta(ge=1, le=LONGEST_DELAY_MS)] | None = None
    p99_ms: Milliseconds | None = None

    title = Title("応答が遅い", "slow answer")

    def __post_init__(self) -> None:
        pairs = [(self.ms, self.ms), (self.min_ms, self.max_ms), (self.median_ms, self.p99_ms)]
        given = [pair for pair in pairs if pair != (None, None)]
        if len(given) != 1 or None in given[0]:
            raise ValueError(
                "slow には ms、min_ms と max_ms、median_ms と p99_ms のどれか1組を指定してください / "
                "slow: expected exactly one of ms, min_ms with max_ms, median_ms with p99_ms"
            )
        low, high = given[0]
        if low is not None and high is not None and low > high:
            raise ValueError(
                f"slow の値が逆です（{low} ミリ秒が {high} ミリ秒より大きい） / slow: {low} ms is more than {high} ms"
            )

    def delay_ms(self, draw: float, age: timedelta) -> int:
        del age
        if self.median_ms is not None and self.p99_ms is not None:
            sigma = math.log(self.p99_ms / self.median_ms) / _Z_OF_99
            return min(round(self.median_ms * math.exp(sigma * _NORMAL.inv_cdf(draw))), LONGEST_DELAY_MS)
        if self.min_ms is not None and self.max_ms is not None:
            return self.min_ms + int(draw * (self.max_ms - self.min_ms + 1))
        return self.ms or 0

    @property
    def is_delay(self) -> bool:
        return True


class Backlog(Fault, frozen=True, kw_only=True, tag="backlog"):
    """What piled up in an outage is worked off: answers come `worst_ms` late at first, in time after `clears_after_s`.

    The delay falls evenly from where the rule's span begins; without a span it stays `worst_ms`.
    """

    worst_ms: Milliseconds = 8_000
    clears_after_s: Annotated[int, Meta(ge=1, le=86_400)] = 600

    title = Title("障害後の滞留", "backlog after an outage")

    def delay_ms(self, draw: float, age: timedelta) -> int:
        del draw
        left = 1 - age / timedelta(seconds=self.clears_after_s)
        return round(self.worst_ms * max(left, 0))

    @property
    def is_delay(self) -> bool:
        return True


class Timeout(Fault, frozen=True, kw_only=True, tag="timeout"):
    """The request is taken and never answered; after `hold_s` the connection is closed."""

    hold_s: Annotated[int, Meta(ge=1, le=3_600)] = 600

    title = Title("応答なし", "no answer")


class Outage(Fault, frozen=True, kw_only=True, tag="outage"):
    """The system is down: HTTP 503 with 異常終了 (SegmentOfResult 9) in the envelope.

    `http_status`: another one; none: that of `--outage-status`. `body`: the envelope, a page of a proxy, or nothing.
    `retry_after_s`: what the header Retry-After says, if wanted.
    """

    http_status: Annotated[int, Meta(ge=200, le=599)] | None = None
    body: Body = "envelope"
    retry_after_s: Seconds | None = None

    title = Title("システム障害", "outage")


class Maintenance(Fault, frozen=True, kw_only=True, tag="maintenance"):
    """The system is closed on purpose: as `outage`, with another code and message.

    `http_status` and `body` as there; `retry_after_s`: what the header Retry-After says, an hour if not given.
    """

    http_status: Annotated[int, Meta(ge=200, le=599)] | None = None
    body: Body = "envelope"
    retry_after_s: Seconds | None = 3_600

    title = Title("メンテナンス", "maintenance")


class ConnectionReset(Fault, frozen=True, kw_only=True, tag="connection-reset"):
    """The connection is reset (TCP RST). `when`: before the answer, or midway through it."""

    when: Literal["before", "midway"] = "before"

    title = Title("接続のリセット", "connection reset")


class TruncatedAnswer(Fault, frozen=True, kw_only=True, tag="truncated-answer"):
    """The connection ends after `percent` of the body that Content-Length promises."""

    percent: Annotated[int, Meta(ge=0, le=99)] = 50

    title = Title("途中で切れた応答", "truncated answer")


class MalformedAnswer(Fault, frozen=True, kw_only=True, tag="malformed-answer"):
    """A whole answer that is not what it should be.

    `how`: JSON that is cut, the page of a proxy, nothing, or another encoding.
    """

    how: Literal["cut-json", "html", "empty", "shift_jis"] = "cut-json"

    title = Title("壊れた応答", "malformed answer")


class SlowDrip(Fault, frozen=True, kw_only=True, tag="slow-drip"):
    """The answer comes in drops of `drop_bytes`, `pause_ms` apart."""

    drop_bytes: Annotated[int, Meta(ge=1, le=65_536)] = 64
    pause_ms: Annotated[int, Meta(ge=1, le=60_000)] = 100

    title = Title("少しずつ届く応答", "slow drip")


class StillProcessing(Fault, frozen=True, kw_only=True, tag="still-processing"):
    """処理中 (SegmentOfResult 2) in place of the answer."""

    title = Title("処理中", "still processing")


class WrongContentType(Fault, frozen=True, kw_only=True, tag="wrong-content-type"):
    """The right body under another `content_type`."""

    content_type: Annotated[str, Meta(pattern=r"^[!-~ ]{1,100}$")] = "text/html"

    title = Title("Content-Type の誤り", "wrong content type")
