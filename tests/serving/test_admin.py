"""The admin paths over real sockets: the catalogue, a clinic's clock, patterns for people, the truth, and the bounds."""

from datetime import datetime, timedelta
from typing import Any

import openapi_spec_validator
import pytest

from tests.serving.conftest import (
    CLINIC,
    JST,
    LOGIN,
    NOW,
    OTHER_CLINIC,
    SEARCH,
    Reply,
    Running,
    StartMock,
    question,
)

PATTERN_KEYS = "id kind title_ja title_en survey_row truth answer advice contact description parameters people".split()
PERSON_KEYS = ["name", "variant", "code", "request"]
THIRD_CLINIC = "1311234574"


def asked_by(request: dict[str, Any], clinic: str) -> dict[str, Any]:
    """The same request of another clinic."""
    message = request["XmlMsg"]
    header = {**message["MessageHeader"], "MedicalInstitutionCode": clinic}
    return {"XmlMsg": {**message, "MessageHeader": header}}


def executed(reply: Reply) -> str:
    """When an answer was made, by the clinic's clock."""
    return reply.header["ProcessExecutionTime"]


async def freeze(mock: Running, clinic: str, moment: str = "2025-12-01T09:00:00+09:00") -> Reply:
    """Set a clinic up, in the plainest way."""
    return await mock.admin("PUT", "/clock", {"now": moment}, clinic)


async def mode(mock: Running, clinic: str) -> str:
    """How a clinic's clock runs; `real` where nothing is set up."""
    return (await mock.admin("GET", clinic=clinic)).json["clock"]["mode"]


async def assign(mock: Running, pattern: str, person: Any, clinic: str = CLINIC, **more: Any) -> Reply:
    """Give a person a pattern."""
    reply = await mock.admin("POST", "/assignments", {"pattern": pattern, "person": person, **more}, clinic)
    assert reply.status == 201, reply.problem
    return reply


# The catalogue


async def test_catalogue_describes_each_pattern(mock: Running):
    patterns = (await mock.call("GET", "/admin/patterns")).json["patterns"]

    assert len(patterns) > 20
    assert len({pattern["id"] for pattern in patterns}) == len(patterns)
    for pattern in patterns:
        assert list(pattern) == PATTERN_KEYS
        assert pattern["kind"] in ("history", "distortion", "fault")
        assert all(pattern[key] for key in PATTERN_KEYS if key not in ("survey_row", "parameters"))
        assert all(list(person) == PERSON_KEYS for person in pattern["people"])
        assert all("default" in schema for schema in pattern["parameters"].values())


async def test_one_pattern_is_as_in_the_catalogue(mock: Running):
    for pattern in (await mock.call("GET", "/admin/patterns")).json["patterns"]:
        assert (await mock.call("GET", f"/admin/patterns/{pattern['id']}")).json == pattern


async def test_each_ready_person_can_be_asked_for_as_is(mock: Running):
    for pattern in (await mock.call("GET", "/admin/patterns")).json["patterns"]:
        for person in pattern["people"]:
            reply = await mock.search(person["request"])

            assert (reply.status, reply.pattern) == (200, pattern["id"]), person
            assert pattern["id"] == "still-processing" or reply.validity in set("123456")


async def test_catalogue_of_a_clinic_follows_its_clock(mock: Running):
    await freeze(mock, CLINIC, "2025-12-01T09:00:00+09:00")

    patterns = (await mock.call("GET", f"/admin/patterns?clinic={CLINIC}")).json["patterns"]

    for request in (person["request"] for pattern in patterns for person in pattern["people"]):
        header = request["XmlMsg"]["MessageHeader"]
        assert header == {"QualificationConfirmationDate": "20251201", "MedicalInstitutionCode": CLINIC}
        assert executed(await mock.search(request)) == "20251201090000"


# The clock

