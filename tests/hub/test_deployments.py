"""Deployments that cannot be run here: their configuration has what classes know, with values they take."""

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from dockerspawner import DockerSpawner
from jupyterhub.app import JupyterHub
from jupyterhub.auth import Authenticator, PAMAuthenticator
from jupyterhub.proxy import ConfigurableHTTPProxy
from jupyterhub.spawner import LocalProcessSpawner, Spawner
from kubespawner import KubeSpawner
from nativeauthenticator import NativeAuthenticator
from oauthenticator.generic import GenericOAuthenticator
from systemdspawner import SystemdSpawner
from traitlets import HasTraits, TraitError
from traitlets.config import Config

from hub.__main__ import main
from hub.configure import configure
from hub.course import grader_environment
from hub.demo import DemoAuthenticator
from hub.kubernetes import helm_values
from hub.native import RosterNative
from hub.roster import read_roster
from hub.settings import SettingsError, read_settings

EXAMPLES = Path(__file__).parents[2] / "hub" / "examples"
SCHEMA = json.loads((Path(__file__).parent / "chart-values.schema.json").read_text())
GPU, KUBERNETES = ((EXAMPLES / name).read_text() for name in ("gpu-server.toml", "kubernetes.toml"))
CLASSES: dict[str, type[HasTraits]] = {
    cls.__name__: cls
    for cls in (
        JupyterHub, ConfigurableHTTPProxy,
        Spawner, LocalProcessSpawner, SystemdSpawner, DockerSpawner, KubeSpawner,
        Authenticator, PAMAuthenticator, NativeAuthenticator, RosterNative, DemoAuthenticator,
        GenericOAuthenticator,
    )
}  # fmt: skip
SPAWNERS = {
    "systemd": 'kind = "systemd"',
    "docker": 'kind = "docker"\nimage = "tp555/student:1"\nnetwork = "tp555"\naddress = "172.20.0.1"',
    "local": 'kind = "local"',
}
LOGINS = {
    "oauth": GPU.split("[login]\n", 1)[1].split("\n[", 1)[0],
    "native": 'kind = "native"',
    "system-accounts": 'kind = "system-accounts"',
}


def not_taken(config: Config) -> list[str]:
    """Parts of a configuration that no class has, or whose value it refuses."""
    wrong = []
    for section, values in config.items():
        cls = CLASSES.get(section)
        for name, value in values.items():
            trait = cls.class_traits(config=True).get(name) if cls else None
            if trait is None:
                wrong.append(f"{section}.{name} is no setting")
                continue
            try:
                trait._validate(HasTraits(), value)  # of a class itself: a spawner wants a hub
            except TraitError as error:
                wrong.append(str(error))
    return wrong


def deployment(tmp_path: Path, spawner: str, login: str) -> Path:
    """The example of a GPU server, with another spawner and login."""
    head, tail = GPU.split("[spawner]\n")[0].split("[login]\n")[0], GPU.split('kind = "systemd"\n')[1]
    secret = tmp_path / "secret"
    secret.write_text("s")
    secret.chmod(0o600)
    (tmp_path / "home" / "state").mkdir(parents=True)
    text = f"{head}[login]\n{LOGINS[login]}\n[spawner]\n{SPAWNERS[spawner]}\n{tail}"
    text = text.replace("/etc/tp555/oauth-secret", str(secret)).replace('"/srv/tp555"', f'"{tmp_path / "home"}"')
    path = tmp_path / "hub.toml"
    path.write_text(text)
    (tmp_path / "home" / "roster.csv").write_text((EXAMPLES / "roster.csv").read_text())
    return path


@pytest.mark.parametrize("login", LOGINS)
@pytest.mark.parametrize("spawner", SPAWNERS)
def test_the_hub_takes_what_it_is_told(tmp_path: Path, spawner: str, login: str) -> None:
    config = Config()
    configure(config, deployment(tmp_path, spawner, login))
    assert not_taken(config) == []
    assert config.JupyterHub.bind_url == "https://0.0.0.0:443"
    assert config.Authenticator.allowed_users == {member.id for member in read_roster(EXAMPLES / "roster.csv")}


def test_what_no_class_knows_would_be_seen() -> None:
    config = Config()
    config.SystemdSpawner.isolate_temp = True
    config.DockerSpawner.pids_limit = 3
    config.Spawner.cpu_limit = "many"
    config.NoSuchSpawner.image = "x"
    assert len(not_taken(config)) == 4


