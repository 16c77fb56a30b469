"""What is wrong with a folder of scenario files: where, what was found, what was expected, once for each cause."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockserver.eligibility.numbering import is_individual_number
from mockserver.playbook.staging import rehearse
from tests.playbook.support import AS_TOML, HANAKO, PEOPLE, SETTINGS, folder, remarks
from tests.support import NOW

LINES_OF_HANAKO = HANAKO.count("\n")
CLINIC = 'clinics:\n  - code: "1319999996"\n'


def individual_number() -> str:
    """A number of 12 digits made by the rule of the check digit, of nobody."""
    return next(f"{n}" for n in range(100_000_000_000, 100_000_000_100) if is_individual_number(f"{n}"))


@pytest.mark.parametrize("name", ["our-town", "bad-monday"])
def test_the_examples_can_be_played(name):
    assert rehearse(folder(name), SETTINGS, NOW).remarks == ()


@pytest.mark.parametrize("texts", [{"a_yaml": HANAKO}, {"a_yml": HANAKO}, {"a_toml": AS_TOML}, {"a_yaml": ""}])
def test_a_good_file_leaves_nothing_to_say(texts):
    assert remarks(**texts) == []


BAD_PEOPLE = {  # a change of Hanako's entry: place, Japanese, English
    ("sex: female", "sex: femal"): ("6:5", "female ではありませんか", 'found "femal", expected one of male, female'),
    ("sex: female", "sexx: female"): ("6:5", "sex ではありませんか", 'the field "sexx" is unknown (did you mean sex?)'),
    ("    sex: female\n", ""): ("3:5", "必須項目 sex がありません", "the required field sex is missing"),
    ("1988-04-12", "1988-04-31"): ("7:5", "YYYY-MM-DD の日付", 'found "1988-04-31", expected a date YYYY-MM-DD'),
    ("1988-04-12", "9999-12-31"): ("7:5", "2199-12-31 までの日付", "found 9999-12-31, expected a day from 1830-01-01"),
    ("2015-04-01", "1987-04-01"): ("12:5", "生年月日 1988-04-12 から", "since: found 1987-04-01, expected a day from"),
    ("模擬　花子", "模擬花子"): ("4:5", "空白がありません", "expected family and given name with a space between"),
    ("モギ ハナコ", "モギハナコ"): ("5:5", "空白がありません", "kana: found"),
    ("id: hanako", "id: 123"): ("3:5", "数字だけは不可", 'people[0].id: found "123"'),
    ("insurer: midori", "insurer: midorii"): ("8:5", "midori ではありませんか", "did you mean midori?"),
    ("insurer: midori", 'insurer: "01139999"'): ("8:5", '保険者 "01139999" はありません', "there is no"),
    ('branch: "01"', 'branch: "1"'): ("11:5", "文字列", 'branch: found "1"'),
    ("06139992", "06139991"): ("16:5", "06139992 ではありませんか", "the check digit of 06139991 is wrong"),
    ("kind: society", "kind: kokuho"): ("18:5", "association", 'found "kokuho", expected one of association, society'),
    ("people:", "peple:"): ("2:1", "people ではありませんか", 'the field "peple" is unknown (did you mean people?)'),
    ("id: midori", "id: midori\n    id: midori"): ("16:5", "2回書かれています", "a second time"),
}


@pytest.mark.parametrize(("change", "said"), BAD_PEOPLE.items(), ids=lambda value: " ".join(value[1:2]))
def test_a_bad_entry_is_told_once_with_its_place_and_what_was_expected(change, said):
    place, japanese, english = said
    (remark,) = remarks(a_yaml=HANAKO.replace(*change))
    assert remark.startswith(f"a.yaml:{place}: ")
    assert japanese in remark.partition(" / ")[0]
    assert english in remark.partition(" / ")[2]


BAD_PLAYS = {  # what stands after Hanako's entry, on its own lines: place (from the line after), Japanese, English
    "assignments: [{person: hanak, pattern: lost}]": ("1:16", "hanako ではありませんか", "(did you mean hanako?)"),
    "assignments: [{person: hanako, pattern: lots}]": ("1:32", "lost ではありませんか", "(did you mean lost?)"),
    "assignments: [{person: hanako}]": ("1:15", "必須項目 pattern", "the required field pattern is missing"),
    "assignments: [{person: 124000000, pattern: lost}]": ("1:16", "123999999 までです", "expected 0 to 123999999"),
    "assignments: [{person: hanako, pattern: lost, parameters: {old_insurer_days: 3}}]": (
        "1:60",
        "使える項目: lost_days_ago, reason",
        'the field "old_insurer_days" is unknown (known: lost_days_ago, reason)',
    ),
    "assignments: [{person: hanako, pattern: job-change-gap, parameters: {old_insurer_day: 3}}]": (
        "1:70",
        "old_insurer_days ではありませんか",
        "(did you mean old_insurer_days?)",
    ),
    "assignments: [{person: hanako, pattern: lost, start: 1600-01-01}]": (
        "1:47",
        "1950-01-01 から 2199-12-31",
        "found 1600-01-01, expected a day from 1950-01-01",
    ),
    "assignments: [{person: hanako, pattern: copay-75}]": ("1:32", "ありません", 'there is no "copay-75"'),
    "assignments: [{person: hanako, pattern: lost}, {person: hanako, pattern: valid}]": (
        "1:48",
        "同じ人に2つの",
        "the same person is given two patterns",
    ),
    "assignments: [{person: {insurer_number: '06139992', number: '1', birthdate: 1988-04-12}, pattern: lost}]": (
        "1:15",
        "1人に特定できません",
        "no single person has this number",
    ),
    "patterns: [{id: lost, pattern: valid}]": ("1:13", "カタログのパターン", "lost is a pattern of the catalogue"),
    "patterns: [{id: a, pattern: valid}, {id: a, pattern: lost}]": ("1:38", "a.yaml:19:12", "in use at a.yaml:19:12"),
    "patterns: [{id: a, pattern: vali}]\nassignments: [{person: hanako, pattern: a}]": (
        "1:20",
        "valid ではありませんか",
        "(did you mean valid?)",
    ),
    "patterns: [{id: a, pattern: lost}]\nassignments: [{person: hanako, pattern: a, parameters: {lost_days_ago: 1}}]": (
        "2:44",
        "patterns で決まっています",
        "those of a are set under patterns",
    ),
    "faults: [{fault: outage, share_percent: 130}]": ("1:26", "100.0 以下", 'found "130", expected a number (> 0, <='),
    "faults: [{fault: outage, share_percent: 0}]": ("1:26", "0 より大きい", "expected a number (> 0"),
    "faults: [{fault: outag}]": ("1:11", "outage ではありませんか", "(did you mean outage?)"),
    "faults: [{fault: outage, parameters: {retry_after: 3}}]": (
        "1:39",
        "retry_after_s ではありませんか",
        "did you mean",
    ),
    "faults: [{fault: slow}]": ("1:10", "ms、min_ms と max_ms", "slow: expected exactly one of ms"),
    "faults: [{fault: outage, person: hanak}]": ("1:26", "hanako ではありませんか", "(did you mean hanako?)"),
    "faults: [{fault: outage, pattern: lots}]": ("1:10", "パターン", 'no pattern "lots"'),
    "faults: [{fault: outage, since: '25:00'}]": ("1:26", "09:00", 'found "25:00", expected a time as 09:00'),
    "faults: [{fault: outage, since: '09:00', until: '09:00'}]": ("1:42", "より後に", "expected it after since"),
    "timelines: [{steps: [{at: '09:00', fault: outage}, {at: '08:00'}]}]": (
        "1:53",
        "逆戻り",
        "the timeline runs backwards: 08:00:00 after 09:00:00",
    ),
    "timelines: [{steps: [{at: '09:00', fault: outag}]}]": (
        "1:36",
        "outage ではありませんか",
        "(did you mean outage?)",
    ),
    "timelines: [{steps: []}]": ("1:14", "長さ 1 以上", "expected a list (length >= 1"),
    f"{CLINIC}    clock: {{now: 2025-12-01T09:00:00}}": ("3:13", "時差を付けてください", "expected an offset"),
    f"{CLINIC}    clock: {{}}": ("3:5", "どれか1つ", "expected exactly one of now, advance_days"),
    f"{CLINIC}    seed: a lot": ("3:5", "整数", 'found "a lot", expected an integer'),
    f"{CLINIC}    timelines: [{{steps: [{{at: '09:00'}}, {{at: '08:00'}}]}}]": ("3:42", "逆戻り", "runs backwards"),
    f"{CLINIC}    assignments: [{{person: hanako, pattern: lost}}, {{person: hanako, pattern: valid}}]": (
        "3:52",
        "同じ人に2つの",
        "the same person is given two patterns",
    ),
    f'{CLINIC}  - code: "1319999996"': ("3:5", "a.yaml:20:5 にもあります", "is at a.yaml:20:5 already"),
    "clinics: [{code: '131999999'}]": ("1:12", "10桁の数字", 'found "131999999", expected text (ten digits)'),
    "clinics: [{code: '1319999996', fault: []}]": ("1:32", "faults ではありませんか", "(did you mean faults?)"),
    "clinics: {code: '1319999996'}": ("1:1", "リスト", "clinics: found a mapping, expected a list"),
    "people2: []": ("1:1", "people ではありませんか", "(did you mean people?)"),
}


@pytest.mark.parametrize(("text", "said"), BAD_PLAYS.items(), ids=lambda value: value[:70])
def test_what_cannot_be_played_is_told_once_with_its_place_and_what_was_expected(text, said):
    place, japanese, english = said
    line, _, column = place.partition(":")
    (remark,) = remarks(a_yaml=HANAKO + text)
    assert remark.startswith(f"a.yaml:{LINES_OF_HANAKO + int(line)}:{column}: ")
    assert japanese in remark.partition(" / ")[0]
    assert english in remark.partition(" / ")[2]


BAD_TOML = {
    ('sex = "female"', 'sex = "femal"'): ("a.toml:11:1: ", "did you mean female?"),
    ("birthdate = 1988-04-12", "birthdate = 1988-04-12T00:00:00"): ("a.toml:12:1: ", "expected a date YYYY-MM-DD"),
    ('number = "4567801"', "number = 4567801"): ("a.toml:15:1: ", "put it in quotes"),
    ('[[people]]\nid = "hanako"', '[[people]]\nid = "hanako'): ("a.toml:8:", "not valid TOML"),
    ("06139992", "06139991"): ("a.toml:4:1: ", "did you mean 06139992?"),
}


@pytest.mark.parametrize(("change", "said"), BAD_TOML.items(), ids=lambda value: value[1][:30])
def test_toml_is_told_as_yaml_is(change, said):
    (remark,) = remarks(a_toml=AS_TOML.replace(*change))
    assert remark.startswith(said[0])
    assert said[1] in remark


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"people:\n  - id: \x8e\xe1\n", "a.yaml:2:1: UTF-8"),
        (b"people: [", "a.yaml:1:10: "),
        (b"- people", "a.yaml:1:1: "),
        (b"people:\n\tid: a", "a.yaml:2:1: "),
    ],
)
def test_a_file_that_cannot_be_read_is_told_at_its_place(text, said):
    (remark,) = rehearse({"a.yaml": text}, SETTINGS, NOW).remarks
    assert str(remark).startswith(said)


SPEAKS_OF_HANAKO = f"""
patterns: [{{id: gone, pattern: lost}}]
assignments: [{{person: hanako, pattern: gone}}]
faults: [{{fault: outage, person: hanako}}]
{CLINIC}    assignments: [{{person: hanako, pattern: valid}}]
"""


@pytest.mark.parametrize(
    "change",
    [("female", "femal"), ("people:", "peple:"), ("sex: female", "sex: [female"), ("06139992", "06139991")],
    ids=["a wrong value", "an unknown section", "no YAML", "a wrong insurer"],
)
def test_who_speaks_of_a_wrong_entry_of_another_file_is_not_to_blame(change):
    told = remarks(a_yaml=HANAKO.replace(*change), b_yaml=SPEAKS_OF_HANAKO)
    assert [line.partition(":")[0] for line in told] == ["a.yaml"]


def test_a_name_used_twice_tells_the_other_place():
    other_number = HANAKO.replace("4567801", "4567802").replace("06139992", "06139984")
    told = remarks(a_yaml=HANAKO, b_yaml=other_number)
    assert [line.split(": ", 1)[0] for line in told] == ["b.yaml:3:5", "b.yaml:15:5"]
    assert 'id "hanako" は a.yaml:3:5 で使われています' in told[0]
    assert 'id: "midori" is in use at a.yaml:15:5' in told[1]


def test_two_people_with_one_number_and_birth_date_are_told():
    (told,) = remarks(a_yaml=HANAKO, b_yaml=PEOPLE.replace('"06139992"', "midori").replace("id: hanako", "id: other"))
    assert told.startswith("b.yaml:10:5: ")
    assert "a.yaml:3:5" in told


def test_causes_of_several_files_are_told_in_the_order_of_their_places():
    told = remarks(
        b_yaml=HANAKO.replace("female", "femal").replace("06139992", "06139991"), a_toml=AS_TOML.replace("female", "f")
    )
    assert [line.split(" ")[0] for line in told] == ["a.toml:11:1:", "b.yaml:6:5:", "b.yaml:16:5:"]


@pytest.mark.parametrize(
    ("old", "new", "member"),
    [
        ("name: 模擬　花子", 'name: "模擬　花\\n子"', "name"),
        ("name: 模擬　花子", 'name: "模擬　花子\\n"', "name"),
        ('symbol: "123"', 'symbol: "1\\t3"', "symbol"),
        ('number: "4567801"', 'number: "456\\x7f"', "number"),
    ],
)
def test_text_that_answers_carry_has_no_control_characters(old, new, member):
    assert old in HANAKO
    (told,) = remarks(a_yaml=HANAKO.replace(old, new))
    assert "改行などの制御文字のない文字列" in told
    assert f"people[0].{member}: found" in told


@pytest.mark.parametrize("member", ["number", "symbol"])
def test_an_individual_number_is_refused_and_not_repeated(member):
    line, old = {"number": (10, '"4567801"'), "symbol": (9, '"123"')}[member]
    (told,) = remarks(a_yaml=HANAKO.replace(old, f'"{individual_number()}"'))
    assert told.startswith(f"a.yaml:{line}:5: ")
    assert "12桁の個人番号は書けません" in told
    assert f"{member}: found an individual number of 12 digits" in told
    assert individual_number() not in told


TEXTS = [(name, data.decode()) for example in ("our-town", "bad-monday") for name, data in folder(example).items()]
ODD = [
    "",
    "-",
    ":",
    " ",
    "\n",
    "\t",
    '"',
    "[",
    "]",
    "{",
    "}",
    "#",
    "&a ",
    "*a",
    "9999-12-31",
    "0001-01-01",
    "\x00",
    "髙",
]
ODD += [
    "null",
    "-1",
    "1e999",
    "123456789012345678901234567890",
    "[[people]]\n",
    "people:\n",
    "- id: x\n",
    "🦜",
    "=",
    ".",
]


@st.composite
def mutated(draw) -> tuple[str, str]:
    """A file of the examples with some pieces cut, doubled or replaced."""
    name, text = draw(st.sampled_from(TEXTS))
    for _ in range(draw(st.integers(1, 3))):
        begin = draw(st.integers(0, len(text)))
        end = begin + draw(st.sampled_from([0, 1, 2, 5, 20, 200]))
        text = text[:begin] + draw(st.sampled_from([*ODD, text[begin:end] * 2])) + text[end:]
    return name, text


@settings(derandomize=True, max_examples=150, deadline=None)
@given(mutated())
def test_whatever_a_file_holds_it_is_played_or_told_why_not(changed):
    name, text = changed
    example = next(files for files in map(folder, ("our-town", "bad-monday")) if name in files)
    playbook, told = rehearse({**example, name: text.encode()}, SETTINGS, NOW)
    assert told or playbook.people or playbook.clinics or playbook.faults or playbook.timelines or not text.strip()
    for remark in told:
        assert remark.file in example
        assert 1 <= remark.line <= text.count("\n") + 200
        assert remark.message_ja
        assert remark.message_en


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode), st.sampled_from(["a.yaml", "a.toml"]))
def test_any_bytes_are_a_playbook_or_remarks(data, name):
    assert rehearse({name: data}, SETTINGS, NOW).remarks is not None