CLOCKS = {  # changes, one after the other: moment and mode after an hour has passed
    "untouched": ([], "20261123100000", "real"),
    "freeze": ([{"now": "2025-12-01T09:00:00+09:00"}], "20251201090000", "frozen"),
    "freeze-utc": ([{"now": "2025-12-01T00:00:00Z"}], "20251201090000", "frozen"),
    "travel": ([{"now": "2025-12-01T09:00:00+09:00", "running": True}], "20251201100000", "shifted"),
    "advance": ([{"advance_days": 40}], "20270102100000", "shifted"),
    "back": ([{"advance_days": -23}], "20261031100000", "shifted"),
    "seconds": ([{"advance_seconds": 61}], "20261123100101", "shifted"),
    "both": ([{"advance_days": 1, "advance_seconds": 1}], "20261124100001", "shifted"),
    "advance-twice": ([{"advance_days": 1}, {"advance_days": 1}], "20261125100000", "shifted"),
    "frozen-moves-on": ([{"now": "2025-12-31T23:59:59+09:00"}, {"advance_seconds": 1}], "20260101000000", "frozen"),
    "frozen-again": ([{"now": "2025-12-01T09:00:00+09:00"}, {"now": "2024-02-29T12:00:00+09:00"}], "20240229120000", "frozen"),
    "real": ([{"advance_days": 40}, {"real": True}], "20261123100000", "real"),
    "thawed": ([{"now": "2025-12-01T09:00:00+09:00"}, {"real": True}], "20261123100000", "real"),
    "first-moment": ([{"now": "1950-01-01T00:00:00+09:00"}], "19500101000000", "frozen"),
    "last-moment": ([{"now": "2199-12-31T23:59:59+09:00"}], "21991231235959", "frozen"),
}  # fmt: skip


@pytest.mark.parametrize("case", CLOCKS)
async def test_clock_of_a_clinic_goes_as_told(mock: Running, case: str):
    changes, moment, how = CLOCKS[case]

    for change in changes:
        assert (await mock.admin("PUT", "/clock", change)).status == 200
    mock.moment += timedelta(hours=1)

    clock = (await mock.admin("GET")).json["clock"]
    assert (datetime.fromisoformat(clock["now"]).strftime("%Y%m%d%H%M%S"), clock["mode"]) == (moment, how)
    assert datetime.fromisoformat(clock["now"]).utcoffset() == JST.utcoffset(None)
    assert executed(await mock.search(MedicalInstitutionCode=CLINIC)) == moment


async def test_clock_change_answers_with_the_clock(mock: Running):
    changed = (await freeze(mock, CLINIC)).json

    assert list(changed) == ["now", "mode", "story_start"]
    assert changed == (await mock.admin("GET")).json["clock"]
    assert changed["story_start"] == "2025-12-01"


async def test_story_is_walked_with_the_clock(mock: Running):
    await freeze(mock, CLINIC)
    view = await assign(mock, "not-yet-linked", 1, parameters={"registered_after_days": 10})
    (request,) = view.json["requests"][:1]

    answers = []
    for days in (0, 9, 1):
        await mock.admin("PUT", "/clock", {"advance_days": days})
        answers.append((await mock.search(request)).validity)

    assert answers == ["4", "4", "1"]


# Clinics are sandboxes


async def test_clinics_do_not_feel_one_another(mock: Running):
    await freeze(mock, CLINIC)
    await mock.admin("PUT", "", {"seed": 7})
    await assign(mock, "lost", 1)

    other = (await mock.admin("GET", clinic=OTHER_CLINIC)).json

    assert other == {
        "code": OTHER_CLINIC,
        "clock": {"now": NOW.isoformat(), "mode": "real", "story_start": "2026-11-23"},
        "seed": 1,
        "assignments": [],
        "forgotten": None,
    }
    assert executed(await mock.search(MedicalInstitutionCode=OTHER_CLINIC)) == "20261123090000"


async def test_reset_forgets_everything(mock: Running):
    untouched = (await mock.admin("GET")).json
    await freeze(mock, CLINIC)
    await mock.admin("PUT", "", {"seed": 7})
    await assign(mock, "lost", 1)

    reply = await mock.admin("DELETE")

    assert (reply.status, reply.body) == (204, b"")
    assert (await mock.admin("GET")).json == untouched
    assert (await mock.admin("DELETE")).status == 204


async def test_seed_of_its_own_is_another_country(mock: Running):
    ours = await assign(mock, "valid", 1, OTHER_CLINIC)

    await mock.admin("PUT", "", {"seed": 2})
    theirs = await assign(mock, "valid", 1)

    assert ours.json["name"] != theirs.json["name"]
    (request,) = ours.json["requests"]
    assert (await mock.search(request)).validity == "1"
    assert (await mock.search(asked_by(request, CLINIC))).pattern == "unknown"
    assert (await mock.admin("GET")).json["seed"] == 2


async def test_seed_drops_assignments_of_the_former_country(mock: Running):
    await assign(mock, "lost", 1)

    same = await mock.admin("PUT", "", {"seed": None})
    other = await mock.admin("PUT", "", {"seed": 2})
    back = await mock.admin("PUT", "", {"seed": None})

    assert [len(reply.json["assignments"]) for reply in (same, other, back)] == [1, 0, 0]
    assert [reply.json["seed"] for reply in (same, other, back)] == [1, 2, 1]


