"""One exchange: bytes in, a reply out. All transports take this road; nothing here waits, listens or asks the time."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from mockserver.clinics import Clinics, Sandbox
from mockserver.coverage import Coverage
from mockserver.eligibility.chips import Consent
from mockserver.eligibility.population import Country
from mockserver.eligibility.records import Inquiry, Rules
from mockserver.eligibility.text import Repertoire
from mockserver.fates import FAILURES, Fates
from mockserver.faults import Maintenance, Outage
from mockserver.faults.rules import Path, Request
from mockserver.journal import NO_TRACE, PROCESSING, Entry, Journals, Trace
from mockserver.keeping import Keeping
from mockserver.login import Credential, Named, logged_in, read_login
from mockserver.register import Register
from mockserver.replies import Reply, dressed
from mockserver.scenarios.scenario import CLEAR, Way
from mockserver.settings import Settings
from mockserver.tally import Tally
from mockserver.tokens import Tokens
from mockserver.told import REFUSED, Told, addressed_to, refused
from mockserver.wire.answer import NO_CLINIC, Addressed, answer_message, own_code, processing_message
from mockserver.wire.json_codec import decode_search, encode, header_of
from mockserver.wire.message import LoginResponse, PartialHeader, RequestHeader, SearchRequest
from mockserver.wire.qualification import Asker, Manner, digits_of_moment
from mockserver.wire.question import Question, read_question
from mockserver.wire.refusals import Problem, Refusal

_seconds_of = lru_cache(maxsize=64)(datetime.timestamp)  # look-ups answered together have one moment
_WITH_LIMIT, _WITHOUT = frozenset({Consent.LIMIT}), frozenset[Consent]()


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
        self.coverage = Coverage(self.register)
        self.journals = Journals(
            settings.max_clinics, settings.journal_entries, settings.journal_entries_total, self.coverage.part
        )
        self.fates = Fates(settings.seed, self.register, self.journals)
        self.tally = Tally()
        self.keeping = Keeping(self.journals, self.tally if settings.metrics else None)
        self._credentials = credentials
        self._opened_on = opened_at.date()
        self.taps = 0

    def search(self, body: bytes, authorization: str | None, now: datetime, trace: Trace = NO_TRACE) -> Reply:
        """Answer a search (資格確認照会) in JSON. `now` is the real moment; the clinic's clock makes its own of it."""
        return self._reply(self._told(body, authorization, now), now, trace)

    def look_up(self, request: SearchRequest, now: datetime, manner: Manner) -> Told:
        """Answer a search that was read, whatever carried it; no fault acts and nothing is written into the journal."""
        header = request.XmlMsg.MessageHeader
        question = read_question(request, self.settings.strict)
        sandbox = self.clinics.find(header.MedicalInstitutionCode, now)
        moment = sandbox.clock.moment(now) if sandbox else now
        if type(question) is Refusal:
            return refused(question, moment, manner, addressed_to(header), sandbox)
        return self._answer(question, sandbox, moment, now, manner)

    def look_up_as(self, path: Path, request: SearchRequest, now: datetime, manner: Manner) -> Told:
        """The same, met by the faults of a path."""
        return self.fates.meet(path, self.look_up(request, now, manner), manner)

    def _told(self, body: bytes, authorization: str | None, now: datetime) -> Told:
        request = decode_search(body)
        if type(request) is Refusal:
            addressed = addressed_to(header_of(body))
            sandbox = self.clinics.find(addressed.clinic_code, now)
            moment = sandbox.clock.moment(now) if sandbox else now
            return refused(request, moment, self.manner, addressed, sandbox)
        if self.settings.require_token:
            header = request.XmlMsg.MessageHeader
            refusal = self.tokens.check(authorization, header.MedicalInstitutionCode, _seconds_of(now))
            if refusal:
                sandbox = self.clinics.find(header.MedicalInstitutionCode, now)
                moment = sandbox.clock.moment(now) if sandbox else now
                return refused(refusal, moment, self.manner, addressed_to(header), sandbox)
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
            said = answer.validity.code
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
        read = self.read_login(body)
        if isinstance(read, Refusal):
            return self.refuse_login(read, now, trace)
        return self.answer_login(*read, now, trace)

    def read_login(self, body: bytes) -> Named | Refusal:
        """Whose the tokens of a login are, and which clinic it names, if it is accepted."""
        return read_login(body, self._credentials)

    def answer_login(self, owner: str, clinic: str, now: datetime, trace: Trace = NO_TRACE) -> Reply:
        """Answer a login that was accepted."""
        return self._login_reply(logged_in(owner, self.tokens, now.timestamp()), None, clinic, now, trace)

    def refuse(
        self,
        refusal: Refusal,
        now: datetime,
        header: RequestHeader | PartialHeader | None = None,
        trace: Trace = NO_TRACE,
    ) -> Reply:
        """A refused search, in the envelope with every header member a strict client wants."""
        return self._reply(refused(refusal, now, self.manner, addressed_to(header)), now, trace)

    def refuse_login(self, refusal: Refusal, now: datetime, trace: Trace = NO_TRACE) -> Reply:
        """A refused login: no `result`, the reason in `msg`."""
        return self._login_reply(self._no_login(refusal), refusal, "", now, trace)

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
        self.taps += 1
        return self.taps

    def reset(self, clinic_code: str) -> None:
        """Forget everything a clinic set up and did."""
        self.clinics.reset(clinic_code)
        self.journals.forget(clinic_code)

    def _reply(self, told: Told, now: datetime, trace: Trace) -> Reply:
        told = self.fates.meet("search", told, self.manner)
        refusal = told.refusal
        reply = Reply(
            self.status(refusal.problem) if refusal else 200,
            encode(told.message),
            told.pattern,
            hangs_up=told.hangs_up,
        )
        if told.decision or trace is not NO_TRACE:
            reply = dressed(reply, told.decision, trace, self.settings.outage_status)
        reply.entry = self.keeping.enter_told("http", told, now, reply.status, trace)
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
            refusal = FAILURES[type(fault)]
            message = self._no_login(refusal)
        status = self.status(refusal.problem) if refusal else 200
        reply = Reply(status, encode(message), hangs_up=hangs_up, via="login")
        reply = dressed(reply, decision, trace, self.settings.outage_status)
        entry = Entry(
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
        )
        reply.entry = self.keeping.enter(code, entry)
        return reply

    def _no_login(self, refusal: Refusal) -> LoginResponse:
        return LoginResponse(status=own_code(refusal.problem, self.manner), msg=refusal.message)
