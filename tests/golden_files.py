"""Every golden file and generated document by path, as it would be written now."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, get_args, get_origin

import msgspec

from mockserver.assumptions import ASSUMPTIONS
from mockserver.catalogue import rule_insurer_numbers, rule_table
from mockserver.faulting import kinds
from mockserver.scenarios.casting import BY_CODE, PATTERNS
from mockserver.scenarios.scenario import Scenario
from mockserver.serving.openapi import document
from mockserver.settings import Settings, TerminalSettings
from mockserver.wire.batches import Receipt
from mockserver.wire.files import FileForm
from mockserver.wire.xml_codec import read, write
from tests.golden_population import sample
from tests.linkage.support import ANSWERS, SINGLE, Terminal, collect, full_requests, identified
from tests.support import WAYS, Desk

ROOT = Path(__file__).parent.parent
GOLDEN = Path("tests/golden")


def files() -> dict[Path, str]:
    """Path below the project's root, and text."""
    return {
        **{GOLDEN / "patterns" / f"{p.pattern_id()}.txt": answers(p) for p in PATTERNS},
        **{GOLDEN / "files" / f"{name}.xml": text for name, text in folder_files()},
        GOLDEN / "population.json": json.dumps(sample(), ensure_ascii=False, indent=1) + "\n",
        GOLDEN / "openapi.json": json.dumps(document(), ensure_ascii=False, indent=1) + "\n",
        Path("docs/patterns.md"): patterns_page(),
        Path("docs/assumptions.md"): assumptions_page(),
        Path("docs/settings.md"): settings_page(),
    }


def answers(pattern: type[Scenario]) -> str:
    """The replies of a pattern to its people: ready, by rule and assigned, byte for byte."""
    return "\n".join(_answers(pattern)) + "\n"


def _answers(pattern: type[Scenario]) -> Iterator[str]:
    for ready in pattern.people:
        for way in WAYS:
            desk = Desk()
            yield f"# {ready.code} {ready.variant} ({way})"
            yield desk.ask(getattr(desk, way)(ready)).body.decode()


def folder_files() -> Iterator[tuple[str, str]]:
    """Request and answer of every family of the folder linkage; an answer in the other form; a file of the reader."""
    terminal, received = Terminal(bulk_ms=0), {}
    for family, request in full_requests().items():
        if family[:-2] in received:
            request = collect(received[family[:-2]])
        answer = terminal.send(family, request).file.body
        if family.endswith("01") and ANSWERS[family] is Receipt:
            received[family[:-2]] = read(answer, Receipt).XmlMsg.MessageBody.ReceptionNumber
        yield f"{family}req", write(request, FileForm()).decode()
        yield f"{family}res", answer.decode()
    other = Terminal(form=FileForm("shift_jis", "shuffled"))
    answer = other.send(SINGLE, identified(other.ready(BY_CODE["11"]))).file.body
    yield "OQSsiquc01res_shift_jis_shuffled_as_utf-8", answer.decode("cp932")
    face = other.linkage.face_file(other.tap(pattern="specific-disease").face, FileForm())
    yield "OQSsiquc01res_face", face.body.decode()


def patterns_page() -> str:
    """docs/patterns.md: the table of digits, and what is written about each pattern."""
    numbers = ", ".join(f"`{number}` ({kind})" for kind, number in rule_insurer_numbers().items())
    lines = [
        "# Patterns (パターン一覧)",
        "",
        "Written by `make golden` from the patterns' own files; `mockserver patterns` prints the same table. The paragraph",
        "in English says what a pattern is and its parameters; the list in Japanese is for who sits at the desk.",
        "",
        "## By rule: the last two digits of the 被保険者番号",
        "",
        f"With one of these insurer numbers: {numbers}, and any symbol, branch and birth date.",
        "",
        "| digits | pattern | 名称 | for example |",
        "|---|---|---|---|",
        *(f"| {row.code} | `{row.pattern}` | {row.title_ja} | {row.variant} |" for row in rule_table()),
        "",
        "Digits not in the table answer 4 (該当資格なし).",
        "",
    ]
    patterns = (line for pattern in PATTERNS for line in _section(pattern))
    return "\n".join([*lines, *patterns, *_faults()])


def _faults() -> list[str]:
    rows = (f"| `{kind.id}` | {kind.title_ja} | {' '.join(kind.description.split())} |" for kind in kinds().faults)
    return [
        "## Faults of the way over HTTP",
        "",
        "Set for a clinic, or for all, with rules whom they hit: [an outage at nine](outage-at-nine.md).",
        "",
        "| fault | 名称 | |",
        "|---|---|---|",
        *rows,
        "",
    ]


def _section(pattern: type[Scenario]) -> list[str]:
    about = pattern.about
    people = "、".join(
        f"{ready.name.family_name} {ready.name.given_name}（{ready.variant}、{ready.code}）" for ready in pattern.people
    )
    rows = {
        "事実": about.truth,
        "回答": about.answer,
        "対応": about.advice,
        "問い合わせ先": about.contact,
        "調査の項目": about.survey_row or "なし",
        "組み込みの患者": people,
    }
    doc = "\n".join(line.removeprefix("    ") for line in (pattern.__doc__ or "").strip().splitlines())
    return [
        f"## `{pattern.pattern_id()}` {about.title_ja} / {about.title_en}",
        "",
        doc,
        "",
        *(f"- **{name}**: {text}" for name, text in rows.items()),
        "",
    ]


def assumptions_page() -> str:
    """docs/assumptions.md: the code's one list of them."""
    rows = (f"| {a.about} | {a.chosen} | {a.otherwise or '–'} | `{a.where}` |" for a in ASSUMPTIONS)
    return "\n".join(
        [
            "# Assumptions",
            "",
            "Where public sources are silent or unsure. Written by `make golden` from `mockserver/assumptions.py`.",
            "",
            "| about | chosen | otherwise | where |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def settings_page() -> str:
    """docs/settings.md: every setting with flag, environment variable, default."""
    rows = (_setting(field) for field in msgspec.structs.fields(Settings))
    folder_rows = (_setting(field) for field in msgspec.structs.fields(TerminalSettings))
    return "\n".join(
        [
            "# Settings",
            "",
            "Of `mockserver serve`, as flag or environment variable. Written by `make golden` from `mockserver/settings.py`.",
            "",
            "| flag | environment variable | default | |",
            "|---|---|---|---|",
            *rows,
            "",
            "## Of a terminal's folders",
            "",
            "Of `mockserver terminal`, and of `mockserver serve` with `--folder`.",
            "",
            "| flag | environment variable | default | |",
            "|---|---|---|---|",
            *folder_rows,
            "",
            "## Credentials",
            "",
            "A file for `--credentials` is a JSON list; a login is accepted when it holds every member of a `login`, and its",
            "token is then good for that `clinic` only:",
            "",
            "```json",
            '[{"login": {"user": "a", "password": "b"}, "clinic": "1311234566"}]',
            "```",
            "",
        ]
    )


def _setting(field: msgspec.structs.FieldInfo) -> str:
    annotated, meta = get_args(field.type)
    choices = f" ({', '.join(get_args(annotated))})" if get_origin(annotated) is Literal else ""
    default = "–" if field.default == "" else f"`{field.default}`"
    flag = field.name.replace("_", "-")
    return f"| `--{flag}` | `MOCKSERVER_{field.name.upper()}` | {default} | {meta.description}{choices} |"


def main() -> None:
    """Rewrite all of them."""
    for path, text in files().items():
        target = ROOT / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
