"""One worker beside two, with the processor time that the generator took of the same two cores."""

import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from loadtests.bench.generator import WARM_S
from loadtests.bench.processes import BOTH_CORES, COUNTRY, MOCK, begin, cpu_s, generator, rate_of, ratios, server


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
    """Look-ups a second of one worker on its own core, and of two on both cores with the generator among them."""
    one: list[Run] = []
    both: list[Run] = []
    with (
        server(MOCK) as (one_port, one_pid),
        server([*MOCK, "--workers", "2"], BOTH_CORES) as (two_port, two_pid),
        generator(COUNTRY) as beside,
        generator(COUNTRY, cores=BOTH_CORES) as among,
    ):
        turns = [(one, beside, one_port, [one_pid]), (both, among, two_port, _family(two_pid))]
        for run in range(runs):
            for found, asking, port, pids in turns if run % 2 else turns[::-1]:
                found.append(_run(asking, port, pids, seconds))
    print(f"\n## Two workers beside one: {runs} interleaved runs of {seconds:g} s, 64 keep-alive connections\n")
    print("One worker has core 0 and the generator core 1. Two workers and the generator share both cores.\n")
    print(
        "| workers | look-ups/s (median) | ratio (median, min to max) | CPU s of the workers | CPU s of the generator "
        "| look-ups per CPU s of the workers | ratio |\n|---|---|---|---|---|---|---|"
    )
    for name, found in (("1", one), ("2", both)):
        rates, each = ([r.rate for r in some] for some in (found, one))
        per_cpu_s, per_cpu_s_of_one = ([r.per_cpu_s for r in some] for some in (found, one))
        mine, others = (statistics.median(cores) * seconds for cores in _cores(found))
        print(
            f"| {name} | {statistics.median(rates):,.0f} | {ratios(rates, each)} | {mine:.2f} | {others:.2f} "
            f"| {statistics.median(per_cpu_s):,.0f} | {ratios(per_cpu_s, per_cpu_s_of_one)} |",
            flush=True,
        )
    alone = 2 * statistics.median(b.per_cpu_s / a.rate for a, b in zip(one, both, strict=True))
    print(f"\nTwo cores for the workers alone, at this cost of a look-up: {alone:.2f} of one worker (reckoned)")


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
