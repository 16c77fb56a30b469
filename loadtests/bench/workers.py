"""One worker beside two, with the processor time that the generator took of the same two cores."""

import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from loadtests.bench.generator import WARM_S
from loadtests.bench.processes import (
    BOTH_CORES,
    COUNTRY,
    MOCK,
    SERVER_CORE,
    begin,
    cpu_s,
    generator,
    rate_of,
    ratios,
    rotated,
    server,
)


@dataclass(frozen=True)
class Run:
    """Look-ups a second, and cores that the server and the generator kept busy meanwhile."""

    rate: float
    server_cores: float
    generator_cores: float

    @property
    def per_cpu_s(self) -> float:
        """Look-ups that the server answered in a second of processor time."""
        return self.rate / self.server_cores


def two(runs: int, seconds: float) -> None:
    """Look-ups a second of one worker and of two; the generator beside the one, then on the same cores as either."""
    beside: list[Run] = []
    one: list[Run] = []
    both: list[Run] = []
    with (
        server(MOCK) as (one_port, one_pid),
        server([*MOCK, "--workers", "2"], BOTH_CORES) as (two_port, two_pid),
        generator(COUNTRY) as on_other_core,
        generator(COUNTRY, cores=SERVER_CORE) as on_same_core,
        generator(COUNTRY, cores=BOTH_CORES) as on_both_cores,
    ):
        turns = [
            (beside, on_other_core, one_port, [one_pid]),
            (one, on_same_core, one_port, [one_pid]),
            (both, on_both_cores, two_port, _family(two_pid)),
        ]
        for run in range(runs):
            for found, asking, port, pids in rotated(turns, run):
                found.append(_run(asking, port, pids, seconds))
    print(f"\n## Two workers beside one: {runs} interleaved runs of {seconds:g} s, 64 keep-alive connections\n")
    print("The generator is a program like any other: what it takes of the cores that the workers have, they lack.\n")
    print(
        "| workers and generator | look-ups/s (median) | CPU s of the workers | CPU s of the generator "
        "| look-ups per CPU s of the workers |\n|---|---|---|---|---|"
    )
    for name, found in (
        ("1 worker on a core, the generator on the other", beside),
        ("1 worker and the generator on one core", one),
        ("2 workers and the generator on two cores", both),
    ):
        mine, others = (statistics.median(cores) * seconds for cores in _cores(found))
        rate, per_cpu_s = (
            statistics.median(each) for each in zip(*((run.rate, run.per_cpu_s) for run in found), strict=True)
        )
        print(f"| {name} | {rate:,.0f} | {mine:.2f} | {others:.2f} | {per_cpu_s:,.0f} |", flush=True)
    rates, of_one, of_beside = ([run.rate for run in some] for some in (both, one, beside))
    print(f"\ntwo cores against one, each with its generator: {ratios(rates, of_one)}")
    print(f"\ntwo cores with the generator against one core without it: {ratios(rates, of_beside)}")


def _cores(found: list[Run]) -> tuple[list[float], list[float]]:
    return [run.server_cores for run in found], [run.generator_cores for run in found]


def _run(asking: "subprocess.Popen[str]", port: int, pids: list[int], seconds: float) -> Run:
    begin(asking, port, seconds)
    time.sleep(WARM_S)
    begun, *before = time.perf_counter(), *_taken(pids, asking.pid)
    time.sleep(seconds)
    took_s = time.perf_counter() - begun
    mine, others = (after - was for after, was in zip(_taken(pids, asking.pid), before, strict=True))
    return Run(rate_of(asking), mine / took_s, others / took_s)


def _taken(pids: list[int], asking: int) -> tuple[float, float]:
    return sum(map(cpu_s, pids)), cpu_s(asking)


def _family(pid: int) -> list[int]:
    """A process and those that it started."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *map(int, children)]
