"""`mockserver ask`: log in, look up, and show the answer to a person, the truth beside it."""

from typing import Any

import aiohttp
from msgspec import Struct
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mockserver.catalogue import EXAMPLE_CLINIC
from mockserver.clock import real_now
from mockserver.wire.paths import LOGIN_PATH, SEARCH_PATH
from mockserver.wire.qualification import digits_of_day

_TIMEOUT = aiohttp.ClientTimeout(total=10)
_VALIDITIES = {
    "1": ("有効", "green"),
    "2": ("無効", "red"),
    "3": ("無効（新しい資格あり）", "red"),
    "4": ("該当資格なし", "yellow"),
    "5": ("複数該当", "yellow"),
    "6": ("有効（未登録）", "green"),
}
_LIMIT = ("LimitApplicationCertificateRelatedInfo", "LimitApplicationCertificateClassificationFlag")
_RATIOS = (
    ("InsuredPartialContributionRatio",),
    ("ElderlyRecipientCertificateInfo", "ElderlyRecipientContributionRatio"),
)
# title: members of the answer that may hold it, member of the truth
_ROWS: dict[str, tuple[tuple[tuple[str, ...], ...], str]] = {
    "氏名": ((("Name",),), "name"),
    "カナ": ((("NameKana",),), "kana"),
    "生年月日": ((("Birthdate",),), "birthdate"),
    "郵便番号": ((("PostNumber",),), "post_number"),
    "住所": ((("Address",),), "address"),
    "保険者番号": ((("InsurerNumber",),), "insurer_number"),
    "記号": ((("InsuredCardSymbol",),), "symbol"),
    "保険者": ((("InsurerName",),), "insurer_name"),
    "番号": ((("InsuredIdentificationNumber",),), "number"),
    "枝番": ((("InsuredBranchNumber",),), "branch"),
    "資格取得": ((("QualificationDate",),), "valid_from"),
    "資格喪失": ((("DisqualificationDate",),), "lost_on"),
    "負担割合 %": (_RATIOS, "copay_percent"),
    "限度額区分": ((_LIMIT,), "limit_band"),
}


class Unreachable(Exception):
    """The mock does not answer, or not as itself."""


class Asked(Struct, frozen=True):
    """What is asked of which mock; days as YYYYMMDD."""

    insurer_number: str
    number: str
    birthdate: str
    symbol: str | None
    branch: str | None
    day: str | None
    clinic: str | None
    url: str
    admin_token: str


class Told(Struct, frozen=True):
    """The answer of the real path, its pattern, and the truth where the admin path tells it."""

    answer: dict[str, Any]
    pattern: str
    truth: dict[str, Any] | None

    @property
    def is_answered(self) -> bool:
        """Whether the look-up was answered rather than refused."""
        return bool(self.answer["XmlMsg"]["MessageBody"].get("QualificationValidity"))


async def ask(asked: Asked) -> Told:
    """Log in, look up, ask for the truth. Unreachable where there is no mock."""
    try:
        connector = aiohttp.TCPConnector(ssl=False)  # a mock's certificate is its own
        async with aiohttp.ClientSession(asked.url, timeout=_TIMEOUT, connector=connector) as session:
            return await _ask(session, asked)
    except (aiohttp.ClientError, TimeoutError, LookupError, ValueError) as error:
        raise Unreachable(
            f"{asked.url} のモックに接続できません / no mock answers at {asked.url} ({type(error).__name__})"
        ) from None


async def _ask(session: aiohttp.ClientSession, asked: Asked) -> Told:
    clinic = asked.clinic or EXAMPLE_CLINIC
    login = await _json(session.post(LOGIN_PATH, json={}))
    admin = {"Authorization": f"Bearer {asked.admin_token}"} if asked.admin_token else {}
    state = await _json(session.get(f"/admin/clinics/{clinic}", headers=admin))
    today = state["clock"]["now"][:10].replace("-", "") if "clock" in state else digits_of_day(real_now().date())
    day = asked.day or today
    headers = {"Authorization": login["result"]["idToken"]}
    async with session.post(SEARCH_PATH, json=_body(asked, clinic, day), headers=headers) as response:
        answer, pattern = await response.json(), response.headers.get("X-Mock-Pattern", "")
    truth = await _json(session.get(f"/admin/clinics/{clinic}/truth", params=_query(asked, day), headers=admin))
    return Told(answer, pattern, truth if "truth" in truth else None)


async def _json(call: Any) -> dict[str, Any]:
    async with call as response:
        found = await response.json()
    if not isinstance(found, dict):
        raise ValueError(found)
    return found


def _body(asked: Asked, clinic: str, day: str) -> dict[str, Any]:
    search = {
        "InsurerNumber": asked.insurer_number.zfill(8),
        "InsuredCardSymbol": asked.symbol,
        "InsuredIdentificationNumber": asked.number,
        "InsuredBranchNumber": asked.branch,
        "Birthdate": asked.birthdate,
        "LimitApplicationCertificateRelatedConsFlg": "1",
    }
    given = {name: text for name, text in search.items() if text is not None}
    header = {"QualificationConfirmationDate": day, "MedicalInstitutionCode": clinic}
    return {"XmlMsg": {"MessageHeader": header, "MessageBody": {"QualificationConfirmSearchInfo": given}}}


