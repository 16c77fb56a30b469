"""Instructions of a request, counted by callgrind where it is installed: what no neighbour of the machine sways."""

import asyncio
import re
import shutil
import tempfile
import time
from itertools import cycle
from pathlib import Path

from loadtests.bench.generator import ask_all, requests
from loadtests.bench.processes import BARE, CONNECTIONS, COUNTRY, MOCK, SECRET, server
from mockserver.tokens import Tokens

_WARM, _COUNTED = 300, 1_200


def of_a_request() -> None:
    """The server's own instructions, without the kernel's: those of a long run less those of a short one."""
    print(f"\n## Instructions of a request: {_COUNTED:,} requests after {_WARM}, counted by callgrind\n")
    if not shutil.which("valgrind"):
        print("Not counted: valgrind is not installed.")
        return
    written = requests(7, COUNTRY, Tokens(SECRET, 86_400).issue(time.time()))
    print("| server | instructions of a request, without the kernel's | ratio |\n|---|---|---|")
    bare = _counted(BARE, written)
    for name, counted in (("bare aiohttp + uvloop", bare), ("mock, 124 million people", _counted(MOCK, written))):
        print(f"| {name} | {counted:,.0f} | {counted / bare:.2f} |", flush=True)


def _counted(command: list[str], written: list[bytes]) -> float:
    return (_in_all(command, written, _WARM + _COUNTED) - _in_all(command, written, _WARM)) / _COUNTED


def _in_all(command: list[str], written: list[bytes], count: int) -> int:
    """All instructions from the start of a server to its end, with so many requests between."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "counts")
        with server(["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}", *command]) as (port, _):
            asyncio.run(ask_all(port, cycle(written), count, CONNECTIONS))
        totals = re.search(r"^(?:totals|summary): (\d+)", out.read_text(errors="replace"), re.MULTILINE)
        assert totals is not None
        return int(totals[1])
