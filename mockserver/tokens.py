"""Tokens of the login: signed, not stored, so any number of logins takes no memory.

The real token's form and lifetime are unknown (wire.md section 8, item 2); this one is `<payload>.<signature>`, the
payload telling when it expires and for which clinic it is, if for one.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from hashlib import blake2b

from mockserver.wire.refusals import Problem, Refusal, quote

_MOST_REMEMBERED = 4_096
_MISSING = Refusal(
    Problem.TOKEN_MISSING,
    "Authorization ヘッダーがありません。ログインで得た idToken を付けてください",
    "the Authorization header is missing: send the idToken of the login",
)
_UNKNOWN = Refusal(
    Problem.TOKEN_UNKNOWN,
    "トークンが不明です。ログインし直してください",
    "the token is not one of this mock's: log in anew",
)
_EXPIRED = Refusal(
    Problem.TOKEN_EXPIRED,
    "トークンの有効期限が切れています。ログインし直してください",
    "the token has expired: log in anew",
)


class Tokens:
    """Issues and checks tokens. `lifetime_s` in seconds; an empty secret means a random one."""

    def __init__(self, secret: str, lifetime_s: int) -> None:
        self._key = secret.encode()[:64] or secrets.token_bytes(32)
        self._lifetime_s = lifetime_s
        self._known: dict[str, tuple[int, str]] = {}  # tokens whose signature was checked already

    def issue(self, now_s: float, clinic_code: str = "") -> str:
        """A token good from `now_s` (seconds since 1970) for any clinic, or for one."""
        payload = f"{int(now_s) + self._lifetime_s}:{clinic_code}:{secrets.token_hex(8)}".encode()
        return f"{urlsafe_b64encode(payload).decode().rstrip('=')}.{self._sign(payload)}"

    def check(self, header: str | None, clinic_code: str, now_s: float) -> Refusal | None:
        """Why an Authorization header (raw token, or after `Bearer `) does not let a clinic in; None if it does."""
        token = (header or "").removeprefix("Bearer ").strip()
        if not token:
            return _MISSING
        known = self._known.get(token) or self._read(token)
        if known is None:
            return _UNKNOWN
        expires, owner = known
        if now_s >= expires:
            return _EXPIRED
        if owner and owner != clinic_code:
            return Refusal(
                Problem.TOKEN_OF_OTHER_CLINIC,
                f"このトークンは別の医療機関のものです（照会の医療機関コードは {quote(clinic_code)}）",
                f"the token belongs to another clinic than {quote(clinic_code)}",
            )
        return None

    def _read(self, token: str) -> tuple[int, str] | None:
        """When a token expires and whose it is; None if it was not issued here."""
        encoded, _, signature = token.partition(".")
        try:
            payload = urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except (Error, ValueError):
            return None
        if not hmac.compare_digest(self._sign(payload).encode(), signature.encode(errors="replace")):
            return None
        expires, owner, _ = payload.decode().split(":")
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[token] = int(expires), owner
        return self._known[token]

    def _sign(self, payload: bytes) -> str:
        return blake2b(payload, key=self._key, digest_size=16).hexdigest()
