"""What servers that share must have in common: laid down by the first, asked of every other."""

import json
from datetime import datetime
from hashlib import blake2b

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from mockserver import __version__
from mockserver.settings import Settings
from mockserver.sharing.log import Limits, Log

_OWN = frozenset(
    "host port tls_certificate tls_key json token_secret admin_token credentials scenarios log_format log_level "
    "metrics state state_timeout_ms workers".split()
)  # settings that may differ from server to server, or are told otherwise


class Disagreement(Exception):
    """Another server was started with other settings."""


class Agreed(Struct, frozen=True):
    """What all servers have in common: their settings as far as they must, and when the first of them opened."""

    settings: Settings
    opened_at: datetime
    facts: dict[str, str]


def limits_of(settings: Settings) -> Limits:
    """What bounds the log of servers with these settings."""
    return Limits(most_events=settings.state_most_events, most_logs=settings.max_clinics, idle_s=settings.clinic_idle_s)


async def agreed(
    log: Log,
    settings: Settings,
    opened_at: datetime,
    secret: str,
    files: dict[str, bytes],
    *,
    is_admin_token_given: bool = False,
) -> Agreed:
    """Agree with the other servers. Unreachable, and Disagreement that names what differs.

    `settings.admin_token` is the one in force: drawn, or given; `secret` signs tokens where no secret is set; `files` are
    read at start.
    """
    facts = {
        "opened_at": opened_at.isoformat(),
        "token_secret": settings.token_secret or secret,
        "admin_token": settings.admin_token,
        "settings": json.dumps(_alike(settings, files), sort_keys=True),
    }
    standing = await log.agree(facts)
    problem = _settings_differ(facts, standing)
    if settings.token_secret and standing["token_secret"] != settings.token_secret:
        problem = problem or _differs("token-secret")
    if is_admin_token_given and standing["admin_token"] != settings.admin_token:
        problem = problem or _differs("admin-token")
    if problem:
        raise Disagreement(problem)
    common = replace(settings, token_secret=standing["token_secret"], admin_token=standing["admin_token"])
    return Agreed(common, datetime.fromisoformat(standing["opened_at"]), standing)


def difference(facts: dict[str, str], standing: dict[str, str]) -> str:
    """Why a server cannot go on with what stands now; empty if it can."""
    changed = [name for name, fact in facts.items() if standing[name] != fact]
    if not changed:
        return ""
    return _settings_differ(facts, standing) or (
        "共有の状態が新しくなりました。このサーバーを再起動してください / "
        f"the shared state was begun anew ({', '.join(changed)} changed): restart this server"
    )


def _alike(settings: Settings, files: dict[str, bytes]) -> dict[str, object]:
    """All that answers hang on."""
    hashes = {name: blake2b(data, digest_size=8).hexdigest() for name, data in files.items()}
    own = {name: value for name, value in msgspec.to_builtins(settings).items() if name not in _OWN}
    return {**own, **hashes, "version": __version__}


def _settings_differ(facts: dict[str, str], standing: dict[str, str]) -> str:
    own, others = json.loads(facts["settings"]), json.loads(standing["settings"])
    names = sorted(name for name in own.keys() | others.keys() if own.get(name) != others.get(name))
    if names:
        return "; ".join(_differs(name.replace("_", "-"), own.get(name), others.get(name)) for name in names)
    return _differs("admin-token") if facts["admin_token"] and not standing["admin_token"] else ""


def _differs(name: str, own: object = "", others: object = "") -> str:
    told = f": {own} ≠ {others}" if (own, others) != ("", "") else ""
    return f"--{name} が他のサーバーと異なります{told} / --{name} differs from that of the other servers{told}"
