"""The `mockserver` command as real processes: what it prints, how it ends, what it does about mistakes."""

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import msgspec
import pytest

from mockserver.settings import Settings

SCRIPT = str(Path(sys.executable).with_name("mockserver"))
SEARCH = "/oqs-api-pro/MSA01030/ILI01030SV01/search"
LOGIN = "/oqs-api-pro/MSA12020/ILI12020SV01/auth"
PATIENCE_S = 20
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("MOCKSERVER_")},
    "COLUMNS": "220",
    "PYTHONIOENCODING": "utf-8",
}


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "mockserver", *words],
        env={**ENVIRONMENT, **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )


def assert_clear_failure(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One line that says what is wrong, perhaps after how the command is used."""
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert done.returncode not in (0, None)
    assert done.stderr.rstrip().endswith(line)
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    for word in words:
        assert word in line


def post(url: str, body: Any, **headers: str) -> tuple[int, Any]:
    """Post JSON; HTTP status and the answer."""
    named = {"Content-Type": "application/json", **headers}
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    try:
        with urlopen(Request(url, raw, named), timeout=PATIENCE_S) as response:
            return response.status, json.load(response)
    except HTTPError as error:
        with error:
            return error.code, json.load(error)


class Served:
    """A running `mockserver serve`."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            command,
            env={**ENVIRONMENT, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()
        assert self.first_line, self.process.communicate()[1]
        self.url = re.search(r"http://[^\s\"]+", self.first_line)[0]

    def read_to(self, word: str) -> list[str]:
        """The lines that follow, to the one that has a word."""
        lines = []
        for line in self.process.stdout or ():
            lines.append(line.rstrip("\n"))
            if word in line:
                break
        return lines

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str, str]:
        """Send a signal and wait: exit code, and what else was printed."""
        if self.process.returncode is None:
            self.process.send_signal(number)
        output, errors = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, output, errors


Serve = Callable[..., Served]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts servers that end with the test."""
    running: list[Served] = []

    def begin(*flags: str, **environment: str) -> Served:
        running.append(Served([sys.executable, "-m", "mockserver", "serve", *flags], environment))
        return running[-1]

    yield begin
    for served in running:
        if served.process.stdout and not served.process.stdout.closed:
            served.stop()


@pytest.fixture(scope="module")
def greeted() -> Iterator[tuple[Served, list[str]]]:
    """A server as `make run` starts it, and the lines it printed."""
    served = Served([SCRIPT, "serve", "--port", "0"], {})
    yield served, served.read_to("/admin/patterns")
    served.stop()


@pytest.fixture(scope="module")
def url(greeted: tuple[Served, list[str]]) -> str:
    """Where the module's server listens."""
    return greeted[0].url


# serve


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_prints_its_address_as_json_and_ends_at_a_signal(serve: Serve, number: int):
    served = serve("--port", "0", "--json")

    assert json.loads(served.first_line) == {"url": served.url}
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+", served.url)
    assert post(served.url + LOGIN, {})[0] == 200
    assert served.stop(number) == (0, "", "")


def test_serve_tells_the_admin_token_where_others_can_reach_it(serve: Serve):
    told = json.loads(serve("--port", "0", "--json", "--host", "0.0.0.0").first_line)

    assert list(told) == ["url", "admin_token"]
    assert len(told["admin_token"]) > 20


CURLS = [("1", "valid"), ("4", "no-match"), ("1", "garbled-name")]


def answer_of(line: str) -> Any:
    """What a line printed by the greeting gets when it is run."""
    if shutil.which("curl") and shutil.which("bash"):
        done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=PATIENCE_S, check=True)
        return json.loads(done.stdout)
    _, _, address, *words = shlex.split(line)
    options = list(zip(words[::2], words[1::2], strict=True))
    headers = dict(value.split(": ", 1) for flag, value in options if flag == "-H")
    return post(address, dict(options)["-d"].encode(), **headers)[1]


@pytest.mark.parametrize("number", range(3))
def test_lines_of_the_greeting_work(greeted: tuple[Served, list[str]], number: int):
    served, lines = greeted
    curls = [line for line in lines if line.startswith("curl ")]

    body = answer_of(curls[number])["XmlMsg"]["MessageBody"]

    names = [item["ResultOfQualificationConfirmation"]["Name"] for item in body.get("ResultList", [])]
    assert (len(curls), served.url in curls[number]) == (3, True)
    assert body["QualificationValidity"] == CURLS[number][0]
    assert len(names) == (0 if CURLS[number][0] == "4" else 1)
    assert any("●" in name for name in names) is (CURLS[number][1] == "garbled-name")


