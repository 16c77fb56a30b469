"""Folders of scenario files as texts, what is wrong with them, and a mock that plays them."""

from pathlib import Path

from msgspec.structs import replace

from mockserver.exchange import Exchange
from mockserver.playbook.staging import Stage, rehearse
from mockserver.settings import Settings
from mockserver.views import own_person_view
from mockserver.wire.message import SearchRequest
from tests.support import NOW, Desk

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
SETTINGS = Settings(require_token=False)

INSURER = """
insurers:
  - id: midori
    number: "06139992"
    name: みどり健保
    kind: society
"""
PEOPLE = """
people:
  - id: hanako
    name: 模擬　花子
    kana: モギ ハナコ
    sex: female
    birthdate: 1988-04-12
    insurer: "06139992"
    symbol: "123"
    number: "4567801"
    branch: "01"
    since: 2015-04-01
"""
HANAKO = PEOPLE.replace('insurer: "06139992"', "insurer: midori") + INSURER
AS_TOML = """
[[insurers]]
id = "midori"
number = "06139992"
name = "みどり健保"
kind = "society"
[[people]]
id = "hanako"
name = "模擬　花子"
kana = "モギ ハナコ"
sex = "female"
birthdate = 1988-04-12
insurer = "midori"
symbol = "123"
number = "4567801"
branch = "01"
since = 2015-04-01
"""


def folder(name: str) -> dict[str, bytes]:
    """The files of an example."""
    return {path.name: path.read_bytes() for path in (EXAMPLES / name).iterdir()}


def files(**texts: str) -> dict[str, bytes]:
    """Files by name, with `_` for the dot."""
    return {name.replace("_", "."): text.encode() for name, text in texts.items()}


def remarks(**texts: str) -> list[str]:
    """What is wrong with files, a line each."""
    return [str(remark) for remark in rehearse(files(**texts), SETTINGS, NOW).remarks]


class Play:
    """A mock that plays scenario files, which can be changed."""

    def __init__(self, read: dict[str, bytes] | None = None, settings: Settings = SETTINGS, **texts: str) -> None:
        self.exchange = Exchange(settings, NOW)
        self.stage = Stage(self.exchange)
        self.change(read, **texts)

    def change(self, read: dict[str, bytes] | None = None, **texts: str) -> None:
        """Take other files up in place of those before."""
        rehearsal = rehearse(read or files(**texts), self.exchange.settings, NOW)
        assert rehearsal.remarks == ()
        assert self.stage.take_up(rehearsal.playbook, NOW) == ()

    def desk(self, clinic: str = "1311234566") -> Desk:
        """A clinic's desk at this mock."""
        return Desk(clinic, self.exchange)

    def request(self, name: str, clinic: str = "1311234566") -> SearchRequest:
        """The request a clinic asks for a person of the files with, about the mock's today."""
        own = next(own for own in self.stage.playbook.people if own.id == name)
        return desk_request(own_person_view(own, NOW.date()).request, clinic)

    def says(self, name: str, clinic: str = "1311234566") -> str:
        """資格有効性 a clinic is told for a person of the files."""
        desk = self.desk(clinic)
        return desk.validity(self.request(name, clinic))


def desk_request(request: SearchRequest, clinic: str) -> SearchRequest:
    """A request as that of a clinic."""
    header = replace(request.XmlMsg.MessageHeader, MedicalInstitutionCode=clinic)
    return SearchRequest(XmlMsg=replace(request.XmlMsg, MessageHeader=header))
