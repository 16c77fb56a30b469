"""A journal that had to give way for others says how much is missing, and its serials go on."""

import pytest

from mockserver.exchange import Exchange
from mockserver.recalling import Expectation, JournalQuery, Recalling
from mockserver.settings import Settings
from tests.serving.conftest import CLINIC, NOW, OTHER_CLINIC, as_bytes, question


@pytest.fixture
def exchange() -> Exchange:
    """Room for ten entries, in which a clinic's four gave way to another's nine."""
    exchange = Exchange(Settings(require_token=False, journal_entries_total=10), NOW)
    ask(exchange, CLINIC, 4)
    ask(exchange, OTHER_CLINIC, 9)
    return exchange


def ask(exchange: Exchange, clinic: str, times: int) -> None:
    for _ in range(times):
        exchange.search(as_bytes(question(MedicalInstitutionCode=clinic)), None, NOW)


def serials(exchange: Exchange, clinic: str) -> tuple[list[int], int, int]:
    told = Recalling(exchange).journal(clinic, JournalQuery())
    return [entry.serial for entry in told.entries], told.dropped, told.last


def test_what_gave_way_is_told(exchange):
    assert serials(exchange, CLINIC) == ([], 4, 4)
    assert serials(exchange, OTHER_CLINIC) == ([*range(1, 10)], 0, 9)


def test_the_serials_go_on(exchange):
    ask(exchange, CLINIC, 1)
    assert serials(exchange, CLINIC) == ([5], 4, 5)


def test_a_reset_begins_anew(exchange):
    exchange.reset(CLINIC)
    assert serials(exchange, CLINIC) == ([], 0, 0)


def test_an_expectation_that_is_not_met_says_what_is_missing(exchange):
    told = Recalling(exchange).expect(CLINIC, Expectation(person=0), NOW)
    assert not told.is_met
    assert "古い記録4件は上限のため残っていません" in told.message_ja
    assert "the 4 eldest entries had to give way" in told.message_en
    told = Recalling(exchange).expect(OTHER_CLINIC, Expectation(person=0), NOW)
    assert "give way" not in told.message_en
