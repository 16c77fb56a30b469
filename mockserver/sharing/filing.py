"""Request files of terminals as events. Imported when the first comes: reading XML takes a while to be imported."""

from mockserver.eligibility.numbering import holds_individual_number
from mockserver.linkage.taking import SINGLE
from mockserver.sharing.events import BATCH, FILE, FileTaken, Kind
from mockserver.told import addressed_to
from mockserver.wire.files import read_name
from mockserver.wire.message import Envelope
from mockserver.wire.refusals import Refusal
from mockserver.wire.xml_codec import read

_ENCODINGS = ("utf-8", "shift_jis")


def shared_file(file: FileTaken) -> tuple[str, Kind[FileTaken]] | None:
    """Whose file it is and what kind of event; None for one that is nobody's, or that may not be kept."""
    asked = read_name(file.name)
    if isinstance(asked, Refusal) or any(holds_individual_number(file.data.decode(e, "replace")) for e in _ENCODINGS):
        return None
    envelope = read(file.data, Envelope)
    code = "" if isinstance(envelope, Refusal) else addressed_to(envelope.XmlMsg.MessageHeader).clinic_code
    return (code, FILE if asked.prefix == SINGLE else BATCH) if code else None
