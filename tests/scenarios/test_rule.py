"""The rule: the last two digits choose the pattern, whatever the symbol, the branch and the birth date are."""

from datetime import date

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from mockserver.catalogue import request_for
from mockserver.eligibility.records import Card, InsurerKind
from mockserver.scenarios.casting import BY_CODE
from mockserver.scenarios.reserved import RULE_INSURERS
from tests.scenarios.test_patterns import WALKS
from tests.support import CLINIC, TODAY, Desk

SYMBOLS = st.none() | st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=8)
BRANCHES = st.none() | st.integers(0, 99).map("{:02d}".format)
BIRTHDATES = st.dates(date(1900, 1, 1), date(2026, 11, 1))
STEMS = st.from_regex(r"[1-9][0-9]{2,7}", fullmatch=True)
DESK = Desk()


@pytest.mark.parametrize("kind", InsurerKind)
@pytest.mark.parametrize("code", sorted(set(WALKS) - {"07"}))  # 07, twins, is about the branch
@settings(max_examples=6, deadline=None, derandomize=True)
@given(symbol=SYMBOLS, branch=BRANCHES, birthdate=BIRTHDATES, stem=STEMS)
def test_the_digits_choose_the_pattern(code, kind, symbol, branch, birthdate, stem):
    assume(code not in ("37", "38") or abs(birthdate.year + 75 - TODAY.year) > 2)  # else the own birthday counts
    card = Card(RULE_INSURERS[kind], symbol, stem + code, branch)
    request = request_for(card, birthdate, TODAY, CLINIC, branch)
    reply = DESK.ask(request)
    assert reply.pattern == BY_CODE[code].plays.pattern_id()
    expected = WALKS[code][0]
    if BY_CODE[code].insurer is InsurerKind.ASSISTANCE and kind is not InsurerKind.ASSISTANCE:
        expected = "1" if kind.is_employees else "3"  # insured beside 医療扶助, or until it began
    assert DESK.validity(request) == expected


@given(stem=STEMS, birthdate=BIRTHDATES, digits=st.integers(0, 99).map("{:02d}".format))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_digits_not_in_the_table_find_nobody(stem, birthdate, digits):
    card = Card(RULE_INSURERS[InsurerKind.SOCIETY], None, stem + digits, None)
    request = request_for(card, birthdate, TODAY, CLINIC)
    is_known = digits in BY_CODE
    assert (DESK.ask(request).pattern == "unknown") != is_known


@given(stem=STEMS, birthdate=BIRTHDATES)
@settings(max_examples=30, deadline=None, derandomize=True)
def test_both_numbers_of_a_pair_are_one_persons(stem, birthdate):
    names = []
    for code in ("03", "06"):
        card = Card(RULE_INSURERS[BY_CODE[code].insurer], "1", stem + code, None)
        names.append(DESK.result(request_for(card, birthdate, TODAY, CLINIC))["Name"])
    assert names[0] == names[1]


def test_the_insurer_of_a_rule_says_what_kind_of_ratio_is_told():
    elderly = Card(RULE_INSURERS[InsurerKind.ELDERLY], None, "1000043", None)
    others = replace(elderly, insurer=RULE_INSURERS[InsurerKind.NATIONAL])
    said = [DESK.result(request_for(card, date(1953, 1, 1), TODAY, CLINIC)) for card in (elderly, others)]
    assert "InsuredPartialContributionRatio" in said[0]
    assert "ElderlyRecipientCertificateInfo" in said[1]
