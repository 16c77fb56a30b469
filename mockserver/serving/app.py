"""The mock put together: exchange, handlers, a listening socket."""

import asyncio
import ipaddress
import logging
import secrets
import ssl
from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from aiohttp import web
from msgspec.structs import replace

from mockserver.clock import Now, real_now
from mockserver.denial import Denial
from mockserver.exchange import Exchange
from mockserver.linkage.outcome import Outcome
from mockserver.login import Credential
from mockserver.logs import caused_by
from mockserver.serving.acting import Pauses
from mockserver.serving.admin import Admin
from mockserver.serving.backend import Backend
from mockserver.serving.failing import in_json
from mockserver.serving.forgetting import ForgettingLog, telling_forgotten
from mockserver.serving.joining import agree, following_of, log_of, not_reached
from mockserver.serving.listening import Listening, LookUps, listen, request_id_of
from mockserver.settings import Settings, TerminalSettings, WrongSetting
from mockserver.sharing.deeds import Alone, Deeds
from mockserver.sharing.events import Core, FileTaken
from mockserver.sharing.log import Unreachable
from mockserver.terminal.mailbox import Mailbox
from mockserver.wire.files import FileForm
from mockserver.wire.question import is_clinic_code

if TYPE_CHECKING:
    from mockserver.linkage.taking import Linkage
    from mockserver.serving.scenario_files import ScenarioFolder
    from mockserver.sharing.following import Following
    from mockserver.sharing.log import Log
    from mockserver.terminal.reach import Reach
    from mockserver.terminal.watching import Terminal

_LOG = logging.getLogger("mockserver")
WITHOUT_TERMINAL = TerminalSettings()


class Mock:
    """A running mock. `admin_token` is empty where none is wanted (on loopback, unless set)."""

    def __init__(
        self,
        settings: Settings,
        exchange: Exchange,
        listening: Listening,
        admin_token: str,
        mailbox: Mailbox,
        terminal: "Terminal | None",
        scenarios: "ScenarioFolder | None",
        following: "Following | None",
    ) -> None:
        self.exchange = exchange
        self.following = following
        self.admin_token = admin_token
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        scheme = "https" if settings.tls_certificate else "http"
        self.url = f"{scheme}://{host}:{listening.port}"
        self._listening = listening
        self._mailbox = mailbox
        self._watchers = [watcher for watcher in (terminal, scenarios) if watcher]
        self._watching = [asyncio.create_task(watcher.run()) for watcher in self._watchers]
        for task in self._watching:
            task.add_done_callback(_tell_broken)

    async def stop(self) -> None:
        """Answer what is in flight, then close."""
        for watcher in self._watchers:
            watcher.stop()
        await asyncio.gather(*self._watching, return_exceptions=True)
        self._mailbox.close()
        await self._listening.stop()
        if self.following:
            await self.following.end()


def _tell_broken(watching: "asyncio.Task[None]") -> None:
    """A watch that broke must not be silent; the mock goes on serving HTTP."""
    if not watching.cancelled() and watching.exception():
        _LOG.critical("フォルダーの監視が止まりました / the folder is no longer watched", exc_info=watching.exception())