# Patterns for people


async def test_assignment_by_seat_number(mock: Running):
    reply = await assign(mock, "lost", 1, parameters={"lost_days_ago": 3})

    assert list(reply.json) == ["id", "pattern", "parameters", "name", "start", "requests"]
    assert (reply.json["pattern"], reply.json["start"]) == ("lost", "2026-11-23")
    assert reply.json["parameters"] == {"lost_days_ago": 3, "reason": "99"}
    answer = await mock.search(reply.json["requests"][0])
    assert (answer.pattern, answer.validity) == ("lost", "2")
    assert answer.results[0]["Name"] == reply.json["name"]
    assert answer.results[0]["DisqualificationDate"] == "20261120"


@pytest.mark.parametrize("padding", ["as-is", "spaces", "none"])
async def test_assignment_by_identity(mock: Running, padding: str):
    ordinary = (await assign(mock, "valid", 1, OTHER_CLINIC)).json
    search = ordinary["requests"][0]["XmlMsg"]["MessageBody"]["QualificationConfirmSearchInfo"]
    insurer = search["InsurerNumber"]
    day = search["Birthdate"]
    person = {
        "insurer_number": {"as-is": insurer, "spaces": insurer.lstrip("0").rjust(8), "none": insurer.lstrip("0")}[
            padding
        ],
        "number": search["InsuredIdentificationNumber"],
        "birthdate": f"{day[:4]}-{day[4:6]}-{day[6:]}",
        "symbol": search.get("InsuredCardSymbol"),
        "branch": search.get("InsuredBranchNumber"),
    }

    reply = await assign(mock, "lost", person)

    assert reply.json["name"] == ordinary["name"]
    assert (await mock.search(reply.json["requests"][0])).pattern == "lost"


async def test_assignment_to_a_ready_person(mock: Running):
    person = {"insurer_number": "01139914", "number": "1000001", "birthdate": "1981-04-12"}

    reply = await assign(mock, "garbled-address", person)

    assert (await mock.search(reply.json["requests"][0])).pattern == "garbled-address"
    assert reply.json["name"] == "佐藤　健一"


async def test_every_pattern_can_be_given_and_met(mock: Running):
    for pattern in (await mock.call("GET", "/admin/patterns")).json["patterns"]:
        for seat in range(1, 400):
            new = {"pattern": pattern["id"], "person": seat}
            reply = await mock.admin("POST", "/assignments", new)
            if reply.status == 201:
                break
            assert reply.status == 422, reply.problem

        met = [(await mock.search(request)).pattern for request in reply.json["requests"]]

        assert pattern["id"] in met, pattern["id"]
        await mock.admin("DELETE")


async def test_person_keeps_a_pattern_in_that_clinic_only(mock: Running):
    request = (await assign(mock, "lost", 1)).json["requests"][0]

    here, there = await mock.search(request), await mock.search(asked_by(request, OTHER_CLINIC))

    assert [(reply.pattern, reply.validity) for reply in (here, there)] == [("lost", "2"), ("ordinary", "1")]


async def test_new_assignment_replaces_that_of_the_same_person(mock: Running):
    first, second = [(await assign(mock, pattern, 1)).json for pattern in ("lost", "garbled-address")]

    listed = (await mock.admin("GET")).json["assignments"]

    assert listed == [second]
    assert first["id"] != second["id"]
    assert (await mock.search(second["requests"][0])).pattern == "garbled-address"


async def test_assignments_are_listed_and_taken_back(mock: Running):
    views = [(await assign(mock, "lost", seat)).json for seat in (1, 2, 3)]
    assert (await mock.admin("GET")).json["assignments"] == views

    gone = await mock.admin("DELETE", f"/assignments/{views[1]['id']}")

    assert (gone.status, gone.body) == (204, b"")
    assert (await mock.admin("GET")).json["assignments"] == [views[0], views[2]]
    met = [(await mock.search(view["requests"][0])).pattern for view in views]
    assert met == ["lost", "ordinary", "lost"]


async def test_number_of_an_assignment_is_not_given_again(mock: Running):
    first = (await assign(mock, "lost", 1)).json["id"]
    await mock.admin("DELETE", f"/assignments/{first}")

    assert (await assign(mock, "lost", 1)).json["id"] != first


