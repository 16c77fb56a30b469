"""What must not be driven: more than the country by mistake, and systems of others. The command and Locust ask here alike."""

import ipaddress
import socket
import ssl
import urllib.error
import urllib.request
from urllib.parse import urlsplit

from loadtests.options import BadOption, Options

_ANSWERS_WITHIN_S = 5


class TargetMissing(Exception):
    """Nobody answers at the address; the message is in both languages."""


def check_share(options: Options, *, is_more_allowed: bool) -> None:
    """BadOption where a share is above the country and that was not asked for."""
    if options.country > 1 and not is_more_allowed:
        raise BadOption(
            f"--country {options.country:g} は全国を超えます。意図どおりなら --allow-more-than-the-country を付けてください / "
            f"--country: found {options.country:g}, expected 1 at most (or --allow-more-than-the-country)"
        )


def check_address(url: str, *, is_owned: bool) -> None:
    """BadOption where a target is no address or a stranger's, TargetMissing where its name is unknown."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadOption(f'--host "{url}" は URL ではありません / --host: found "{url}", expected http(s)://…')
    try:
        addresses = {str(one[4][0]) for one in socket.getaddrinfo(parts.hostname, port)}
    except OSError:
        raise TargetMissing(f"--host {url} を解決できません / --host: nobody knows {parts.hostname}") from None
    strangers = [one for one in addresses if not _is_near(one)]
    if strangers and not is_owned:
        raise BadOption(
            f"--host {url}（{strangers[0]}）はループバックでもプライベートでもありません。自分のシステムなら --i-own-this-target を"
            f"付けてください / --host: {strangers[0]} is neither loopback nor private; is it yours? (--i-own-this-target)"
        )


def _is_near(address: str) -> bool:
    found = ipaddress.ip_address(address.split("%")[0])
    return (found.is_private or found.is_loopback) and not found.is_unspecified


def is_mock(url: str, *, is_insecure: bool) -> bool:
    """Whether a mock answers at an address; TargetMissing where nobody does."""
    context = ssl._create_unverified_context() if is_insecure else None  # noqa: S323, SLF001  --insecure asks for it
    place = f"{url.rstrip('/')}/healthz"
    try:
        with urllib.request.urlopen(place, timeout=_ANSWERS_WITHIN_S, context=context) as answer:  # noqa: S310  checked
            return "X-Mock-Response" in answer.headers
    except urllib.error.HTTPError:
        return False  # somebody answers, and has no such path
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise TargetMissing(
            f"--host {url} が応答しません（{reason}） / --host: {url} does not answer: {reason}"
        ) from None
