"""Every call of the client as a value: what is sent, and how its answer is read. No I/O in here."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, Generic, Literal, TypedDict, TypeVar, Unpack
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Struct
from msgspec.structs import asdict, replace

from mockserver.client.mistakes import Refused, expect_value
from mockserver.coverage import CoverageView, Format
from mockserver.faulting import FaultsView, FaultView
from mockserver.faults import Fault
from mockserver.faults.rules import Path
from mockserver.journal import Via
from mockserver.recalling import Expected, JournalView
from mockserver.scenarios.scenario import Scenario
from mockserver.tapping import TapView
from mockserver.views import (
    AssignmentView,
    ClinicView,
    ClockView,
    Identity,
    PeopleView,
    TruthView,
)
from mockserver.views import PatientView as Patient
from mockserver.wire.message import SearchRequest
from mockserver.wire.paths import LOGIN_PATH, SEARCH_PATH
from mockserver.wire.qualification import digits_of_day

T = TypeVar("T")
Person = Patient | Identity | int
Proof = Literal["face", "pin", "visual"]
Step = tuple[str, Fault | None]
_CLINICS = "/admin/clinics/"
_OK = 300  # an HTTP status below it is a success


class Call(Struct, Generic[T], frozen=True, kw_only=True):
    """A call whose answer is a T. `token`: that of a login; None: the admin token. `takes_errors`: reads any status."""

    method: str
    path: str
    read: Callable[[bytes], T]
    body: bytes = b""
    query: dict[str, str] = {}
    token: str | None = None
    takes_errors: bool = False

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path

    @property
    def clinic(self) -> str:
        """The code of the clinic it is about; empty for what is about none."""
        return self.path.removeprefix(_CLINICS).partition("/")[0] if self.path.startswith(_CLINICS) else ""

    @property
    def is_reset(self) -> bool:
        """Whether the clinic has nothing afterwards."""
        return self.method == "DELETE" and self.path == f"{_CLINICS}{self.clinic}"

    def headers(self, admin_token: str) -> dict[str, str]:
        """The headers to send."""
        right = self.token if self.token is not None else f"Bearer {admin_token}" if admin_token else ""
        kind = {"Content-Type": "application/json"} if self.body else {}
        return {**kind, "Authorization": right} if right else kind

    def outcome(self, status: int, body: bytes) -> T:
        """What came of it. Refused where the mock says no."""
        if status >= _OK and not self.takes_errors:
            raise _refused(status, body)
        return self.read(body)


class Gesture(TypedDict, total=False):
    """How a card is laid down; `by`: what the pattern is about if not given, `consents`: all."""

    by: Proof
    pin: Literal["right", "wrong"]
    consents: Iterable[str]
    care: Literal["outpatient", "home-visit", "online"]
    prescription: Literal["electronic", "paper"]


class Whom(TypedDict, total=False):
    """Whom a fault hits: what is not given does not count."""

    path: Path
    pattern: str
    patient: Person
    share_percent: float
    first: int
    nth: int | Iterable[int]
    since: str
    until: str


class Wanted(TypedDict, total=False):
    """How a person is to have been asked for."""

    times: int | None
    at_least: int | None
    at_most: int | None
    since: str
    until: str
    within_s: float
    via: Via


class Chosen(TypedDict, total=False):
    """Which entries of a journal: of this pattern, this way, with this outcome."""

    pattern: str
    via: Via
    said: str


class _Mistake(Struct):
    message_ja: str
    message_en: str


class _Failure(Struct):
    error: _Mistake


def _refused(status: int, body: bytes) -> Refused:
    try:
        mistake = msgspec.json.decode(body, type=_Failure).error
    except msgspec.MsgspecError:
        text = body[:300].decode(errors="replace")
        return Refused(status, text, text)
    return Refused(status, mistake.message_ja, mistake.message_en)


def _reader(kind: type[T]) -> Callable[[bytes], T]:
    return msgspec.json.Decoder(kind).decode


def _nothing(body: bytes) -> None:
    del body


def _clinic(code: str, rest: str = "") -> str:
    return f"{_CLINICS}{quote(code, safe='')}{rest}"


def _given(**members: Any) -> dict[str, Any]:
    return {name: found for name, found in members.items() if found is not None}


def _json(**members: Any) -> bytes:
    return msgspec.json.encode(_given(**members))


def identity(patient: Patient) -> Identity:
    """A patient by number."""
    return Identity(patient.insurer_number, patient.number, patient.birthdate, patient.symbol, patient.branch)


def _person(who: Person) -> int | Identity:
    return who.person if isinstance(who, Patient) else who


def _maybe(who: Person | None) -> int | Identity | None:
    return None if who is None else _person(who)


def _parameters(value: Struct) -> dict[str, Any]:
    """The fields of a pattern or fault that differ from their defaults."""
    defaults = {field.name: field.default for field in msgspec.structs.fields(value)}
    return {name: found for name, found in asdict(value).items() if found != defaults[name]}


def login() -> Call[str]:
    """Log in: a token."""
    return Call(method="POST", path=LOGIN_PATH, read=_token, body=b"{}", token="")


def _token(body: bytes) -> str:
    return str(msgspec.json.decode(body)["result"]["idToken"])


def look_up(request: SearchRequest, token: str) -> Call[dict[str, Any]]:
    """Post to the real search path: the JSON of the answer, whatever its status."""
    body, read = msgspec.json.encode(request), _reader(dict[str, Any])
    return Call(method="POST", path=SEARCH_PATH, read=read, body=body, token=token, takes_errors=True)


def asked_by(asked: Patient | SearchRequest, code: str, day: date) -> SearchRequest:
    """A request as a clinic sends it on a day."""
    if not isinstance(asked, SearchRequest):
        expect_value(asked, Patient, "patient", "clinic.patient()")
    request = asked.request if isinstance(asked, Patient) else asked
    message = request.XmlMsg
    header = replace(
        message.MessageHeader, QualificationConfirmationDate=digits_of_day(day), MedicalInstitutionCode=code
    )
    return SearchRequest(XmlMsg=replace(message, MessageHeader=header))


def new_clinic(name: str = "", seed: int | None = None) -> Call[ClinicView]:
    """A clinic nobody uses."""
    return Call(method="POST", path="/admin/clinics", read=_reader(ClinicView), body=_json(name=name, seed=seed))


def clinic(code: str) -> Call[ClinicView]:
    """What a clinic has set up."""
    return Call(method="GET", path=_clinic(code), read=_reader(ClinicView))


def reset(code: str) -> Call[None]:
    """Forget everything a clinic set up."""
    return Call(method="DELETE", path=_clinic(code), read=_nothing)


def people(code: str, count: int = 1, fits: Scenario | None = None) -> Call[PeopleView]:
    """People of the clinic's country whom a pattern fits."""
    if fits is not None:
        expect_value(fits, Scenario, "fits", "Lost()")
    parameters = _json(**_parameters(fits)).decode() if fits else None
    query = _given(count=str(count), pattern=fits.pattern_id() if fits else None, parameters=parameters)
    return Call(method="GET", path=_clinic(code, "/people"), read=_reader(PeopleView), query=query)


