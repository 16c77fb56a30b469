"""The conductor of a run, in the master or in a single process: when it begins, who takes part, what came of it.

It tells all generators one plan. When a generator comes or is lost, it says from which arrival on the others share anew;
arrivals that a lost one never told of are missing in the measures and counted as lost.
"""

import logging
import math
import os
import platform
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import gevent
import msgspec
from locust.env import Environment
from locust.runners import STATE_MISSING, MasterRunner

from loadtests.arrivals import Schedule, Turn, add_turn
from loadtests.generator import Generator, Plan
from loadtests.measures import Measures
from loadtests.morning import Assumptions
from loadtests.options import Options, curve, schedule, slice_s, stretch
from loadtests.results import Lost, Results
from mockserver.clock import real_now

ALONE = "local"
_log = logging.getLogger("loadtests")
_LEAD_S = 2.0  # warming up before the first arrival
_HAND_OVER_S = 1.0
_LOOKS_EVERY_S = 0.25
_TELLS_EVERY_S = 1.0
_WAITS_FOR_MEMBERS_S = 5.0
_LAST_REPORTS_S = 3.0


class Conductor:
    """Conducts one run after another."""

    def __init__(self, environment: Environment, tell: Callable[[dict[str, Any]], None], out: str) -> None:
        self._environment = environment
        self._tell = tell
        self._out = Path(out) if out else None
        self._ready: dict[str, bool] = {}
        self._run: Run | None = None
        self._is_refused = False

    @property
    def is_over(self) -> bool:
        """Whether the run that was begun is over, or never could begin."""
        return self._is_refused or (self._run is not None and self._run.is_over)

    def refuse(self, words: str) -> None:
        """Begin nothing, and say why."""
        _log.error(words)
        self._is_refused = True

    def begin(self, options: Options, assumptions: Assumptions, *, is_new: bool, can_tap: bool) -> None:
        """Begin a run."""
        self._is_refused = False
        plan = Plan(
            run=uuid4().hex,
            host=self._environment.host or "",
            options=options,
            assumptions=assumptions,
            today=real_now().date(),
            is_new=is_new,
            can_tap=can_tap,
            begins_at=0.0,
            turns=(),
        )
        self._run = Run(self._environment, plan, self._tell, self._members)

    def hear(self, name: str, told: dict[str, Any]) -> None:
        """A worker told something: at first only that it is there."""
        self._ready[name] = True
        if self._run and told.get("run") == self._run.plan.run:
            self._run.hear(name, told)

    def end(self) -> None:
        """The run is over, in time or not: write down what came of it."""
        if self._run is None:
            return
        results = self._run.results()
        if self._out:
            self._out.write_bytes(msgspec.json.encode(results))
        self._run = None

    def _members(self) -> tuple[str, ...]:
        """The generators that are there."""
        runner = self._environment.runner
        if not isinstance(runner, MasterRunner):
            return (ALONE,)
        alive = {client.id for client in runner.clients.all if client.state != STATE_MISSING}
        return tuple(name for name in self._ready if name in alive)


