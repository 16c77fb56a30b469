"""What handlers do to clinics, whether this server is alone or shares them with others."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Protocol

import msgspec

from mockserver.clock import Now
from mockserver.control import test_clinics
from mockserver.eligibility.numbering import holds_individual_number, is_individual_number, mask_individual_numbers
from mockserver.journal import Trace
from mockserver.linkage.outcome import Outcome
from mockserver.sharing.events import BEGIN, Asked, Core, FileTaken, Kind, Payload
from mockserver.views import ClinicView, NewClinic
from mockserver.wire.json_codec import header_of
from mockserver.wire.question import is_clinic_code

_KEEP_UP_S = 0.2
_NAME = b'"MedicalInstitutionCode"'
_CODE = re.compile(rb'"MedicalInstitutionCode"\s*:\s*"([0-9]{10})"')
_MADE_UP_INDIVIDUAL_NUMBER = "123456789018"  # has a valid check digit
_MASK = mask_individual_numbers(_MADE_UP_INDIVIDUAL_NUMBER)


class Deeds(Protocol):
    """`touched`: the clinics that are shared, None where none ever is. `problem`: why sharing does not work, if so."""

    touched: Mapping[str, object] | None

    @property
    def problem(self) -> str:
        """What to tell whoever asks whether the server is ready."""

    async def do(self, kind: Kind[Payload], code: str | None, payload: Payload, now: datetime) -> Any:
        """Let something happen to a clinic, or (None) to all; what comes of it. Denial where it cannot be."""

    async def begin_clinic(self, new: NewClinic, now: datetime) -> ClinicView:
        """A clinic nobody uses."""

    async def take(self, file: FileTaken, now: datetime) -> Outcome:
        """What comes of a request file of a terminal."""

    async def catch_up(self, code: str, now: datetime) -> None:
        """Know all that happened to a clinic."""

    async def stop(self) -> None:
        """Share no more."""


class Alone(Deeds):
    """The only server: everything happens at once."""

    touched = None
    problem = ""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def do(self, kind: Kind[Payload], code: str | None, payload: Payload, now: datetime) -> Any:
        """As the protocol says."""
        return kind.act(self._core, code, payload, now)

    async def begin_clinic(self, new: NewClinic, now: datetime) -> ClinicView:
        """As the protocol says."""
        clinics = self._core.exchange.clinics
        number = 0 if new.name else clinics.next_number()
        code = next(code for code in test_clinics(new, number) if not clinics.is_used(code))
        view: ClinicView = await self.do(BEGIN, code, new, now)
        return view

    async def take(self, file: FileTaken, now: datetime) -> Outcome:
        """As the protocol says."""
        from mockserver.terminal.aside import take_aside  # late: it imports the reader of XML

        return await take_aside(self._core.linkage(), file.name, file.data, file.form, now)

    async def catch_up(self, code: str, now: datetime) -> None:
        """As the protocol says."""

    async def stop(self) -> None:
        """As the protocol says."""


@asynccontextmanager
async def kept_up(deeds: Deeds, code: str, now: Now) -> AsyncIterator[None]:
    """As long as somebody watches a clinic, what happens to it elsewhere is known here soon, too."""

    async def keep_up() -> None:
        while True:
            await deeds.catch_up(code, now())
            await asyncio.sleep(_KEEP_UP_S)

    keeping = asyncio.create_task(keep_up()) if deeds.touched is not None else None
    try:
        yield
    finally:
        if keeping:
            keeping.cancel()


def clinic_of(body: bytes) -> str | None:
    """Which clinic a search is from, without reading all of it."""
    if body.count(_NAME) == 1 and b"\\" not in body:
        found = _CODE.search(body)
        if found:
            return found[1].decode()
    header = header_of(body)  # written in an unusual way, or named elsewhere, too
    code = header.MedicalInstitutionCode if header else None
    return code if isinstance(code, str) and is_clinic_code(code) else None


def asked_of(body: bytes, authorization: str | None, trace: Trace) -> Asked:
    """A search as it may be kept. What is no text in a header cannot be written down."""
    if authorization is not None:
        authorization = authorization.encode(errors="replace").decode()
        if is_individual_number(authorization.rpartition(" ")[2]):  # not any twelve digits: tokens may hold them
            authorization = mask_individual_numbers(authorization)
    return Asked(_without_individual_numbers(body), authorization, trace)


def _without_individual_numbers(body: bytes) -> bytes:
    """A search that is refused in the same way, but holds nobody's 個人番号: that is never kept."""
    try:
        text = msgspec.json.encode(msgspec.json.decode(body)).decode()  # written anew, so no escape hides one
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        text = body.decode(errors="replace")
        return mask_individual_numbers(text).encode() if holds_individual_number(text) else body
    if not holds_individual_number(text):
        return body
    return mask_individual_numbers(text).replace(_MASK, _MADE_UP_INDIVIDUAL_NUMBER).encode()


def touched_clinic(deeds: Deeds, body: bytes) -> str | None:
    """The clinic of a search, if it is shared."""
    if not deeds.touched:
        return None
    code = clinic_of(body)
    return code if code in deeds.touched else None
