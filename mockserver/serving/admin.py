"""The admin paths over HTTP: steer a clinic, read the catalogue."""

import hmac
import logging
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from aiohttp import web

from mockserver.catalogue import EXAMPLE_CLINIC, catalogue
from mockserver.catalogue import view as pattern_view
from mockserver.choosing import pattern_of
from mockserver.clock import Now
from mockserver.control import Control
from mockserver.denial import Denial, refused
from mockserver.eligibility.numbering import mask_individual_numbers
from mockserver.exchange import Exchange
from mockserver.serving.answering import MOCK_HEADERS
from mockserver.serving.bodies import read_file
from mockserver.serving.exposition import CONTENT_TYPE, exposition
from mockserver.serving.failing import expect, failure, response
from mockserver.serving.openapi import document
from mockserver.serving.operations import ADMIN, BACKEND, PROBES, Operation, Status, methods_of
from mockserver.serving.reading import body_of, code_of, query_of, wrong_code
from mockserver.serving.testing import Testing
from mockserver.sharing.deeds import Deeds
from mockserver.sharing.events import (
    ASSIGN,
    CHANGE_CLINIC,
    CHANGE_CLOCK,
    NOTHING,
    RESET,
    TAP,
    UNASSIGN,
    FileTaken,
)
from mockserver.tapping import NewTap, is_posted, view
from mockserver.terminal.mailbox import Mailbox
from mockserver.views import ClinicChange, ClockChange, NewAssignment, ScenariosView, TruthQuery
from mockserver.wire.files import FileForm
from mockserver.wire.json_codec import wrong_shape
from mockserver.wire.question import is_clinic_code
from mockserver.wire.refusals import Problem, Refusal, quote, suggestion, wrong_member

if TYPE_CHECKING:
    from mockserver.linkage.taking import Linkage
    from mockserver.serving.scenario_files import ScenarioFolder

_LOG = logging.getLogger("mockserver.admin")
_LONGEST_WAIT_MS = 60_000


