"""A login: who may, for which clinic, and the tokens that follow."""

from typing import NamedTuple

import msgspec
from msgspec import Struct

from mockserver.tokens import Tokens
from mockserver.wire.json_codec import decode
from mockserver.wire.message import LoginResponse, LoginResult
from mockserver.wire.question import is_clinic_code
from mockserver.wire.refusals import Problem, Refusal

_LOGIN = msgspec.json.Decoder(dict[str, object])
_WRONG = Refusal(Problem.LOGIN, "ログイン情報が一致しません", "no configured credential fits this login")


class Credential(Struct, frozen=True, forbid_unknown_fields=True):
    """A login that is accepted: every member of `login` must be there; the token then belongs to `clinic`, if set."""

    login: dict[str, object]
    clinic: str = ""


class Named(NamedTuple):
    """An accepted login: the clinic its tokens belong to ("": any), and the clinic it names ("": none)."""

    owner: str
    clinic: str


def read_login(body: bytes, credentials: tuple[Credential, ...]) -> Named | Refusal:
    """Accept a login: any JSON object, unless credentials are configured."""
    fields = decode(body, _LOGIN)
    if isinstance(fields, Refusal):
        return fields
    owner = _clinic_of(fields, credentials)
    return _WRONG if owner is None else Named(owner, owner or _named_in(fields))


def logged_in(owner: str, tokens: Tokens, now_s: float) -> LoginResponse:
    """The answer to an accepted login, with its tokens."""
    access, refresh, identity = (tokens.issue(now_s, owner) for _ in range(3))
    result = LoginResult(accessToken=access, refreshToken=refresh, idToken=identity, linkSysCharCd="0")
    return LoginResponse(status="OK", msg="", result=result)


def _clinic_of(fields: dict[str, object], credentials: tuple[Credential, ...]) -> str | None:
    """The clinic a login is for ("" any), or None if it is not accepted."""
    if not credentials:
        return ""
    fitting = (c for c in credentials if c.login.items() <= fields.items())
    return next((credential.clinic for credential in fitting), None)


def _named_in(fields: dict[str, object]) -> str:
    """The clinic a login names somewhere among its members ("" none): the real members are not known for sure."""
    return next((text for text in fields.values() if isinstance(text, str) and is_clinic_code(text)), "")
