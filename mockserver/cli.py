"""The `mockserver` command."""

import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

import click
import msgspec

from mockserver import __version__, logs
from mockserver.settings import Settings, TerminalSettings

if TYPE_CHECKING:
    from mockserver.terminal.watching import Terminal


def _options(struct: type[msgspec.Struct], *names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """One flag and one environment variable for each field of a struct of settings, or only for some."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for field in reversed(msgspec.structs.fields(struct)):
            if not names or field.name in names:
                command = _option(field)(command)
        return command

    return decorate


def _option(field: msgspec.structs.FieldInfo) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    annotated, meta = get_args(field.type)
    flag = f"--{field.name.replace('_', '-')}"
    return click.option(
        f"{flag}/--no-{flag[2:]}" if annotated is bool else flag,
        type=_click_type(annotated, meta),
        default=field.default,
        show_default=True,
        show_envvar=True,
        envvar=f"MOCKSERVER_{field.name.upper()}",
        help=meta.description,
    )


def _click_type(annotated: Any, meta: msgspec.Meta) -> Any:
    if get_origin(annotated) is Literal:
        return click.Choice(get_args(annotated))
    is_bounded = annotated is int and meta.ge is not None
    return click.IntRange(meta.ge, meta.le) if is_bounded else annotated  # type: ignore[arg-type]


_PATIENCE_S = 5.0
_CONSENTS = ("limit", "diseases", "checkups", "drugs", "diagnoses", "operations")
_url = click.option(
    "--url", default="http://127.0.0.1:8080", show_default=True, envvar="MOCKSERVER_URL", help="The running mock."
)
_admin_token = click.option(
    "--admin-token",
    default="",
    envvar="MOCKSERVER_ADMIN_TOKEN",
    help="Token of the mock's admin paths, if it wants one.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__)
def main() -> None:
    """A mock of Japan's online eligibility verification backend (オンライン資格確認等システム)."""


@main.command()
@_options(Settings)
@_options(TerminalSettings)
def serve(**flags: Any) -> None:
    """Start the mock (モックを起動する). With --folder it is a terminal's three folders, too."""
    from mockserver.settings import WrongSetting

    own = {field: flags.pop(field) for field in TerminalSettings.__struct_fields__}
    settings, terminal_settings = Settings(**flags), TerminalSettings(**own)
    logs.begin(settings.log_format, settings.log_level)
    try:
        if settings.workers > 1:
            _run(_serve_together(settings, terminal_settings))
        else:
            _run(_serve(settings, terminal_settings))
    except WrongSetting as error:
        raise click.UsageError(str(error)) from None
    except OSError as error:
        raise click.ClickException(
            f"{settings.host}:{settings.port} で待ち受けできません / cannot listen there: {error.strerror or error}"
        ) from None


async def _serve(settings: Settings, terminal_settings: TerminalSettings) -> None:
    from mockserver.clock import real_now
    from mockserver.serving import greeting
    from mockserver.serving.app import start

    mock = await start(settings, terminal_settings=terminal_settings)
    click.echo(greeting.as_json(mock) if settings.json else greeting.as_text(mock, real_now()))
    if terminal_settings.folder and not settings.json:
        click.echo(greeting.folder_text(terminal_settings.folder))
    await _until_stopped()
    await mock.stop()


async def _serve_together(settings: Settings, terminal_settings: TerminalSettings) -> None:
    from mockserver.serving.workers import WorkerFailed, Workers, check

    check(terminal_settings)
    workers = Workers(settings, click.echo)
    serving = asyncio.create_task(workers.run())
    stopping = asyncio.create_task(_until_stopped())
    await asyncio.wait([serving, stopping], return_when=asyncio.FIRST_COMPLETED)
    workers.stop()
    stopping.cancel()
    try:
        await serving
    except WorkerFailed as failed:
        raise SystemExit(failed.code) from None


@main.command(hidden=True)
def worker() -> None:
    """Serve as one of several processes; `mockserver serve --workers` starts it."""
    from mockserver.serving.workers import Orders
    from mockserver.settings import WrongSetting

    orders = msgspec.json.decode(sys.stdin.buffer.readline(), type=Orders)
    logs.begin(orders.settings.log_format, orders.settings.log_level)
    try:
        _run(_work(orders.settings, orders.hub))
    except (WrongSetting, OSError) as error:
        raise click.ClickException(str(error)) from None


async def _work(settings: Settings, hub: str) -> None:
    from mockserver.clock import real_now
    from mockserver.serving import greeting
    from mockserver.serving.app import start
    from mockserver.serving.joining import log_of
    from mockserver.serving.workers import Ready, until_parent_ends
    from mockserver.sharing.hub import HubLog

    mock = await start(settings, log=HubLog(hub) if hub else log_of(settings))
    words = greeting.as_json(mock) if settings.json else greeting.as_text(mock, real_now())
    click.echo(msgspec.json.encode(Ready(words)))
    parent = asyncio.create_task(until_parent_ends())
    await asyncio.wait([parent, asyncio.create_task(_until_stopped())], return_when=asyncio.FIRST_COMPLETED)
    await mock.stop()


async def _greet(terminal: "Terminal", text: str) -> None:
    """Say where the folders are once no card is missed any more, or when the mock lets wait too long."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(terminal.has_begun(), _PATIENCE_S)
    click.echo(text)


@main.command()
@_options(TerminalSettings)
@_options(Settings, "log_format", "log_level")
@_url
@_admin_token
def terminal(url: str, admin_token: str, log_format: logs.Format, log_level: logs.Level, **flags: Any) -> None:
    """Be a terminal's three folders for a running mock (端末の連携フォルダーになる)."""
    from mockserver.settings import WrongSetting

    if not flags["folder"]:
        raise click.UsageError("--folder を指定してください / --folder is needed")
    logs.begin(log_format, log_level)
    try:
        _run(_terminal(TerminalSettings(**flags), url, admin_token))
    except (WrongSetting, ValueError) as error:
        raise click.UsageError(str(error)) from None


async def _terminal(settings: TerminalSettings, url: str, admin_token: str) -> None:
    from mockserver.serving import greeting
    from mockserver.serving.app import terminal_of
    from mockserver.terminal.reach import Elsewhere

    async with Elsewhere(url, admin_token, settings) as mock:
        terminal = terminal_of(settings, mock)
        working = asyncio.create_task(terminal.run())
        greet = asyncio.create_task(_greet(terminal, greeting.folder_text(settings.folder, url)))
        await _until_stopped()
        greet.cancel()
        terminal.stop()
        await mock.close()
        await working


async def _until_stopped() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, stopped.set)
        except NotImplementedError:  # Windows
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopped.set))
    await stopped.wait()


