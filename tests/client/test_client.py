"""The client as a tester uses it, against a real server."""

import pytest

from mockserver.client import Mock, Refused, Unreachable, aio
from mockserver.faults import Outage, Slow
from mockserver.scenarios import JobChangeGap


def validity(answer):
    return answer["XmlMsg"]["MessageBody"]["QualificationValidity"]


def segment(answer):
    return answer["XmlMsg"]["MessageHeader"]["SegmentOfResult"]


@pytest.fixture
def clinic(url):
    with Mock(url).new_clinic("a test") as clinic:
        yield clinic


def test_a_job_change_walks_with_the_clock(clinic):
    patient = clinic.patient(fits=JobChangeGap())
    assert validity(clinic.ask(patient)) == "1"
    clinic.assign(patient, JobChangeGap(old_insurer_days=3))
    clinic.clock.advance(days=4)
    assert validity(clinic.ask(patient)) == "2"
    assert clinic.truth(patient).pattern == "job-change-gap"
    assert clinic.clock.real().mode == "real"


def test_only_what_differs_from_the_defaults_is_sent(clinic):
    made = clinic.assign(clinic.patient(fits=JobChangeGap()), JobChangeGap(old_insurer_days=3))
    assert made.parameters["old_insurer_days"] == 3


def test_the_clock_is_set(clinic):
    assert clinic.clock.set("2025-12-01T09:00:00+09:00").mode == "frozen"
    answer = clinic.ask(clinic.patient())
    assert answer["XmlMsg"]["MessageHeader"]["QualificationConfirmationDate"] == "20251201"
    assert answer["XmlMsg"]["MessageHeader"]["MedicalInstitutionCode"] == clinic.code


def test_faults_hit_and_end(clinic):
    patient = clinic.patient()
    clinic.fails(Outage(), first=1)
    assert segment(clinic.ask(patient)) == "9"
    assert validity(clinic.ask(patient)) == "1"
    clinic.fails(Outage(), patient=patient, nth=1)
    clinic.recovers()
    assert clinic.faults().faults == []
    assert validity(clinic.ask(patient)) == "1"


def test_a_timeline_follows_the_clock(clinic):
    patient = clinic.patient()
    clinic.timeline([("08:55", Slow(ms=1)), ("09:00", Outage()), ("09:10", None)])
    clinic.clock.set("2025-12-01T09:05:00+09:00")
    assert segment(clinic.ask(patient)) == "9"
    clinic.clock.set("2025-12-01T09:15:00+09:00")
    assert validity(clinic.ask(patient)) == "1"


def test_the_journal_knows_whom_was_asked_for(clinic):
    asked, other = clinic.patients(2)
    clinic.ask(asked)
    assert clinic.journal.asked_for(asked, times=1).found == 1
    with pytest.raises(AssertionError, match=r"[a-z]{3}"):
        clinic.journal.asked_for(other)
    clinic.journal.asked_for(other, times=0)
    assert "http" in [entry.via for entry in clinic.journal.entries()]


def test_a_card_is_tapped_and_lands_in_the_folder(clinic, tmp_path):
    patient = clinic.patient()
    with clinic.folder(tmp_path) as folder:
        assert folder.req.is_dir()
        assert folder.res.is_dir()
        assert clinic.tap(patient, by="pin", consents=["limit"]).accepted
    assert not clinic.tap(patient, by="pin", pin="wrong").accepted


def test_a_refusal_speaks_both_languages(clinic):
    with pytest.raises(Refused) as refused:
        clinic.patients(1_000)
    assert refused.value.status >= 400
    assert refused.value.message_ja
    assert refused.value.message_en


def test_reset_forgets(clinic):
    clinic.assign(clinic.patient(fits=JobChangeGap()), JobChangeGap())
    clinic.reset()
    assert clinic.state().assignments == []


def test_no_mock_is_told_with_the_address():
    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:9"):
        Mock("http://127.0.0.1:9").login()


async def test_the_same_for_asyncio(url):
    async with aio.Mock(url) as mock, await mock.new_clinic("async") as clinic:
        patient = await clinic.patient(fits=JobChangeGap())
        await clinic.assign(patient, JobChangeGap(old_insurer_days=0))
        await clinic.fails(Outage(), first=1)
        assert segment(await clinic.ask(patient)) == "9"
        assert validity(await clinic.ask(patient)) == "2"
        await clinic.journal.asked_for(patient, at_least=1)
        assert (await clinic.truth(patient)).pattern == "job-change-gap"


async def test_no_mock_is_told_with_the_address_in_asyncio():
    async with aio.Mock("http://127.0.0.1:9") as mock:
        with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:9"):
            await mock.login()


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "localhost:8080", "http://", "ftp://127.0.0.1", ""])
@pytest.mark.parametrize("kind", [Mock, aio.Mock])
def test_an_address_that_is_no_url_is_told_of(kind, url: str):
    with pytest.raises(ValueError, match=r"expected the form http://127\.0\.0\.1:8080") as told:
        kind(url)
    assert "の形ではありません" in str(told.value)
