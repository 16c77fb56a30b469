"""Request files of terminals as events. Imported when the first comes: reading XML takes a while to be imported."""

import re
from collections.abc import Iterator

from lxml import etree

from mockserver.eligibility.numbering import holds_individual_number
from mockserver.linkage.taking import SINGLE
from mockserver.sharing.events import BATCH, FILE, FileTaken, Kind
from mockserver.told import addressed_to
from mockserver.wire.files import read_name
from mockserver.wire.message import Envelope
from mockserver.wire.refusals import Refusal
from mockserver.wire.xml_codec import parse, read

_ENCODINGS = ("utf-8", "shift_jis")
_PIECE = 16_384  # characters
_HIDING = re.compile(rb"&|<!|(?<!^)<\?|\0")


def shared_file(file: FileTaken) -> tuple[str, Kind[FileTaken]] | None:
    """Whose file it is and what kind of event; None for one that is nobody's, or that may not be kept."""
    asked = read_name(file.name)
    if isinstance(asked, Refusal) or file_holds_individual_number(file.data):
        return None
    envelope = read(file.data, Envelope)
    code = "" if isinstance(envelope, Refusal) else addressed_to(envelope.XmlMsg.MessageHeader).clinic_code
    return (code, FILE if asked.prefix == SINGLE else BATCH) if code else None


def file_holds_individual_number(data: bytes) -> bool:
    """Whether one is written in a file, or read from it where references, comments and sections may hide it from a search."""
    texts = (data.decode(encoding, "replace") for encoding in _ENCODINGS)
    if any(holds_individual_number(piece) for text in texts for piece in _pieces(text)):
        return True
    root = parse(data) if _HIDING.search(data) else None
    if root is None or isinstance(root, Refusal):
        return False
    return any(holds_individual_number(text) for element in root.iter() for text in _texts_of(element))


def _pieces(text: str) -> Iterator[str]:
    """A file in pieces that end before an element: others get their turn between one and the next."""
    start = 0
    while start < len(text):
        end = text.find("<", start + _PIECE)
        end = len(text) if end < 0 else end
        yield text[start:end]
        start = end


def _texts_of(element: etree._Element) -> Iterator[str]:
    """The attributes of an element, and its text where it has no members."""
    yield from (str(value) for value in element.attrib.values())
    if isinstance(element.tag, str) and not any(isinstance(child.tag, str) for child in element):
        yield "".join(str(text) for text in element.itertext(with_tail=False))
    yield str(element.tail or "")
