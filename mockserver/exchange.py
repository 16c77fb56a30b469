"""One exchange: bytes in, a reply out. All transports take this road; nothing here waits, listens or asks the time."""

from datetime import date, datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mockserver.clinics import Clinics, Sandbox
from mockserver.eligibility.chips import Consent
from mockserver.eligibility.population import Country
from mockserver.eligibility.records import Inquiry, Rules
from mockserver.eligibility.text import Repertoire
from mockserver.fates import Fates
from mockserver.faults import Maintenance, Outage, StillProcessing
from mockserver.faults.rules import Decision, Path, Request, Target
from mockserver.journal import NO_TRACE, PROCESSING, Entry, Journals, Trace, Via
from mockserver.register import Found, Register, Situation
from mockserver.replies import Reply, dressed
from mockserver.scenarios.scenario import CLEAR, Way
from mockserver.settings import Settings
from mockserver.tally import Tally
from mockserver.tokens import Tokens
from mockserver.wire.answer import (
    NO_CLINIC,
    Addressed,
    answer_message,
    own_code,
    processing_message,
    refusal_message,
)
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
_PROBLEMS = {
    Outage: Refusal(
        Problem.OUTAGE, "システム障害のため処理できません（パターン outage）", "the system is down (fault outage)"
    ),
    Maintenance: Refusal(
        Problem.MAINTENANCE,
        "メンテナンスのため停止しています（パターン maintenance）",
        "the system is closed for maintenance (fault maintenance)",
    ),
}


class Credential(Struct, frozen=True, forbid_unknown_fields=True):
    """A login that is accepted: every member of `login` must be there; the token then belongs to `clinic`, if set."""

    login: dict[str, object]
    clinic: str = ""