def assign(code: str, who: Person, scenario: Scenario, start: date | None = None) -> Call[AssignmentView]:
    """Give a person a pattern."""
    expect_value(scenario, Scenario, "pattern", "Lost()")
    named = {"pattern": scenario.pattern_id(), "parameters": _parameters(scenario), "start": start}
    body = _json(person=_person(who), **named)
    return Call(method="POST", path=_clinic(code, "/assignments"), read=_reader(AssignmentView), body=body)


def set_clock(code: str, moment: datetime | str, running: bool = False) -> Call[ClockView]:
    """Freeze the clock at a moment, or let it run from there."""
    return _clock(code, _json(now=moment, running=running))


def advance(code: str, days: int = 0, seconds: int = 0) -> Call[ClockView]:
    """Move the clock on."""
    return _clock(code, _json(advance_days=days, advance_seconds=seconds))


def real_clock(code: str) -> Call[ClockView]:
    """Give the real time back."""
    return _clock(code, _json(real=True))


def _clock(code: str, body: bytes) -> Call[ClockView]:
    return Call(method="PUT", path=_clinic(code, "/clock"), read=_reader(ClockView), body=body)


def tap(code: str, who: Person, **gesture: Unpack[Gesture]) -> Call[TapView]:
    """Lay somebody's card on the reader."""
    body = _json(person=_person(who), **gesture)
    return Call(method="POST", path=_clinic(code, "/taps"), read=_reader(TapView), body=body)


