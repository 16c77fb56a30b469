"""A thousand clinics on one server, by eight workers at once: clock, pattern, fault and journal of each are its own."""

import os
import subprocess
import sys

CLINICS, WORKERS = 1_000, 8
WRITTEN = f"""
import pytest

from mockserver.faults import Maintenance, Outage
from mockserver.scenarios import Lost, NoMatch, Renewed, Valid

PATTERNS = ((Valid(), "1"), (Lost(), "2"), (Renewed(), "3"), (NoMatch(), "4"))
FAULTS = ((None, None), (Outage(), "MOCK-E6001"), (Maintenance(), "MOCK-E6002"))


@pytest.mark.parametrize("number", range({CLINICS}))
def test_a_clinic_is_alone(oqs_clinic, number):
    pattern, validity = PATTERNS[number % 4]
    fault, code = FAULTS[number % 3]
    day = f"2025-{{1 + number % 12:02d}}-15"
    oqs_clinic.clock.set(f"{{day}}T09:00:00+09:00")
    patient = oqs_clinic.patient(fits=pattern)
    oqs_clinic.assign(patient, pattern)
    if fault:
        oqs_clinic.fails(fault, first=1)
        assert oqs_clinic.ask(patient)["XmlMsg"]["MessageHeader"]["ErrorCode"] == code
    answer = oqs_clinic.ask(patient)["XmlMsg"]
    assert answer["MessageBody"]["QualificationValidity"] == validity
    assert answer["MessageHeader"]["ProcessExecutionTime"] == day.replace("-", "") + "090000"
    entries = [entry for entry in oqs_clinic.journal.entries() if entry.via == "http"]
    assert [entry.said for entry in entries] == [code, validity][fault is None :]
    oqs_clinic.journal.asked_for(patient, times=len(entries))
"""


def test_a_thousand_clinics_do_not_touch_one_another(tmp_path):
    (tmp_path / "test_written.py").write_text(WRITTEN)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:locust", "-n", str(WORKERS)]
    known = {name: text for name, text in os.environ.items() if not name.startswith(("PYTEST_", "OQS_"))}
    done = subprocess.run(command, cwd=tmp_path, env=known, capture_output=True, text=True, timeout=150)
    assert f"{CLINICS} passed" in done.stdout, done.stdout[-3_000:] + done.stderr[-1_000:]
