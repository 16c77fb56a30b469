"""docker-compose.yml: its form, who may do what in it, and that it names only what exists."""

import copy
import json
import re
import shutil
import subprocess
import sys
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator

from tests.deploy.support import COMPOSE, HERE, PATHS, ROOT, SERVICES, STAGES, is_pinned, of, read, unknown_names

SCHEMA = Draft202012Validator(json.loads((ROOT / "tests/deploy/compose-spec.json").read_text()))
PROXY = (ROOT / "deploy/haproxy.cfg").read_text(encoding="utf-8")
WRONG = [
    ("services.mock.readonly", True),
    ("services.mock.cap_drop", "ALL"),
    ("services.valkey.deploy.replica", 1),
    ("networks.state.internal", [1]),
]


def networks(service):
    return set(service.get("networks", ["default"]))


def test_the_file_keeps_the_compose_specification():
    assert not [error.message for error in SCHEMA.iter_errors(read("docker-compose.yml"))]


@pytest.mark.parametrize(("place", "value"), WRONG)
def test_the_schema_notices_a_mistake(place, value):
    broken = at = copy.deepcopy(COMPOSE)
    *way, name = place.split(".")
    for step in way:
        at = at.setdefault(step, {})
    at[name] = value
    assert not SCHEMA.is_valid(broken)


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_may_do_no_more_than_it_must(name):
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
    assert not {"privileged", "cap_add", "pid", "ipc", "devices"} & service.keys()
    assert any(place.startswith("/tmp:size=") for place in service["tmpfs"])
    assert all(volume["read_only"] for volume in service.get("volumes", []))


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_published_on_loopback_only(name):
    assert not [port for port in SERVICES[name].get("ports", []) if not port.startswith(f"{HERE}:")]


def test_no_two_services_want_the_same_port():
    ports = [port.split(":")[1] for service in SERVICES.values() for port in service.get("ports", [])]
    assert len(ports) == len(set(ports)) == 3


@pytest.mark.parametrize("name", SERVICES)
def test_an_image_is_pinned_or_built_here(name):
    service = SERVICES[name]
    assert is_pinned(service["image"]) != ("build" in service), service["image"]
    assert service.get("build", {"target": "mock"})["target"] in STAGES


def test_profiles_start_what_their_names_say():
    started = {
        name: {service for service, told in SERVICES.items() if name in told.get("profiles", [])}
        for name in ("load", "scale")
    }
    assert started["load"] == {"locust-master", "locust-worker"}
    assert started["scale"] == {"proxy", "mock-replica", "valkey"}
    assert SERVICES.keys() - started["load"] - started["scale"] == {"mock"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_waits_for_services_that_are_there_and_can_be_well(name):
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert SERVICES[other].get("profiles", SERVICES[name].get("profiles")) == SERVICES[name].get("profiles")
        assert how["condition"] != "service_healthy" or "healthcheck" in SERVICES[other]


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_reads_files_and_networks_that_exist(name):
    service = SERVICES[name]
    assert not [volume for volume in service.get("volumes", []) if not (ROOT / volume["source"]).exists()]
    assert networks(service) <= COMPOSE["networks"].keys()


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_sets_variables_that_the_mock_has(name):
    assert not unknown_names(SERVICES[name].get("environment", {}))


def test_locust_is_told_options_it_has():
    options = pytest.importorskip("loadtests.options")
    told = set(SERVICES["locust-master"]["environment"])
    cluster = (ROOT / "deploy/kubernetes/overlays/load/kustomization.yaml").read_text()
    assert told == set(re.findall(r"- (OQS_\w+)=", cluster))
    assert {name.removeprefix("OQS_").lower() for name in told} <= {one[0] for one in options.fields()}


def test_workers_look_for_the_master_that_is_there():
    command = SERVICES["locust-worker"]["command"]
    assert command[command.index("--master-host") + 1] == "locust-master"
    assert urlsplit(SERVICES["locust-master"]["command"][-1]).hostname in SERVICES
    assert command[0] == SERVICES["locust-master"]["command"][0] == "locust"  # takes SIGTERM by itself


def test_replicas_share_a_state_that_only_they_reach():
    state = urlsplit(SERVICES["mock-replica"]["environment"]["MOCKSERVER_STATE"])
    assert state.scheme == "redis"
    assert networks(SERVICES[state.hostname]) == {"state"}
    assert "state" in networks(SERVICES["mock-replica"])
    assert {name for name, service in SERVICES.items() if "state" in networks(service)} == {"mock-replica", "valkey"}
    assert COMPOSE["networks"]["state"]["internal"] is True


def test_valkey_forgets_nothing_silently_and_stays_within_its_memory():
    command = SERVICES["valkey"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    limit, told = SERVICES["valkey"]["mem_limit"], command[command.index("--maxmemory") + 1]
    assert int(limit.removesuffix("m")) > int(told.removesuffix("mb"))


def test_the_proxy_finds_all_replicas_and_asks_them_how_they_are():
    room, template = re.search(r"server-template \S+ 1-(\d+) (\S+)", PROXY).groups()
    service, port = template.split(":")
    assert port == of("mock", "EXPOSE")[-1]
    assert networks(SERVICES[service]) & networks(SERVICES["proxy"])
    assert int(room) >= SERVICES[service]["deploy"]["replicas"] > 1
    assert re.search(r"http-check send meth GET uri (\S+)", PROXY)[1] in PATHS
    (published,) = SERVICES["proxy"]["ports"]
    assert re.search(r"bind :(\d+)", PROXY)[1] == published.split(":")[-1]


@pytest.mark.skipif(shutil.which("haproxy") is None, reason="there is no haproxy here")
def test_haproxy_takes_its_configuration():
    done = subprocess.run(["haproxy", "-c", "-f", "deploy/haproxy.cfg"], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()


def test_without_an_engine_compose_test_says_so_and_is_no_success(tmp_path):
    done = subprocess.run(
        [sys.executable, "tools/compose_test.py"],
        cwd=ROOT,
        env={"PATH": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 77
    assert re.fullmatch(r"skipped: .*コンテナーエンジンがない.* / .*no container engine.*\n", done.stdout)