def _query(asked: Asked, day: str) -> dict[str, str]:
    members = {
        "insurer_number": asked.insurer_number,
        "number": asked.number,
        "birthdate": _dashed(asked.birthdate),
        "symbol": asked.symbol,
        "branch": asked.branch,
        "day": _dashed(day),
    }
    return {name: text for name, text in members.items() if text is not None}


def _dashed(digits: str) -> str:
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"


def show(told: Told) -> None:
    """Print an answer for a person."""
    console, message = Console(), told.answer["XmlMsg"]
    header, body = message["MessageHeader"], message["MessageBody"]
    problem = header.get("ErrorMessage") or body.get("ProcessingResultMessage")
    if problem:
        code = header.get("ErrorCode") or body.get("ProcessingResultCode")
        console.print(Text.assemble((code, "red"), " ", problem), soft_wrap=True)
        return
    words, colour = _VALIDITIES[body["QualificationValidity"]]
    console.print(f"[bold {colour}]{body['QualificationValidity']} {words}[/]  X-Mock-Pattern: {told.pattern}")
    console.print(_table(body.get("ResultList", []), told.truth))


def _table(results: list[dict[str, Any]], truth: dict[str, Any] | None) -> Table:
    said = results[0]["ResultOfQualificationConfirmation"] if results else {}
    so = truth["truth"]["results"][0] if truth and truth["truth"]["results"] else {}
    table = Table(box=SIMPLE)
    for heading in ("", "回答 / answer"):
        table.add_column(heading, overflow="fold")
    if truth:
        table.add_column(f"事実 / truth: {_VALIDITIES[truth['truth']['code']][0]}", overflow="fold")
    for title, (members, ours) in _ROWS.items():
        left, right = _find(said, members), str(so.get(ours) or "")
        is_ratio = members is _RATIOS
        left = left.lstrip("0") if is_ratio else left.strip()
        differs = bool(left or not is_ratio) and left.replace("-", "") != right.replace("-", "")
        cells = (Text(title), Text(left), Text(f"≠ {right}", "yellow") if truth and differs else Text(right))
        table.add_row(*cells[: 3 if truth else 2])
    return table


def _find(said: dict[str, Any], members: tuple[tuple[str, ...], ...]) -> str:
    """The first of some members that is there; a path leads into objects."""
    for path in members:
        found: Any = said
        for name in path:
            found = found.get(name, {})
        if found:
            return str(found)
    return ""


async def tap(
    url: str,
    admin_token: str,
    clinic: str | None,
    patient: str,
    identity: tuple[str, str, str] | None,
    symbol: str | None,
    **gesture: Any,
) -> dict[str, Any]:
    """Lay down a card. Unreachable where there is no mock, or where it says why not."""
    body = {**(_by_number(*identity, symbol) if identity else _patient(patient)), **_gesture(**gesture)}
    headers = {"Authorization": f"Bearer {admin_token}"} if admin_token else {}
    path = f"/admin/clinics/{clinic or EXAMPLE_CLINIC}/taps"
    try:
        connector = aiohttp.TCPConnector(ssl=False)
        async with aiohttp.ClientSession(url, timeout=_TIMEOUT, connector=connector, headers=headers) as session:
            told = await _json(session.post(path, json=body))
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Unreachable(
            f"{url} のモックに接続できません / no mock answers at {url} ({type(error).__name__})"
        ) from None
    if "error" in told:
        raise Unreachable(f"{told['error']['message_ja']} / {told['error']['message_en']}")
    if "accepted" not in told:
        raise Unreachable(f"{url} はこのモックではありません / what answers at {url} is no mock")
    return told


def _patient(patient: str) -> dict[str, Any]:
    if patient == "random":
        return {"random": True}
    if patient.isdecimal():
        return {"code": patient} if len(patient) == len("01") else {"person": int(patient)}
    return {"pattern": patient}


def _by_number(insurer_number: str, number: str, birthdate: str, symbol: str | None) -> dict[str, Any]:
    person = {"insurer_number": insurer_number, "number": number, "birthdate": _dashed(birthdate)}
    return {"person": {**person, "symbol": symbol} if symbol else person}


def _gesture(
    by: str | None, pin: str, consents: tuple[str, ...], no_consent: bool, care: str, prescription: str | None
) -> dict[str, Any]:
    chosen = {"consents": list(consents)} if consents or no_consent else {}
    named = {"by": by, "prescription": prescription}
    return {**{name: text for name, text in named.items() if text}, "pin": pin, "care": care, **chosen}


def show_tap(told: dict[str, Any]) -> None:
    """Print what came of a tap, for a person."""
    console = Console()
    colour = "green" if told["accepted"] else "red"
    console.print(f"[bold {colour}]{told['outcome']}[/]  {told['pattern']}  {told['by']}")
    if told["message_ja"]:
        message = f"{told['message_ja']} / {told['message_en']}"
        console.print(Text.assemble((told["code"], "yellow"), " ", message), soft_wrap=True)
    if told["face_file"]:
        console.print(f"face/{told['face_file']}", soft_wrap=True)
        if not told["has_terminal"]:
            console.print("[yellow]受け取る端末がありません[/] / no terminal takes it")
    body = told["answer"]["XmlMsg"]["MessageBody"]
    if told["accepted"]:
        words, colour = _VALIDITIES[body["QualificationValidity"]]
        console.print(f"[bold {colour}]{body['QualificationValidity']} {words}[/]")
        for item in body.get("ResultList", []):
            console.print(_table([item], None))
