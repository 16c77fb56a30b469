"""What differs from the truth in the patterns where the backend's copy is wrong, met in all three ways."""

import re

import pytest

from mockserver.eligibility.text import BLACK_CIRCLE
from mockserver.scenarios.casting import BY_CODE
from tests.support import WAYS, Desk

SELECTORS = re.compile("[\U000e0100-\U000e01ef]")


def is_garbled(shown: str, real: str) -> bool:
    """Whether ● stands for one character (or two) and everything else is as it really is."""
    letters = SELECTORS.sub("", real)
    differing = [(a, b) for a, b in zip(shown, letters, strict=True) if a != b]
    return bool(differing) and all(a == BLACK_CIRCLE for a, _ in differing)


def ratio(said: dict) -> int:
    info = said.get("ElderlyRecipientCertificateInfo", {})
    return int(said.get("InsuredPartialContributionRatio") or info["ElderlyRecipientContributionRatio"])


def limit(said: dict) -> dict:
    return said["LimitApplicationCertificateRelatedInfo"]


# code -> whether what is said differs from the truth in the way of the pattern
DISTORTIONS = {
    "11": lambda said, so: is_garbled(said["Name"], so.name),
    "12": lambda said, so: is_garbled(said["Name"], so.name),
    "13": lambda said, so: is_garbled(said["Name"], so.name) and said["Name"].count(BLACK_CIRCLE) == 2,
    "14": lambda said, so: is_garbled(said["Address"], so.address) and said["Name"] == so.name,
    "15": lambda said, so: said["Name"] != so.name and said["Name"].split("　")[1] == so.name.split("　")[1],
    "16": lambda said, so: said["Name"] != so.name and said["NameKana"] == so.kana,
    "17": lambda said, so: said["NameKana"] != so.kana and not set("ｬｭｮｯ") & set(said["NameKana"]),
    "18": lambda said, so: said["Address"] != so.address and said["PostNumber"] != so.post_number,
    "41": lambda said, so: ratio(said) != so.copay_percent,
    "42": lambda said, so: ratio(said) != so.copay_percent,
    "43": lambda said, so: ratio(said) != so.copay_percent,
    "44": lambda said, so: ratio(said) == 30 != so.copay_percent,
    "45": lambda said, so: limit(said)["LimitApplicationCertificateClassificationFlag"] != so.limit_band,
    "46": lambda said, _: limit(said)["LimitApplicationCertificateValidEndDate"] == "20260731",
    "47": lambda said, so: said["Name"] != so.name and said["Birthdate"] != so.birthdate.strftime("%Y%m%d"),
    "48": lambda said, so: "Address" not in said and "PostNumber" not in said and so.address,
    "49": lambda _, so: so.subsidies,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("code", DISTORTIONS)
def test_the_copy_differs_from_the_truth(code, way):
    desk = Desk()
    request = getattr(desk, way)(BY_CODE[code])
    said = desk.result(request)
    truth = desk.truth(request).truth
    assert truth.validity == "valid"
    assert DISTORTIONS[code](said, truth.results[0])


@pytest.mark.parametrize("way", WAYS)
def test_the_elderly_certificate_begins_on_the_right_day(way):
    desk = Desk()
    request = getattr(desk, way)(BY_CODE["36"])
    assert "ElderlyRecipientCertificateInfo" not in desk.result(request)
    desk.go_to(40)
    said = desk.result(desk.about_today(request))
    assert said["ElderlyRecipientCertificateInfo"]["ElderlyRecipientContributionRatio"] in ("020", "030")


def test_a_ready_person_gets_the_certificate_on_the_first_of_the_next_month():
    desk = Desk()
    request = desk.ready(BY_CODE["36"])
    desk.go_to(7)  # 30 November, born on the 28th
    assert "ElderlyRecipientCertificateInfo" not in desk.result(desk.about_today(request))
    desk.go_to(8)
    assert "ElderlyRecipientCertificateInfo" in desk.result(desk.about_today(request))


@pytest.mark.parametrize("way", WAYS)
def test_the_card_of_the_yearly_renewal_changes_on_the_first_of_august(way):
    desk = Desk()
    request = getattr(desk, way)(BY_CODE["28"])
    ends = []
    for days in (250, 251):  # 31 July and 1 August 2027
        desk.go_to(days)
        ends.append(desk.result(desk.about_today(request))["InsuredCardExpirationDate"])
    assert ends == ["20270731", "20280731"]


def test_the_yearly_renewal_changes_the_ratio():
    desk = Desk()
    assert ratio(desk.result(desk.ready(BY_CODE["29"]))) == 20
    assert ratio(desk.result(desk.ready(BY_CODE["29"]), day="20260731")) == 10


@pytest.mark.parametrize("way", WAYS)
def test_a_loss_told_later_counts_for_the_day_of_the_visit(way):
    desk = Desk()
    request = getattr(desk, way)(BY_CODE["26"])
    assert desk.validity(request) == "1"
    desk.go_to(7)
    assert desk.validity(request) == "2"


def test_twins_are_told_apart_by_the_branch():
    desk = Desk()
    ready = BY_CODE["07"]
    assert desk.validity(desk.ready(ready)) == "5"
    assert desk.validity(desk.ready(ready), branch="01") == "1"


@pytest.mark.parametrize(("code", "validity"), [("03", "3"), ("05", "5"), ("35", "4")])
def test_the_truth_is_another_than_the_answer(code, validity):
    desk = Desk()
    told = desk.truth(desk.ready(BY_CODE[code]))
    assert told.backend.code == validity
