"""A country's reception desks for Locust. `python -m loadtests` starts it; `locust -f loadtests/locustfile.py` does, too."""

import functools
import json
import os
import sys
from typing import Any

import msgspec
from locust import LoadTestShape, argument_parser, events, runners
from locust.env import Environment
from locust.runners import MasterRunner, WorkerRunner

from loadtests.conductor import Conductor
from loadtests.generator import Generator, Plan, report
from loadtests.guarding import TargetMissing, check_address, check_share
from loadtests.morning import Assumptions, ImpossibleCurve, Kind
from loadtests.options import BadOption, Options, checked, choices, fields, flag, schedule
from loadtests.reception import ReceptionDesk

runners.WORKER_REPORT_INTERVAL = 1.0  # what a worker that is killed has not told is lost
# A worker builds Locust's whole parser anew for each option of each spawn message: a second in which nobody is served.
argument_parser.default_args_dict = functools.cache(argument_parser.default_args_dict)


class Hospital(ReceptionDesk):
    """病院: the first to open; more than half of its patients lay their card on the reader."""

    kind = Kind.HOSPITAL


class Clinic(ReceptionDesk):
    """医科診療所: half of the country's look-ups."""

    kind = Kind.CLINIC


class Dental(ReceptionDesk):
    """歯科."""

    kind = Kind.DENTAL


class Pharmacy(ReceptionDesk):
    """薬局: half an hour behind the clinics; its visitors bring an electronic prescription."""

    kind = Kind.PHARMACY
    tap_extras = {"prescription": "electronic"}  # noqa: RUF012


class Morning(LoadTestShape):
    """Keeps a desk of each kind open until the run is over; the schedule decides who comes when."""

    def tick(self) -> tuple[int, float] | None:
        """How many desks are open, for Locust's count of users."""
        if conductor_of(self.runner.environment).is_over and self.runner.state in ("spawning", "running"):
            return None
        workers = self.runner.worker_count if isinstance(self.runner, MasterRunner) else 1
        return len(Kind) * max(workers, 1), 100


def conductor_of(environment: Environment) -> Conductor:
    """The conductor that lives in this process."""
    return environment.oqs_conductor  # type: ignore[attr-defined, no-any-return]


@events.init_command_line_parser.add_listener
def add_options(parser: Any, **_: Any) -> None:
    """The options of a run, on the command line and in the web UI."""
    for name, kind, default, description in fields():
        parser.add_argument(
            flag(name),
            dest=name,
            default=default,
            help=description,
            env_var=f"OQS_{name.upper()}",
            **({"choices": choices(kind)} if choices(kind) else {} if kind is bool else {"type": kind}),
            **({"action": "store_true"} if kind is bool else {}),
        )


@events.init.add_listener
def set_up(environment: Environment, **_: Any) -> None:
    """Be a worker, or conduct."""
    runner = environment.runner
    if isinstance(runner, WorkerRunner):
        be_worker(environment, runner)
        return
    conductor = Conductor(environment, tell, os.environ.get("OQS_MEASURES", ""))
    environment.oqs_conductor = conductor  # type: ignore[attr-defined]
    events.worker_report.add_listener(lambda client_id, data, **_: conductor.hear(client_id, data.get("oqs", {})))
    events.test_start.add_listener(lambda **_: begin(environment, conductor))
    events.test_stop.add_listener(lambda **_: conductor.end())


def begin(environment: Environment, conductor: Conductor) -> None:
    """Begin the run that the options describe; say why where they describe none."""
    chosen = vars(environment.parsed_options)
    options = msgspec.convert({name: chosen[name] for name, *_ in fields()}, Options)
    written = os.environ.get("OQS_ASSUMPTIONS", "")
    assumptions = msgspec.json.decode(written, type=Assumptions) if written else Assumptions()
    try:
        schedule(checked(options), assumptions)
        check_share(options, is_more_allowed=_is_set("OQS_MORE_ALLOWED"))
        check_address(environment.host or "", is_owned=_is_set("OQS_TARGET_OWNED"))
    except (BadOption, ImpossibleCurve, TargetMissing) as error:
        conductor.refuse(str(error))
        return
    is_mock = os.environ.get("OQS_TARGET", "mock") == "mock"
    can_tap = options.card_way == "tap" or (options.card_way == "auto" and is_mock)
    conductor.begin(options, assumptions, is_new=_is_set("OQS_IS_NEW"), can_tap=can_tap)


def _is_set(name: str) -> bool:
    return os.environ.get(name, "") == "1"


def be_worker(environment: Environment, runner: WorkerRunner) -> None:
    """Take the conductor's plan and its changes; tell what was measured."""
    held: dict[str, Generator] = {}

    def take(msg: Any, **_: Any) -> None:
        plan = msgspec.convert(msg.data, Plan)
        current = held.get(plan.run)
        if current:
            current.take_turns(plan.turns)
        else:
            held.clear()
            held[plan.run] = Generator(runner.client_id, environment, plan)

    def tell_master(data: dict[str, Any], **_: Any) -> None:
        data["oqs"] = next((report(generator) for generator in held.values()), {})

    def stop(**_: Any) -> None:
        for generator in held.values():
            generator.stop()

    runner.register_message("oqs_plan", take, concurrent=True)
    events.report_to_master.add_listener(tell_master)
    events.test_stop.add_listener(stop)


def tell(progress: dict[str, Any]) -> None:
    """How far the run is, as a line for the command that started this process."""
    if os.environ.get("OQS_PROGRESS"):
        sys.stdout.write(f"OQS {json.dumps(progress)}\n")
        sys.stdout.flush()