class Run:
    """A run that is going on."""

    def __init__(
        self,
        environment: Environment,
        plan: Plan,
        tell: Callable[[dict[str, Any]], None],
        members: Callable[[], tuple[str, ...]],
    ) -> None:
        options = plan.options
        self.plan = plan
        self.is_over = False
        self._tell, self._members = tell, members
        self._schedule: Schedule = schedule(options, plan.assumptions)
        self._measures = Measures(slice_s(options), options.late_ms)
        self._told: set[str] = set()
        self._prepared: set[str] = set()
        self._finished: set[str] = set()
        self._alone: Generator | None = None
        self._environment = environment
        self._load = _load_average()
        self._conducting = gevent.spawn(self._conduct)

    @property
    def now_s(self) -> float:
        """Seconds since the start; below 0 before it."""
        return time.time() - self.plan.begins_at if self.plan.begins_at else -1.0

    def hear(self, name: str, told: dict[str, Any]) -> None:
        """A worker's measures."""
        self._measures.absorb(told["measures"])
        if told["is_ready"]:
            self._prepared.add(name)
        if told["is_finished"]:
            self._finished.add(name)

    def _conduct(self) -> None:
        self._wait_for_members()
        members = self._members()
        self._told.update(members)
        self.plan = msgspec.structs.replace(self.plan, begins_at=time.time() + _LEAD_S, turns=(Turn(0, members),))
        self._send()
        told_s = 0.0
        while not self._is_done():
            gevent.sleep(_LOOKS_EVERY_S)
            self._share_anew()
            if self.now_s - told_s >= _TELLS_EVERY_S:
                told_s = self.now_s
                self._tell(self._progress())
        self._tell(self._progress())
        self.is_over = True

    def _wait_for_members(self) -> None:
        """Until all who are connected have said that they are ready."""
        runner = self._environment.runner
        deadline = time.monotonic() + _WAITS_FOR_MEMBERS_S
        while isinstance(runner, MasterRunner) and time.monotonic() < deadline:
            if len(self._members()) >= max(runner.worker_count, 1):
                return
            gevent.sleep(0.05)

    def _send(self, name: str | None = None) -> None:
        """Tell the plan to all, or to one."""
        runner = self._environment.runner
        if isinstance(runner, MasterRunner):
            runner.send_message("oqs_plan", msgspec.to_builtins(self.plan), client_id=name)
        elif self._alone is None:
            self._alone = Generator(ALONE, self._environment, self.plan)

    def _share_anew(self) -> None:
        """A generator came or was lost: the rate is whole again from a moment on that all know in time."""
        if self.now_s > self._schedule.duration_s:
            return
        there, taking_part = self._members(), self.plan.turns[-1].members
        for name in there:
            if name not in self._told:
                self._told.add(name)
                self._send(name)
        members = tuple(name for name in there if name in taking_part or name in self._prepared)
        if members == taking_part:
            return
        number = self._schedule.first_after(self.now_s + _HAND_OVER_S)
        self.plan = msgspec.structs.replace(self.plan, turns=add_turn(self.plan.turns, Turn(number, members)))
        self._send()

    def _is_done(self) -> bool:
        options = self.plan.options
        if self._alone:
            return self._alone.is_finished
        members = self._members()
        if not members or (self._finished >= set(members) and self.now_s >= self._schedule.duration_s):
            return True
        return self.now_s > self._schedule.duration_s + options.patience_s + options.timeout_s + _LAST_REPORTS_S

    def _all_measures(self) -> Measures:
        return self._alone.measures if self._alone else self._measures

    def _progress(self) -> dict[str, Any]:
        measures, counts = self._all_measures(), self._all_measures().counts
        return {
            "at_s": round(min(max(self.now_s, 0), self._schedule.duration_s), 1),
            "duration_s": self._schedule.duration_s,
            "told": measures.told,
            "dropped": counts["dropped"],
            "late": counts["late_by_generator"] + counts["late_for_a_connection"],
            "generators": len(self.plan.turns[-1].members) if self.plan.turns else 0,
        }

    def results(self) -> Results:
        """What came of it."""
        is_early = not self.is_over
        self._conducting.kill()
        if self._alone:
            self._alone.stop()
        ended_s = min(max(self.now_s, 0.0), self._schedule.duration_s) if is_early else self._schedule.duration_s
        options, measures = self.plan.options, self._all_measures()
        wide, pieces = measures.slice_s, math.ceil(self._schedule.duration_s / measures.slice_s)
        ends_s = [min(n * wide, ended_s) for n in range(pieces + 1)]
        offered = [self._schedule.offered(*ends) for ends in pairwise(ends_s)]
        day = curve(options, self.plan.assumptions)
        return Results(
            options=options,
            assumptions=self.plan.assumptions,
            host=self.plan.host,
            began=self.plan.begins_at,
            driven_s=ended_s,
            is_early=is_early,
            can_tap=self.plan.can_tap,
            slice_s=wide,
            offered=offered,
            measures=measures.plain(),
            members=[[turn.from_number, list(turn.members)] for turn in self.plan.turns],
            lost=Lost(arrivals=max(sum(offered) - measures.told, 0)),
            curve=[round(rate, 2) for rate in day.total_rates[::6]],
            stretch=stretch(options),
            machine={**_machine(), "load average before, after": f"{self._load:.2f}, {_load_average():.2f}"},
        )


def _machine() -> dict[str, str]:
    return {
        "python": f"{platform.python_implementation()} {platform.python_version()} ({platform.python_compiler()})",
        "system": f"{platform.system()} {platform.machine()}",
        "cores": str(os.cpu_count()),
    }


def _load_average() -> float:
    """Processes that wanted a core in the last minute: whether others were at work, too."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
