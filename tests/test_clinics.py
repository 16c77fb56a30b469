"""A clinic that had to be forgotten is remembered as such, until its owner resets it."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.clinics import Clinics, Forgotten
from mockserver.eligibility.calendar import JST
from mockserver.views import forgotten_header, forgotten_in_words, read_forgotten

NOW = datetime(2026, 11, 23, 18, tzinfo=JST)
IDLE, SECOND = timedelta(hours=1), timedelta(seconds=1)
A, B, C = "9910000010", "9910000028", "9910000036"


def after(*steps: str, most: int = 2) -> Clinics:
    """Clinics after steps: `A` is opened, `A!` reset, `+` an hour and a second go by; a second goes by at each."""
    clinics, now = Clinics(most, IDLE, most_assignments=10), NOW
    for step in steps:
        now += SECOND
        if step == "+":
            now += IDLE
        elif step.endswith("!"):
            clinics.reset({"A!": A, "B!": B, "C!": C}[step])
        else:
            clinics.open({"A": A, "B": B, "C": C}[step], now)
    return clinics


@pytest.mark.parametrize(
    ("steps", "reasons"),
    [
        ("A", {}),
        ("A B", {}),
        ("A B C", {A: "room"}),
        ("A B A C", {B: "room"}),
        ("A + B", {A: "idle"}),
        ("A + A", {A: "idle"}),
        ("A B + C", {A: "idle", B: "idle"}),
        ("A A!", {}),
        ("A B B! C", {}),
        ("A B C A!", {}),
        ("A B C A", {A: "room", B: "room"}),
        ("A B C A A!", {B: "room"}),
        ("A + A A!", {}),
    ],
)
def test_what_was_forgotten_unasked_is_known_until_the_owner_resets(steps, reasons):
    clinics = after(*steps.split())
    known = {code: forgotten.reason for code in (A, B, C) if (forgotten := clinics.forgotten(code))}
    assert known == reasons


def test_the_moment_and_the_last_use_are_known():
    told: list[tuple[str, Forgotten]] = []
    clinics = Clinics(1, IDLE, most_assignments=10)
    clinics.tell = lambda code, forgotten: told.append((code, forgotten))
    clinics.open(A, NOW)
    clinics.find(A, NOW + SECOND)
    clinics.open(B, NOW + 2 * SECOND)
    assert clinics.forgotten(A) == Forgotten(NOW + 2 * SECOND, NOW + SECOND, "room")
    assert told == [(A, Forgotten(NOW + 2 * SECOND, NOW + SECOND, "room"))]


def test_forgettings_are_counted_by_reason_and_resets_are_not():
    assert after("A", "B", "C", "A", "+", "B", "B!").forgettings == {"room": 2, "idle": 2}


@settings(derandomize=True, max_examples=20)
@given(st.lists(st.sampled_from(["A", "B", "C", "A!", "B!", "C!", "+"]), max_size=20))
def test_what_was_set_up_is_there_forgotten_or_reset(steps):
    clinics = after(*steps)
    opened = {step for step in steps if len(step) == 1 and step != "+"}
    for name, code in (("A", A), ("B", B), ("C", C)):
        last = next((step for step in reversed(steps) if step.startswith(name)), None)
        is_known = clinics.is_used(code) or clinics.forgotten(code) is not None
        assert is_known == (name in opened and last == name)


def test_only_so_many_forgettings_are_remembered():
    clinics = Clinics(1, IDLE, most_assignments=10)
    for number in range(10_002):
        clinics.open(f"{number:010}", NOW)
    assert [clinics.forgotten(f"{number:010}") is None for number in (0, 1, 10_000)] == [True, False, False]


@pytest.mark.parametrize(
    ("reason", "words"),
    [("idle", ("長く使われなかった", "--clinic-idle-s")), ("room", ("医療機関が多すぎ", "--max-clinics"))],
)
def test_the_words_tell_moment_reason_and_setting_and_the_header_can_be_read_back(reason, words):
    forgotten = Forgotten(NOW, NOW - SECOND, reason)
    japanese, english = forgotten_in_words(forgotten)
    assert all(word in japanese for word in (*words, "2026-11-23 18:00:00", "2026-11-23 17:59:59"))
    assert "forgotten at 2026-11-23 18:00:00" in english
    assert read_forgotten(forgotten_header(forgotten)) == forgotten
