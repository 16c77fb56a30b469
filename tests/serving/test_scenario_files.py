"""A folder of scenario files beside a running mock: changes are taken up whole, a bad file leaves the last good set."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.playbook.support import EXAMPLES, HANAKO
from tests.serving.conftest import Reply, Running, StartMock

PATIENCE_S = 10
KEPT, OTHER = "1319999996", "1319999988"
CLINICS = f"clinics: [{{code: '{KEPT}', seed: 7}}]\n"
LOST = "assignments: [{person: hanako, pattern: lost}]\n"
MEMBERS = {
    "InsurerNumber": "06139992",
    "InsuredCardSymbol": "123",
    "InsuredIdentificationNumber": "4567801",
    "InsuredBranchNumber": "01",
    "Birthdate": "19880412",
}


class Folder:
    """A mock and its folder of scenario files."""

    def __init__(self, path: Path, mock: Running) -> None:
        self.path = path
        self.mock = mock

    def write(self, name: str, text: str) -> None:
        """Write a file as it is."""
        (self.path / name).write_text(text, encoding="utf-8")

    async def hanako(self, **members: Any) -> Reply:
        """The answer to a look-up of Hanako."""
        return await self.mock.search(**{**MEMBERS, **members})

    async def become(self, wanted: Any, read: Callable[[], Any]) -> None:
        """Wait until something reads as wanted."""
        async with asyncio.timeout(PATIENCE_S):
            while await read() != wanted:  # noqa: ASYNC110 - what is waited for is the server's
                await asyncio.sleep(0.01)

    async def validity(self) -> str | None:
        return (await self.hanako()).validity

    async def status(self) -> str:
        """What /readyz says."""
        reply = await self.mock.call("GET", "/readyz")
        assert reply.status == 200
        return reply.json["status"]

    async def problems(self) -> list[str]:
        """What is wrong with files that are not taken up."""
        return (await self.mock.call("GET", "/admin/scenarios")).json["problems"]

    async def seed(self, code: str = KEPT) -> int:
        return (await self.mock.admin("GET", clinic=code)).json["seed"]


@pytest.fixture
async def folder(tmp_path: Path, start_mock: StartMock) -> Folder:
    """A mock that plays Hanako and a clinic."""
    path = tmp_path / "scenarios"
    path.mkdir()
    (path / "people.yaml").write_text(HANAKO, encoding="utf-8")
    (path / "clinics.yaml").write_text(CLINICS, encoding="utf-8")
    return Folder(path, await start_mock(scenarios=str(path)))


async def test_what_stands_in_the_folder_at_start_is_played(folder: Folder):
    assert await folder.validity() == "1"
    assert (await folder.hanako()).pattern == "valid"
    told = (await folder.mock.call("GET", "/admin/scenarios")).json
    assert ([person["id"] for person in told["people"]], told["clinics"], told["problems"]) == (["hanako"], [KEPT], [])
    answer = await folder.mock.search(told["people"][0]["request"])
    assert answer.validity == "1"


async def test_a_mock_without_a_folder_has_no_scenarios(mock: Running):
    told = (await mock.call("GET", "/admin/scenarios")).json
    assert told == {"people": [], "clinics": [], "problems": []}
    assert (await mock.call("GET", "/readyz")).json["status"] == "ok"


async def test_a_changed_file_is_taken_up(folder: Folder, caplog):
    caplog.set_level("INFO")
    for text, validity in ((HANAKO + LOST, "2"), (HANAKO, "1")):
        folder.write("people.yaml", text)
        await folder.become(validity, folder.validity)
    assert "scenario files taken up" in caplog.text


async def test_a_new_file_is_taken_up_and_a_removed_one_is_gone(folder: Folder):
    folder.write("more.toml", "[[assignments]]\nperson = 'hanako'\npattern = 'lost'\n")
    await folder.become("2", folder.validity)
    (folder.path / "more.toml").unlink()
    await folder.become("1", folder.validity)


async def test_a_file_put_in_place_by_a_rename_is_taken_up(folder: Folder):
    (folder.path / ".new").write_text(HANAKO + LOST, encoding="utf-8")
    (folder.path / ".new").rename(folder.path / "people.yaml")
    await folder.become("2", folder.validity)


async def test_a_bad_file_leaves_the_last_good_set_until_it_is_mended(folder: Folder, caplog):
    folder.write("people.yaml", HANAKO.replace("female", "femal"))
    folder.write("clinics.yaml", CLINICS.replace("7", "8"))
    await folder.become("amber", folder.status)
    (problem,) = await folder.problems()
    assert problem.startswith("people.yaml:6:5: people[0].sex")
    assert "did you mean female?" in problem
    assert problem in caplog.text
    assert "the scenarios stay as they were" in caplog.text
    assert (await folder.mock.call("GET", "/readyz")).json["problems"] == [problem]
    assert (await folder.validity(), await folder.seed()) == ("1", 7)
    folder.write("people.yaml", HANAKO + LOST)
    await folder.become("ok", folder.status)
    assert await folder.problems() == []
    assert (await folder.validity(), await folder.seed()) == ("2", 8)


async def test_a_problem_is_logged_once_while_it_stays(folder: Folder, caplog):
    folder.write("people.yaml", HANAKO.replace("female", "femal"))
    await folder.become("amber", folder.status)
    folder.write("clinics.yaml", CLINICS + "# still\n")
    folder.write("people.yaml", HANAKO)
    await folder.become("ok", folder.status)
    assert caplog.text.count("people.yaml:6:5") == 1


async def test_a_folder_that_vanishes_leaves_the_last_good_set_and_may_come_back(folder: Folder):
    gone = folder.path.with_name("gone")
    folder.path.rename(gone)
    await folder.become("amber", folder.status)
    assert "the folder cannot be read" in (await folder.problems())[0]
    assert await folder.validity() == "1"
    gone.rename(folder.path)
    await folder.become("ok", folder.status)
    folder.write("people.yaml", HANAKO + LOST)
    await folder.become("2", folder.validity)


async def test_what_a_tester_did_stays_where_the_files_did_not_change(folder: Folder):
    await folder.mock.admin("PUT", "/clock", {"now": "2025-12-01T09:00:00+09:00"}, KEPT)
    folder.write("others.yaml", f"clinics: [{{code: '{OTHER}', seed: 3}}]\n" + LOST)
    await folder.become("2", folder.validity)
    clock = (await folder.mock.admin("GET", clinic=KEPT)).json["clock"]
    assert (clock["mode"], await folder.seed(OTHER)) == ("frozen", 3)
    folder.write("clinics.yaml", CLINICS.replace("7", "8"))
    await folder.become(8, folder.seed)
    assert (await folder.mock.admin("GET", clinic=KEPT)).json["clock"]["mode"] == "real"


async def test_a_reset_goes_back_to_the_files(folder: Folder):
    await folder.mock.admin("PUT", body={"seed": 1}, clinic=KEPT)
    await folder.mock.admin("PUT", "/clock", {"now": "2025-12-01T09:00:00+09:00"}, KEPT)
    assert (await folder.mock.admin("DELETE", clinic=KEPT)).status == 204
    told = (await folder.mock.admin("GET", clinic=KEPT)).json
    assert (told["seed"], told["clock"]["mode"]) == (7, "real")


async def test_a_person_of_the_files_is_named_by_id_over_http(folder: Folder):
    given = await folder.mock.admin("POST", "/assignments", {"pattern": "no-match", "person": "hanako"})
    assert given.status == 201, given.body.decode()
    assert await folder.validity() == "4"
    refused = await folder.mock.admin("POST", "/assignments", {"pattern": "no-match", "person": "hanak"})
    assert refused.status == 404
    assert "hanako" in refused.problem


# The command


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "mockserver", *words],
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_S * 2,
        check=False,
    )


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    """A folder with two mistakes in two files."""
    (tmp_path / "a.yaml").write_text(HANAKO.replace("female", "femal"), encoding="utf-8")
    (tmp_path / "b.yaml").write_text("faults:\n  - fault: outag\n", encoding="utf-8")
    return tmp_path


def test_serve_does_not_start_with_files_that_are_wrong(bad: Path):
    done = run("serve", "--port", "0", "--scenarios", str(bad))
    assert done.returncode == 2
    assert "a.yaml:6:5: people[0].sex" in done.stderr
    assert "b.yaml:2:5: faults[0].fault" in done.stderr
    assert "Traceback" not in done.stderr


def test_serve_does_not_start_with_a_folder_that_is_not_there(tmp_path: Path):
    done = run("serve", "--port", "0", "--scenarios", str(tmp_path / "nowhere"))
    assert done.returncode == 2
    assert "the folder cannot be read" in done.stderr


def test_check_tells_all_that_is_wrong_with_its_place(bad: Path):
    done = run("check", str(bad))
    first, second = done.stdout.splitlines()
    assert done.returncode == 1
    assert first.startswith(f"{bad / 'a.yaml'}:6:5: people[0].sex")
    assert second.startswith(f"{bad / 'b.yaml'}:2:5: faults[0].fault: ")
    assert "outage ではありませんか" in second
    assert done.stderr == ""


@pytest.mark.parametrize(("name", "counts"), [("our-town", "3 files, 4 people, 1 clinics"), ("bad-monday", "2 files")])
def test_check_says_that_all_is_well(name: str, counts: str):
    done = run("check", str(EXAMPLES / name))
    assert (done.returncode, done.stderr) == (0, "")
    assert counts in done.stdout
    assert "all is well" in done.stdout


def test_check_needs_a_folder_with_scenario_files(tmp_path: Path):
    for path, said in ((tmp_path, "there is no scenario file"), (tmp_path / "nowhere", "the folder cannot be read")):
        done = run("check", str(path))
        assert done.returncode == 1
        assert said in done.stderr
        assert "Traceback" not in done.stderr


def test_schema_prints_the_json_schema():
    done = run("schema")
    assert done.returncode == 0
    assert json.loads(done.stdout)["properties"].keys() >= {"people", "clinics"}
