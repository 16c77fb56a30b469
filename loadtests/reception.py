"""A reception desk as a Locust user: it logs in and looks its visitors up, by number or by the card on the reader."""

from typing import TYPE_CHECKING, Any, NamedTuple, Self

import msgspec
from locust import User, constant, task

from loadtests.judging import Reply, Verdict, login_verdict, look_up_verdict, tap_verdict
from loadtests.morning import Kind
from loadtests.people import Visitor
from mockserver.wire.json_codec import encode
from mockserver.wire.message import LoginResponse
from mockserver.wire.paths import LOGIN_PATH, SEARCH_PATH

if TYPE_CHECKING:
    from loadtests.generator import Generator

_LOGIN = msgspec.json.Decoder(LoginResponse)


class Said(NamedTuple):
    """A reply to a desk, on which path, and what came of it."""

    path: str
    reply: Reply
    verdict: Verdict


class ReceptionDesk(User):
    """The desks of a kind of institution. Visitors come when the schedule says so (generator.py), not in Locust's tasks."""

    abstract = True
    wait_time = constant(1)
    kind: Kind
    tap_extras: dict[str, Any] = {}  # noqa: RUF012  Locust's users are declared so

    def opened(self, generator: "Generator") -> Self:
        """The desk, ready for visitors of a run."""
        self._generator, self._token = generator, ""
        return self

    @task
    def stay_open(self) -> None:
        """Locust counts the desks that are open."""

    def receive(self, visitor: Visitor) -> Said:
        """Look a visitor up the way they came; who is no longer logged in logs in and asks once more."""
        look_up = self.tap if visitor.is_by_card and self._generator.plan.can_tap else self.look_up
        said = look_up(visitor)
        if said.reply.status == 401:
            self.log_in()
            said = look_up(visitor)
        return said

    def look_up(self, visitor: Visitor) -> Said:
        """資格確認照会 by number."""
        body = encode(visitor.request(self._generator.today))
        reply = self._generator.target.post(SEARCH_PATH, body, self._token)
        return Said("search", reply, look_up_verdict(reply, visitor.expected))

    def tap(self, visitor: Visitor) -> Said:
        """The card on the reader: the mock's own path, as the real one is inside the terminal."""
        body = encode({**visitor.tap(), **self.tap_extras})
        reply = self._generator.target.post(f"/admin/clinics/{visitor.clinic_code}/taps", body)
        return Said("tap", reply, tap_verdict(reply, visitor.expected))

    def log_in(self) -> None:
        """Get a token, as each desk does in the morning."""
        generator = self._generator
        reply = generator.target.post(LOGIN_PATH, generator.plan.options.login.encode())
        verdict = login_verdict(reply)
        try:
            result = _LOGIN.decode(reply.body).result if verdict.outcome == "answered" else None
            self._token = result.idToken if result else ""
        except msgspec.MsgspecError:
            verdict = Verdict("failed", "malformed login")
        generator.count("login", self.kind, "", reply.started_s, Said("login", reply, verdict))
