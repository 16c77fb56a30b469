"""Scenario files played: who is found, who plays what in which clinic, and what a change of the files leaves alone."""

import json
from datetime import date, timedelta

import pytest

from mockserver.catalogue import request_for
from mockserver.denial import Denial
from mockserver.faulting import Faulting, NewFault
from mockserver.recalling import Expectation, Recalling
from mockserver.scenarios.casting import BY_CODE
from mockserver.settings import Settings
from mockserver.views import ClockChange, Identity, NewAssignment
from mockserver.wire.json_codec import encode
from tests.playbook.support import AS_TOML, HANAKO, Play, folder
from tests.support import NOW, TODAY, Desk

HERE, THERE, ELSEWHERE = "1319999996", "1319999988", "1311234566"
LOST_FOR_ALL = "\nassignments: [{person: hanako, pattern: lost}]\n"
SEAT = 31_415_926


def clinic(code: str = HERE, **sections: str) -> str:
    """A clinic of a file."""
    members = "".join(f", {name}: {written}" for name, written in sections.items())
    return f"  - {{code: '{code}'{members}}}\n"


def decision(play: Play, code: str, name: str = "hanako") -> str:
    """The fault a look-up of a clinic meets, if any."""
    told = play.exchange.search(encode(play.request(name, code)), None, NOW).decision
    return told.fault.fault_id() if told and told.fault else ""


@pytest.mark.parametrize("texts", [{"a_yaml": HANAKO}, {"a_toml": AS_TOML}], ids=["YAML", "TOML"])
def test_a_person_of_the_files_is_insured_in_every_clinic_by_the_insurer_of_the_files(texts):
    play = Play(**texts)
    for code in (HERE, ELSEWHERE):
        result = play.desk(code).result(play.request("hanako", code))
        assert result["Name"] == "模擬　花子"
        assert result["InsurerName"] == "みどり健保"
        assert (result["PersonalFamilyClassification"], result["QualificationDate"]) == ("1", "20150401")


def test_a_dependant_is_family_of_the_head():
    result = (play := Play(folder("our-town"))).desk().result(play.request("太郎"))
    assert (result["PersonalFamilyClassification"], result["InsuredName"]) == ("2", "模擬　花子")
    assert result["NameKana"] == "ﾓｷﾞ ﾀﾛｳ"


def test_a_person_is_not_found_with_another_birth_date_or_branch():
    play = Play(a_yaml=HANAKO)
    text = json.loads(encode(play.request("hanako")))
    search = text["XmlMsg"]["MessageBody"]["QualificationConfirmSearchInfo"]
    for member, value in (("Birthdate", "19880413"), ("InsuredBranchNumber", "02")):
        search[member], right = value, search[member]
        answer = json.loads(play.exchange.search(json.dumps(text).encode(), None, NOW).body)
        assert answer["XmlMsg"]["MessageBody"]["QualificationValidity"] == "4"
        search[member] = right


def test_a_pattern_for_all_is_played_in_every_clinic():
    play = Play(a_yaml=HANAKO + LOST_FOR_ALL)
    assert [play.says("hanako", code) for code in (HERE, THERE, ELSEWHERE)] == ["2", "2", "2"]


def test_a_clinics_own_assignment_wins_until_it_is_taken_back():
    play = Play(a_yaml=HANAKO + LOST_FOR_ALL)
    desk = play.desk(HERE)
    given = desk.control.assign(HERE, NewAssignment("no-match", "hanako"), NOW)
    assert (play.says("hanako", HERE), play.says("hanako", THERE)) == ("4", "2")
    desk.control.unassign(HERE, given.id, NOW)
    assert play.says("hanako", HERE) == "2"


def test_a_pattern_for_all_can_go_to_a_seat_of_the_population_or_a_ready_person():
    ready = BY_CODE["01"]
    request = Desk().ready(ready).XmlMsg.MessageBody.QualificationConfirmSearchInfo
    identity = (
        f"{{insurer_number: '{request.InsurerNumber}', number: '{request.InsuredIdentificationNumber}', "
        f"birthdate: {date.fromisoformat(request.Birthdate)}}}"
    )
    play = Play(a_yaml=f"assignments: [{{person: {SEAT}, pattern: lost}}, {{person: {identity}, pattern: lost}}]")
    desk = play.desk()
    assert desk.validity(desk.ready(ready)) == "2"
    resident = desk.country.resident(SEAT)
    assert desk.validity(request_for(resident.card_on(TODAY), resident.person.birthdate, TODAY, desk.clinic)) == "2"


