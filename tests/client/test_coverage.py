"""The coverage report as a tester gets it: from the client, and as a file at the end of a run of pytest."""

import json
import os
import subprocess
import sys

import pytest
from lxml import etree, html

from mockserver.client import Mock, aio
from mockserver.scenarios import Lost, Valid

WRITTEN = """
import pytest

from mockserver.scenarios import Lost, NoMatch, Renewed, Valid


@pytest.mark.parametrize("pattern", [Valid(), Lost(), NoMatch(), Renewed()])
def test_it(oqs_clinic, pattern):
    patient = oqs_clinic.patient(fits=pattern)
    oqs_clinic.assign(patient, pattern)
    for _ in range(2):
        oqs_clinic.ask(patient)
"""
WITHOUT = "def test_it():\n    pass\n"
XDIST = ("-p", "xdist", "-n", "2")
MET = {"valid", "lost", "no-match", "renewed"}


def run(path, *words, written=WRITTEN, **environment):
    (path / "test_written.py").write_text(written)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "mockserver.pytest_plugin", *words]
    known = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "OQS_"))}
    alone = {"TMPDIR": str(path), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}  # other plugins take seconds to start
    environment = {**known, **alone, **environment}
    return subprocess.run(command, cwd=path, env=environment, capture_output=True, text=True, timeout=60)


def met_in(file):
    """The patterns that were met, whatever the form."""
    match file.suffix:
        case ".json":
            return {row["id"] for row in json.loads(file.read_bytes())["patterns"] if row["is_met"]}
        case ".html":
            table = html.parse(file).find(".//table")
            return {line.findtext(".//code") for line in table.iterfind("tbody/tr[@class='met']")}
        case _:
            cases = etree.parse(file).iterfind("testsuite/testcase")
            return {case.get("name").partition(":")[0] for case in cases if case.find("skipped") is None}


@pytest.fixture
def mock(url):
    with Mock(url) as mock:
        mock.new_coverage()
        yield mock


def test_a_clinic_and_all_of_them_tell_what_was_met(mock):
    with mock.new_clinic("covered") as clinic:
        patient = clinic.patient(fits=Lost())
        clinic.assign(patient, Lost())
        clinic.ask(patient)
        (lost,) = (row for row in clinic.coverage().patterns if row.is_met)
        assert (lost.id, lost.counts.gave_up) == ("lost", 1)
        assert clinic.coverage_file("junit").startswith(b"<?xml")
    assert mock.coverage().met == 1
    assert json.loads(mock.coverage_file("json"))["met"] == 1
    mock.new_coverage()
    assert mock.coverage().met == 0


async def test_the_same_for_asyncio(url):
    async with aio.Mock(url) as mock:
        await mock.new_coverage()
        async with await mock.new_clinic("covered") as clinic:
            patient = await clinic.patient(fits=Valid())
            await clinic.assign(patient, Valid())
            await clinic.ask(patient)
            assert (await clinic.coverage()).met == 1
            assert b"<html" in await clinic.coverage_file("html")
        assert (await mock.coverage()).met == 1
        assert b"<html" in await mock.coverage_file("html")


@pytest.mark.parametrize(("words", "name"), [((), "met.html"), (XDIST, "a/folder/met.xml")])
def test_a_run_of_pytest_writes_what_all_its_clinics_met(tmp_path, words, name):
    done = run(tmp_path, *words, f"--oqs-coverage={name}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert met_in(tmp_path / name) == MET
    assert name in done.stdout
    assert not list(tmp_path.glob("oqs-*"))


@pytest.mark.parametrize("words", [(), XDIST], ids=["alone", "xdist"])
def test_a_mock_named_by_the_environment_is_asked(tmp_path, mock, words):
    done = run(tmp_path, *words, "--oqs-coverage=met.json", OQS_MOCK_URL=mock.url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert met_in(tmp_path / "met.json") == MET


def test_a_form_there_is_not_is_refused_before_any_test_runs(tmp_path):
    done = run(tmp_path, "--oqs-coverage=met.pdf")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "met.pdf" in done.stderr
    assert ".html, .json or .xml" in done.stderr
    assert "拡張子" in done.stderr


def test_a_file_that_cannot_be_written_fails_the_run_and_leaves_no_server(tmp_path):
    (tmp_path / "file").touch()
    done = run(tmp_path, "--oqs-coverage=file/met.xml")
    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert "cannot write" in done.stderr
    assert "4 passed" in done.stdout
    assert not list(tmp_path.glob("oqs-*"))


def test_a_run_that_needs_no_mock_says_so(tmp_path):
    done = run(tmp_path, *XDIST, "--oqs-coverage=met.xml", written=WITHOUT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no test used the mock" in done.stdout
    assert not (tmp_path / "met.xml").exists()
