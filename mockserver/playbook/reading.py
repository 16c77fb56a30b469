"""The text of a scenario file to plain values, and where each of them stands in the text.

Whatever the text, the result is a document or a mistake: nothing is raised, nothing is executed.
"""

import re
from collections.abc import Callable

from mockserver.playbook.document import START, Document, Mistake, Wrong, place_at
from mockserver.playbook.toml_text import toml_document
from mockserver.playbook.yaml_text import yaml_document

MOST_CHARACTERS = 1_000_000

_BOM = "\ufeff"
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read_yaml(text: str) -> Document | Mistake:
    """A YAML text as a document. Every plain scalar stays text, except an empty one, `null` and `~`, which are None."""
    return _read(text, yaml_document)


def read_toml(text: str) -> Document | Mistake:
    """A TOML text as a document."""
    return _read(text, toml_document)


def _read(text: str, reader: Callable[[str], Document]) -> Document | Mistake:
    try:
        return reader(_checked(text))
    except Wrong as wrong:
        return wrong.mistake


def _checked(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise Wrong(
            START,
            (),
            f"ファイルが大きすぎます（{len(text)} 文字）。{MOST_CHARACTERS} 文字までにしてください",
            f"the file has {len(text)} characters, expected {MOST_CHARACTERS} at most",
        )
    text = text.removeprefix(_BOM)
    if bad := _UNPRINTABLE.search(text):
        code = f"U+{ord(bad[0]):04X}"
        raise Wrong(
            place_at(text, bad.start()),
            (),
            f"使えない文字 {code} があります。UTF-8 のテキストファイルか確認してください",
            f"found the character {code}, expected text; is this a text file in UTF-8?",
        )
    return text
