"""The coverage report for a file of papers: a page to read (HTML), and JUnit XML for what reads test results."""

from collections.abc import Callable, Iterable, Mapping

from lxml import etree, html
from lxml.builder import ElementMaker  # type: ignore[import-not-found]  # lxml-stubs leaves it out

from mockserver.coverage.counts import Afterwards, Meetings
from mockserver.coverage.reporting import CoverageRow, CoverageView
from mockserver.eligibility.records import Validity
from mockserver.journal import PROCESSING

_tag: Callable[..., etree._Element] = ElementMaker()  # texts are escaped by it
_SAID = {
    Validity.VALID.value: "有効 valid",
    Validity.LOST.value: "無効 lost",
    Validity.RENEWED.value: "無効（新しい資格あり） renewed",
    Validity.NO_MATCH.value: "該当資格なし no match",
    Validity.MULTIPLE.value: "複数該当 multiple",
    Validity.UNREGISTERED.value: "有効（未登録） unregistered",
    PROCESSING: "処理中 processing",
}
_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 78rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 0 0 2rem; width: 100%; }
th, td { border-bottom: 1px solid GrayText; padding: .4rem .6rem; text-align: left; vertical-align: top; }
tr.unmet { color: GrayText; }
code, small { font-size: .85em; }
small { display: block; }
meter { width: 100%; height: 1.5rem; }
ul { margin: 0; padding: 0; list-style: none; }
"""
_TITLE = "資格確認パターンの網羅状況 / Coverage of eligibility patterns"
_NOT_MET = "このパターンは発生していません / this pattern was not met"
_LOST = "回答はすべて障害で届きませんでした / every answer was lost to a fault"


def page(report: CoverageView) -> bytes:
    """A page that needs nothing but itself."""
    root = _tag(
        "html",
        _tag(
            "head",
            _tag("meta", charset="utf-8"),
            _tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            _tag("title", _TITLE),
            _tag("style", _STYLE),
        ),
        _tag(
            "body",
            _tag("h1", _TITLE),
            *_summary(report),
            _tag("h2", "パターン / Patterns"),
            _table(report.patterns),
            _tag("h2", "障害 / Faults"),
            _table(report.faults),
            *_explained(),
        ),
        lang="ja",
    )
    written: bytes = html.tostring(root, doctype="<!DOCTYPE html>", encoding="utf-8", pretty_print=True)
    return written


def _summary(report: CoverageView) -> list[etree._Element]:
    met, every = report.met, len(report.patterns)
    whose = f"医療機関 {report.clinic} / clinic {report.clinic}" if report.clinic else "全医療機関 / all clinics"
    at = report.at.isoformat(sep=" ", timespec="seconds")
    return [
        _tag("p", f"{whose} — {at}"),
        _tag("p", _tag("strong", f"{every} パターンのうち {met} が発生しました / {met} of {every} patterns met")),
        _tag("meter", f"{met} / {every}", min="0", max=str(every), value=str(met)),
        *(_tag("p", f"⚠ {remark.japanese} / {remark.english}") for remark in report.remarks),
    ]


def _table(rows: Iterable[CoverageRow]) -> etree._Element:
    heads = ("名称 / Name", "発生 / Met", "経路 / Ways", "回答 / Answers", "その後（人数） / Afterwards (people)")
    return _tag(
        "table",
        _tag("thead", _tag("tr", *(_tag("th", head, scope="col") for head in heads))),
        _tag("tbody", *map(_line, rows)),
    )


def _line(row: CoverageRow) -> etree._Element:
    counts = row.counts
    name = _tag("td", row.title_ja, _tag("small", row.title_en, " ", _tag("code", row.id), lang="en"))
    cells = (
        _tag("td", _met(row)),
        _list(_numbers(counts.ways)),
        _list(_numbers(_named(counts.said))),
        _list(_afterwards(counts)),
    )
    return _tag("tr", name, *cells, {"class": "met" if row.is_met else "unmet"})


def _list(lines: Iterable[str]) -> etree._Element:
    return _tag("td", _tag("ul", *(_tag("li", line) for line in lines)))


def _met(row: CoverageRow) -> str:
    counts = row.counts
    hidden = f"（うち障害で届かず {counts.hidden} / behind a fault {counts.hidden}）" if counts.hidden else ""
    return f"{'✓' if row.is_met else '—'} {counts.times}{hidden}" if counts.times else "—"


def _numbers(counted: Mapping[str, int]) -> list[str]:
    return [f"{key}: {times}" for key, times in sorted(counted.items())]


def _named(said: Mapping[str, int]) -> dict[str, int]:
    return {f"{key} {_SAID[key]}" if key in _SAID else key or "—": times for key, times in said.items()}


def _afterwards(counts: Meetings) -> list[str]:
    if not counts.people:
        return []
    return [
        f"該当した人 / people: {counts.people}",
        f"同じ番号で再照会 / asked again: {_after(counts.asked_again)}",
        f"別の番号で照会 / other number: {_after(counts.other_number)}",
        f"以後の照会なし / gave up: {counts.gave_up}",
    ]


def _after(after: Afterwards) -> str:
    came = ", ".join(_numbers(_named(after.said)))
    return f"{after.people} → {came}" if came else str(after.people)


def _explained() -> list[etree._Element]:
    return [
        _tag(
            "p",
            "「その後」は、最初に発生したあと同じ医療機関でその人についてあった照会を、人ごとに数えたものです。"
            "→ のあとは、その最後の回答です。障害で回答が届かなかった照会は、発生に数えません。",
        ),
        _tag(
            "p",
            "Afterwards: the later look-ups of the same clinic about each person, after the pattern was first met; behind "
            "the arrow what the last of them said. A look-up whose answer was lost to a fault is no meeting.",
            lang="en",
        ),
    ]


def junit(report: CoverageView) -> bytes:
    """A test case for each pattern: passed where it was met, skipped where not. Faults are properties of the suite."""
    cases = [_case(row) for row in report.patterns]
    counts = {"tests": len(cases), "failures": 0, "errors": 0, "skipped": len(cases) - report.met}
    numbers = {name: str(number) for name, number in counts.items()}
    suite = _tag(
        "testsuite",
        _tag("properties", *(_property(f"fault.{row.id}", row.counts.times) for row in report.faults)),
        *cases,
        *(_tag("system-out", f"{remark.japanese} / {remark.english}") for remark in report.remarks),
        {"name": "oqs-coverage", **numbers, "time": "0", "timestamp": report.at.isoformat(timespec="seconds")},
    )
    root = _tag("testsuites", suite, {"name": "oqs-coverage", **numbers, "time": "0"})
    return etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)


def _property(name: str, value: int) -> etree._Element:
    return _tag("property", name=name, value=str(value))


def _case(row: CoverageRow) -> etree._Element:
    not_met = _LOST if row.counts.times else _NOT_MET
    told = _tag("system-out", _told(row)) if row.is_met else _tag("skipped", message=not_met)
    name = f"{row.id}: {row.title_ja} / {row.title_en}"
    return _tag("testcase", told, classname=f"oqs.{row.kind}", name=name, time="0")


def _told(row: CoverageRow) -> str:
    counts = row.counts
    return "\n".join(
        (
            f"回数 / times: {_met(row)}",
            f"経路 / ways: {', '.join(_numbers(counts.ways))}",
            f"回答 / answers: {', '.join(_numbers(_named(counts.said)))}",
            *_afterwards(counts),
        )
    )
