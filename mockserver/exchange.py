"""One exchange: bytes in, a reply out. All transports take this road; nothing here waits, listens or asks the time."""

from datetime import date, datetime, timedelta

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mockserver.clinics import Clinics, Sandbox
from mockserver.eligibility.population import Country
from mockserver.eligibility.records import Rules
from mockserver.eligibility.text import Repertoire
from mockserver.register import Register
from mockserver.settings import Settings
from mockserver.tokens import Tokens
from mockserver.wire.answer import Manner, answer_message, refusal_message
from mockserver.wire.json_codec import decode, decode_search, encode, header_of
from mockserver.wire.message import LoginResponse, LoginResult, RequestHeader
from mockserver.wire.question import is_clinic_code, parse_day, read_question
from mockserver.wire.refusals import Problem, Refusal

_LOGIN = msgspec.json.Decoder(dict[str, object])
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


class Exchange:
    """The mock itself, without a transport."""

    def __init__(self, settings: Settings, opened_at: datetime, credentials: tuple[Credential, ...] = ()) -> None:
        self.settings = settings
        self.opened_on = opened_at.date()
        self.repertoire = Repertoire(settings.repertoire)
        self.clinics = Clinics(
            settings.max_clinics, timedelta(seconds=settings.clinic_idle_s), settings.max_assignments
        )
        rules = Rules(settings.renewed_shows, settings.multiple_shows, settings.before_start)
        self.register = Register(Country(settings.seed, settings.people), self.repertoire, rules)
        self.tokens = Tokens(settings.token_secret, settings.token_lifetime_s)
        self._credentials = credentials
        self._manner = Manner(settings.insurer_padding, settings.error_code_prefix, self.repertoire.show)

    def search(self, body: bytes, authorization: str | None, now: datetime) -> Reply:
        """Answer a search (資格確認照会). `now` is the real moment; the clinic's clock makes its own of it."""
        request = decode_search(body)
        if isinstance(request, Refusal):
            return self.refuse(request, now, header_of(body))
        question = read_question(request, self.settings.strict)
        code = request.XmlMsg.MessageHeader.MedicalInstitutionCode
        sandbox = self.clinics.find(code, now)
        moment = sandbox.clock.moment(now) if sandbox else now
        if self.settings.require_token:
            refusal = self.tokens.check(authorization, code, now.timestamp())
            if refusal:
                return self.refuse(refusal, moment, request.XmlMsg.MessageHeader)
        if isinstance(question, Refusal):
            return self.refuse(question, moment, request.XmlMsg.MessageHeader)
        pattern, answer = self.register.answer(question.inquiry, sandbox, self.story_start(sandbox, moment), moment)
        return Reply(200, encode(answer_message(question, answer, moment, self._manner)), pattern)

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

    def refuse(self, refusal: Refusal, moment: datetime, header: RequestHeader | None = None) -> Reply:
        """A refused search, in the envelope with every header member a strict client wants."""
        day = header.QualificationConfirmationDate if header else ""
        code = header.MedicalInstitutionCode if header else ""
        message = refusal_message(
            refusal,
            moment,
            self._manner,
            day if parse_day(day) else None,
            code if is_clinic_code(code) else None,
            header.ArbitraryFileIdentifier if header else msgspec.UNSET,
        )
        return Reply(self.status(refusal.problem), encode(message), REFUSED, refusal.problem is Problem.CUT_SHORT)

    def refuse_login(self, refusal: Refusal) -> Reply:
        """A refused login: no `result`, the reason in `msg`."""
        code = f"{self._manner.error_code_prefix}{refusal.problem.number}"
        message = LoginResponse(status=code, msg=refusal.message)
        return Reply(self.status(refusal.problem), encode(message), hangs_up=refusal.problem is Problem.CUT_SHORT)

    def status(self, problem: Problem) -> int:
        """The HTTP status of a refusal."""
        return problem.http_status if self.settings.refusal_status == "distinct" else 200

    def story_start(self, sandbox: Sandbox | None, moment: datetime) -> date:
        """The day on which a clinic's stories begin, which must not move with the clock (or no delay ever ends)."""
        if sandbox and sandbox.story_start:
            return sandbox.story_start
        return moment.date() if self.settings.story_start == "daily" else self.opened_on

    def _clinic_of(self, fields: dict[str, object]) -> str | None:
        """The clinic a login is for ("" any), or None if it is not accepted."""
        if not self._credentials:
            return ""
        fitting = (c for c in self._credentials if c.login.items() <= fields.items())
        return next((credential.clinic for credential in fitting), None)
