"""The pictures of the report, as SVG by matplotlib. Words in them are English; the captions around them are in both languages."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from loadtests.measures import PERCENTILES, Measures, Tally
from loadtests.morning import HOUR_S, KINDS
from loadtests.results import Results

_BLUE, _ORANGE, _GREEN, _RED, _PURPLE, _GREY = "#0072b2", "#e69f00", "#009e73", "#d55e00", "#cc79a7", "#8a97a3"
_STYLE = {
    "svg.fonttype": "none",
    "svg.hashsalt": "report",
    "font.family": "sans-serif",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#e6ebef",
    "axes.edgecolor": _GREY,
    "axes.prop_cycle": mpl.cycler(color=[_BLUE, _ORANGE, _GREEN, _RED, _PURPLE, _GREY]),
    "legend.frameon": False,
}
_LINES = {"p50": _GREEN, "p90": _BLUE, "p99": _ORANGE, "p99_9": _RED}
_TAILS = (50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99)
_HEADER = re.compile(r".*?(?=<svg)", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_IDS = re.compile(r'(\bid="|#)(?=[\w-])')


class _Picture:
    """A figure while it is drawn, then its SVG."""

    svg = ""


_drawn = iter(range(1_000_000))


@contextmanager
def _picture(height: float = 3.0) -> Iterator[tuple[Axes, _Picture]]:
    with mpl.rc_context(_STYLE):
        figure, picture = Figure(figsize=(10, height), layout="constrained"), _Picture()
        axes = figure.subplots()
        axes.set_axisbelow(True)
        yield axes, picture
        written = io.StringIO()
        figure.savefig(written, format="svg", metadata={"Date": None}, transparent=True)
    prefix = f"p{next(_drawn)}-"  # several pictures in one page: ids must not meet
    picture.svg = _IDS.sub(rf"\g<1>{prefix}", _METADATA.sub("", _HEADER.sub("", written.getvalue(), count=1)))
    picture.svg = re.sub(rf"#{prefix}([0-9a-f]{{6}})\b(?=[;\"])", r"#\1", picture.svg)


def _plain(axis: Axis) -> None:
    """Milliseconds on a logarithmic axis as plain numbers."""
    for formatter in (axis.set_major_formatter, axis.set_minor_formatter):
        formatter(FuncFormatter(lambda value, _: f"{value:g}" if f"{value:e}"[0] in "125" else ""))


def _seconds(results: Results) -> list[int]:
    return [number * results.slice_s for number in range(len(results.offered))]


def rates(results: Results, measures: Measures) -> str:
    """Arrivals due and answers that came, per second."""
    wide, at = results.slice_s, _seconds(results)
    ended = [_count(measures, number, "ended") / wide for number in range(len(at))]
    with _picture() as (axes, picture):
        axes.step(at, [n / wide for n in results.offered], where="post", color=_GREY, linewidth=2, label="offered")
        axes.step(at, ended, where="post", color=_BLUE, linewidth=1.5, label="achieved")
        axes.set(xlabel="seconds after the start", ylabel="per second")
        axes.set_ylim(0, 1.15 * max(*results.offered, *ended, 1) / wide)
        axes.legend(loc="lower right")
    return picture.svg


def _count(measures: Measures, number: int, what: str) -> int:
    piece = measures.slices.get(number)
    return piece.counts[what] if piece else 0


def latency(results: Results, measures: Measures) -> str:
    """Percentiles from the intended start, slice by slice."""
    with _picture() as (axes, picture):
        for name, colour in _LINES.items():
            points = [
                (number * results.slice_s, piece.latency.get_value_at_percentile(PERCENTILES[name]) / 1000)
                for number, piece in sorted(measures.slices.items())
                if piece.latency.get_total_count()
            ]
            if points:
                axes.plot(*zip(*points, strict=True), color=colour, linewidth=1.6, label=name.replace("_", "."))
        axes.set(xlabel="seconds after the start", ylabel="ms", yscale="log")
        _plain(axes.yaxis)
        axes.legend(loc="upper right", ncols=4)
    return picture.svg


def spectrum(measures: Measures) -> str:
    """Latency over rarity, path by path."""
    places = range(len(_TAILS))
    with _picture(3.4) as (axes, picture):
        for number, (name, tally) in enumerate(measures.named("path").items()):
            if name == "login":
                continue
            colour = f"C{number}"
            axes.plot(places, [tally.latency_ms(p) for p in _TAILS], color=colour, marker="o", markersize=3, label=name)
            axes.plot(places, [tally.service_ms(p) for p in _TAILS], color=colour, linestyle=":")
        axes.set_xticks(places, [f"{p:g} %" for p in _TAILS])
        axes.set(ylabel="ms", yscale="log")
        _plain(axes.yaxis)
        axes.legend(loc="upper left")
    return picture.svg


def by_kind(measures: Measures) -> str:
    """Percentiles of each kind of institution."""
    tallies = measures.named("kind")
    return _bars({kind.value: tallies[kind.value] for kind in KINDS if kind.value in tallies})


def by_pattern(measures: Measures) -> str:
    """Percentiles of each pattern."""
    return _bars(dict(sorted(measures.named("pattern").items(), key=lambda item: -item[1].requests)))


def _bars(tallies: dict[str, Tally]) -> str:
    """A line from p50 to p99.9 for each, with points on it."""
    with _picture(0.8 + 0.26 * max(len(tallies), 2)) as (axes, picture):
        for row, tally in enumerate(tallies.values()):
            found = {name: tally.latency_ms(PERCENTILES[name]) for name in _LINES}
            axes.plot([found["p50"], found["p99_9"]], [row, row], color="#c9d2da", linewidth=2, zorder=1)
            for name, colour in _LINES.items():
                label = name.replace("_", ".") if not row else None
                axes.scatter(found[name], row, color=colour, s=22, zorder=2, label=label)
        axes.set_yticks(range(len(tallies)), list(tallies))
        axes.invert_yaxis()
        axes.set(xlabel="ms", xscale="log")
        _plain(axes.xaxis)
        if tallies:
            axes.legend(loc="lower center", ncols=4, bbox_to_anchor=(0.5, 1.0))
    return picture.svg


def drops(results: Results, measures: Measures) -> str:
    """Arrivals of each slice that were dropped, failed, answered wrongly, or are missing."""
    at, wide = _seconds(results), results.slice_s
    numbers = range(len(at))
    known = {name: [_count(measures, n, name) for n in numbers] for name in ("dropped", "failed", "wrong")}
    told = ("answered", "planned", *known)
    lost = [
        max(o - sum(_count(measures, n, one) for one in told), 0) for n, o in zip(numbers, results.offered, strict=True)
    ]
    with _picture(2.4) as (axes, picture):
        bottom = [0] * len(at)
        for (name, values), colour in zip(
            ({**known, "lost": lost}).items(), (_ORANGE, _RED, _PURPLE, _GREY), strict=True
        ):
            axes.bar(at, values, wide, bottom, align="edge", color=colour, label=name)
            bottom = [a + b for a, b in zip(bottom, values, strict=True)]
        axes.set(xlabel="seconds after the start", ylabel="arrivals", xlim=(0, max(len(at) * wide, 1)))
        axes.set_ylim(0, max(*bottom, 1) * 1.1)
        axes.legend(loc="upper right", ncols=4)
    return picture.svg


def day(results: Results) -> str:
    """The curve of the day with the driven stretch."""
    hours = [number / 60 for number in range(len(results.curve))]
    begin_h, end_h = (at / HOUR_S for at in results.stretch)
    with _picture() as (axes, picture):
        axes.fill_between(hours, results.curve, color="#cfe3f1", step="post")
        axes.step(hours, results.curve, where="post", color=_BLUE, linewidth=1.2)
        axes.axvspan(begin_h, max(end_h, begin_h + 0.05), color=_ORANGE, alpha=0.8, label="driven")
        axes.set(xlabel="hour of the day", ylabel="arrivals/s", xlim=(7, 20))
        axes.set_xticks(range(7, 21))
        axes.set_ylim(bottom=0)
        axes.legend(loc="upper right")
    return picture.svg


def generators(measures: Measures) -> str:
    """How much of a core each generator took."""
    with _picture(2.2) as (axes, picture):
        for number, percents in enumerate(measures.cpu_percent.values()):
            axes.plot(percents, linewidth=1.4, label=f"generator {number + 1}")
        axes.set(xlabel="seconds after the start", ylabel="% of a core")
        axes.set_ylim(0, 105)
        if measures.cpu_percent:
            axes.legend(loc="upper right", ncols=4)
    return picture.svg