def chart(values: Any) -> None:
    jsonschema.Draft7Validator(SCHEMA).validate(values)


def test_the_chart_takes_its_values() -> None:
    values = helm_values(read_settings(EXAMPLES / "kubernetes.toml"), read_roster(EXAMPLES / "roster.csv"))
    chart(yaml.safe_load(yaml.safe_dump(values)))
    for wrong in ({"singleuser": {"imge": {}}}, {"cull": {"timeout": "soon"}}, {"hubs": {}}):
        with pytest.raises(jsonschema.ValidationError):
            chart({**values, **wrong})


def test_no_secret_and_no_test_is_in_the_values(capsys: pytest.CaptureFixture[str]) -> None:
    """As the command prints them."""
    main(["values", str(EXAMPLES / "kubernetes.toml"), "--roster", str(EXAMPLES / "roster.csv")])
    text = capsys.readouterr().out
    values = yaml.safe_load(text)
    chart(values)
    assert values["hub"]["extraEnv"]["OAUTH_CLIENT_SECRET"]["valueFrom"]["secretKeyRef"]["name"] == "tp555-hub"
    for word in ("holdout", "assignments", "gradebook", "client_secret"):
        assert word not in text, word


class _Pod:
    """What the chart's hub gives to a hook."""

    def __init__(self, login: str) -> None:
        self.user = type("User", (), {"name": login})()
        self.environment: dict[str, str] = {}
        self.uid = self.gid = 0


def test_the_pods_hooks_run_where_nothing_of_ours_is_installed() -> None:
    """Profiles by role, and an account number of one's own; KubeSpawner knows every setting of a profile."""
    settings = read_settings(EXAMPLES / "kubernetes.toml")
    values = helm_values(settings, read_roster(EXAMPLES / "roster.csv"))
    config = Config()
    before = set(sys.modules)
    exec(values["hub"]["extraConfig"]["10-tp555"], {"c": config})
    assert {name for name in set(sys.modules) - before if name.startswith(("hub", "autograder"))} == set()
    hooks = config.KubeSpawner
    student, teacher = _Pod("ana"), _Pod("paulo")
    assert [p["slug"] for p in hooks.profile_list(student)] == ["cpu", "mig"]
    assert [p["slug"] for p in hooks.profile_list(teacher)] == ["cpu", "mig", "gpu"]
    for pod in (student, teacher):
        hooks.pre_spawn_hook(pod)
    assert student.uid == student.gid != teacher.uid
    assert student.uid >= 1_000_000
    assert student.environment["JUPYTER_CONFIG_PATH"].endswith("/student")
    assert teacher.environment["JUPYTER_CONFIG_PATH"].endswith("/teacher")
    mig = hooks.profile_list(student)[1]["kubespawner_override"]
    assert mig["extra_resource_limits"] == {"nvidia.com/mig-1g.10gb": "1"}
    for profile in hooks.profile_list(teacher):
        assert not_taken(Config(KubeSpawner=profile["kubespawner_override"])) == []


def test_a_cluster_has_no_accounts_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "hub.toml"
    login = KUBERNETES.split("[login]\n", 1)[1].split("\n[", 1)[0]
    path.write_text(KUBERNETES.replace(login, LOGINS["native"] + "\n"))
    with pytest.raises(SettingsError, match="oauth"):
        helm_values(read_settings(path), read_roster(EXAMPLES / "roster.csv"))


def test_the_queue_s_unit_runs_where_and_as_formgrader_s_server_does() -> None:
    """Account, folder and environment are those that the hub gives the grader."""
    settings = read_settings(EXAMPLES / "gpu-server.toml")
    lines = (EXAMPLES / "autograder-watch@.service").read_text().splitlines()
    fields = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    environment = dict(value.split("=", 1) for key, value in fields if key == "Environment")
    assert environment == {**grader_environment(settings), "LANG": "C.UTF-8"}
    unit = {key: value for key, value in fields if key != "Environment"}
    assert (unit["User"], unit["Group"]) == (settings.course.grader, settings.course.grader)
    assert unit["WorkingDirectory"] == str(settings.folder("course"))
    assert unit["ExecStart"].split()[:3] == [f"{settings.folder('env')}/bin/autograder", "watch", "%i"]
