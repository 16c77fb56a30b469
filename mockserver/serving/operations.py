"""Every path the mock serves, written out: what it is for, what goes in, what comes out. Routes and OpenAPI follow."""

import re
from typing import Any

from msgspec import Struct

from mockserver.catalogue import CatalogueView, PatternView
from mockserver.coverage import CoverageView
from mockserver.faulting import FaultsView, FaultView, KindsView, NewFault, NewTimeline
from mockserver.linkage.outcome import Faces, Outcome
from mockserver.recalling import CountsView, Expectation, Expected, JournalView
from mockserver.tapping import NewTap, TapView
from mockserver.views import (
    AssignmentView,
    ClinicChange,
    ClinicView,
    ClockChange,
    ClockView,
    NewAssignment,
    NewClinic,
    PeopleView,
    ScenariosView,
    TruthView,
)
from mockserver.wire.message import LoginResponse, SearchRequest, SearchResponse
from mockserver.wire.paths import FACES_PATH, FILES_PATH, LOGIN_PATH, SEARCH_PATH


class Status(Struct, frozen=True, omit_defaults=True):
    """Whether the mock is well: `ok`, or `amber` where the newest scenario files cannot be played (it answers by the last).

    `problems` says what is wrong with them: file, line, column, in both languages.
    """

    status: str
    problems: list[str] = []


class Mistake(Struct, frozen=True):
    """Why a call of the admin paths failed, in both languages."""

    message_ja: str
    message_en: str


class Failure(Struct, frozen=True):
    """A failed call of the admin paths."""

    error: Mistake


class Query(Struct, frozen=True):
    """A query member, a string: name, what it is, whether it must be there."""

    name: str
    description: str
    required: bool = False


class Operation(Struct, frozen=True):
    """A method on a path. `name` is the handler's; `status` that of success; `request`, `response` the structs."""

    method: str
    path: str
    name: str
    summary: str
    response: Any
    request: Any = None
    status: int = 200
    query: tuple[Query, ...] = ()


BACKEND = (
    Operation(
        "POST",
        LOGIN_PATH,
        "login",
        "ログイン: any JSON object, unless credentials are set",
        LoginResponse,
        dict,
    ),
    Operation("POST", SEARCH_PATH, "search", "資格確認照会 by number", SearchResponse, SearchRequest),
)
_CLINIC_QUERY = Query("clinic", "clinic code whose clock and stories count")
_TRUTH_QUERY = (
    Query("insurer_number", "保険者番号, padded or not", required=True),
    Query("number", "被保険者番号", required=True),
    Query("birthdate", "birth date YYYY-MM-DD", required=True),
    Query("symbol", "記号"),
    Query("branch", "枝番"),
    Query("day", "day asked about, YYYY-MM-DD; today if not given"),
)
_PEOPLE_QUERY = (
    Query("count", "how many, 1 if not given"),
    Query("pattern", "the pattern that must fit them"),
    Query("parameters", "its parameters, a JSON object; those of a ready person if not given"),
)
_FORM_QUERY = (
    Query("encoding", "utf-8 or shift_jis"),
    Query("order", "layout or shuffled"),
    Query("bulk_result", "xml or zip"),
)
_JOURNAL_QUERY = (
    Query("after", "only entries after this serial"),
    Query("limit", "at most so many, 100 if not given"),
    Query("pattern", "only of this pattern"),
    Query("via", "only of this way: http, login, file, card"),
    Query("said", "only with this outcome: 1 to 6, processing, or a code of the mock"),
    Query("masked", "false: numbers and birth dates as they are"),
    Query(
        "format",
        "json; jsonl: all entries, one a line (as Accept: application/x-ndjson); events: also those to come, as "
        "server-sent events (as Accept: text/event-stream)",
    ),
)
_COVERAGE_QUERY = (Query("format", "json; html: a page to read; junit: JUnit XML"),)
_CLINIC = "/admin/clinics/{code}"


def _faults(path: str, whose: str) -> tuple[Operation, ...]:
    """The paths of the fault rules of a clinic, and of those for all."""
    return (
        Operation("GET", f"{path}/faults", "faults", f"the fault rules of {whose}", FaultsView),
        Operation("POST", f"{path}/faults", "add_fault", f"let a fault happen to {whose}", FaultView, NewFault, 201),
        Operation("DELETE", f"{path}/faults", "clear_faults", f"take all fault rules of {whose} away", None, status=204),
        Operation("DELETE", f"{path}/faults/{{id}}", "remove_fault", "take a rule or timeline away", None, status=204),
        Operation(
            "POST", f"{path}/timelines", "add_timeline", f"faults of {whose}, one after another", FaultsView, NewTimeline, 201
        ),
    )  # fmt: skip


