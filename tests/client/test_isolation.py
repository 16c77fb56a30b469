"""A thousand clinics on one server, by eight workers at once: clock, pattern, fault and journal of each are its own."""

import os
import subprocess
import sys

CLINICS, WORKERS = 1_000, 8
ONLY = ("-p", "xdist", "-p", "oqs")  # eight workers that import every other plugin, too, take longer than the tests
WRITTEN = f"""
from datetime import date

import pytest

from mockserver.client.calls import asked_by
from mockserver.faults import Maintenance, Outage
from mockserver.scenarios import Lost, NoMatch, Renewed, Valid

PATTERNS = ((Valid(), "1"), (Lost(), "2"), (Renewed(), "3"), (NoMatch(), "4"))
FAULTS = ((None, None), (Outage(), "MOCK-E6001"), (Maintenance(), "MOCK-E6002"))


@pytest.fixture(scope="session")
def token(oqs_server):
    return oqs_server.mock.login()


@pytest.mark.parametrize("number", range({CLINICS}))
def test_a_clinic_is_alone(oqs_server, oqs_clinic, token, number):
    pattern, validity = PATTERNS[number % 4]
    fault, code = FAULTS[number % 3]
    day = date(2025, 1 + number % 12, 15)
    oqs_clinic.clock.set(f"{{day}}T09:00:00+09:00")
    patient = oqs_clinic.patient(fits=pattern)
    oqs_clinic.assign(patient, pattern)
    request = asked_by(patient, oqs_clinic.code, day)
    if fault:
        oqs_clinic.fails(fault, first=1)
        assert oqs_server.mock.look_up(request, token)["XmlMsg"]["MessageHeader"]["ErrorCode"] == code
    answer = oqs_server.mock.look_up(request, token)["XmlMsg"]
    assert answer["MessageBody"]["QualificationValidity"] == validity
    assert answer["MessageHeader"]["ProcessExecutionTime"] == f"{{day:%Y%m%d}}090000"
    entries = [entry for entry in oqs_clinic.journal.entries() if entry.via == "http"]
    assert [entry.said for entry in entries] == [code, validity][fault is None :]
    oqs_clinic.journal.asked_for(patient, times=len(entries))
"""


def test_a_thousand_clinics_do_not_touch_one_another(tmp_path):
    (tmp_path / "test_written.py").write_text(WRITTEN)
    command = [sys.executable, "-m", "pytest", "-q", *ONLY, "-n", str(WORKERS)]
    known = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "OQS_"))}
    alone = {**known, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tmp_path, env=alone, capture_output=True, text=True, timeout=150)
    assert f"{CLINICS} passed" in done.stdout, done.stdout[-3_000:] + done.stderr[-1_000:]
