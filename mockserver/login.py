"""A login: who may, for which clinic, and the tokens that follow."""

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


class LoggedIn(Struct, frozen=True):
    """An accepted login: the answer, and the clinic it is for ("" not told)."""

    message: LoginResponse
    clinic: str


def log_in(body: bytes, credentials: tuple[Credential, ...], tokens: Tokens, now_s: float) -> LoggedIn | Refusal:
    """Accept a login: any JSON object, unless credentials are configured."""
    fields = decode(body, _LOGIN)
    if isinstance(fields, Refusal):
        return fields
    clinic = _clinic_of(fields, credentials)
    if clinic is None:
        return _WRONG
    access, refresh, identity = (tokens.issue(now_s, clinic) for _ in range(3))
    result = LoginResult(accessToken=access, refreshToken=refresh, idToken=identity, linkSysCharCd="0")
    return LoggedIn(LoginResponse(status="OK", msg="", result=result), clinic or _named_in(fields))


def _clinic_of(fields: dict[str, object], credentials: tuple[Credential, ...]) -> str | None:
    """The clinic a login is for ("" any), or None if it is not accepted."""
    if not credentials:
        return ""
    fitting = (c for c in credentials if c.login.items() <= fields.items())
    return next((credential.clinic for credential in fitting), None)


def _named_in(fields: dict[str, object]) -> str:
    """The clinic a login names somewhere among its members ("" none): the real members are not known for sure."""
    return next((text for text in fields.values() if isinstance(text, str) and is_clinic_code(text)), "")