async def test_most_assignments_are_bounded(start_mock: StartMock):
    mock = await start_mock(max_assignments=2)
    for seat in (1, 2):
        await assign(mock, "lost", seat)

    full = await mock.admin("POST", "/assignments", {"pattern": "lost", "person": 3})
    await assign(mock, "garbled-address", 2)
    await assign(mock, "lost", 3, OTHER_CLINIC)

    assert (full.status, "2" in full.problem) == (409, True)
    assert [view["pattern"] for view in (await mock.admin("GET")).json["assignments"]] == ["lost", "garbled-address"]


async def test_pattern_that_would_not_show_is_refused(mock: Running):
    parameters = {"how": "variant"}  # of a name without such a character
    seats = [{"pattern": "name-mismatch", "person": seat, "parameters": parameters} for seat in range(1, 20)]

    replies = [await mock.admin("POST", "/assignments", new) for new in seats]

    refused = [reply for reply in replies if reply.status == 422]
    assert 0 < len(refused) < len(replies)
    assert all("would not show" in reply.problem for reply in refused)
    assert len((await mock.admin("GET")).json["assignments"]) == len(replies) - len(refused)


# The truth

TRUTHS = {  # last two digits: validity of the truth, of the backend
    "01": ("valid", "valid"),
    "02": ("lost", "lost"),
    "04": ("no-match", "no-match"),
    "11": ("valid", "valid"),
}


async def truth_of(mock: Running, code: str, **more: str) -> Any:
    """The truth about a person of the rule."""
    asked = {"insurer_number": "01139906", "number": f"10000{code}", "birthdate": "1980-01-01", **more}
    return (await mock.admin("GET", "/truth", params=asked)).json


@pytest.mark.parametrize("code", TRUTHS)
async def test_truth_stands_beside_what_the_backend_says(mock: Running, code: str):
    told = await truth_of(mock, code)
    answer = await mock.search(InsuredIdentificationNumber=f"10000{code}")

    assert list(told) == ["pattern", "moment", "day", "truth", "backend"]
    assert (told["truth"]["validity"], told["backend"]["validity"]) == TRUTHS[code]
    assert (told["backend"]["code"], told["pattern"]) == (answer.validity, answer.pattern)
    names = [result["name"] for result in told["backend"]["results"]]
    assert names == [result["Name"] for result in answer.results]


async def test_truth_knows_the_characters_the_backend_does_not(mock: Running):
    told = await truth_of(mock, "11")

    assert "●" in told["backend"]["results"][0]["name"]
    assert "●" not in told["truth"]["results"][0]["name"]


async def test_truth_follows_the_day_and_the_clock(mock: Running):
    before = await truth_of(mock, "02", day="2026-10-01")
    await freeze(mock, CLINIC, "2025-12-01T09:00:00+09:00")
    after = await truth_of(mock, "02")

    assert (before["day"], before["truth"]["validity"]) == ("2026-10-01", "valid")
    assert (after["day"], after["moment"]) == ("2025-12-01", "2025-12-01T09:00:00+09:00")


async def test_truth_of_an_assignment(mock: Running):
    request = (await assign(mock, "not-yet-linked", 1)).json["requests"][0]
    search = request["XmlMsg"]["MessageBody"]["QualificationConfirmSearchInfo"]
    day = search["Birthdate"]
    asked = {
        "insurer_number": search["InsurerNumber"],
        "number": search["InsuredIdentificationNumber"],
        "birthdate": f"{day[:4]}-{day[4:6]}-{day[6:]}",
        "symbol": search["InsuredCardSymbol"],
    }

    told = (await mock.admin("GET", "/truth", params=asked)).json

    assert (told["truth"]["code"], told["backend"]["code"]) == ("1", "4")


# Bounds


async def test_eldest_idle_clinic_gives_way(start_mock: StartMock):
    mock = await start_mock(max_clinics=2)
    await freeze(mock, CLINIC)
    await freeze(mock, OTHER_CLINIC)
    await mock.search(MedicalInstitutionCode=CLINIC)  # so the other one is idle longest

    await freeze(mock, THIRD_CLINIC)

    modes = [await mode(mock, clinic) for clinic in (CLINIC, OTHER_CLINIC, THIRD_CLINIC)]
    assert modes == ["frozen", "real", "frozen"]