def _run(coroutine: Any) -> None:
    try:
        import uvloop
    except ImportError:  # no uvloop on this platform
        asyncio.run(coroutine)
    else:
        uvloop.run(coroutine)


_opened = click.option(
    "--opened",
    type=click.DateTime(["%Y-%m-%d"]),
    default=None,
    help="Day on which the mock was started, or a clinic's clock first set; birth dates hang on it. Default: today.",
)


@main.command()
@_opened
@click.option("--json", "as_json", is_flag=True, help="For programs: the catalogue as JSON.")
def patterns(opened: datetime | None, as_json: bool) -> None:
    """List the patterns and the digits that choose them (パターン一覧)."""
    from mockserver import showing

    click.echo(showing.catalogue_json(opened)) if as_json else showing.catalogue_table()


@main.command()
@_opened
@click.option("--pattern", default=None, help="Only the ready people of this pattern.")
@click.option("--random", "count", type=click.IntRange(1, 10_000), default=None, help="So many people of the country.")
@click.option("--seed", type=int, default=Settings().seed, envvar="MOCKSERVER_SEED", help="Seed of the country.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def patients(opened: datetime | None, pattern: str | None, count: int | None, seed: int, as_json: bool) -> None:
    """List people to ask for: the ready ones, or some of the country (患者一覧)."""
    from mockserver import showing

    if count and pattern:
        raise click.UsageError("--pattern と --random は一緒に使えません / --pattern and --random exclude each other")
    try:
        people = showing.residents(seed, count) if count else showing.ready_people(pattern, opened)
    except LookupError as error:
        raise click.BadParameter(str(error), param_hint="--pattern") from None
    click.echo(showing.people_json(people)) if as_json else showing.people_table(people)


@main.command()
@click.argument("insurer_number")
@click.argument("number")
@click.argument("birthdate", metavar="YYYYMMDD")
@click.option("--symbol", default=None, help="記号")
@click.option("--branch", default=None, help="枝番")
@click.option("--day", default=None, metavar="YYYYMMDD", help="Day asked about; today of the clinic if not given.")
@click.option("--clinic", default=None, help="医療機関コード; an example one if not given.")
@_url
@_admin_token
@click.option("--json", "as_json", is_flag=True, help="For programs: the answer of the real path.")
def ask(**question: Any) -> None:
    """Ask a running mock by number, and show the truth beside its answer (照会する)."""
    from mockserver import asking

    as_json = question.pop("as_json")
    try:
        told = asyncio.run(asking.ask(asking.Asked(**question)))
    except asking.Unreachable as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(told.answer, ensure_ascii=False)) if as_json else asking.show(told)
    if not told.is_answered:
        raise SystemExit(1)


