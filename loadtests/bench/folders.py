"""The folder linkage: XML beside JSON in the core, thousands of files at once beside a bare copy, memory over many."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from loadtests.bench.processes import MOCK, on_server_core, ratios, resident_mb, server
from mockserver.catalogue import EXAMPLE_CLINIC, request_for
from mockserver.clock import real_now
from mockserver.eligibility.population import Country
from mockserver.exchange import Exchange
from mockserver.linkage.taking import Linkage
from mockserver.settings import Settings
from mockserver.wire.files import FileForm
from mockserver.wire.json_codec import encode
from mockserver.wire.message import SearchRequest
from mockserver.wire.xml_codec import write

FILES, ROUNDS_FOR_MEMORY = 10_000, 10
_STRIDE = 75_467_897
_DEADLINE_S = 300
_LOOKS_EVERY_S = 0.5  # looking holds the folder, so not too often; the times are those of the files
_COPY = """
import os, shutil, sys
req, res = sys.argv[1:]
for name in sorted(os.listdir(req)):
    shutil.copyfile(f"{req}/{name}", f"{res}/{name}")
    os.unlink(f"{req}/{name}")
"""


def requests(count: int) -> list[SearchRequest]:
    """Requests about people all over the country."""
    country, today = Country(1), real_now().date()
    people = (country.resident(n * _STRIDE % country.people) for n in range(count))
    cards = ((p.card_on(today), p.person.birthdate) for p in people)
    return [request_for(card, birthdate, today, EXAMPLE_CLINIC, card.branch) for card, birthdate in cards]


def codecs(runs: int) -> None:
    """A whole exchange, bytes to bytes, as JSON and as XML."""
    exchange, now = Exchange(Settings(require_token=False), real_now()), real_now()
    linkage, asked = Linkage(exchange), requests(2_000)
    as_json = [encode(request) for request in asked]
    times: dict[str, list[float]] = {"JSON": []}
    exchanges: dict[str, Callable[[], object]] = {
        "JSON": lambda: [exchange.search(body, None, now) for body in as_json]
    }
    for name, form in (("XML, UTF-8", FileForm()), ("XML, Shift_JIS, shuffled", FileForm("shift_jis", "shuffled"))):
        files = [write(request, form) for request in asked]
        exchanges[name] = lambda files=files, form=form: [  # type: ignore[misc]
            linkage.take("OQSsiquc01req_202601010001.xml", data, form, now) for data in files
        ]
        times[name] = []
    for _ in range(runs):
        for name, exchange_all in exchanges.items():
            begun = time.perf_counter()
            exchange_all()
            times[name].append((time.perf_counter() - begun) / len(asked) * 1e6)
    print(f"\n## An exchange in the core, bytes to bytes: {runs} interleaved runs of {len(asked):,}\n")
    print("| format | µs (median) | ratio |\n|---|---|---|")
    for name, microseconds in times.items():
        print(f"| {name} | {statistics.median(microseconds):.1f} | {ratios(microseconds, times['JSON'])} |")


def at_once(runs: int) -> None:
    """Thousands of request files moved into `req` at once, and what a bare loop needs to copy them."""
    rates: dict[str, list[float]] = {"bare copy": [], "mock": []}
    slowest: list[float] = []
    with tempfile.TemporaryDirectory() as scratch:
        root, staging = Path(scratch), Staging(Path(scratch, "staging"))
        with server([*MOCK, "--folder", str(root / "oqs")]):
            for _ in range(runs):
                rates["bare copy"].append(_copied(root / "bare", staging))
                seconds, last = _answered(root / "oqs", staging)
                rates["mock"].append(FILES / seconds)
                slowest.append(last)
    print(f"\n## {FILES:,} request files at once: {runs} interleaved runs\n")
    print("| | files/s (median) | ratio | slowest answer, s (median) |\n|---|---|---|---|")
    for name, found in rates.items():
        last_s = f"{statistics.median(slowest):.1f}" if name == "mock" else "–"
        print(f"| {name} | {statistics.median(found):,.0f} | {ratios(found, rates['bare copy'])} | {last_s} |")


def memory() -> None:
    """Resident memory while ten times as many files go through."""
    with tempfile.TemporaryDirectory() as scratch:
        root, staging = Path(scratch), Staging(Path(scratch, "staging"))
        with server([*MOCK, "--folder", str(root / "oqs")]) as (_, pid):
            sizes: list[float] = [resident_mb(pid)]
            for _ in range(ROUNDS_FOR_MEMORY):
                _answered(root / "oqs", staging)
                sizes.append(resident_mb(pid))
    print(f"\n## Resident memory over {FILES * ROUNDS_FOR_MEMORY:,} request files\n")
    print("| MB at start | after 10,000 | after 100,000 | ratio of the last two |\n|---|---|---|---|")
    print(f"| {sizes[0]:.1f} | {sizes[1]:.1f} | {sizes[-1]:.1f} | {sizes[-1] / sizes[1]:.2f} |")


class Staging:
    """Request files that lie ready on the same disk, linked anew for each run."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._folder = folder
        for number, request in enumerate(requests(FILES)):
            (folder / f"OQSsiquc01req_20260101{number:04d}.xml").write_bytes(write(request, FileForm()))

    def drop(self, req: Path) -> float:
        """Move a copy of every file into a folder, as fast as renaming goes; when that began (seconds since 1970)."""
        copies = req.parent / "copies"
        shutil.copytree(self._folder, copies)
        begun_s = time.time()
        for path in sorted(copies.iterdir()):
            path.rename(req / path.name)
        copies.rmdir()
        return begun_s


def _copied(folder: Path, staging: Staging) -> float:
    """Files per second of the bare loop, its own start not counted; in folders that stay, as the mock's do."""
    req, res = folder / "req", folder / "res"
    req.mkdir(parents=True, exist_ok=True)
    res.mkdir(exist_ok=True)
    staging.drop(req)
    command = on_server_core([sys.executable, "-c", _COPY, str(req), str(res)])
    subprocess.run(command, check=True)
    written = _written(res)
    return (len(written) - 1) / (max(written) - min(written))


def _answered(folder: Path, staging: Staging) -> tuple[float, float]:
    """Seconds from the first answer to the last, and from the first file dropped to the last answer."""
    res = folder / "res"
    dropped_s = staging.drop(folder / "req")
    deadline = time.monotonic() + _DEADLINE_S
    while sum(1 for _ in res.iterdir()) < FILES:
        if time.monotonic() > deadline:
            raise SystemExit("not every file was answered")
        time.sleep(_LOOKS_EVERY_S)
    written = _written(res)
    return max(written) - min(written), max(written) - dropped_s


def _written(res: Path) -> list[float]:
    """When the files of a folder were written (seconds since 1970); they are removed."""
    written = [entry.stat().st_mtime_ns / 1e9 for entry in os.scandir(res)]
    for path in res.iterdir():
        path.unlink()
    return written