async def test_clinics_that_only_look_take_no_room(start_mock: StartMock):
    mock = await start_mock(max_clinics=1)
    await freeze(mock, CLINIC)

    for clinic in (OTHER_CLINIC, THIRD_CLINIC):
        await mock.search(MedicalInstitutionCode=clinic)
        await mock.admin("GET", clinic=clinic)
        await mock.admin("DELETE", clinic=clinic)

    assert await mode(mock, CLINIC) == "frozen"


async def test_wrong_change_takes_no_room(start_mock: StartMock):
    mock = await start_mock(max_clinics=1)
    await freeze(mock, CLINIC)

    assert (await mock.admin("PUT", "/clock", {}, OTHER_CLINIC)).status == 400

    assert await mode(mock, CLINIC) == "frozen"


@pytest.mark.parametrize(("seconds", "how"), [(0, "frozen"), (60, "frozen"), (61, "real"), (86_400, "real")])
async def test_clinic_that_is_not_used_is_forgotten(start_mock: StartMock, seconds: int, how: str):
    mock = await start_mock(clinic_idle_s=60)
    await freeze(mock, CLINIC)

    mock.moment += timedelta(seconds=seconds)

    assert await mode(mock, CLINIC) == how


async def test_clinic_in_use_is_kept(start_mock: StartMock):
    mock = await start_mock(clinic_idle_s=60, token_lifetime_s=86_400)
    await freeze(mock, CLINIC)

    for _ in range(5):
        mock.moment += timedelta(seconds=59)
        assert executed(await mock.search()) == "20251201090000"


# Who may steer

GUARDED = {
    "patterns": ("GET", "/admin/patterns", None),
    "openapi": ("GET", "/admin/openapi.json", None),
    "clinic": ("GET", f"/admin/clinics/{CLINIC}", None),
    "clock": ("PUT", f"/admin/clinics/{CLINIC}/clock", {"real": True}),
    "reset": ("DELETE", f"/admin/clinics/{CLINIC}", None),
}


@pytest.mark.parametrize(
    "settings", [{"host": "0.0.0.0"}, {"host": "0.0.0.0", "admin_token": "steer-it"}, {"admin_token": "秘密の言葉"}]
)
@pytest.mark.parametrize("case", GUARDED)
async def test_admin_paths_are_guarded_where_others_can_reach_them(
    start_mock: StartMock, case: str, settings: dict[str, str]
):
    mock = await start_mock(**settings)
    token = mock.mock.admin_token
    method, path, body = GUARDED[case]

    given = ["", "Bearer ", "Bearer wrong", f"Bearer {token}x", mock.token, f"Bearer {token}"]
    replies = [await mock.call(method, path, body, headers={"Authorization": text}) for text in given]

    assert [reply.status for reply in replies[:-1]] == [401] * 5
    assert replies[-1].status in (200, 204)
    assert all("admin token" in reply.problem for reply in replies[:-1])
    assert not any(token in reply.body.decode() for reply in replies)


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
async def test_probes_and_real_paths_need_no_admin_token(start_mock: StartMock, path: str):
    mock = await start_mock(host="0.0.0.0")

    reply = await mock.call("GET", path)

    assert (reply.status, reply.json) == (200, {"status": "ok"})
    assert (await mock.search()).validity == "1"


async def test_tokens_made_at_start_differ(start_mock: StartMock):
    tokens = {(await start_mock(host="0.0.0.0")).mock.admin_token for _ in range(3)}

    assert len(tokens) == 3
    assert all(len(token) > 20 for token in tokens)


async def test_nothing_is_guarded_on_loopback(mock: Running):
    assert mock.mock.admin_token == ""
    assert [(await mock.call(*call)).status for call in GUARDED.values()] == [200, 200, 200, 200, 204]


async def test_admin_token_with_bytes_that_are_no_text_is_refused(start_mock: StartMock):
    mock = await start_mock(admin_token="x")

    (reply,) = await mock.raw(b"GET /admin/patterns HTTP/1.1\r\nHost: mock\r\nAuthorization: \xff\r\n\r\n")

    assert reply.status == 401


@pytest.mark.parametrize("method", ["OPTIONS", "GET", "POST", "PUT"])
@pytest.mark.parametrize("path", [SEARCH, LOGIN, "/admin/patterns", f"/admin/clinics/{CLINIC}/clock", "/healthz"])
async def test_web_pages_of_other_origins_are_not_let_in(mock: Running, path: str, method: str):
    headers = {"Origin": "http://elsewhere.example", "Access-Control-Request-Method": "POST"}

    reply = await mock.call(method, path, headers=headers)

    assert not [name for name in reply.headers if name.lower().startswith("access-control-")]


# The description