def test_a_change_of_job_leads_to_the_next_number_of_the_files():
    play, code = Play(folder("our-town")), HERE
    own = next(own for own in play.stage.playbook.people if own.id == "次郎")
    desk = play.desk(code)

    def says(card, day: date) -> str:
        desk.set_clock(NOW.replace(year=day.year, month=day.month, day=day.day))
        return desk.validity(request_for(card, own.person.birthdate, day, code, card.branch))

    assert [says(card, date(2025, 12, 1)) for card in (own.card, own.next_card)] == ["2", "4"]
    assert [says(card, date(2025, 12, 9)) for card in (own.card, own.next_card)] == ["3", "1"]


def test_a_scripted_person_answers_one_after_another():
    play = Play(folder("our-town"))
    assert [play.says("花子", HERE) for _ in range(3)] == ["4", "4", "1"]
    assert play.says("花子", ELSEWHERE) == "1"


def test_a_person_of_the_files_is_named_by_id_in_the_admin_paths():
    play = Play(a_yaml=HANAKO)
    control, faulting = play.desk().control, Faulting(play.exchange)
    assert control.assign(HERE, NewAssignment("lost", "hanako"), NOW).requests
    assert play.says("hanako", HERE) == "2"
    faulting.add(HERE, NewFault(fault="outage", person="hanako"), NOW)
    assert decision(play, HERE) == "outage"
    expected = Recalling(play.exchange).expect(HERE, Expectation(person="hanako", times=2), NOW)
    assert expected.is_met
    with pytest.raises(Denial, match="hanako"):
        control.assign(HERE, NewAssignment("lost", "hanaka"), NOW)


def test_a_person_of_the_files_is_found_by_identity_too():
    play = Play(a_yaml=HANAKO)
    identity = Identity("06139992", "4567801", date(1988, 4, 12), None, "01")
    play.desk().control.assign(HERE, NewAssignment("lost", identity), NOW)
    assert (play.says("hanako", HERE), play.says("hanako", THERE)) == ("2", "1")


CLINICS = HANAKO + (
    "clinics:\n"
    + clinic(
        clock="{now: 2025-12-01T08:45:00+09:00}",
        seed="7",
        name="first",
        faults="[{fault: outage, person: hanako, first: 1}]",
        assignments="[{person: hanako, pattern: lost}]",
    )
    + clinic(THERE, timelines="[{steps: [{at: '09:00', fault: maintenance}]}]")
)


def state(play: Play, code: str) -> tuple:
    """What a clinic has set up, without what it counted."""
    view = play.desk(code).control.clinic(code, NOW)
    rules = Faulting(play.exchange).faults(code, NOW).faults
    return view.clock, view.seed, [(a.id, a.pattern, a.start) for a in view.assignments], [r.fault for r in rules]


def test_a_clinic_begins_as_the_files_say():
    play = Play(a_yaml=CLINICS)
    clock, seed, assignments, faults = state(play, HERE)
    assert (clock.now.isoformat(), clock.mode, seed) == ("2025-12-01T08:45:00+09:00", "frozen", 7)
    assert [(pattern, start) for _, pattern, start in assignments] == [("lost", date(2025, 12, 1))]
    assert faults == ["outage"]
    assert [decision(play, HERE), decision(play, HERE), decision(play, THERE)] == ["outage", "", "maintenance"]


def test_a_reset_goes_back_to_what_the_files_say():
    play = Play(a_yaml=CLINICS)
    before = state(play, HERE)
    control = play.desk(HERE).control
    control.change_clock(HERE, ClockChange(advance_days=30), NOW)
    control.assign(HERE, NewAssignment("valid", "hanako"), NOW)
    Faulting(play.exchange).clear(HERE, NOW)
    assert state(play, HERE) != before
    play.exchange.reset(HERE)
    play.stage.again(HERE, NOW)
    assert state(play, HERE) == before
    play.exchange.reset(ELSEWHERE)
    play.stage.again(ELSEWHERE, NOW)
    assert not play.exchange.clinics.is_used(ELSEWHERE)


def touch(play: Play, *codes: str) -> None:
    """Do by hand what a change of the files may undo."""
    for code in codes:
        play.desk(code).control.assign(code, NewAssignment("no-match", SEAT), NOW)
        Faulting(play.exchange).add(code, NewFault(fault="timeout", first=1), NOW)


def is_touched(play: Play, code: str) -> bool:
    """Whether what was done by hand is still there."""
    sandbox = play.exchange.clinics.find(code, NOW)
    return bool(sandbox) and str(SEAT) in sandbox.assignments