@web.middleware
async def _named(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """What is logged about a request is told with its X-Request-Id."""
    with caused_by(request_id_of(request)):
        return await handler(request)


async def start(
    settings: Settings,
    now: Now = real_now,
    terminal_settings: TerminalSettings = WITHOUT_TERMINAL,
    log: "Log | None" = None,
) -> Mock:
    """Start a mock. WrongSetting for settings that cannot be used, OSError for an address that cannot be had.

    `log`: that of a process with workers, whose port others listen on, too.
    """
    is_token_given = bool(settings.admin_token)
    admin_token = settings.admin_token or ("" if is_loopback(settings.host) else secrets.token_urlsafe(24))
    settings, opened_at, is_worker = replace(settings, admin_token=admin_token), now(), log is not None
    log = log or log_of(settings)
    agreement = await agree(log, settings, opened_at, is_token_given) if log else None
    if agreement:
        settings, opened_at, admin_token = agreement.settings, agreement.opened_at, agreement.settings.admin_token
    exchange = _exchange(settings, opened_at)
    tls = tls_context(settings)
    app = web.Application(
        client_max_size=settings.max_body_bytes, middlewares=[_named, telling_forgotten(exchange), in_json]
    )
    linkage = cache(lambda: _linkage(exchange))
    mailbox = Mailbox(lambda face, form: linkage().face_file(face, form), exchange.opened_at.isoformat())
    scenarios = _scenarios(settings, exchange, now)
    again = scenarios.again if scenarios else lambda *_: None
    core = Core(exchange, linkage, mailbox.post, mailbox.forget, again, mailbox.begin)
    following = following_of(core, log, agreement) if log and agreement else None
    deeds = following.shared if following else Alone(core)
    look_ups = LookUps(exchange, deeds, now, Pauses())
    app.add_routes(Backend(exchange, deeds, now, look_ups.pauses).routes())
    admin = Admin(exchange, deeds, linkage, mailbox, now, admin_token, terminal_settings.max_file_bytes, scenarios)
    app.add_routes(admin.routes())
    app.on_shutdown.append(admin.stop)
    terminal = _terminal_within(terminal_settings, deeds, mailbox, now)
    try:
        if following:
            following.shared.bringing.filed = sorted(scenarios.stage.playbook.clinics) if scenarios else []
            await following.begin()
        listening = await listen(app, look_ups, settings.host, settings.port, tls, is_shared=is_worker)
    except (OSError, Unreachable) as error:
        if terminal:
            terminal.release()
        if following:
            await following.end()
        raise not_reached(error) if isinstance(error, Unreachable) else error from None
    watched = None if following else scenarios  # one server's files must not change what all have in common
    return Mock(settings, exchange, listening, admin_token, mailbox, terminal, watched, following)


def _exchange(settings: Settings, opened_at: datetime) -> Exchange:
    try:
        exchange = Exchange(settings, opened_at, read_credentials(settings.credentials))
    except LookupError:
        raise WrongSetting(
            f"--repertoire: {settings.repertoire} という文字コードはありません / "
            f"--repertoire: Python has no codec {settings.repertoire}"
        ) from None
    exchange.clinics.tell = ForgettingLog().tell
    return exchange


def _scenarios(settings: Settings, exchange: Exchange, now: Now) -> "ScenarioFolder | None":
    """Who does without scenario files need not wait for their reader to be imported."""
    if not settings.scenarios:
        return None
    from mockserver.serving.scenario_files import ScenarioFolder, UnreadableFolder

    scenarios = ScenarioFolder(settings, exchange, now)
    try:
        scenarios.open()
    except UnreadableFolder as error:
        raise WrongSetting(f"--scenarios:\n{error}") from None
    return scenarios


def _linkage(exchange: Exchange) -> "Linkage":
    """Made when the first file comes: what it imports takes some 50 ms, which a mock of HTTP alone need not spend."""
    from mockserver.linkage.taking import Linkage

    return Linkage(exchange)


def _terminal_within(settings: TerminalSettings, deeds: Deeds, mailbox: Mailbox, now: Now) -> "Terminal | None":
    if not settings.folder:
        return None
    from mockserver.terminal import reach

    async def take(name: str, data: bytes, form: FileForm, moment: datetime) -> Outcome:
        try:
            return await deeds.take(FileTaken(name, data, form), moment)
        except Denial as denial:  # while what is shared cannot be reached
            raise reach.Unreachable(denial.english) from None

    return terminal_of(settings, reach.Within(take, mailbox, settings, now))


def terminal_of(settings: TerminalSettings, reach: "Reach") -> "Terminal":
    """The terminal of a folder. WrongSetting for one that cannot be used."""
    from mockserver.terminal.watching import Terminal

    if settings.clinic and not is_clinic_code(settings.clinic):
        raise WrongSetting(
            "--clinic: 10桁の医療機関コードを指定してください / --clinic: expected a clinic code of ten digits"
        )
    terminal = Terminal(settings, reach)
    try:
        terminal.prepare()
    except BlockingIOError:
        raise WrongSetting(
            f"--folder: {settings.folder} は別の端末が使用中です / --folder: another terminal watches {settings.folder}"
        ) from None
    except OSError as error:
        raise WrongSetting(
            f"--folder: {settings.folder} を使えません（{error}） / --folder: cannot use {settings.folder}: {error}"
        ) from None
    return terminal


def is_loopback(host: str) -> bool:
    """Whether an address can be reached from this machine only."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def read_credentials(path: str) -> tuple[Credential, ...]:
    """The accepted logins of a file: a JSON list of objects with `login` and, if wanted, `clinic`."""
    if not path:
        return ()
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=tuple[Credential, ...])
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WrongSetting(
            f"--credentials: {path} を読めません（{error}） / --credentials: cannot read {path}: {error}"
        ) from None


def tls_context(settings: Settings) -> ssl.SSLContext | None:
    """The certificate to serve HTTPS with; None for plain HTTP. No certificate is asked of clients."""
    if not settings.tls_certificate:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.tls_certificate, settings.tls_key or None)
    except OSError as error:
        raise WrongSetting(
            f"--tls-certificate: 証明書を読めません（{error}） / --tls-certificate: cannot read the certificate: {error}"
        ) from None
    return context
