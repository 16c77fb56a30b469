"""Visitors exist, the right answer is known, and a wrong one is found: asked of the mock's own exchange."""

import json
from collections import Counter

import msgspec
import pytest
from msgspec.structs import replace

from loadtests.arrivals import Schedule
from loadtests.judging import Reply, look_up_verdict, tap_verdict
from loadtests.measures import Measures, Sample
from loadtests.morning import Assumptions, Curve, Kind
from loadtests.people import ORDINARY, SURVEY, Expected, People, Visitor
from mockserver.eligibility.numbering import is_institution_code
from mockserver.exchange import Exchange
from mockserver.scenarios.casting import PATTERNS
from mockserver.settings import Settings
from mockserver.tapping import NewTap, lay_down, view
from mockserver.wire.json_codec import encode
from tests.support import NOW, TODAY

ASSUMED = Assumptions()
SCHEDULE = Schedule(Curve.flat(1_000, ASSUMED), 0, 10, 1, "constant")
EXPECTED = Expected("1", "accepted", "1")


def visitors(count: int, **changes: object) -> list[Visitor]:
    people = People(TODAY, ASSUMED, **changes)
    return [people.visitor(SCHEDULE.arrival(number)) for number in range(count)]


def reply(body: bytes, status: int = 200, *, is_planned: bool = False, error: str = "") -> Reply:
    return Reply(status, body, is_planned, 0.0, 0.1, error)


@pytest.mark.parametrize("troubled_percent", [0.0, 100.0])
def test_every_look_up_by_number_is_answered_as_expected(troubled_percent):
    exchange = Exchange(Settings(require_token=False), NOW)
    for visitor in visitors(1_500, troubled_percent=troubled_percent):
        said = exchange.search(encode(visitor.request(TODAY)), None, NOW)
        assert look_up_verdict(reply(said.body), visitor.expected).outcome == "answered", visitor


def test_every_card_on_the_reader_ends_as_expected():
    exchange = Exchange(Settings(require_token=False), NOW)
    by_card = [visitor for visitor in visitors(1_500, troubled_percent=50.0) if visitor.is_by_card]
    for visitor in by_card:
        new = msgspec.convert(visitor.tap(), NewTap)
        pattern, tapped = lay_down(exchange, visitor.clinic_code, new, NOW)
        body = encode(view(exchange, pattern, new, tapped, is_filed=False))
        assert tap_verdict(reply(body), visitor.expected).outcome == "answered", visitor


def test_where_the_server_is_not_new_only_what_no_age_changes_is_expected():
    known = [v.expected.by_number for v in visitors(3_000, troubled_percent=100.0, is_new=False)]
    assert None in known
    assert sum(one is not None for one in known) > 2_000


def test_people_are_as_wide_as_the_country_and_clinics_are_real_codes():
    found = visitors(2_000, troubled_percent=0.0)
    assert len({(v.card.insurer.key, v.card.number) for v in found}) > 1_990
    assert len({v.card.insurer.number for v in found}) > 300
    assert all(is_institution_code(visitor.clinic_code) for visitor in found)


def test_the_card_is_used_as_often_as_the_volumes_say():
    people = People(TODAY, ASSUMED)
    ways: dict[Kind, Counter[bool]] = {kind: Counter() for kind in Kind}
    for number in range(SCHEDULE.count):
        arrival = SCHEDULE.arrival(number)
        ways[arrival.kind][people.visitor(arrival).is_by_card] += 1
    for kind, counted in ways.items():
        assert 100 * counted[True] / counted.total() == pytest.approx(ASSUMED.card_percent(kind), abs=5)


def test_troubled_look_ups_are_as_many_as_chosen_and_weighted_by_the_survey():
    patterns = Counter(visitor.pattern for visitor in visitors(10_000, troubled_percent=20.0))
    assert patterns[ORDINARY] == pytest.approx(8_000, rel=0.03)
    of_row = Counter()
    for pattern in PATTERNS:
        of_row[pattern.about.survey_row] += patterns[pattern.pattern_id()]
    for row, institutions in SURVEY.items():
        assert of_row[row] / 2_000 == pytest.approx(institutions / sum(SURVEY.values()), abs=0.03), row


def answer(validity: str = "1", segment: str = "1", status: str = "1") -> bytes:
    message = {
        "MessageHeader": {"SegmentOfResult": segment},
        "MessageBody": {"ProcessingResultStatus": status, "QualificationValidity": validity},
    }
    return json.dumps({"XmlMsg": message}).encode()


@pytest.mark.parametrize(
    ("given", "outcome", "is_fault"),
    [
        (reply(answer()), "answered", False),
        (reply(answer("2")), "wrong", False),
        (reply(answer("2"), is_planned=True), "planned", False),
        (reply(answer(status="2", validity="")), "wrong", False),
        (reply(answer(segment="9", validity="")), "failed", True),
        (reply(answer(segment="9", validity=""), 503, is_planned=True), "planned", True),
        (reply(b"", 0, error="no answer in time"), "failed", True),
        (reply(answer()[:40]), "failed", True),
        (reply(b"<html>", 502), "failed", True),
    ],
)
def test_an_answer_is_judged(given, outcome, is_fault):
    verdict = look_up_verdict(given, EXPECTED)
    assert (verdict.outcome, verdict.is_fault) == (outcome, is_fault)


def test_a_refusal_that_is_expected_is_no_error():
    assert look_up_verdict(reply(answer("4")), EXPECTED._replace(by_number="4")).outcome == "answered"


def test_processing_is_asked_again_soon():
    verdict = look_up_verdict(reply(answer(segment="2", validity="")), EXPECTED)
    assert (verdict.outcome, verdict.again_after_s) == ("planned", 1.0)


def test_measures_of_two_workers_are_those_of_one():
    samples = [
        Sample("search", "clinic", ORDINARY, n / 10, n / 10 + 0.001, n / 10 + 0.005 + n / 1e4, "answered")
        for n in range(100)
    ]
    whole, first, second = Measures(), Measures(), Measures()
    for number, sample in enumerate(samples):
        whole.record(sample)
        (first if number % 2 else second).record(sample)
    merged = Measures()
    for one in (first, second):
        merged.absorb(json.loads(json.dumps(one.take())))
    assert first.told == 0
    assert merged.told == whole.told == 100
    for percentile in (50, 99, 100):
        assert merged.tally("path", "search").latency_ms(percentile) == whole.tally("path", "search").latency_ms(
            percentile
        )


def test_a_wait_for_a_connection_is_late_but_not_the_generators_delay():
    measures = Measures(late_ms=10)
    measures.record(Sample("search", "clinic", ORDINARY, 1.0, 3.0, 3.1, "answered", is_blocked=True))
    measures.record(Sample("search", "clinic", ORDINARY, 1.0, 1.05, 1.1, "answered"))
    assert (measures.counts["late_for_a_connection"], measures.counts["late_by_generator"]) == (1, 1)
    assert measures.delay.get_value_at_percentile(100) / 1000 == pytest.approx(50, rel=0.01)
    assert measures.tally("path", "search").latency_ms(100) == pytest.approx(2_100, rel=0.01)


def test_other_card_shares_can_be_assumed():
    assumed = replace(ASSUMED, **{f"{kind.value}_card_percent": 0.0 for kind in Kind})
    people = People(TODAY, assumed)
    assert not any(people.visitor(SCHEDULE.arrival(number)).is_by_card for number in range(200))