class Told(Struct, frozen=True):
    """What is said to a search: the message, the pattern that was met, what happens on its way, and why not, if so.

    `said` is a validity, `processing` or the mock's own code of the refusal. The rest is what that hung on.
    """

    message: SearchResponse
    pattern: str
    said: str
    addressed: Addressed
    moment: datetime
    way: Way = CLEAR
    refusal: Refusal | None = None
    sandbox: Sandbox | None = None
    inquiry: Inquiry | None = None
    found: Found | None = None
    situation: Situation | None = None
    decision: Decision | None = None
    hangs_up: bool = False


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
        self.journals = Journals(settings.max_clinics, settings.journal_entries, settings.journal_entries_total)
        self.fates = Fates(settings.seed, self.register, self.journals)
        self.tally = Tally()
        self._credentials = credentials
        self._opened_on = opened_at.date()
        self._taps = 0

    def search(self, body: bytes, authorization: str | None, now: datetime, trace: Trace = NO_TRACE) -> Reply:
        """Answer a search (資格確認照会) in JSON. `now` is the real moment; the clinic's clock makes its own of it."""
        return self._reply(self._told(body, authorization, now), now, trace)

    def look_up(self, request: SearchRequest, now: datetime, manner: Manner) -> Told:
        """Answer a search that was read, whatever carried it; no fault acts and nothing is written into the journal."""
        header = request.XmlMsg.MessageHeader
        question = read_question(request, self.settings.strict)
        sandbox = self.clinics.find(header.MedicalInstitutionCode, now)
        moment = sandbox.clock.moment(now) if sandbox else now
        if isinstance(question, Refusal):
            return self._refused(question, moment, manner, addressed_to(header), sandbox)
        return self._answer(question, sandbox, moment, now, manner)

    def look_up_as(self, path: Path, request: SearchRequest, now: datetime, manner: Manner) -> Told:
        """The same, met by the faults of a path."""
        return self._meet(path, self.look_up(request, now, manner), manner)

    def _told(self, body: bytes, authorization: str | None, now: datetime) -> Told:
        request = decode_search(body)
        if isinstance(request, Refusal):
            addressed = addressed_to(header_of(body))
            sandbox = self.clinics.find(addressed.clinic_code, now)
            moment = sandbox.clock.moment(now) if sandbox else now
            return self._refused(request, moment, self.manner, addressed, sandbox)
        if self.settings.require_token:
            header = request.XmlMsg.MessageHeader
            refusal = self.tokens.check(authorization, header.MedicalInstitutionCode, now.timestamp())
            if refusal:
                sandbox = self.clinics.find(header.MedicalInstitutionCode, now)
                moment = sandbox.clock.moment(now) if sandbox else now
                return self._refused(refusal, moment, self.manner, addressed_to(header), sandbox)
        return self.look_up(request, now, self.manner)

    def _answer(
        self, question: Question, sandbox: Sandbox | None, moment: datetime, now: datetime, manner: Manner
    ) -> Told:
        register, inquiry = self.register, question.inquiry
        situation = register.situation(inquiry, sandbox, self.story_start(sandbox, moment), moment)
        found = register.found(inquiry, situation)
        addressed = Addressed(
            clinic_code=question.clinic_code, day=question.day, file_identifier=question.file_identifier
        )
        is_processing = found.way is not CLEAR and self._is_processing(question, found.way, now)
        if found.counts_look_ups and not is_processing:
            self.count_inquiry(question.clinic_code, inquiry, now)
        if is_processing:
            message, said = processing_message(moment, manner, addressed), PROCESSING
        else:
            asker = Asker(
                inquiry.day,
                question.clinic_code,
                digits_of_moment(moment),
                _WITH_LIMIT if question.limit_consent else _WITHOUT,
                references=sandbox.references if sandbox else None,
            )
            answer = register.said(inquiry, found, moment)
            message = answer_message(answer, asker, manner, addressed, question.search)
            said = answer.validity.value
        return Told(
            message, found.pattern, said, addressed, moment, found.way, None, sandbox, inquiry, found, situation
        )

    def _is_processing(self, question: Question, way: Way, now: datetime) -> bool:
        """Whether 処理中 is said; counts the inquiry."""
        if not way.processing_inquiries:
            return False
        return self.count_inquiry(question.clinic_code, question.inquiry, now) <= way.processing_inquiries

    def count_inquiry(self, clinic_code: str, inquiry: Inquiry, now: datetime) -> int:
        """How often a clinic asked for a number whose story goes on with that, this time included."""
        return self.clinics.open(clinic_code, now).count_inquiry((inquiry.insurer_key, inquiry.number))

    def login(self, body: bytes, now: datetime, trace: Trace = NO_TRACE) -> Reply:
        """Answer a login: any JSON object is welcome unless credentials are configured."""
        fields = decode(body, _LOGIN)
        if isinstance(fields, Refusal):
            return self.refuse_login(fields, now, trace)
        clinic = self._clinic_of(fields)
        if clinic is None:
            wrong = Refusal(Problem.LOGIN, "ログイン情報が一致しません", "no configured credential fits this login")
            return self.refuse_login(wrong, now, trace)
        access, refresh, identity = (self.tokens.issue(now.timestamp(), clinic) for _ in range(3))
        result = LoginResult(accessToken=access, refreshToken=refresh, idToken=identity, linkSysCharCd="0")
        message = LoginResponse(status="OK", msg="", result=result)
        return self._login_reply(message, None, clinic or _named_in(fields), now, trace)

    def refuse(
        self,
        refusal: Refusal,
        now: datetime,
        header: RequestHeader | PartialHeader | None = None,
        trace: Trace = NO_TRACE,
    ) -> Reply:
        """A refused search, in the envelope with every header member a strict client wants."""
        return self._reply(self._refused(refusal, now, self.manner, addressed_to(header)), now, trace)

    def refuse_login(self, refusal: Refusal, now: datetime, trace: Trace = NO_TRACE) -> Reply:
        """A refused login: no `result`, the reason in `msg`."""
        message = LoginResponse(status=own_code(refusal.problem, self.manner), msg=refusal.message)
        return self._login_reply(message, refusal, "", now, trace)

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

    def reset(self, clinic_code: str) -> None:
        """Forget everything a clinic set up and did."""
        self.clinics.reset(clinic_code)
        self.journals.forget(clinic_code)

    def sent(self, reply: Reply, took_s: float) -> None:
        """An answer is on its way whole, so long after its request."""
        if reply.entry is not None:
            reply.entry.took_us = round(took_s * 1_000_000)
        if self.settings.metrics:
            self.tally.took(reply.via, took_s)

    def enter(self, clinic_code: str, entry: Entry) -> Entry | None:
        """Count what happened, and write it into the clinic's journal; None where no journal is kept."""
        if self.settings.metrics:
            self.tally.answered(entry.via, entry.pattern, entry.said)
            for hit in entry.decision.hits if entry.decision else ():
                self.tally.fault(hit.fault.fault_id())
        if not self.journals.is_kept:
            return None
        self.journals.add(clinic_code, entry)
        return entry

    def enter_note(self, code: str, via: Via, note: str, now: datetime, pattern: str, reason: str) -> None:
        """The entry of something that is not about one person."""
        entry = Entry(
            serial=0,
            via=via,
            at=now,
            moment=self.moment(code, now),
            said="",
            status=200,
            pattern=pattern,
            reason=(reason, reason) if reason else None,
            note=note,
        )
        self.enter(code, entry)

    def enter_told(
        self, via: Via, told: Told, now: datetime, status: int = 200, trace: Trace = NO_TRACE, note: str = ""
    ) -> Entry | None:
        """The entry of an answer to a search."""
        entry = Entry(
            serial=0,
            via=via,
            at=now,
            moment=told.moment,
            said=told.said,
            status=status,
            pattern=told.pattern,
            inquiry=told.inquiry,
            situation=told.situation,
            decision=told.decision,
            reason=(told.refusal.japanese, told.refusal.english) if told.refusal else None,
            note=note,
            trace=trace,
        )
        return self.enter(told.addressed.clinic_code or NO_CLINIC, entry)

    def _meet(self, path: Path, told: Told, manner: Manner) -> Told:
        """What faults make of an answer."""
        if not self.fates.are_open(told.sandbox):
            return told
        request = Request(path, told.pattern, lambda target: self._is_about(told, target), told.moment)
        decision = self.fates.decide(told.addressed.clinic_code or NO_CLINIC, told.sandbox, request)
        fault = decision.fault if decision else None
        if isinstance(fault, StillProcessing):
            message = processing_message(told.moment, manner, told.addressed)
            return replace(told, message=message, said=PROCESSING, refusal=None, decision=decision)
        if isinstance(fault, (Outage, Maintenance)):
            refusal = _PROBLEMS[type(fault)]
            refused = self._refused(refusal, told.moment, manner, told.addressed)
            return replace(told, message=refused.message, said=refused.said, refusal=refusal, decision=decision)
        return replace(told, decision=decision)

    def _is_about(self, told: Told, target: Target) -> bool:
        if told.inquiry is None or told.found is None:
            return False
        return self.fates.is_about(target, told.inquiry, told.found)

    def _refused(
        self,
        refusal: Refusal,
        moment: datetime,
        manner: Manner,
        addressed: Addressed,
        sandbox: Sandbox | None = None,
    ) -> Told:
        message, said = refusal_message(refusal, moment, manner, addressed), own_code(refusal.problem, manner)
        hangs_up = refusal.problem is Problem.CUT_SHORT
        return Told(message, REFUSED, said, addressed, moment, refusal=refusal, sandbox=sandbox, hangs_up=hangs_up)

    def _reply(self, told: Told, now: datetime, trace: Trace) -> Reply:
        told = self._meet("search", told, self.manner)
        refusal = told.refusal
        reply = Reply(
            self.status(refusal.problem) if refusal else 200,
            encode(told.message),
            told.pattern,
            hangs_up=told.hangs_up,
        )
        if told.decision or trace is not NO_TRACE:
            reply = dressed(reply, told.decision, trace, self.settings.outage_status)
        reply.entry = self.enter_told("http", told, now, reply.status, trace)
        return reply

    def _login_reply(
        self, message: LoginResponse, refusal: Refusal | None, clinic: str, now: datetime, trace: Trace
    ) -> Reply:
        code = clinic or NO_CLINIC
        sandbox = self.clinics.find(code, now)
        moment = sandbox.clock.moment(now) if sandbox else now
        decision = self.fates.decide(code, sandbox, Request("login", None, lambda _: False, moment))
        fault = decision.fault if decision else None
        hangs_up = refusal is not None and refusal.problem is Problem.CUT_SHORT
        if isinstance(fault, (Outage, Maintenance)):
            refusal = _PROBLEMS[type(fault)]
            message = LoginResponse(status=own_code(refusal.problem, self.manner), msg=refusal.message)
        reply = Reply(
            self.status(refusal.problem) if refusal else 200,
            encode(message),
            hangs_up=hangs_up,
            via="login",
        )
        reply = dressed(reply, decision, trace, self.settings.outage_status)
        reply.entry = self.enter(
            code,
            Entry(
                serial=0,
                via="login",
                at=now,
                moment=moment,
                said=message.status,
                status=reply.status,
                pattern=REFUSED if refusal else "",
                decision=decision,
                reason=(refusal.japanese, refusal.english) if refusal else None,
                trace=trace,
            ),
        )
        return reply

    def _clinic_of(self, fields: dict[str, object]) -> str | None:
        """The clinic a login is for ("" any), or None if it is not accepted."""
        if not self._credentials:
            return ""
        fitting = (c for c in self._credentials if c.login.items() <= fields.items())
        return next((credential.clinic for credential in fitting), None)


def _named_in(fields: dict[str, object]) -> str:
    """The clinic a login names somewhere among its members ("" none): the real members are not known for sure."""
    return next((text for text in fields.values() if isinstance(text, str) and is_clinic_code(text)), "")


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