def test_greeting_differs_in_one_digit_a_line(greeted: tuple[Served, list[str]]):
    curls = [line for line in greeted[1] if line.startswith("curl ")]

    for line in curls[1:]:
        assert sum(a != b for a, b in zip(curls[0], line, strict=True)) in (1, 2)


# Settings


@pytest.fixture(scope="module")
def help_text() -> str:
    """The help of `serve`, its lines joined."""
    return " ".join(run("serve", "--help").stdout.split())


@pytest.mark.parametrize("field", msgspec.structs.fields(Settings), ids=lambda field: field.name)
def test_every_setting_is_a_flag_and_an_environment_variable(help_text: str, field: msgspec.structs.FieldInfo):
    flag = f"--{field.name.replace('_', '-')}"

    assert re.search(rf"(^| ){flag} ", help_text)
    assert f"env var: MOCKSERVER_{field.name.upper()};" in help_text
    if isinstance(field.default, bool):
        assert f"{flag} / --no-{flag[2:]}" in help_text


def wrong_insurer() -> dict[str, Any]:
    """A search with an insurer number whose check digit is wrong, which only --strict minds."""
    search = {"InsurerNumber": "01139907", "InsuredIdentificationNumber": "1", "Birthdate": "19800101"}
    header = {"QualificationConfirmationDate": "20261123", "MedicalInstitutionCode": "1311234566"}
    return {"XmlMsg": {"MessageHeader": header, "MessageBody": {"QualificationConfirmSearchInfo": search}}}


GIVEN = {  # flags, environment: body, HTTP status, code of the refusal
    "variable": ([], {"STRICT": "1", "REQUIRE_TOKEN": "false"}, wrong_insurer(), 200, "MOCK-E4001"),
    "flag-wins": (["--no-strict", "--no-require-token"], {"STRICT": "true"}, wrong_insurer(), 200, None),
    "more-variables": ([], {"REFUSAL_STATUS": "ok", "ERROR_CODE_PREFIX": "E"}, {}, 200, "E1003"),
}


@pytest.mark.parametrize("case", GIVEN)
def test_settings_come_from_flags_and_environment(serve: Serve, case: str):
    flags, environment, body, status, code = GIVEN[case]
    variables = {f"MOCKSERVER_{name}": value for name, value in {"PORT": "0", "JSON": "1", **environment}.items()}

    found, answer = post(serve(*flags, **variables).url + SEARCH, body)

    message = answer["XmlMsg"]
    told = message["MessageHeader"].get("ErrorCode") or message["MessageBody"].get("ProcessingResultCode")
    assert (found, told) == (status, code)


BAD_FILES = {  # content of the credentials: words of the message
    "missing": (None, "No such file"),
    "misspelt": (b'[{"login": {}, "clinik": "1"}]', "clinik"),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_credentials_that_cannot_be_read_are_told(tmp_path: Path, case: str):
    content, word = BAD_FILES[case]
    path = tmp_path / "logins.json"
    if content is not None:
        path.write_bytes(content)

    assert_clear_failure(run("serve", "--port", "0", "--credentials", str(path)), "--credentials", str(path), word)


WRONG_SETTINGS = {  # flags: words of the message
    "codec": (["--repertoire", "klingon"], ["--repertoire", "klingon", "文字コード"]),
    "host": (["--host", "no.such.host.invalid"], ["no.such.host.invalid", "待ち受け"]),
    "range": (["--max-body-bytes", "1"], ["--max-body-bytes", "1024"]),
}


@pytest.mark.parametrize("case", WRONG_SETTINGS)
def test_wrong_setting_is_told(case: str):
    flags, words = WRONG_SETTINGS[case]

    assert_clear_failure(run("serve", "--port", "0", *flags), *words)


def test_wrong_variable_is_told():
    assert_clear_failure(run("serve", MOCKSERVER_PORT="http"), "MOCKSERVER_PORT", "http")


def test_port_in_use_is_told():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])

        assert_clear_failure(run("serve", "--port", port), f"127.0.0.1:{port}", "待ち受け", "in use")


# patterns, patients


@pytest.fixture(scope="module")
def patterns() -> list[dict[str, Any]]:
    """The catalogue as the command prints it for programs."""
    return json.loads(run("patterns", "--json").stdout)["patterns"]


def test_patterns_are_listed(patterns: list[dict[str, Any]]):
    table = run("patterns").stdout

    assert len(patterns) > 20
    for pattern in patterns:
        assert pattern["id"] in table
        assert pattern["title_ja"] in table
    for number in ("01139906", "06139901", "139907", "39139902"):
        assert number in table


