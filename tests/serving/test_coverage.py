"""The coverage report over HTTP, in each of its forms."""

from io import BytesIO

import pytest
from lxml import etree, html

from mockserver.scenarios.casting import PATTERNS
from tests.serving.conftest import CLINIC, OTHER_CLINIC, Running, StartMock

COVERAGE = "/admin/coverage"
LOST = "1000002"


async def met(mock: Running, path: str = COVERAGE) -> dict[str, int]:
    """The patterns that were met, and how often."""
    view = (await mock.call("GET", path)).json
    return {row["id"]: row["counts"]["times"] for row in view["patterns"] if row["is_met"]}


async def test_the_report_comes_in_three_forms(mock):
    await mock.search(InsuredIdentificationNumber=LOST)
    path = f"/admin/clinics/{CLINIC}/coverage"
    as_json, as_html, as_junit = [
        await mock.call("GET", path, params={"format": form}) for form in ("json", "html", "junit")
    ]
    kinds = [reply.headers["Content-Type"].partition(";")[0] for reply in (as_json, as_html, as_junit)]
    assert kinds == ["application/json", "text/html", "application/xml"]
    assert (as_json.json["clinic"], as_json.json["met"]) == (CLINIC, 1)
    text = html.parse(BytesIO(as_html.body)).getroot().text_content()
    assert [p.about.title_ja for p in PATTERNS if p.about.title_ja not in text] == []
    suite = etree.fromstring(as_junit.body).find("testsuite")
    assert len(suite.findall("testcase")) == len(PATTERNS) == int(suite.get("skipped")) + 1


async def test_all_clinics_are_in_the_report_of_all_also_after_a_reset(mock):
    for clinic in (CLINIC, OTHER_CLINIC):
        await mock.search(InsuredIdentificationNumber=LOST, MedicalInstitutionCode=clinic)
    assert await met(mock) == {"lost": 2}
    await mock.admin("DELETE")
    assert await met(mock) == {"lost": 2}
    assert await met(mock, f"/admin/clinics/{CLINIC}/coverage") == {}
    assert await met(mock, f"/admin/clinics/{OTHER_CLINIC}/coverage") == {"lost": 1}


async def test_it_starts_anew(mock):
    await mock.search(InsuredIdentificationNumber=LOST)
    assert (await mock.call("DELETE", COVERAGE)).status == 204
    assert await met(mock) == {}
    await mock.search()
    assert await met(mock) == {"valid": 1}


@pytest.mark.parametrize("form", ["pdf", "", "HTML"])
async def test_a_form_there_is_not_is_refused_in_both_languages(mock, form):
    reply = await mock.call("GET", COVERAGE, params={"format": form})
    assert reply.status == 400
    japanese, english = reply.json["error"]["message_ja"], reply.json["error"]["message_en"]
    for message in (japanese, english):
        assert "format" in message
        assert all(known in message for known in ("json", "html", "junit"))


async def test_a_wrong_clinic_code_is_refused(mock):
    assert (await mock.call("GET", "/admin/clinics/12/coverage")).status == 400


async def test_without_a_journal_the_report_is_there_and_says_so(start_mock: StartMock):
    mock = await start_mock(journal_entries=0)
    await mock.search()
    view = (await mock.call("GET", COVERAGE)).json
    assert view["met"] == 0
    assert "--journal-entries 0" in view["remarks"][0]["japanese"]