class Admin:
    """Handlers of the admin paths; their names are those of the written-out operations."""

    def __init__(
        self,
        exchange: Exchange,
        deeds: Deeds,
        linkage: Callable[[], "Linkage"],
        mailbox: Mailbox,
        now: Now,
        token: str,
        max_file_bytes: int,
        scenarios: "ScenarioFolder | None",
    ) -> None:
        self._exchange = exchange
        self._deeds = deeds
        self._scenarios = scenarios
        self._linkage = linkage
        self._mailbox = mailbox
        self._max_file_bytes = max_file_bytes
        self._control = Control(exchange)
        self._testing = Testing(exchange, deeds, now)
        self._now = now
        self._token = token

    def routes(self) -> list[web.RouteDef]:
        """The probes, the admin paths, and an answer for every path there is not."""
        known = [web.route(o.method, o.path, self._handler(o), expect_handler=expect) for o in (*PROBES, *ADMIN)]
        return [*known, web.route("*", "/{path:.*}", self._not_found, expect_handler=expect)]

    async def stop(self, app: web.Application) -> None:
        """End the answers that go on as long as the server runs."""
        del app
        self._testing.following.stop()

    def health(self, request: web.Request) -> Status:
        """The mock lives."""
        del request
        return Status("ok")

    def ready(self, request: web.Request) -> Status:
        """The mock can answer."""
        del request
        problems = [*(self._scenarios.problems if self._scenarios else ())]
        problems += [self._deeds.problem] if self._deeds.problem else []
        return Status("amber", problems) if problems else Status("ok")

    def scenarios(self, request: web.Request) -> Any:
        """What the scenario files say."""
        del request
        return self._scenarios.view() if self._scenarios else ScenariosView([], [], [])

    def metrics(self, request: web.Request) -> web.Response:
        """Counts for Prometheus."""
        del request
        headers = {**MOCK_HEADERS, "Content-Type": CONTENT_TYPE}
        return web.Response(body=exposition(self._exchange), headers=headers)

    async def patterns(self, request: web.Request) -> Any:
        """The catalogue."""
        return catalogue(*await self._days(request), self._exchange.repertoire)

    async def pattern(self, request: web.Request) -> Any:
        """One pattern."""
        found = pattern_of(request.match_info["id"])
        return pattern_view(found, *await self._days(request), self._exchange.repertoire)

    async def clinic(self, request: web.Request) -> Any:
        """What a clinic has set up."""
        code, now = code_of(request), self._now()
        await self._deeds.catch_up(code, now)
        return self._control.clinic(code, now)

    async def change_clinic(self, request: web.Request) -> Any:
        """A country of its own."""
        change = await body_of(request, ClinicChange, self._exchange.settings)
        return await self._deeds.do(CHANGE_CLINIC, code_of(request), change, self._now())

    async def reset_clinic(self, request: web.Request) -> None:
        """Forget everything."""
        await self._deeds.do(RESET, code_of(request), NOTHING, self._now())

    async def change_clock(self, request: web.Request) -> Any:
        """Freeze, move or free the clock."""
        change = await body_of(request, ClockChange, self._exchange.settings)
        return await self._deeds.do(CHANGE_CLOCK, code_of(request), change, self._now())

    async def assign(self, request: web.Request) -> Any:
        """Give a person a pattern."""
        new = await body_of(request, NewAssignment, self._exchange.settings)
        self._control.deny_full()
        return await self._deeds.do(ASSIGN, code_of(request), new, self._now())

    async def unassign(self, request: web.Request) -> None:
        """Take an assignment back."""
        number = request.match_info["id"]
        if not (number.isascii() and number.isdigit() and len(number) < 10):
            raise Denial(404, f"割り当て {quote(number)} はありません", f"there is no assignment {quote(number)}")
        await self._deeds.do(UNASSIGN, code_of(request), int(number), self._now())

    async def truth(self, request: web.Request) -> Any:
        """What is really so, beside what the backend says."""
        asked, code, now = query_of(request, TruthQuery), code_of(request), self._now()
        await self._deeds.catch_up(code, now)
        return self._control.truth(code, asked, now)

    async def tap(self, request: web.Request) -> Any:
        """Lay down a card; its result goes to every terminal of the clinic."""
        code = code_of(request)
        new = await body_of(request, NewTap, self._exchange.settings)
        pattern, tapped = await self._deeds.do(TAP, code, new, self._now())
        is_filed = is_posted(self._exchange, tapped)
        has_terminal = self._mailbox.is_taken(code)
        return view(self._exchange, pattern, new, tapped, is_filed=is_filed, has_terminal=has_terminal)

    async def take_file(self, request: web.Request) -> Any:
        """A request file of a terminal that runs elsewhere."""
        form, name = _form(request), request.query.get("name", "")
        if request.content_type != "application/octet-stream":  # as below: keeps web pages out
            found, expected = request.headers.get("Content-Type", ""), "application/octet-stream"
            raise refused(wrong_member(Problem.CONTENT_TYPE, "Content-Type", found, f"{expected} ", expected))
        data = await read_file(request, self._max_file_bytes, self._exchange.settings)
        if isinstance(data, Refusal):
            return self._linkage().fail(name, data, form)
        return await self._deeds.take(FileTaken(name, data, form), self._now())

    async def faces(self, request: web.Request) -> Any:
        """What readers gave, for a terminal that runs elsewhere."""
        waits = request.query.get("wait_ms", "0")
        wait_ms = min(int(waits), _LONGEST_WAIT_MS) if waits.isascii() and waits.isdigit() and len(waits) < 8 else 0
        cursor, code = request.query.get("cursor", ""), request.query.get("clinic", "")
        if code and not is_clinic_code(code):
            raise wrong_code(code)
        return await self._mailbox.take(cursor, code, _form(request), wait_ms)

    def openapi(self, request: web.Request) -> Any:
        """This description."""
        del request
        return document()

    async def _days(self, request: web.Request) -> tuple[date, date, str]:
        """Start of the stories and today, of the clinic that is asked for, and its code."""
        code = request.query.get("clinic", EXAMPLE_CLINIC)
        if not is_clinic_code(code):
            raise wrong_code(code)
        await self._deeds.catch_up(code, self._now())
        clock = self._control.clinic(code, self._now()).clock
        return clock.story_start, clock.now.date(), code

    def _handler(self, operation: Operation) -> Callable[[web.Request], Any]:
        act = getattr(self if hasattr(self, operation.name) else self._testing, operation.name)
        is_open = operation in PROBES

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                if not is_open:
                    self._check_token(request)
                    _check_query(request, operation)
                result = act(request)
                outcome = await result if hasattr(result, "__await__") else result
            except Denial as denial:
                return _denied(request, denial)
            if isinstance(outcome, web.StreamResponse):
                return outcome
            body = b"" if operation.response is None else msgspec.json.encode(outcome)
            return response(operation.status, body)

        return handle

    def _check_token(self, request: web.Request) -> None:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        if self._token and not hmac.compare_digest(given.encode(errors="replace"), self._token.encode()):
            raise Denial(
                401,
                "管理用のトークンが必要です（Authorization: Bearer …）。起動時の表示か --admin-token を見てください",
                "the admin token is needed (Authorization: Bearer …): it was printed at start, or set by --admin-token",
            )

    async def _not_found(self, request: web.Request) -> web.Response:
        if taken := methods_of(request.path):
            return _wrong_method(request, taken)
        known = ", ".join(operation.path for operation in BACKEND)
        asked = f"{request.method} {request.path[:200]}"
        denial = Denial(
            404,
            f"{asked} はありません。照会とログインは {known}、そのほかは /admin/openapi.json を見てください",
            f"there is no {asked}: the real paths are {known}; for the others see /admin/openapi.json",
        )
        return _denied(request, denial)


def _wrong_method(request: web.Request, taken: list[str]) -> web.Response:
    """405 with what the path takes (RFC 9110, 15.5.6)."""
    methods = ", ".join(taken)
    denied = _denied(
        request,
        Denial(
            405,
            f"{request.path[:200]} は {methods} で呼んでください（{request.method} でした）",
            f"{request.path[:200]} takes {methods}, found {request.method}",
        ),
    )
    denied.headers["Allow"] = methods
    return denied


def _denied(request: web.Request, denial: Denial) -> web.Response:
    told = f"{request.method} {quote(request.path)}: {denial.status} {denial.english}"
    _LOG.info("%s", mask_individual_numbers(told))
    return failure(denial)


def _form(request: web.Request) -> FileForm:
    members = {name: text for name, text in request.query.items() if name in FileForm.__struct_fields__}
    try:
        return msgspec.convert(members, FileForm)
    except msgspec.ValidationError as error:
        refusal = wrong_shape(error)
        raise Denial(400, f"クエリー: {refusal.japanese}", f"query: {refusal.english}") from None


def _check_query(request: web.Request, operation: Operation) -> None:
    """Denial for a member of a query that would be ignored: a filter with a slip would let everything through."""
    known = [query.name for query in operation.query]
    unknown = next((name for name in request.query if known and name not in known), None)
    if unknown is not None:
        hint, names = suggestion(unknown, known), ", ".join(known)
        raise Denial(
            400,
            f"クエリーの項目 {quote(unknown)} は定義されていません{hint}（使える項目: {names}）",
            f"query: the member {quote(unknown)} is unknown{hint} (known: {names})",
        )