DESCRIBED = {
    LOGIN: {"post"},
    SEARCH: {"post"},
    "/healthz": {"get"},
    "/readyz": {"get"},
    "/metrics": {"get"},
    "/admin/patterns": {"get"},
    "/admin/patterns/{id}": {"get"},
    "/admin/scenarios": {"get"},
    "/admin/clinics": {"post"},
    "/admin/clinics/{code}": {"get", "put", "delete"},
    "/admin/clinics/{code}/people": {"get"},
    "/admin/fault-kinds": {"get"},
    "/admin/clinics/{code}/faults": {"get", "post", "delete"},
    "/admin/clinics/{code}/faults/{id}": {"delete"},
    "/admin/clinics/{code}/timelines": {"post"},
    "/admin/faults": {"get", "post", "delete"},
    "/admin/faults/{id}": {"delete"},
    "/admin/timelines": {"post"},
    "/admin/clinics/{code}/journal": {"get"},
    "/admin/clinics/{code}/counts": {"get"},
    "/admin/clinics/{code}/coverage": {"get"},
    "/admin/coverage": {"get", "delete"},
    "/admin/clinics/{code}/expectations": {"post"},
    "/admin/clinics/{code}/clock": {"put"},
    "/admin/clinics/{code}/assignments": {"post"},
    "/admin/clinics/{code}/assignments/{id}": {"delete"},
    "/admin/clinics/{code}/truth": {"get"},
    "/admin/clinics/{code}/taps": {"post"},
    "/admin/files": {"post"},
    "/admin/faces": {"get"},
    "/admin/openapi.json": {"get"},
}


async def test_metrics_count_what_was_answered_and_tell_nobody(mock: Running):
    await mock.search()
    async with mock.session.get("/metrics") as response:
        text = await response.text()
    assert response.content_type == "text/plain"
    assert 'oqs_answers_total{via="http",pattern="valid",said="1"} 1' in text
    assert CLINIC not in text


async def test_description_is_valid_and_lists_every_path(mock: Running):
    described = (await mock.call("GET", "/admin/openapi.json")).json

    openapi_spec_validator.validate(described)
    assert {path: set(methods) for path, methods in described["paths"].items()} == DESCRIBED


BODIES = {
    "ClockChange": "now running advance_days advance_seconds real",
    "ClinicChange": "seed",
    "NewAssignment": "pattern person parameters start",
    "Identity": "insurer_number number birthdate symbol branch",
}


async def test_description_names_the_members_of_each_request(mock: Running):
    schemas = (await mock.call("GET", "/admin/openapi.json")).json["components"]["schemas"]

    for name, members in BODIES.items():
        assert set(schemas[name]["properties"]) == set(members.split())
    header = schemas["ResponseHeader"]
    assert {"ProcessExecutionTime", "CharacterCodeIdentifier"} <= set(header["required"])


@pytest.mark.parametrize(("path", "methods"), DESCRIBED.items())
async def test_every_described_path_is_served(mock: Running, path: str, methods: set[str]):
    actual = path.replace("{code}", CLINIC).replace("{id}", "valid")

    for method in sorted(methods):
        reply = await mock.call(method.upper(), actual, question() if method in ("post", "put") else None)

        assert not (reply.status == 404 and "/admin/openapi.json" in reply.problem)


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        (f"/admin/clinics/{CLINIC}/journal?patern=lost", '"pattern"'),
        (f"/admin/clinics/{CLINIC}/people?cuont=3", '"count"'),
        ("/admin/coverage?fromat=html", '"format"'),
        (f"/admin/clinics/{CLINIC}/journal?pattern=job-change-gpa", '"job-change-gap"'),
        (f"/admin/clinics/{CLINIC}/journal?format=jsonl&pattern=ordinari", '"ordinary"'),
    ],
)
async def test_a_slip_in_a_query_is_refused_rather_than_ignored(mock: Running, path: str, hint: str):
    reply = await mock.call("GET", path)

    assert reply.status == 400
    assert hint in reply.problem


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", f"/admin/clinics/{CLINIC}/clock", "PUT"), ("POST", "/admin/patterns", "GET"), ("PUT", "/metrics", "GET")],
)
async def test_another_method_on_a_known_path_is_told_which_are_taken(
    mock: Running, method: str, path: str, allowed: str
):
    reply = await mock.call(method, path, {} if method != "GET" else None)

    assert (reply.status, reply.headers["Allow"]) == (405, allowed)
    assert f"takes {allowed}" in reply.problem