@main.command()
@click.argument("patient", default="valid")
@click.option(
    "--number",
    "identity",
    nargs=3,
    default=None,
    metavar="INSURER NUMBER YYYYMMDD",
    help="番号で指定する (PATIENT の代わりに).",
)
@click.option("--symbol", default=None, help="記号 (with --number).")
@click.option("--clinic", default=None, help="医療機関コード; an example one if not given.")
@click.option("--by", type=click.Choice(["face", "pin", "visual"]), default=None, help="顔認証, 暗証番号, 目視.")
@click.option(
    "--pin", type=click.Choice(["right", "wrong"]), default="right", show_default=True, help="暗証番号の入力."
)
@click.option(
    "--consent",
    "consents",
    multiple=True,
    type=click.Choice(_CONSENTS),
    help="同意 (限度額 特定疾病 健診 薬剤 診療 手術); all if not given. Repeatable.",
)
@click.option("--prescription", type=click.Choice(["electronic", "paper"]), default=None, help="処方箋発行形態.")
@click.option("--no-consent", is_flag=True, help="何にも同意しない.")
@click.option(
    "--care", type=click.Choice(["outpatient", "home-visit", "online"]), default="outpatient", show_default=True
)
@_url
@_admin_token
@click.option("--json", "as_json", is_flag=True, help="For programs: what came of the tap.")
def tap(url: str, admin_token: str, as_json: bool, clinic: str | None, **gesture: Any) -> None:
    """Lay a card on the reader of a clinic (カードをかざす). PATIENT: a pattern, two digits of one, a seat number, `random`."""
    from mockserver import asking

    if gesture["consents"] and gesture["no_consent"]:
        raise click.UsageError(
            "--consent と --no-consent は一緒に使えません / --consent and --no-consent exclude each other"
        )
    try:
        told = asyncio.run(asking.tap(url, admin_token, clinic, **gesture))
    except asking.Unreachable as error:
        raise click.ClickException(str(error)) from None
    click.echo(json.dumps(told, ensure_ascii=False)) if as_json else asking.show_tap(told)
    if not told["accepted"]:
        raise SystemExit(1)


@main.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def check(folder: Path) -> None:
    """Check a folder of scenario files (シナリオファイルを確かめる): file:line:column of all that is wrong."""
    from mockserver.clock import real_now
    from mockserver.playbook.staging import rehearse
    from mockserver.serving.scenario_files import UnreadableFolder, read_folder

    try:
        files = read_folder(folder)
    except UnreadableFolder as error:
        raise click.ClickException(str(error)) from None
    if not files:
        raise click.ClickException(
            f"{folder}: シナリオファイル（.yaml .yml .toml）がありません / there is no scenario file (.yaml .yml .toml)"
        )
    playbook, remarks = rehearse(files, Settings(), real_now())
    for remark in remarks:
        click.echo(f"{folder / remark.file}:{str(remark).removeprefix(f'{remark.file}:')}")
    if remarks:
        raise SystemExit(1)
    click.echo(
        f"ファイル {len(files)}、人 {len(playbook.people)}、医療機関 {len(playbook.clinics)}: 問題ありません / "
        f"{len(files)} files, {len(playbook.people)} people, {len(playbook.clinics)} clinics: all is well"
    )


@main.command()
def schema() -> None:
    """Print the JSON Schema of scenario files, for editors (シナリオファイルの JSON Schema)."""
    from mockserver.playbook.schema import json_schema

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))
