"""`python -m loadtests`: a Monday morning of the whole country against the mock, or against what `--host` names."""

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from loadtests.gate import Exit, Slo, checks, exit_code, junit, markdown, read_shaped, read_slo
from loadtests.guarding import TargetMissing, check_address, check_share, is_mock
from loadtests.morning import Assumptions, ImpossibleCurve
from loadtests.options import BadOption, Options, checked, choices, fields, flag, schedule
from loadtests.results import Results, read
from mockserver.playbook.reading import Mistake

HERE = Path(__file__).parent
_ENDS_IT = (signal.SIGINT, signal.SIGTERM)
_ENDS_WITHIN_S = 10


class Leave(Exception):
    """The command ends here, with a code and words in both languages."""

    def __init__(self, code: Exit, words: str) -> None:
        super().__init__(words)
        self.code = code


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """A flag and an environment variable for each option of a run."""
    for name, kind, default, description in reversed(fields()):
        chosen = click.Choice(choices(kind)) if choices(kind) else kind
        command = click.option(
            flag(name),
            name,
            default=default,
            help=description,
            show_default=True,
            envvar=f"OQS_{name.upper()}",
            **({"is_flag": True} if kind is bool else {"type": chosen}),
        )(command)
    return command


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--host", default="", help="What to drive: http(s)://… Empty: a mock is started.")
@click.option("--slo", default=str(HERE / "slo.toml"), show_default="slo.toml", help="What the run must keep (TOML).")
@click.option("--assumptions", default="", help="Other assumptions about the day (TOML).")
@click.option("--out", default="load-report", show_default=True, help="Folder of the report and the measures.")
@click.option("--allow-more-than-the-country", is_flag=True, help="Let --country be above 1.")
@click.option("--i-own-this-target", is_flag=True, help="Let --host be neither loopback nor private.")
@click.option("--web", is_flag=True, help="Locust's web UI instead of starting at once.")
@click.option("--web-port", default=8089, show_default=True, help="Port of the web UI, on loopback.")
@click.option("--master", is_flag=True, help="Conduct workers on other machines or cores.")
@click.option("--expect-workers", default=1, show_default=True, help="With --master: begin when so many are there.")
@click.option("--worker", is_flag=True, help="Be a worker of a master.")
@click.option("--master-host", default="127.0.0.1", show_default=True, help="With --worker: where the master is.")
@click.option("--master-port", default=5557, show_default=True, help="Port of the master.")
@_options
def main(**flags: Any) -> None:
    """Drive a share of the country's morning (全国の朝の照会を再現する). Exit codes: docs/load-testing.md."""
    chosen = Options(**{name: flags.pop(name) for name, *_ in fields()})
    try:
        _check_role(flags)
        code = _worker(flags) if flags["worker"] else _drive(chosen, flags)
    except Leave as leave:
        click.echo(str(leave), err=True)
        code = leave.code
    sys.exit(code)


def _check_role(flags: dict[str, Any]) -> None:
    """A process is one of the three."""
    named = [f"--{role}" for role in ("master", "worker", "web") if flags[role]]
    if "--worker" in named and len(named) > 1:
        raise Leave(
            Exit.BAD_CONFIGURATION,
            f"{'、'.join(named)} は一緒に指定できません / expected one of {', '.join(named)}, not all of them",
        )


def _worker(flags: dict[str, Any]) -> NoReturn:
    """A worker knows nothing by itself: the master tells it everything."""
    place = ["--worker", "--master-host", flags["master_host"], "--master-port", str(flags["master_port"])]
    command = _locust(*place)
    os.execve(command[0], command, _environment())  # noqa: S606  signals are for Locust itself


