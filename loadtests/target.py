"""The way to the target, for generators: keep-alive connections on gevent, times taken around the socket call."""

import time
from collections.abc import Mapping
from http.client import HTTPException

import gevent
import gevent.ssl
from geventhttpclient import HTTPClient

from loadtests.judging import Reply

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class Target:
    """A server that is asked. `began` is the start of the run on this machine's steady clock."""

    def __init__(self, url: str, connections: int, timeout_s: float, *, insecure: bool, began: float) -> None:
        self._began = began
        self._connections = connections
        secure = {"ssl_context_factory": _unchecked} if insecure else {}
        self._client = HTTPClient.from_url(
            url,
            concurrency=connections,
            connection_timeout=timeout_s,
            network_timeout=timeout_s,
            insecure=insecure,
            **secure,
        )

    def warm_up(self, path: str) -> None:
        """Open every connection before the first arrival; whatever is answered will do."""
        gevent.joinall([gevent.spawn(self._ask, "GET", path, None, {}) for _ in range(self._connections)])

    def post(self, path: str, body: bytes, token: str = "") -> Reply:
        """Ask, and wait for the whole answer."""
        return self._ask("POST", path, body, {**_JSON, "Authorization": token} if token else _JSON)

    def _ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        clock, began = time.perf_counter, self._began
        started_s = clock() - began
        try:
            response = self._client.request(method, path, body, headers)
            answer = bytes(response.read())
            ended_s = clock() - began
        except TimeoutError:
            return Reply(0, b"", False, started_s, clock() - began, "no answer in time")
        except (OSError, HTTPException) as error:
            return Reply(0, b"", False, started_s, clock() - began, type(error).__name__)
        return Reply(response.status_code, answer, "X-Mock-Decision" in response, started_s, ended_s)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()


def _unchecked() -> gevent.ssl.SSLContext:
    """A context for a certificate that nobody vouches for."""
    context = gevent.ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = gevent.ssl.CERT_NONE
    return context
