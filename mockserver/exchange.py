"""One exchange: bytes in, a reply out. All transports take this road; nothing here waits, listens or asks the time."""

from datetime import date, datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mockserver.clinics import Clinics, Sandbox
from mockserver.eligibility.chips import Consent
from mockserver.eligibility.population import Country
from mockserver.eligibility.records import Rules
from mockserver.eligibility.text import Repertoire
from mockserver.register import Register
from mockserver.scenarios.scenario import CLEAR, Way
from mockserver.settings import Settings
from mockserver.tokens import Tokens
from mockserver.wire.answer import Addressed, answer_message, processing_message, refusal_message
from mockserver.wire.json_codec import decode, decode_search, encode, header_of
from mockserver.wire.message import (
    LoginResponse,
    LoginResult,
    PartialHeader,
    RequestHeader,
    SearchRequest,
    SearchResponse,
)
from mockserver.wire.qualification import Asker, Manner, digits_of_moment
from mockserver.wire.question import Question, is_clinic_code, parse_day, read_question
from mockserver.wire.refusals import Problem, Refusal

_LOGIN = msgspec.json.Decoder(dict[str, object])
_WITH_LIMIT, _WITHOUT = frozenset({Consent.LIMIT}), frozenset[Consent]()
REFUSED = "refused"  # instead of a pattern's id


class Credential(Struct, frozen=True, forbid_unknown_fields=True):
    """A login that is accepted: every member of `login` must be there; the token then belongs to `clinic`, if set."""

    login: dict[str, object]
    clinic: str = ""


class Reply(Struct, frozen=True):
    """What goes back: HTTP status, JSON body, and the pattern that was met. `hangs_up`: the rest of the input is junk."""

    status: int
    body: bytes
    pattern: str | None = None
    hangs_up: bool = False

    def closing(self) -> "Reply":
        """The same, as the last one of its connection."""
        return replace(self, hangs_up=True)


class Told(Struct, frozen=True):
    """What is said to a search: the message, the pattern that was met, what happens on its way, and why not, if so."""

    message: SearchResponse
    pattern: str
    way: Way = CLEAR
    problem: Problem | None = None


