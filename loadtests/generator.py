"""The open-loop generator inside a Locust process: starts arrivals on the schedule, whatever became of those before.

One greenlet keeps the schedule; a pool of greenlets, one for each connection, serves. Latency counts from the intended
start. An arrival that finds no free connection waits for one, and its waiting counts; who waits longer than a desk would is
dropped and counted. Every arrival ends in the measures, or it is missing in them and the conductor notices.
"""

import gc
import heapq
import time
from datetime import date
from hashlib import blake2b
from itertools import count
from typing import Any, NamedTuple

import gevent
import msgspec
from gevent.pool import Pool
from locust.env import Environment

from loadtests.arrivals import Arrival, Turn, next_own
from loadtests.judging import Verdict
from loadtests.measures import Measures, Sample
from loadtests.morning import Assumptions, Kind
from loadtests.options import Options, schedule, slice_s
from loadtests.people import People
from loadtests.reception import ReceptionDesk, Said
from loadtests.target import Target
from mockserver.wire.paths import SEARCH_PATH

_LONGEST_SLEEP_S = 0.1  # a new turn is told of earlier than that
_BREATH = 8  # starts in a row before others may run, when behind
_CPU_EVERY_S = 1.0
_SETTLES_S = 0.3
_OPENS_WITHIN_S = 1.0


class Plan(msgspec.Struct, frozen=True):
    """What the conductor tells all generators. `begins_at`: seconds since 1970."""

    run: str
    host: str
    options: Options
    assumptions: Assumptions
    today: date
    is_new: bool
    can_tap: bool
    begins_at: float
    turns: tuple[Turn, ...]


class _Due(NamedTuple):
    """Somebody to be served: when, how often they were asked for already, and who."""

    at_s: float
    order: int
    tries: int
    arrival: Arrival


