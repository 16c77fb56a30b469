"""pytest-httpserver as a peer: `httpserver expectations|handler PORT TABLE`."""

import json
import sys
import threading
from pathlib import Path
from typing import Any

from pytest_httpserver import HTTPServer, RequestMatcher
from werkzeug import Request, Response

from loadtests.bench.peer_stubs import MEMBERS
from mockserver.wire.paths import SEARCH_PATH


class AboutPerson(RequestMatcher):
    """Matches requests about one person; the library's own `json=` would compare the whole body."""

    def __init__(self, key: str) -> None:
        super().__init__(SEARCH_PATH, "POST")
        self._key = key

    def match_json(self, request: Request) -> bool:
        """Whether the three members are the person's."""
        return _key(request) == self._key


def _key(request: Request) -> str:
    body: Any = request.get_json()  # parsed once for all matchers
    info = body["XmlMsg"]["MessageBody"]["QualificationConfirmSearchInfo"]
    return " ".join(info[member] for member in MEMBERS)


def main() -> None:
    """Serve until the process is ended."""
    way, port, path = sys.argv[1:]
    table: dict[str, str] = json.loads(Path(path).read_text())
    server = HTTPServer("127.0.0.1", int(port))
    if way == "handler":
        expected = server.expect_request(SEARCH_PATH, "POST")
        expected.respond_with_handler(lambda request: Response(table[_key(request)], content_type="application/json"))
    else:
        for key, answer in table.items():
            server.expect(AboutPerson(key)).respond_with_data(answer, content_type="application/json")
    server.start()
    threading.Event().wait()


if __name__ == "__main__":
    main()
