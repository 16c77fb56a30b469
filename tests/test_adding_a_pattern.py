"""docs/adding-a-pattern.md, followed word by word in a copy of the project: three files, and the pattern is there."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/adding-a-pattern.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(python|diff)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[str]:
    return [text for name, text in BLOCK.findall(PAGE) if name == language]


def patch(path: Path, diff: str) -> None:
    """Apply a block of context, added and again context lines."""
    lines = diff.splitlines()
    before = "\n".join(line[1:] for line in lines if not line.startswith("+"))
    after = "\n".join(line[1:] for line in lines)
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1, f"{before!r} is not once in {path.name}"
    path.write_text(text.replace(before, after), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what the page touches and what runs it."""
    for name in ("mockserver", "tests"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_following_the_page_adds_the_pattern(project):
    (file,) = blocks("python")
    listed_import, listed_member, walk = blocks("diff")
    (project / "mockserver/scenarios/deceased.py").write_text(file, encoding="utf-8")
    patch(project / "mockserver/scenarios/__init__.py", listed_import)
    patch(project / "mockserver/scenarios/__init__.py", listed_member)
    patch(project / "tests/scenarios/test_patterns.py", walk)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "tests/scenarios/test_patterns.py",
        "-k",
        "deceased",
        "-p",
        "no:xdist",
        "-vv",
    ]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout
    for way in ("ready", "by_rule", "assigned"):
        assert f"test_the_answer_changes_on_the_right_days[deceased-61-{way}] PASSED" in done.stdout
