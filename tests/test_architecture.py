"""The imports agree with docs/architecture.md: rooms know only what the page lets them know."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
FORBIDDEN = re.compile(r"Below `terminal` and `serving` nothing imports (?P<names>[^.]+)\.")
ROW = re.compile(r"^\| (?P<room>`[^|]+`) \|(?P<known>[^|]*)\|$", re.MULTILINE)
ARROWS = PAGE[PAGE.index("## Arrows") : PAGE.index("## The path")]
FILES = sorted((ROOT / "mockserver").rglob("*.py"))


def names(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


RULES = {room: names(row["known"]) for row in ROW.finditer(ARROWS) for room in names(row["room"])}


def room_of(module: str) -> str:
    """`mockserver.wire.message` → `wire`; a module at the top is a room of its own."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "mockserver"


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names_in_package = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names_in_package if node.module == "mockserver" else {node.module}
    return found


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_a_room_knows_only_its_own(path):
    own = room_of(module_of(path))
    known = {room_of(name) for name in imports(path) if name.startswith("mockserver.")} - {own, "__version__"}
    assert known <= RULES.get(own, set()), f"{own} is not to know {known - RULES.get(own, set())}"


def test_every_room_is_on_the_page():
    rooms = {room_of(module_of(path)) for path in FILES} - {"mockserver"}
    assert rooms == set(RULES)


def test_no_arrow_on_the_page_is_idle():
    drawn: dict[str, set[str]] = {room: set() for room in RULES}
    for path in FILES:
        own = room_of(module_of(path))
        drawn.setdefault(own, set()).update(room_of(n) for n in imports(path) if n.startswith("mockserver."))
    idle = {room: RULES[room] - drawn[room] for room in RULES if RULES[room] - drawn[room]}
    assert not idle


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_the_core_does_no_io_and_asks_no_time(path):
    match = FORBIDDEN.search(PAGE)
    assert match
    allowed = {"serving", "terminal", "cli", "__main__", "asking", "showing", "client", "pytest_plugin", "sharing"}
    if room_of(module_of(path)) not in allowed:
        assert not {name.split(".")[0] for name in imports(path)} & names(match["names"])