def test_patients_of_a_pattern_are_listed():
    pattern = "turns-75"
    table = run("patients", "--pattern", pattern).stdout
    people = json.loads(run("patients", "--pattern", pattern, "--json").stdout)

    assert people
    for person in people:
        search = person["request"]["XmlMsg"]["MessageBody"]["QualificationConfirmSearchInfo"]
        assert list(person) == ["person", "name", "variant", "request"]
        assert person["variant"].startswith(pattern)
        assert person["name"] in table
        assert all(text in table for name, text in search.items() if not name.startswith("Limit"))


def test_all_ready_people_are_listed(patterns: list[dict[str, Any]]):
    people = json.loads(run("patients", "--json").stdout)

    assert [person["request"] for person in people] == [p["request"] for pattern in patterns for p in pattern["people"]]


def test_random_patients_are_the_same_for_the_same_seed():
    lists = [
        json.loads(run("patients", "--random", "3", "--json", *more).stdout)
        for more in ((), ("--seed", "1"), ("--seed", "2"))
    ]

    assert [len(people) for people in lists] == [3, 3, 3]
    assert lists[0] == lists[1] != lists[2]
    assert len({person["person"] for person in lists[0]}) == 3


def test_random_patients_are_known_to_a_server_with_that_seed(url: str):
    (person,) = json.loads(run("patients", "--random", "1", "--json").stdout)
    search = person["request"]["XmlMsg"]["MessageBody"]["QualificationConfirmSearchInfo"]
    numbers = (search["InsurerNumber"], search["InsuredIdentificationNumber"], search["Birthdate"])
    symbol = search.get("InsuredCardSymbol")

    done = run("ask", *numbers, *(("--symbol", symbol) if symbol else ()), "--url", url)

    assert (done.returncode, "X-Mock-Pattern: ordinary" in done.stdout) == (0, True)


def test_pattern_there_is_not_is_told():
    assert_clear_failure(run("patients", "--pattern", "valdi"), "--pattern", "valdi", "garbled-name")


def test_pattern_is_not_dropped_for_random_patients():
    assert run("patients", "--pattern", "valdi", "--random", "2").returncode != 0


# ask

ASKED = {  # numbers: exit code, words
    "valid": (("01139906", "1000001", "19800101"), 0, ["有効", "X-Mock-Pattern: valid", "事実"]),
    "no-such": (("01139906", "1000004", "19800101"), 0, ["該当資格なし", "no-match"]),
    "garbled": (("1139906", "1000011", "19800101"), 0, ["有効", "●", "garbled-name"]),
    "refused": (("01139906", "1000001", "20260230"), 1, ["MOCK-E4001", "Birthdate", "20260230"]),
}


@pytest.mark.parametrize("case", ASKED)
def test_ask_shows_the_answer(url: str, case: str):
    words, code, told = ASKED[case]

    done = run("ask", *words, "--url", url)

    assert (done.returncode, done.stderr) == (code, "")
    for word in told:
        assert word in done.stdout


def test_ask_for_programs_prints_the_answer(url: str):
    done = run("ask", "01139906", "1000001", "19800101", "--json", MOCKSERVER_URL=url)

    assert json.loads(done.stdout)["XmlMsg"]["MessageBody"]["QualificationValidity"] == "1"


def test_ask_shows_brackets_as_they_are(url: str):
    done = run("ask", "01139906", "1000001", "[/b]", "--url", url)

    assert (done.returncode, "Traceback" in done.stderr, "[/b]" in done.stdout) == (1, False, True)


@pytest.mark.parametrize(
    ("more", "is_told"),
    [
        ((), False),
        (("--admin-token", "steer-it"), True),
    ],
)
def test_ask_needs_the_admin_token_for_the_truth_only(guarded_url: str, more: tuple[str, ...], is_told: bool):
    done = run("ask", "01139906", "1000001", "19800101", "--url", guarded_url, *more)

    assert ("1 有効" in done.stdout, "事実" in done.stdout) == (True, is_told)


@pytest.fixture(scope="module")
def guarded_url() -> Iterator[str]:
    """Where a server listens whose admin paths want a token."""
    served = Served([SCRIPT, "serve", "--port", "0", "--json", "--admin-token", "steer-it"], {})
    yield served.url
    served.stop()


def test_ask_tells_that_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

    done = run("ask", "01139906", "1000001", "19800101", "--url", f"http://127.0.0.1:{port}")

    assert_clear_failure(done, f"http://127.0.0.1:{port}", "接続できません", "no mock answers")


