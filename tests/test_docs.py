"""The code blocks of README and docs, run in order in one shell against a mock started by `make run`.

A `bash` block is run; each line of a `text` block after it must come out of it, in that order.
"""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = ["README.md", "README.ja.md", *sorted(str(p.relative_to(ROOT)) for p in (ROOT / "docs").glob("*.md"))]
_COMMENT = re.compile(r"  # .*$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")

_LEAN_PYTEST = "-p no:faker -p no:anyio -p no:hypothesispytest"  # plugins of this project's tests, slow to import


def steps(page: str) -> list[tuple[str, list[str]]]:
    """Each bash block with the lines its output must hold."""
    found: list[tuple[str, list[str]]] = []
    for language, text in BLOCK.findall((ROOT / page).read_text(encoding="utf-8")):
        if language == "bash":
            found.append((text, []))
        elif language == "text":
            found[-1][1].extend(text.splitlines())
    return found


def _runs_elsewhere(page: str) -> bool:
    """Whether the page in the other language runs the very same, but for comments."""
    if not page.endswith(".ja.md"):
        return False
    english = page.replace(".ja.md", ".md")
    return [_COMMENT.sub("", text) for text, _ in steps(page)] == [_COMMENT.sub("", t) for t, _ in steps(english)]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A mock started as the README says."""
    command = ["make", "run", "ARGS=--port 0 --json"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        lines = iter(process.stdout.readline, "")
        yield next(json.loads(line)["url"] for line in lines if line.startswith("{"))
        process.terminate()


@pytest.mark.skipif(shutil.which("curl") is None, reason="the pages use curl")
@pytest.mark.parametrize("page", [page for page in PAGES if steps(page) and not _runs_elsewhere(page)])
def test_the_blocks_of_a_page_print_what_it_says(page, address):
    script = "\n".join(f"{text}\necho '--end of step--'" for text, _ in steps(page))
    done = subprocess.run(
        ["bash", "-eu", "-o", "pipefail", "-c", script.replace("http://127.0.0.1:8080", address)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        env={**os.environ, "PYTEST_ADDOPTS": _LEAN_PYTEST},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = done.stdout.split("--end of step--\n")
    for (_, expected), output in zip(steps(page), printed, strict=False):
        position = 0
        for line in expected:
            found = output.find(line, position)
            assert found >= 0, f"{line!r} is not in\n{output}"
            position = found + len(line)


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page):
    targets = LINK.findall((ROOT / page).read_text(encoding="utf-8"))
    missing = [target for target in targets if not ((ROOT / page).parent / target).exists()]
    assert not missing


def test_both_readmes_run_the_same_commands():
    assert steps("README.md") == steps("README.ja.md")
