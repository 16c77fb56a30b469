"""What `mockserver serve` prints when it listens: the address, and three lines that work."""

import json
from datetime import date, datetime

from mockserver.catalogue import EXAMPLE_CLINIC, request_for
from mockserver.eligibility.records import Card, InsurerKind
from mockserver.scenarios.reserved import RULE_INSURERS
from mockserver.serving.app import Mock
from mockserver.wire.json_codec import encode
from mockserver.wire.paths import SEARCH_PATH

_LINES = (
    ("01", "有効 / valid"),
    ("04", "1桁違い: 該当資格なし / one digit changed: no such insurance"),
    ("11", "1桁違い: 氏名に● / another digit: ● in the name"),
)
_BIRTHDATE = date(1980, 1, 1)


def as_json(mock: Mock) -> str:
    """The address as one JSON line."""
    token = {"admin_token": mock.admin_token} if mock.admin_token else {}
    return json.dumps({"url": mock.url, **token})


def as_text(mock: Mock, now: datetime) -> str:
    """The address and three curl lines for a person at a terminal."""
    token = mock.exchange.tokens.issue(now.timestamp())
    lines = [f"オンライン資格確認 モック / OQS mock: {mock.url}"]
    if mock.admin_token:
        lines.append(f"管理用トークン / admin token: {mock.admin_token}")
    lifetime_s = mock.exchange.settings.token_lifetime_s
    lines.append(f"次の行のトークンは{lifetime_s}秒間有効 / the token in these lines is good for {lifetime_s} s")
    for code, title in _LINES:
        lines += ["", f"# {title}", _curl(mock.url, token, code, now)]
    lines += ["", f"パターン一覧 / patterns: {mock.url}/admin/patterns   Ctrl-C で終了 / to stop"]
    return "\n".join(lines)


def folder_text(folder: str, url: str = "") -> str:
    """What a terminal prints when it watches."""
    of_mock = f" (mock: {url})" if url else ""
    return f"連携フォルダー / linkage folder: {folder} (req, res, face){of_mock}"


def _curl(url: str, token: str, code: str, now: datetime) -> str:
    card = Card(RULE_INSURERS[InsurerKind.ASSOCIATION], None, f"10000{code}", None)
    insecure = " -k" if url.startswith("https") else ""
    body = encode(request_for(card, _BIRTHDATE, now.date(), EXAMPLE_CLINIC)).decode()
    return f"curl -s{insecure} {url}{SEARCH_PATH} -H 'Content-Type: application/json' -H 'Authorization: {token}' -d '{body}'"
