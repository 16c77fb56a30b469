"""The manifests: that they name what exists, and that no pod may do more than it must."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.deploy.support import PATHS, PROJECT, ROOT, is_pinned, unknown_names

KUBERNETES = ROOT / "deploy/kubernetes"
FOLDERS = sorted(path.parent for path in KUBERNETES.rglob("kustomization.yaml"))
LOADED = {path: list(yaml.safe_load_all(path.read_text(encoding="utf-8"))) for path in KUBERNETES.rglob("*.yaml")}
CUSTOMIZED = {folder: LOADED[folder / "kustomization.yaml"][0] for folder in FOLDERS}
NAMES = [str(folder.relative_to(KUBERNETES)) for folder in FOLDERS]
PATCHES = {folder / patch["path"] for folder, told in CUSTOMIZED.items() for patch in told.get("patches", [])}
RESOURCES = [
    (path.parent, resource)
    for path, resources in LOADED.items()
    if path.name != "kustomization.yaml" and path not in PATCHES
    for resource in resources
]
DEPLOYMENTS = [(folder, one) for folder, one in RESOURCES if one["kind"] == "Deployment"]
BY_NAME = {one["metadata"]["name"]: one for _, one in DEPLOYMENTS}
each_deployment = pytest.mark.parametrize("name", BY_NAME)


def pod(name):
    return BY_NAME[name]["spec"]["template"]["spec"]


def container(name):
    (found,) = pod(name)["containers"]
    return found


def generated(folder):
    """The ConfigMaps of a kustomization and of those it builds on."""
    told = CUSTOMIZED[folder]
    below = [path for name in told["resources"] if (path := (folder / name).resolve()) in CUSTOMIZED]
    maps = {one["name"]: one for one in told.get("configMapGenerator", [])}
    return {name: one for path in below for name, one in generated(path).items()} | maps


def test_the_three_pictures_are_there():
    assert set(NAMES) == {"base", "overlays/scale", "overlays/load"}
    assert BY_NAME.keys() == {"mock", "valkey", "locust-master", "locust-worker"}


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_a_kustomization_names_every_file_beside_it_and_no_other(folder):
    told = CUSTOMIZED[folder]
    named = [*told["resources"], *(patch["path"] for patch in told.get("patches", []))]
    assert not [name for name in named if not (folder / name).exists()]
    assert {path.name for path in folder.glob("*.yaml")} == {"kustomization.yaml", *(n for n in named if "/" not in n)}


@pytest.mark.parametrize("path", sorted(PATCHES), ids=lambda path: path.name)
def test_a_patch_meets_a_resource(path):
    for patch in LOADED[path]:
        met = [one for _, one in RESOURCES if one["kind"] == patch["kind"]]
        assert patch["metadata"]["name"] in {one["metadata"]["name"] for one in met}


@each_deployment
def test_a_pod_keeps_the_restricted_standard(name):
    whole, own = pod(name)["securityContext"], container(name)["securityContext"]
    assert whole["runAsNonRoot"] is True
    assert whole["runAsUser"] > 0
    assert whole["seccompProfile"] == {"type": "RuntimeDefault"}
    assert own["allowPrivilegeEscalation"] is False
    assert own["readOnlyRootFilesystem"] is True
    assert own["capabilities"] == {"drop": ["ALL"]}
    assert pod(name)["automountServiceAccountToken"] is False
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod(name).keys()


@each_deployment
def test_a_pod_has_bounds_and_time_to_end(name):
    resources = container(name)["resources"]
    assert resources["requests"].keys() == {"cpu", "memory"}
    assert "memory" in resources["limits"]
    assert pod(name)["terminationGracePeriodSeconds"] >= 10
    assert all("sizeLimit" in volume["emptyDir"] for volume in pod(name)["volumes"] if "emptyDir" in volume)


@each_deployment
def test_a_pod_that_listens_is_asked_how_it_is(name):
    listens = "ports" in container(name)
    assert ({"livenessProbe", "readinessProbe"} <= container(name).keys()) == listens
    assert listens != (name == "locust-worker")


def test_the_mock_is_asked_at_its_own_paths():
    probes = {name: container("mock")[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")}
    assert {name: probe["path"] for name, probe in probes.items()} == {
        "startup": "/healthz",
        "liveness": "/healthz",
        "readiness": "/readyz",
    }
    assert {probe["path"] for probe in probes.values()} <= PATHS
    assert container("mock")["ports"] == [{"name": "http", "containerPort": 8080}]


@each_deployment
def test_every_image_gets_a_version(name):
    folder = next(folder for folder, one in DEPLOYMENTS if one is BY_NAME[name])
    image = container(name)["image"]
    tags = {one["name"]: one["newTag"] for one in CUSTOMIZED[folder]["images"]}
    assert is_pinned(f"{image}:{tags[image]}")
    assert not image.startswith("oqs-") or tags[image] == PROJECT["version"]


@each_deployment
def test_mounts_and_settings_come_from_somewhere(name):
    folder = next(folder for folder, one in DEPLOYMENTS if one is BY_NAME[name])
    volumes = {volume["name"]: volume for volume in pod(name)["volumes"]}
    assert {mount["name"] for mount in container(name)["volumeMounts"]} == volumes.keys()
    wanted = {volume["configMap"]["name"] for volume in volumes.values() if "configMap" in volume}
    wanted |= {source["configMapRef"]["name"] for source in container(name).get("envFrom", [])}
    assert wanted <= generated(folder).keys()


@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_settings_are_settings_of_the_mock(folder):
    for told in CUSTOMIZED[folder].get("configMapGenerator", []):
        assert not unknown_names(dict(line.split("=", 1) for line in told["literals"]))
    env = {one["name"]: one for one in container("mock")["env"]}
    assert not unknown_names(env)


def test_replicas_share_their_state_and_are_never_of_two_versions():
    patch = LOADED[KUBERNETES / "overlays/scale/mock.yaml"][0]["spec"]
    assert patch["replicas"] > 1
    assert patch["strategy"] == {"type": "Recreate", "rollingUpdate": None}
    settings = generated(KUBERNETES / "overlays/scale")["mock-settings"]["literals"]
    assert "MOCKSERVER_STATE=redis://valkey:6379/0" in settings


@pytest.mark.parametrize(
    "service", [one for _, one in RESOURCES if one["kind"] == "Service"], ids=lambda one: one["metadata"]["name"]
)
def test_a_service_leads_to_ports_of_a_pod(service):
    selector = service["spec"]["selector"]
    (met,) = [
        one for _, one in DEPLOYMENTS if selector.items() <= one["spec"]["template"]["metadata"]["labels"].items()
    ]
    ports = {port["name"] for port in container(met["metadata"]["name"])["ports"]}
    assert {port["targetPort"] for port in service["spec"]["ports"]} <= ports


@pytest.mark.parametrize("kind", ["PodDisruptionBudget", "NetworkPolicy"])
def test_a_selector_meets_pods(kind):
    (found,) = [one for _, one in RESOURCES if one["kind"] == kind]
    selector = found["spec"].get("selector") or found["spec"]["podSelector"]
    assert selector["matchLabels"]["app.kubernetes.io/name"] in BY_NAME


@each_deployment
def test_a_deployment_selects_its_own_pods(name):
    spec = BY_NAME[name]["spec"]
    assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"] == {"app.kubernetes.io/name": name}


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl here")
@pytest.mark.parametrize("folder", FOLDERS, ids=NAMES)
def test_kustomize_builds_it(folder: Path):
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    images = [
        one["image"]
        for built in yaml.safe_load_all(done.stdout)
        if built["kind"] == "Deployment"
        for one in built["spec"]["template"]["spec"]["containers"]
    ]
    assert images
    assert all(map(is_pinned, images))