@pytest.fixture
def stranger() -> Iterator[str]:
    """Another server, which gives the same answer to everything."""

    class Answering(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(b"{}")

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_: Any) -> None:
            """Be silent."""

    with HTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join(PATIENCE_S)


def test_ask_tells_that_another_server_is_no_mock(stranger: str):
    assert_clear_failure(run("ask", "01139906", "1000001", "19800101", "--url", stranger), stranger, "no mock")


# What a start costs


def test_nothing_of_the_workshop_is_imported():
    code = "import sys, mockserver, mockserver.cli, mockserver.serving.app; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=ENVIRONMENT, capture_output=True, text=True, check=True)

    roots = {name.partition(".")[0] for name in done.stdout.split()}
    assert "mockserver" in roots
    assert not roots & {"locust", "gevent", "pytest", "faker", "hypothesis", "openapi_spec_validator", "mypy"}


# tap

TAPPED = {  # patient and how: exit code, words
    "pattern": (("valid",), 0, ["accepted", "face/OQSsiquc01res_face_1311234566", "1 有効", "佐藤　健一"]),
    "code": (("03",), 0, ["renewed", "1 有効", "模擬健康保険組合"]),
    "seat": (("1", "--clinic", "1311111111"), 0, ["ordinary", "face/OQSsiquc01res_face_1311111111"]),
    "nobody-insured": (("no-match",), 0, ["face/", "4 該当資格なし"]),
    "warned": (("certificate-expiring",), 0, ["MOCK-E5001", "3か月前", "within 3 months", "1 有効"]),
    "refused": (("card-not-registered",), 1, ["MOCK-E5003", "利用登録", "not registered"]),
    "by-pin": (("valid", "--by", "pin", "--pin", "wrong"), 1, ["pin-wrong", "MOCK-E5004", "暗証番号"]),
}


@pytest.mark.parametrize("case", TAPPED)
def test_tap_shows_what_came_of_it(url: str, case: str):
    words, code, told = TAPPED[case]

    done = run("tap", *words, "--url", url)

    assert (done.returncode, done.stderr) == (code, "")
    assert ("face/" in done.stdout) is (code == 0)
    for word in told:
        assert word in done.stdout


CONSENTED = {  # flags: what is consented to
    "none": (["--no-consent"], []),
    "two": (["--consent", "limit", "--consent", "drugs"], ["limit", "drugs"]),
}


@pytest.mark.parametrize("case", CONSENTED)
def test_tap_for_programs_tells_the_consents(url: str, case: str):
    flags, consents = CONSENTED[case]

    told = json.loads(run("tap", "01", "--json", *flags, MOCKSERVER_URL=url).stdout)

    (item,) = told["answer"]["XmlMsg"]["MessageBody"]["ResultList"]
    given = [v for n, v in item["ResultOfQualificationConfirmation"].items() if n.endswith("ConsFlg")]
    assert (told["accepted"], told["consents"], given.count("1"), len(given)) == (True, consents, len(consents), 6)


def test_tap_at_random_is_another_person_each_time(url: str):
    told = [json.loads(run("tap", "random", "--json", "--url", url).stdout) for _ in range(2)]

    assert [one["pattern"] for one in told] == ["ordinary", "ordinary"]
    assert told[0]["answer"]["XmlMsg"]["MessageBody"] != told[1]["answer"]["XmlMsg"]["MessageBody"]


NOT_TAPPED = {  # patient and how: words
    "pattern": (("certificate-expird",), ["certificate-expird", "certificate-expired", "ありません"]),
    "clinic": (("valid", "--clinic", "12"), ["12", "10桁", "ten digits"]),
}


@pytest.mark.parametrize("case", NOT_TAPPED)
def test_tap_that_cannot_be_is_told(url: str, case: str):
    words, told = NOT_TAPPED[case]

    assert_clear_failure(run("tap", *words, "--url", url), *told)


def test_tap_needs_the_admin_token(guarded_url: str):
    without = run("tap", "--url", guarded_url)
    given = run("tap", "--url", guarded_url, MOCKSERVER_ADMIN_TOKEN="steer-it")

    assert_clear_failure(without, "管理用のトークン", "admin token")
    assert (given.returncode, "1 有効" in given.stdout) == (0, True)


def test_tap_tells_that_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

    assert_clear_failure(
        run("tap", "--url", f"http://127.0.0.1:{port}"), f"http://127.0.0.1:{port}", "接続できません", "no mock answers"
    )


def test_tap_tells_that_another_server_is_no_mock(stranger: str):
    assert_clear_failure(run("tap", "--url", stranger), stranger, "no mock")