def _drive(options: Options, flags: dict[str, Any]) -> Exit:
    slo = _slo(Path(flags["slo"]))
    assumptions = _assumptions(flags["assumptions"])
    _check(options, assumptions, allow_more=flags["allow_more_than_the_country"])
    out = Path(flags["out"])
    out.mkdir(parents=True, exist_ok=True)
    measures = out / "measures.json"
    measures.unlink(missing_ok=True)
    with _target(flags, options) as (url, variables):
        variables["OQS_MORE_ALLOWED"] = "1" if flags["allow_more_than_the_country"] else ""
        variables["OQS_TARGET_OWNED"] = "1" if flags["i_own_this_target"] else ""
        variables["OQS_ASSUMPTIONS"] = msgspec.json.encode(assumptions).decode()
        _run(_command(options, flags, url, out), {**variables, "OQS_MEASURES": str(measures.resolve())}, flags["web"])
    results = read(measures)
    if results is None:
        raise Leave(
            Exit.NOTHING_RAN,
            f"測定結果がありません（{out / 'locust.log'} を見てください） / nothing was measured: see {out / 'locust.log'}",
        )
    return _judge(slo, results, out)


def _slo(path: Path) -> Slo:
    if not path.is_file():
        raise Leave(Exit.BAD_CONFIGURATION, f"--slo {path} がありません / --slo: there is no file {path}")
    return _shaped(read_slo(path), path)


def _assumptions(name: str) -> Assumptions:
    path = Path(name)
    if not name:
        return Assumptions()
    if not path.is_file():
        raise Leave(Exit.BAD_CONFIGURATION, f"--assumptions {path} がありません / --assumptions: no file {path}")
    return _shaped(read_shaped(path, Assumptions), path)


def _shaped(found: Any, path: Path) -> Any:
    if isinstance(found, Mistake):
        place = f"{path}:{found.place.line}:{found.place.column}"
        raise Leave(Exit.BAD_CONFIGURATION, f"{place}: {found.japanese} / {found.english}")
    return found


def _check(options: Options, assumptions: Assumptions, *, allow_more: bool) -> None:
    try:
        checked(options)
        check_share(options, is_more_allowed=allow_more)
        schedule(options, assumptions)
    except (BadOption, ImpossibleCurve) as error:
        raise Leave(Exit.BAD_CONFIGURATION, str(error)) from None


# The target


@contextlib.contextmanager
def _target(flags: dict[str, Any], options: Options) -> Iterator[tuple[str, dict[str, str]]]:
    """The address to drive, and what the generators should know about it; a mock where none is named."""
    if flags["host"]:
        yield flags["host"], _known(flags["host"], is_owned=flags["i_own_this_target"], is_insecure=options.insecure)
        return
    country = ["--people", str(options.people), "--seed", str(options.population_seed)]
    command = [sys.executable, "-m", "mockserver", "serve", "--port", "0", "--json", *country]
    quiet = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    mock: subprocess.Popen[str] = subprocess.Popen(command, start_new_session=True, **quiet)  # type: ignore[call-overload]  # noqa: S603
    _pin(mock.pid, 0)
    try:
        assert mock.stdout is not None
        url = json.loads(mock.stdout.readline() or "{}").get("url")
        if not url:
            raise Leave(Exit.TARGET_MISSING, "モックを起動できません / the mock does not start")
        yield url, {"OQS_TARGET": "mock", "OQS_IS_NEW": "1"}
    finally:
        mock.terminate()
        mock.wait(_ENDS_WITHIN_S)


def _known(url: str, *, is_owned: bool, is_insecure: bool) -> dict[str, str]:
    """What is to be known about a target that runs already. Leave where it may not be driven or does not answer."""
    try:
        check_address(url, is_owned=is_owned)
        return {"OQS_TARGET": "mock" if is_mock(url, is_insecure=is_insecure) else "other"}
    except BadOption as error:
        raise Leave(Exit.BAD_CONFIGURATION, str(error)) from None
    except TargetMissing as error:
        raise Leave(Exit.TARGET_MISSING, str(error)) from None