PROBES = (
    Operation("GET", "/healthz", "health", "200 when the mock lives", Status),
    Operation("GET", "/readyz", "ready", "200 when the mock can answer", Status),
    Operation("GET", "/metrics", "metrics", "counts for Prometheus; never an identity", str),
)
ADMIN = (
    Operation("GET", "/admin/scenarios", "scenarios", "what the scenario files say", ScenariosView),
    Operation("GET", "/admin/patterns", "patterns", "the catalogue of patterns", CatalogueView, query=(_CLINIC_QUERY,)),
    Operation("GET", "/admin/patterns/{id}", "pattern", "one pattern", PatternView, query=(_CLINIC_QUERY,)),
    Operation("POST", "/admin/clinics", "new_clinic", "a clinic nobody uses", ClinicView, NewClinic, 201),
    Operation("GET", _CLINIC, "clinic", "what a clinic has set up", ClinicView),
    Operation("PUT", _CLINIC, "change_clinic", "give a clinic a country of its own", ClinicView, ClinicChange),
    Operation("DELETE", _CLINIC, "reset_clinic", "forget everything a clinic set up", None, status=204),
    Operation("PUT", f"{_CLINIC}/clock", "change_clock", "freeze, move or free the clock", ClockView, ClockChange),
    Operation(
        "POST", f"{_CLINIC}/assignments", "assign", "give a person a pattern", AssignmentView, NewAssignment, 201
    ),
    Operation("DELETE", f"{_CLINIC}/assignments/{{id}}", "unassign", "take an assignment back", None, status=204),
    Operation(
        "GET", f"{_CLINIC}/truth", "truth", "what is really so, beside what the backend says", TruthView,
        query=_TRUTH_QUERY,
    ),
    Operation(
        "GET", f"{_CLINIC}/people", "people", "people to test with, other ones at each call", PeopleView,
        query=_PEOPLE_QUERY,
    ),
    Operation("GET", "/admin/fault-kinds", "fault_kinds", "the catalogue of faults", KindsView),
    *_faults(_CLINIC, "a clinic"),
    *_faults("/admin", "all clinics"),
    Operation(
        "GET", f"{_CLINIC}/journal", "journal", "what a clinic did, and why it was answered so", JournalView,
        query=_JOURNAL_QUERY,
    ),
    Operation("GET", f"{_CLINIC}/counts", "counts", "how often each pattern was met", CountsView),
    Operation(
        "GET", f"{_CLINIC}/coverage", "coverage", "which patterns a clinic met, and how it went on after them", CoverageView,
        query=_COVERAGE_QUERY,
    ),
    Operation(
        "GET", "/admin/coverage", "coverage", "which patterns all clinics met, also those that were reset", CoverageView,
        query=_COVERAGE_QUERY,
    ),
    Operation("DELETE", "/admin/coverage", "new_coverage", "count the coverage of all from here on", None, status=204),
    Operation(
        "POST", f"{_CLINIC}/expectations", "expect", "whether a person was asked for as expected", Expected, Expectation
    ),
    Operation("POST", f"{_CLINIC}/taps", "tap", "lay somebody's card on the reader", TapView, NewTap),
    Operation(
        "POST", FILES_PATH, "take_file", "for terminals: a request file (its bytes as body), what comes of it", Outcome, bytes,
        query=(Query("name", "the file's name", required=True), *_FORM_QUERY),
    ),
    Operation(
        "GET", FACES_PATH, "faces", "for terminals: results of card readers after a cursor, waits for one", Faces,
        query=(
            Query("cursor", "that of the last answer; empty: from now on"),
            Query("clinic", "only those of a clinic"),
            Query("wait_ms", "how long to wait, in milliseconds"),
            *_FORM_QUERY,
        ),
    ),
    Operation("GET", "/admin/openapi.json", "openapi", "this description", dict[str, Any]),
)  # fmt: skip
EVERY = (*BACKEND, *PROBES, *ADMIN)


def methods_of(path: str) -> list[str]:
    """The methods that are taken on a path; none where there is no such path."""
    return sorted({o.method for o in EVERY if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", o.path), path)})
