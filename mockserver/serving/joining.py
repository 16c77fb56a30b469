"""A server joins others that have the same clinics: the log they share, and what they have to agree on."""

import contextlib
import secrets
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mockserver.settings import Settings, WrongSetting
from mockserver.sharing.events import Core
from mockserver.sharing.log import Unreachable

if TYPE_CHECKING:
    from mockserver.sharing.following import Following
    from mockserver.sharing.log import Log
    from mockserver.sharing.opening import Agreed


def log_of(settings: Settings) -> "Log | None":
    """Where this server shares its clinics, if it does. WrongSetting."""
    if not settings.state:
        return None
    from mockserver.sharing.opening import limits_of

    try:
        from mockserver.sharing.valkey import ValkeyLog
    except ImportError:
        raise WrongSetting(
            "--state: ライブラリ valkey がありません。pip install 'oqs-mockserver[state]' / "
            "--state: the library valkey is missing: pip install 'oqs-mockserver[state]'"
        ) from None
    try:
        return ValkeyLog(settings.state, limits_of(settings), settings.state_timeout_ms)
    except ValueError as error:
        raise WrongSetting(
            f"--state: redis://ホスト:ポート/番号 の形で指定してください（{error}） / "
            f"--state: expected redis://host:port/number ({error})"
        ) from None


async def agree(log: "Log", settings: Settings, opened_at: datetime, is_token_given: bool) -> "Agreed":
    """What all servers of a log have in common, this one included. WrongSetting where it differs from them."""
    from mockserver.sharing.opening import Disagreement, agreed

    files = _files_of(settings)
    try:
        return await agreed(log, settings, opened_at, secrets.token_hex(32), files, is_admin_token_given=is_token_given)
    except Disagreement as error:
        await log.close()
        raise WrongSetting(str(error)) from None
    except Unreachable as error:
        raise not_reached(error) from None


def _files_of(settings: Settings) -> dict[str, bytes]:
    """What is read at start; what cannot be is told of where it is."""
    from mockserver.serving.scenario_files import UnreadableFolder, read_folder

    files = {}
    with contextlib.suppress(OSError, UnreadableFolder):
        if settings.credentials:
            files["credentials"] = Path(settings.credentials).read_bytes()
        if settings.scenarios:
            files["scenarios"] = repr(sorted(read_folder(Path(settings.scenarios)).items())).encode()
    return files


def not_reached(error: Unreachable) -> WrongSetting:
    """That what is to be shared cannot be reached."""
    return WrongSetting(f"--state: 接続できません（{error}） / --state: cannot be reached ({error})")


def following_of(core: Core, log: "Log", agreement: "Agreed") -> "Following":
    """What keeps a server abreast of the others."""
    from mockserver.sharing.following import Following
    from mockserver.sharing.opening import difference
    from mockserver.sharing.shared import Shared

    shared = Shared(core, log)
    return Following(shared, log, partial(difference, agreement.facts), agreement.facts)