CHANGES = {  # what is changed in the files: which clinics begin anew
    ("", ""): set(),
    ("name: first", "name: second"): {HERE},
    ("08:45", "08:46"): {HERE},
    ("at: '09:00'", "at: '08:00'"): {THERE},
    ("name: 模擬　花子", "name: 模擬　華子"): {HERE},
    ("name: みどり健保", "name: あおば健保"): {HERE},
    ("# nothing", "# a remark"): set(),
    ("people:", "faults: [{fault: outage, share_percent: 1}]\npeople:"): set(),
    ("people:", f"assignments: [{{person: {SEAT + 1}, pattern: lost}}]\npeople:"): set(),
}


@pytest.mark.parametrize(("change", "anew"), CHANGES.items(), ids=lambda value: str(value)[:50])
def test_a_change_begins_only_the_clinics_anew_that_it_is_about(change, anew):
    play = Play(a_yaml=CLINICS + "# nothing\n")
    touch(play, HERE, THERE, ELSEWHERE)
    play.change(a_yaml=(CLINICS + "# nothing\n").replace(*change) if change[0] else CLINICS)
    assert {code for code in (HERE, THERE, ELSEWHERE) if not is_touched(play, code)} == anew


def test_a_clinic_that_vanishes_from_the_files_is_gone():
    play = Play(a_yaml=HANAKO, b_yaml="clinics:\n" + clinic(THERE, clock="{now: 2025-12-01T08:45:00+09:00}"))
    touch(play, THERE, ELSEWHERE)
    play.change(a_yaml=HANAKO)
    assert not play.exchange.clinics.is_used(THERE)
    assert is_touched(play, ELSEWHERE)


def test_people_and_patterns_that_vanish_from_the_files_are_gone():
    play = Play(a_yaml=HANAKO + LOST_FOR_ALL)
    request = play.request("hanako")
    play.change(a_yaml=HANAKO)
    assert play.desk().validity(request) == "1"
    play.change(a_yaml="clinics: []")
    assert play.desk().validity(request) == "4"


def test_taking_the_same_set_up_again_changes_nothing():
    play = Play(folder("bad-monday"))
    play.change({**folder("bad-monday"), **folder("our-town")})
    touch(play, HERE, ELSEWHERE, "1319999970")
    rules, standing = list(play.exchange.fates.rules), play.exchange.register.standing
    play.change({**folder("our-town"), **folder("bad-monday")})
    assert play.exchange.fates.rules == rules
    assert play.exchange.register.standing is standing
    assert all(is_touched(play, code) for code in (HERE, ELSEWHERE, "1319999970"))


def test_faults_for_all_follow_the_files_while_those_set_by_hand_stay():
    play = Play(a_yaml=HANAKO + "faults: [{fault: outage}, {fault: timeout}]")
    Faulting(play.exchange).add(None, NewFault(fault="maintenance"), NOW)
    play.change(a_yaml=HANAKO + "faults: [{fault: connection-reset}]")
    told = [rule.fault for rule in Faulting(play.exchange).faults(None, NOW).faults]
    assert sorted(told) == ["connection-reset", "maintenance"]
    play.change(a_yaml=HANAKO)
    assert [rule.fault for rule in Faulting(play.exchange).faults(None, NOW).faults] == ["maintenance"]


def test_a_fault_for_all_follows_the_number_of_its_person():
    play = Play(a_yaml=HANAKO + "faults: [{fault: outage, person: hanako}]")
    assert decision(play, ELSEWHERE) == "outage"
    play.change(a_yaml=HANAKO.replace("4567801", "4567802") + "faults: [{fault: outage, person: hanako}]")
    assert decision(play, ELSEWHERE) == "outage"


def test_clinics_of_the_files_are_neither_idle_nor_in_the_way():
    clinics = Play(
        settings=Settings(require_token=False, max_clinics=3, clinic_idle_s=60), a_yaml=CLINICS
    ).exchange.clinics
    later = NOW + timedelta(days=2)
    for number in range(10):
        clinics.open(f"13100000{number:02d}", later)
    assert clinics.find(HERE, later + timedelta(days=9)).assignments
    assert clinics.is_used(THERE)
    assert len(clinics) == 3
    assert clinics.forgotten(HERE) is None


def test_seat_numbers_of_yaml_and_toml_are_the_same_person():
    in_yaml = Play(a_yaml=f"clinics: [{{code: '{HERE}', assignments: [{{person: {SEAT}, pattern: lost}}]}}]")
    in_toml = Play(a_toml=f"[[clinics]]\ncode = '{HERE}'\nassignments = [{{person = {SEAT}, pattern = 'lost'}}]")
    assert in_yaml.stage.playbook.clinics == in_toml.stage.playbook.clinics
    assert is_touched(in_yaml, HERE)