class Exchange:
    """The mock itself, without a transport."""

    def __init__(self, settings: Settings, opened_at: datetime, credentials: tuple[Credential, ...] = ()) -> None:
        self.settings = settings
        self.opened_at = opened_at
        self.repertoire = Repertoire(settings.repertoire)
        self.clinics = Clinics(
            settings.max_clinics, timedelta(seconds=settings.clinic_idle_s), settings.max_assignments
        )
        rules = Rules(settings.renewed_shows, settings.multiple_shows, settings.before_start)
        self.register = Register(Country(settings.seed, settings.people), self.repertoire, rules)
        self.tokens = Tokens(settings.token_secret, settings.token_lifetime_s)
        self.manner = Manner(
            settings.insurer_padding,
            settings.error_code_prefix,
            self.repertoire.show,
            settings.subsidies == "shown",
        )
        self._credentials = credentials
        self._opened_on = opened_at.date()
        self._taps = 0

    def search(self, body: bytes, authorization: str | None, now: datetime) -> Reply:
        """Answer a search (資格確認照会) in JSON. `now` is the real moment; the clinic's clock makes its own of it."""
        request = decode_search(body)
        if isinstance(request, Refusal):
            return self.refuse(request, now, header_of(body))
        if self.settings.require_token:
            header = request.XmlMsg.MessageHeader
            refusal = self.tokens.check(authorization, header.MedicalInstitutionCode, now.timestamp())
            if refusal:
                return self.refuse(refusal, self.moment(header.MedicalInstitutionCode, now), header)
        told = self.look_up(request, now, self.manner)
        body = encode(told.message)
        return Reply(self.status(told.problem) if told.problem else 200, body, told.pattern)

    def look_up(self, request: SearchRequest, now: datetime, manner: Manner) -> Told:
        """Answer a search that was read, whatever carried it."""
        header = request.XmlMsg.MessageHeader
        question = read_question(request, self.settings.strict)
        sandbox = self.clinics.find(header.MedicalInstitutionCode, now)
        moment = sandbox.clock.moment(now) if sandbox else now
        if isinstance(question, Refusal):
            message = refusal_message(question, moment, manner, addressed_to(header))
            return Told(message, REFUSED, problem=question.problem)
        return self._answer(question, sandbox, moment, now, manner)

    def _answer(
        self, question: Question, sandbox: Sandbox | None, moment: datetime, now: datetime, manner: Manner
    ) -> Told:
        register, inquiry = self.register, question.inquiry
        found = register.find(inquiry, sandbox, self.story_start(sandbox, moment), moment)
        addressed = Addressed(
            clinic_code=question.clinic_code, day=question.day, file_identifier=question.file_identifier
        )
        if found.way is not CLEAR and self._is_processing(question, found.way, now):
            return Told(processing_message(moment, manner, addressed), found.pattern, found.way)
        asker = Asker(
            inquiry.day,
            question.clinic_code,
            digits_of_moment(moment),
            _WITH_LIMIT if question.limit_consent else _WITHOUT,
            references=sandbox.references if sandbox else None,
        )
        answer = register.said(inquiry, found, moment)
        return Told(answer_message(answer, asker, manner, addressed, question.search), found.pattern, found.way)

    def _is_processing(self, question: Question, way: Way, now: datetime) -> bool:
        """Whether 処理中 is said; counts the inquiry."""
        if not way.processing_inquiries:
            return False
        who = (question.inquiry.insurer_key, question.inquiry.number)
        return self.clinics.open(question.clinic_code, now).count_inquiry(who) <= way.processing_inquiries

    def login(self, body: bytes, now: datetime) -> Reply:
        """Answer a login: any JSON object is welcome unless credentials are configured."""
        fields = decode(body, _LOGIN)
        if isinstance(fields, Refusal):
            return self.refuse_login(fields)
        clinic = self._clinic_of(fields)
        if clinic is None:
            wrong = Refusal(Problem.LOGIN, "ログイン情報が一致しません", "no configured credential fits this login")
            return self.refuse_login(wrong)
        access, refresh, identity = (self.tokens.issue(now.timestamp(), clinic) for _ in range(3))
        result = LoginResult(accessToken=access, refreshToken=refresh, idToken=identity, linkSysCharCd="0")
        return Reply(200, encode(LoginResponse(status="OK", msg="", result=result)))

    def refuse(self, refusal: Refusal, moment: datetime, header: RequestHeader | PartialHeader | None = None) -> Reply:
        """A refused search, in the envelope with every header member a strict client wants."""
        message = refusal_message(refusal, moment, self.manner, addressed_to(header))
        return Reply(self.status(refusal.problem), encode(message), REFUSED, refusal.problem is Problem.CUT_SHORT)

    def refuse_login(self, refusal: Refusal) -> Reply:
        """A refused login: no `result`, the reason in `msg`."""
        code = f"{self.manner.error_code_prefix}{refusal.problem.number}"
        message = LoginResponse(status=code, msg=refusal.message)
        return Reply(self.status(refusal.problem), encode(message), hangs_up=refusal.problem is Problem.CUT_SHORT)

    def status(self, problem: Problem) -> int:
        """The HTTP status of a refusal."""
        return problem.http_status if self.settings.refusal_status == "distinct" else 200

    def moment(self, clinic_code: str, now: datetime) -> datetime:
        """A clinic's moment when the real clock says `now`."""
        sandbox = self.clinics.find(clinic_code, now)
        return sandbox.clock.moment(now) if sandbox else now

    def story_start(self, sandbox: Sandbox | None, moment: datetime) -> date:
        """The day on which a clinic's stories begin, which must not move with the clock (or no delay ever ends)."""
        if sandbox and sandbox.story_start:
            return sandbox.story_start
        return moment.date() if self.settings.story_start == "daily" else self._opened_on

    def next_tap(self) -> int:
        """A number for the next tap, of whatever clinic and also after a reset: no two results have one name."""
        self._taps += 1
        return self._taps

    def _clinic_of(self, fields: dict[str, object]) -> str | None:
        """The clinic a login is for ("" any), or None if it is not accepted."""
        if not self._credentials:
            return ""
        fitting = (c for c in self._credentials if c.login.items() <= fields.items())
        return next((credential.clinic for credential in fitting), None)


def addressed_to(header: RequestHeader | PartialHeader | None) -> Addressed:
    """Where a refusal goes: what can be used of the members of a request's header."""
    if header is None:
        return Addressed()
    day, code = header.QualificationConfirmationDate, header.MedicalInstitutionCode
    return Addressed(
        clinic_code=code if code is not msgspec.UNSET and is_clinic_code(code) else "",
        day=day if day is not msgspec.UNSET and parse_day(day) else "",
        file_identifier=header.ArbitraryFileIdentifier,
    )
