"""The report: one HTML file that needs nothing else. Words here, pictures in plots.py."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import NamedTuple

from loadtests import plots
from loadtests.gate import Check, Exit
from loadtests.measures import PERCENTILES, Measures, Tally
from loadtests.morning import KINDS
from loadtests.results import Results
from mockserver.eligibility.calendar import JST

_STYLE = """
:root { --ink: #1c2733; --soft: #5b6b7a; --line: #dfe5ea; --good: #0a7d55; --bad: #c0392b; --skip: #8a6d00; }
* { box-sizing: border-box }
body { margin: 0; background: #f4f6f8; color: var(--ink); font: 15px/1.6 system-ui, "Hiragino Sans", "Yu Gothic UI",
  "Noto Sans CJK JP", sans-serif }
main { max-width: 1080px; margin: 0 auto; padding: 24px }
header { display: flex; gap: 20px; align-items: center; flex-wrap: wrap; margin-bottom: 16px }
h1 { font-size: 24px; margin: 0 } h2 { font-size: 18px; margin: 0 0 4px }
p { margin: 0 0 10px; color: var(--soft) }
.badge { padding: 8px 18px; border-radius: 8px; color: #fff; font-weight: 700; background: var(--bad) }
.badge.PASSED { background: var(--good) }
section { background: #fff; border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin: 14px 0 }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 12px }
.numbers div { background: #fff; border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px }
.numbers b { display: block; font-size: 24px; font-variant-numeric: tabular-nums } .numbers span { color: var(--soft) }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: 4px 10px; border-bottom: 1px solid var(--line) }
th { color: var(--soft); font-weight: 600 } th:first-child, td:first-child { text-align: left }
table.gate td, table.gate th { text-align: left }
.PASS { color: var(--good) } .FAIL { color: var(--bad); font-weight: 700 } .SKIP { color: var(--skip) }
svg { width: 100%; height: auto } .wide { overflow-x: auto }
footer { color: var(--soft); font-size: 13px; padding: 8px 4px }
"""


class Words(NamedTuple):
    """A caption in both languages."""

    japanese: str
    english: str

    @property
    def html(self) -> str:
        """Both, escaped."""
        return f'<span lang="ja">{escape(self.japanese)}</span> / <span lang="en">{escape(self.english)}</span>'


def html(results: Results, measures: Measures, found: Iterable[Check], code: Exit) -> str:
    """The report of a run."""
    checks = list(found)
    body = (
        _head(results, code),
        _numbers(results, measures),
        _section(Words("合否", "Gate"), None, _gate(checks)),
        _section(
            Words("到着と応答", "Offered and achieved"),
            Words(
                "予定された到着と、その秒に返った応答。",
                "Arrivals that were due, and answers that came in that second.",
            ),
            plots.rates(results, measures),
        ),
        _section(
            Words("応答時間の推移", "Latency over time"),
            Words(
                "予定の時刻からの時間。待たされた分も含む。",
                "From the intended start, so waiting counts. A stall shows as a triangle, not as one point.",
            ),
            plots.latency(results, measures),
        ),
        _section(
            Words("応答時間の分布", "How latency is distributed"),
            Words(
                "右へ行くほどまれな照会。実線は予定の時刻から、点線は送信から。",
                "The further right, the rarer. Solid: from the intended start; dotted: from the real one.",
            ),
            plots.spectrum(measures),
            _table(_paths(measures)),
        ),
        _section(
            Words("機関の種別", "By kind of institution"), None, plots.by_kind(measures), _table(_kinds(measures))
        ),
        _section(
            Words("パターン別", "By pattern"),
            Words(
                "問題のある照会は、調査の件数を重みとして選ばれる（割合は仮定）。",
                "Troubled look-ups, weighted by the survey's counts; how many there are at all is an assumption.",
            ),
            plots.by_pattern(measures),
            _table(measures.named("pattern")),
        ),
        _section(
            Words("遅れ・取りこぼし・喪失", "Late, dropped, lost"),
            Words(
                "取りこぼし：接続が空かず、待ちきれなかった到着。喪失：失われた生成機が報告しなかった到着。",
                "Dropped: found no free connection for as long as a desk waits. Lost: of a generator that was lost.",
            ),
            plots.drops(results, measures),
            _reasons(measures),
        ),
        _section(
            Words("全国の1日と、再現した区間", "The country's day, and the stretch that was driven"),
            Words("曲線の形は仮定（docs/load-testing.ja.md）。", "The shape is assumed (docs/load-testing.md)."),
            plots.day(results),
        ),
        _section(
            Words("生成機", "The generators"),
            Words(
                "1コアに対する割合と、予定から送信までの遅れ。", "Share of a core, and the delay until the real start."
            ),
            plots.generators(measures),
            _machine(results, measures),
        ),
    )
    title = f"{code.name} – {results.options.country:g} × 全国 / load test"
    return (
        f'<!doctype html><html lang="ja"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>{''.join(body)}</main></body></html>"
    )


def _head(results: Results, code: Exit) -> str:
    options = results.options
    began = datetime.fromtimestamp(results.began, JST).strftime("%Y-%m-%d %H:%M:%S")
    what = f"{options.rate_per_s:g}/s" if options.rate_per_s else f"全国 × {options.country:g}, {options.weekday}"
    words = f"{what}, {options.begin} + {results.driven_s / 60:g} min → {results.host} ({began} JST)"
    return (
        f"<header><span class='badge {code.name}'>{code.name}</span><div><h1>オンライン資格確認 負荷試験 / Load test</h1>"
        f"<p style='margin:0'>{escape(words)}</p></div></header>"
    )


def _numbers(results: Results, measures: Measures) -> str:
    offered, whole = sum(results.offered), _whole(measures)
    seconds = max(results.driven_s, 1)
    shown = (
        (f"{offered / seconds:,.0f}/s", Words("到着", "offered")),
        (f"{(whole.requests - whole.outcomes['failed']) / seconds:,.0f}/s", Words("応答", "achieved")),
        (_ms(whole.latency_ms(50)), Words("中央値", "p50")),
        (_ms(whole.latency_ms(99)), Words("99%", "p99")),
        (_ms(whole.latency_ms(99.9)), Words("99.9%", "p99.9")),
        (f"{whole.error_percent:.3g} %", Words("エラー", "errors")),
        (f"{measures.counts['dropped']:,}", Words("取りこぼし", "dropped")),
        (f"{results.lost.arrivals:,}", Words("喪失", "lost")),
    )
    return (
        "<div class='numbers'>" + "".join(f"<div><b>{value}</b>{words.html}</div>" for value, words in shown) + "</div>"
    )


def _whole(measures: Measures) -> Tally:
    """All arrivals together."""
    whole = Tally()
    for tally in measures.named("kind").values():
        whole.absorb(tally.plain())
    return whole


def _ms(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.2f} s" if milliseconds >= 1000 else f"{milliseconds:.3g} ms"


def _section(title: Words, caption: Words | None, *parts: str) -> str:
    told = f"<p>{caption.html}</p>" if caption else ""
    return f"<section><h2>{title.html}</h2>{told}<div class='wide'>{''.join(parts)}</div></section>"


def _gate(checks: list[Check]) -> str:
    rows = "".join(
        f"<tr><td class='{c.state}'>{c.state}</td><td>{escape(c.title)}</td><td>{escape(c.found)}</td>"
        f"<td>{escape(c.expected)}</td></tr>"
        for c in checks
    )
    head = "<tr><th></th><th>目標 / objective</th><th>結果 / found</th><th>基準 / expected</th></tr>"
    return f"<table class='gate'>{head}{rows}</table>"


def _kinds(measures: Measures) -> dict[str, Tally]:
    tallies = measures.named("kind")
    return {f"{kind.japanese} / {kind.value}": tallies[kind.value] for kind in KINDS if kind.value in tallies}


def _paths(measures: Measures) -> dict[str, Tally]:
    names = {
        "search": "番号で照会 / search by number",
        "tap": "カードで照会 / card on the reader",
        "again": "再照会 / asked again",
        "login": "ログイン / login",
    }
    return {names.get(name, name): tally for name, tally in measures.named("path").items()}


def _table(tallies: dict[str, Tally]) -> str:
    head = "".join(f"<th>{name.replace('_', '.')} ms</th>" for name in PERCENTILES)
    rows = "".join(
        f"<tr><td>{escape(name)}</td><td>{tally.requests:,}</td>"
        + "".join(f"<td>{tally.latency_ms(at):,.4g}</td>" for at in PERCENTILES.values())
        + f"<td>{tally.outcomes['planned']:,}</td><td>{tally.outcomes['wrong']:,}</td>"
        f"<td>{tally.outcomes['failed']:,}</td></tr>"
        for name, tally in sorted(tallies.items(), key=lambda item: -item[1].requests)
    )
    counted = "<th>計画した障害 / planned</th><th>誤答 / wrong</th><th>失敗 / failed</th>"
    return f"<table><tr><th></th><th>件 / requests</th>{head}{counted}</tr>{rows}</table>"


def _reasons(measures: Measures) -> str:
    rows = [*sorted(measures.counts.items()), *measures.reasons.most_common(20)]
    lines = "".join(f"<tr><td>{escape(name.replace('_', ' '))}</td><td>{count:,}</td></tr>" for name, count in rows)
    return f"<table>{lines}</table>"


def _machine(results: Results, measures: Measures) -> str:
    delay = measures.delay
    delays = ", ".join(f"{name} {delay.get_value_at_percentile(at) / 1000:.3g} ms" for name, at in PERCENTILES.items())
    turns = "; ".join(f"#{number:,}: {len(members)}" for number, members in results.members)
    told = {
        **results.machine,
        "生成機の遅れ / generator delay": delays,
        "生成機の数 / generators, from arrival": turns,
        "接続 / connections of each": str(results.options.connections),
        "seed": str(results.options.seed),
    }
    rows = "".join(f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in told.items())
    return f"<table>{rows}</table>"