def _pin(pid: int, place: int) -> None:
    """Keep a process on a core of its own, where there are two."""
    if hasattr(os, "sched_getaffinity") and len(cores := sorted(os.sched_getaffinity(0))) > 1:
        os.sched_setaffinity(pid, {cores[place]})


# Locust


def _locust(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "locust", "-f", str(HERE / "locustfile.py"), *arguments]


def _environment(**variables: str) -> dict[str, str]:
    paths = [str(HERE.parent), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), **variables}


def _command(options: Options, flags: dict[str, Any], url: str, out: Path) -> list[str]:
    """Locust's command line; its own statistics go into the folder, too."""
    command = _locust("--host", url, "--logfile", str(out / "locust.log"), "--only-summary")
    if flags["web"]:
        command += ["--web-host", "127.0.0.1", "--web-port", str(flags["web_port"])]
    else:
        own = ("--csv", str(out / "locust"), "--html", str(out / "locust.html"), "--json-file", str(out / "locust"))
        command += ["--headless", *own]
    if flags["master"]:
        command += ["--master", "--master-bind-port", str(flags["master_port"])]
        command += ["--expect-workers", str(flags["expect_workers"])]
    for name, kind, *_ in fields():
        value = getattr(options, name)
        command += ([flag(name)] if value else []) if kind is bool else [f"{flag(name)}={value}"]
    return command


def _run(command: list[str], variables: dict[str, str], is_web: bool) -> None:
    """Run Locust and show how far it is; Ctrl-C ends it early."""
    output = None if is_web else subprocess.PIPE
    errors = None if is_web else subprocess.DEVNULL
    environment = _environment(**variables, OQS_PROGRESS="" if is_web else "1")
    child = subprocess.Popen(  # noqa: S603
        command, env=environment, stdout=output, stderr=errors, text=True, start_new_session=True
    )
    if "--master" not in command:
        _pin(child.pid, 1)
    # Locust is not in our group, so that it ends the run in the same way whoever is sent which of the two.
    held = {sign: signal.signal(sign, lambda *_: child.send_signal(signal.SIGINT)) for sign in _ENDS_IT}
    try:
        if child.stdout:
            _show(iter(child.stdout.readline, ""))
        child.wait()
    finally:
        for sign, handler in held.items():
            signal.signal(sign, handler)


def _show(lines: Iterator[str]) -> None:
    """A bar that fills as the morning goes by."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[told]}"), TimeRemainingColumn())
    with Progress(*columns, console=console, auto_refresh=console.is_terminal) as progress:
        bar = progress.add_task("待機 / waiting", total=None, told="")
        for line in lines:
            if not line.startswith("OQS "):
                continue
            now = json.loads(line[4:])
            told = f"{now['told']:,} 件 / {now['late']:,} late, {now['dropped']:,} dropped, {now['generators']} gen."
            progress.update(
                bar, completed=now["at_s"], total=now["duration_s"], told=told, description="照会 / driving"
            )


# The verdict


def _judge(slo: Slo, results: Results, out: Path) -> Exit:
    from loadtests.report import html  # matplotlib takes its time

    measures = results.measured()
    found = checks(slo, results, measures)
    code = exit_code(found, results, measures)
    for check in found:
        click.echo(check.line)
    (out / "gate.md").write_text(markdown(found, code), encoding="utf-8")
    (out / "gate.xml").write_bytes(junit(found, code))
    (out / "report.html").write_text(html(results, measures, found, code), encoding="utf-8")
    offered, lost = sum(results.offered), results.lost.arrivals
    japanese = f"予定 {offered:,} 件中 {measures.told:,} 件、喪失 {lost:,} 件"
    told = f"{japanese} / {measures.told:,} of {offered:,} arrivals, {lost:,} lost"
    click.echo(f"\n{code.name} ({code.value}): {told}\n{(out / 'report.html').resolve().as_uri()}")
    return code


if __name__ == "__main__":
    functools.partial(main, prog_name="python -m loadtests")()
