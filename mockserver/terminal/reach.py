"""How a terminal reaches the mock: in the same process, or over its admin paths."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from types import TracebackType
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

import aiohttp
import msgspec
from msgspec import Struct

from mockserver.clock import Now
from mockserver.linkage.outcome import Faces, Outcome, error_outcome
from mockserver.settings import Settings, TerminalSettings
from mockserver.terminal.mailbox import Mailbox
from mockserver.wire.files import FileForm, read_name
from mockserver.wire.paths import FACES_PATH, FILES_PATH
from mockserver.wire.refusals import Refusal

_WAIT_MS = 20_000
OWN_CODE_PREFIX = Settings().error_code_prefix  # where it is not the mock that refuses
_TIMEOUT = aiohttp.ClientTimeout(total=300, sock_connect=5)
_MOST_WAITED = _WAIT_MS / 1000 + 10
Body = TypeVar("Body", bound=Struct)
Take = Callable[[str, bytes, FileForm, datetime], Awaitable[Outcome]]


class Unreachable(Exception):
    """The mock does not answer, or not as itself; what was asked may be asked again."""


class Reach(Protocol):
    """What a terminal needs of a mock. Both raise Unreachable."""

    async def take(self, name: str, data: bytes) -> Outcome:
        """What comes of a request file."""

    async def faces(self, cursor: str) -> Faces:
        """Results of readers after a cursor ("": from now on); waits for one for a while."""


def check_url(url: str) -> None:
    """ValueError, in both languages, for what is no address of a mock."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and parts.hostname and parts.path in ("", "/") and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise ValueError(
            f"--url の値 {url} が正しくありません。http://ホスト:ポート の形で指定してください / --url: found {url}, expected http://host:port"
        )


def form_of(settings: TerminalSettings) -> FileForm:
    """How a terminal writes its files."""
    return FileForm(settings.encoding, settings.xml_order, settings.bulk_result)


class Within:
    """A mock in the same process."""

    def __init__(self, take: Take, mailbox: Mailbox, settings: TerminalSettings, now: Now) -> None:
        self._take = take
        self._mailbox = mailbox
        self._clinic = settings.clinic
        self._form = form_of(settings)
        self._now = now

    async def take(self, name: str, data: bytes) -> Outcome:
        """As the protocol says."""
        return await self._take(name, data, self._form, self._now())

    async def faces(self, cursor: str) -> Faces:
        """As the protocol says."""
        return await self._mailbox.take(cursor, self._clinic, self._form, _WAIT_MS)


class Elsewhere:
    """A mock that runs elsewhere. An asynchronous context: it holds connections."""

    def __init__(self, url: str, admin_token: str, settings: TerminalSettings) -> None:
        """ValueError for a URL that cannot be a mock's."""
        check_url(url)
        headers = {"Authorization": f"Bearer {admin_token}"} if admin_token else {}
        connector = aiohttp.TCPConnector(ssl=False)  # a mock's certificate is its own
        self._session = aiohttp.ClientSession(url, headers=headers, timeout=_TIMEOUT, connector=connector)
        self._url = url
        form = form_of(settings)
        self._form = {"encoding": form.encoding, "order": form.order, "bulk_result": form.bulk_result}
        self._clinic = settings.clinic
        self._encoding = settings.encoding

    async def __aenter__(self) -> "Elsewhere":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End what is under way: it is as if the mock did not answer."""
        await self._session.close()

    async def take(self, name: str, data: bytes) -> Outcome:
        """As the protocol says; a name that is no request's (and may not even be text) is refused on the spot."""
        asked = read_name(name)
        if isinstance(asked, Refusal):
            return error_outcome(name, asked, OWN_CODE_PREFIX, self._encoding)
        call = self._session.post(FILES_PATH, params={**self._form, "name": name}, data=data)
        outcome = await self._body(call, Outcome)
        if {"/", "\\"} & set(outcome.file.name):
            raise Unreachable(f"{self._url}: a file name that leaves the folder")
        return outcome

    async def faces(self, cursor: str) -> Faces:
        """As the protocol says."""
        query = {**self._form, "cursor": cursor, "clinic": self._clinic, "wait_ms": str(_WAIT_MS)}
        timeout = aiohttp.ClientTimeout(total=_MOST_WAITED)
        return await self._body(self._session.get(FACES_PATH, params=query, timeout=timeout), Faces)

    async def _body(self, call: "aiohttp.client._RequestContextManager", struct: type[Body]) -> Body:
        try:
            async with call as response:
                body = await response.read()
                if response.status == 200:
                    return msgspec.json.decode(body, type=struct)
        except (aiohttp.ClientError, TimeoutError, msgspec.MsgspecError, OSError) as error:
            raise Unreachable(f"{self._url}: {type(error).__name__}") from None
        raise Unreachable(f"{self._url}: HTTP {response.status} {body[:300].decode(errors='replace')}")