class Generator:
    """A generator of one run. `me`: the name under which the turns know it."""

    def __init__(self, me: str, environment: Environment, plan: Plan) -> None:
        options = plan.options
        self.plan, self.today = plan, plan.today
        self.measures = Measures(slice_s(options), options.late_ms)
        self.is_ready = self.is_finished = False
        self._me, self._environment = me, environment
        self._schedule = schedule(options, plan.assumptions)
        self._began = time.perf_counter() + plan.begins_at - time.time()
        self.target = Target(
            plan.host, options.connections, options.timeout_s, insecure=options.insecure, began=self._began
        )
        self._people = People(
            plan.today,
            plan.assumptions,
            seed=options.population_seed,
            people=options.people,
            troubled_percent=options.troubled_percent,
            is_new=plan.is_new,
        )
        desks = [cls for cls in environment.user_classes if issubclass(cls, ReceptionDesk)]
        self._desks: dict[Kind, ReceptionDesk] = {cls.kind: cls(environment).opened(self) for cls in desks}
        self._pool = Pool(options.connections)
        self._again: list[_Due] = []
        self._orders = count()
        self._last = -1
        self._working = gevent.spawn(self._work)
        self._watching = gevent.spawn(self._watch_cpu)

    @property
    def now_s(self) -> float:
        """Seconds since the start of the run."""
        return time.perf_counter() - self._began

    def take_turns(self, turns: tuple[Turn, ...]) -> None:
        """Share the arrivals anew."""
        self.plan = msgspec.structs.replace(self.plan, turns=turns)

    def stop(self) -> None:
        """End early; who is being served is waited for."""
        self._working.kill()
        self._end()

    def _work(self) -> None:
        opening = [gevent.spawn(desk.log_in) for desk in self._desks.values()]
        opening.append(gevent.spawn(self.target.warm_up, SEARCH_PATH))
        first = self._next()
        until_first_s = first.at_s - self.now_s - _SETTLES_S if first else _OPENS_WITHIN_S
        gevent.joinall(opening, timeout=max(until_first_s, 0))  # the first visitor does not wait for it
        gc.collect()
        gc.freeze()
        self.is_ready = True
        self._keep_schedule()
        self._end()

    def _end(self) -> None:
        if self.is_finished:
            return
        self._pool.join(self.plan.options.timeout_s + 1)
        self.measures.counts["repeats_not_due_before_the_end"] += len(self._again)
        self._watching.kill()
        self.target.close()
        self.is_finished = True

    def _keep_schedule(self) -> None:
        """Start everybody in time, as long as somebody is due."""
        is_blocked, in_a_row = False, 0
        while (due := self._next()) or self.now_s < self._schedule.duration_s:
            if due is None:  # not, or no longer, among those who share; that may change
                gevent.sleep(_LONGEST_SLEEP_S)
                continue
            wait_s = due.at_s - self.now_s
            if wait_s > 0:
                gevent.sleep(min(wait_s, _LONGEST_SLEEP_S))
                is_blocked, in_a_row = False, 0
                if wait_s > _LONGEST_SLEEP_S:
                    continue
            if self._pool.full():
                is_blocked = True
                self._pool.wait_available(_LONGEST_SLEEP_S)
            self._advance(due)
            self._start(due, is_blocked)
            in_a_row += 1
            if in_a_row % _BREATH == 0:
                gevent.sleep(0)

    def _next(self) -> _Due | None:
        """Who is due next: somebody new or somebody who is asked for again."""
        number = next_own(self.plan.turns, self._me, self._last, self._schedule.count)
        again = self._again[0] if self._again else None
        if number is None:
            return again if again and again.at_s < self._schedule.duration_s else None
        at_s = self._schedule.at_s(number)
        if again and again.at_s <= at_s:
            return again
        return _Due(at_s, number, 0, self._schedule.arrival(number))

    def _advance(self, due: _Due) -> None:
        if due.tries:
            heapq.heappop(self._again)
        else:
            self._last = due.arrival.number

    def _start(self, due: _Due, is_blocked: bool) -> None:
        patience_s = self.plan.options.patience_s
        while self._pool.full() and self.now_s - due.at_s <= patience_s:
            self._pool.wait_available(_LONGEST_SLEEP_S)
        if self.now_s - due.at_s > patience_s:
            self.measures.counts["repeats_dropped"] += bool(due.tries)
            if not due.tries:
                self.measures.drop(due.at_s)
            return
        self._pool.spawn(self._serve, due, is_blocked)

    def _serve(self, due: _Due, is_blocked: bool) -> None:
        visitor = self._people.visitor(due.arrival)
        said = self._desks[due.arrival.kind].receive(visitor)
        path = "again" if due.tries else said.path
        self.count(path, due.arrival.kind, visitor.pattern, due.at_s, said, is_blocked, is_arrival=not due.tries)
        self._ask_again(due, said.verdict)

    def count(
        self,
        path: str,
        kind: Kind,
        pattern: str,
        intended_s: float,
        said: Said,
        is_blocked: bool = False,
        *,
        is_arrival: bool = False,
    ) -> None:
        """Put a request into the measures, and into Locust's own statistics."""
        reply, verdict = said.reply, said.verdict
        self.measures.record(
            Sample(
                path,
                kind.value,
                pattern,
                intended_s,
                reply.started_s,
                reply.ended_s,
                verdict.outcome,
                verdict.reason,
                is_blocked,
                is_arrival,
            )
        )
        is_error = verdict.outcome in ("wrong", "failed")
        self._environment.events.request.fire(
            request_type=path,
            name=kind.japanese,
            response_time=(reply.ended_s - intended_s) * 1000,
            response_length=len(reply.body),
            exception=RuntimeError(verdict.reason) if is_error else None,
            context={},
        )

    def _ask_again(self, due: _Due, verdict: Verdict) -> None:
        """As desks do: after a fault a few times, half a minute to two minutes apart; after 処理中 soon."""
        assumed = self.plan.assumptions
        if due.tries >= assumed.repeats_per_failure:
            return
        after_s = verdict.again_after_s
        if after_s is None and verdict.is_fault:
            drawn = blake2b(b"%d %d" % (due.arrival.number, due.tries), digest_size=4).digest()
            span_s = assumed.repeat_after_most_s - assumed.repeat_after_least_s
            after_s = assumed.repeat_after_least_s + span_s * int.from_bytes(drawn, "little") / (1 << 32)
        if after_s is not None:
            heapq.heappush(self._again, _Due(self.now_s + after_s, next(self._orders), due.tries + 1, due.arrival))

    def _watch_cpu(self) -> None:
        """Note how much of a core this process takes, second by second."""
        used_s, at_s = time.process_time(), time.perf_counter()
        while True:
            gevent.sleep(_CPU_EVERY_S)
            used, now = time.process_time(), time.perf_counter()
            if 0 < self.now_s <= self._schedule.duration_s + _CPU_EVERY_S:
                percent = 100 * (used - used_s) / (now - at_s)
                self.measures.cpu_percent.setdefault(self._me, []).append(round(percent, 1))
            used_s, at_s = used, now


def report(generator: Generator) -> dict[str, Any]:
    """What a worker tells the master."""
    is_finished = generator.is_finished
    measures = generator.measures.take()
    return {"run": generator.plan.run, "is_ready": generator.is_ready, "is_finished": is_finished, "measures": measures}