def fails(code: str, fault: Fault, **whom: Unpack[Whom]) -> Call[FaultView]:
    """Let a fault happen."""
    expect_value(fault, Fault, "fault", "Outage()")
    body = _json(fault=fault.fault_id(), parameters=_parameters(fault), **_hit(**whom))
    return Call(method="POST", path=_clinic(code, "/faults"), read=_reader(FaultView), body=body)


def _hit(nth: int | Iterable[int] = (), patient: Person | None = None, **others: Any) -> dict[str, Any]:
    chosen = (nth,) if isinstance(nth, int) else tuple(nth)
    return {"nth": chosen, "person": _maybe(patient), **others}


def timeline(code: str, steps: Iterable[Step], path: Path | None = None) -> Call[FaultsView]:
    """Let faults happen one after another; None is: all is well again."""
    body = _json(steps=[_step(at, fault) for at, fault in steps], path=path)
    return Call(method="POST", path=_clinic(code, "/timelines"), read=_reader(FaultsView), body=body)


def _step(at: str, fault: Fault | None) -> dict[str, Any]:
    return {"at": at, "fault": fault.fault_id(), "parameters": _parameters(fault)} if fault else {"at": at}


def faults(code: str) -> Call[FaultsView]:
    """The fault rules there are."""
    return Call(method="GET", path=_clinic(code, "/faults"), read=_reader(FaultsView))


def recovers(code: str, fault_id: str = "") -> Call[None]:
    """Take a fault rule or timeline away; without an id all of them."""
    rest = f"/faults/{quote(fault_id, safe='')}" if fault_id else "/faults"
    return Call(method="DELETE", path=_clinic(code, rest), read=_nothing)


def journal(code: str, after: int = 0, limit: int = 100, masked: bool = True) -> Call[JournalView]:
    """What the clinic did."""
    query = {"after": str(after), "limit": str(limit), "masked": str(masked).lower()}
    return Call(method="GET", path=_clinic(code, "/journal"), read=_reader(JournalView), query=query)


def journal_stream(
    code: str, form: Literal["jsonl", "events"], after: int, masked: bool, **chosen: Unpack[Chosen]
) -> Call[None]:
    """All entries after a serial, one a line; as events also those to come."""
    query = {"format": form, "after": str(after), "masked": str(masked).lower()}
    query |= {name: str(wanted) for name, wanted in chosen.items()}
    return Call(method="GET", path=_clinic(code, "/journal"), read=_nothing, query=query)


def whole_line(line: bytes) -> bytes | None:
    """A line of a stream as it came; none after the last."""
    return line or None


def nothing_came(wait_s: float) -> TimeoutError:
    """No entry was written for so long."""
    return TimeoutError(
        f"{wait_s:g}秒の間、ジャーナルに新しい記録がありませんでした / no entry came into the journal for {wait_s:g} s"
    )


def coverage(code: str | None) -> Call[CoverageView]:
    """Which patterns a clinic met, or (no code) all of them."""
    return Call(method="GET", path=_coverage(code), read=_reader(CoverageView))


def coverage_file(code: str | None, form: Format) -> Call[bytes]:
    """The same as a file."""
    return Call(method="GET", path=_coverage(code), read=bytes, query={"format": form})


def new_coverage() -> Call[None]:
    """Count the coverage of all from here on."""
    return Call(method="DELETE", path=_coverage(None), read=_nothing)


def _coverage(code: str | None) -> str:
    return "/admin/coverage" if code is None else _clinic(code, "/coverage")


def asked_for(code: str, who: Person, **wanted: Unpack[Wanted]) -> Call[Expected]:
    """Whether a person was asked for; at least once if not said otherwise. AssertionError where not."""
    counts = {wanted.get("times"), wanted.get("at_least"), wanted.get("at_most")}
    least = {"at_least": 1} if counts == {None} else {}
    body = _json(person=_person(who), **{**wanted, **least})
    return Call(method="POST", path=_clinic(code, "/expectations"), read=_met, body=body)


def _met(body: bytes) -> Expected:
    found = msgspec.json.decode(body, type=Expected)
    if not found.is_met:
        raise AssertionError(f"{found.message_ja}\n{found.message_en}")
    return found


def truth(code: str, who: Patient | Identity, day: date | None = None) -> Call[TruthView]:
    """What is really so, beside what the backend says."""
    asked = identity(who) if isinstance(who, Patient) else who
    query = {name: str(found) for name, found in _given(**asdict(asked), day=day).items()}
    return Call(method="GET", path=_clinic(code, "/truth"), read=_reader(TruthView), query=query)
