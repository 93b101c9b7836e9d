"""The same settings as values for the chart Zero to JupyterHub: ``python -m hub values hub.toml``.

The chart's own hub image runs them: nothing of this project is installed in the hub's pod, and no grader, no
hidden test and no gradebook is in the students' namespace. Grading stays on a machine of the teachers that mounts
the exchange.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hub import jupyter, roles
from hub.home import DATA
from hub.roster import Member
from hub.settings import Kubernetes, OAuth, Secret, Settings, SettingsError
from hub.spawners import overrides

__all__ = ["account_numbers", "helm_values"]

#: Above what distributions give to accounts, and below what they give to containers.
_FIRST, _NUMBERS = 1_000_000, 60_000_000
#: Where the files of a role are in a pod.
_ETC = "/usr/local/etc/tp555"

_CONFIG = '''\
import json

MEMBERS = json.loads({members!r})
PROFILES = json.loads({profiles!r})


def offered(spawner):
    """The profiles of somebody's role."""
    role = MEMBERS.get(spawner.user.name, {{}}).get("role", "student")
    return [profile for profile in PROFILES if role in profile["roles"]]


def own_account(spawner):
    """Each person's files belong to a number of their own: the exchange tells by it who handed in."""
    member = MEMBERS[spawner.user.name]
    spawner.uid = spawner.gid = member["uid"]
    role = "student" if member["role"] == "student" else "teacher"
    own = {{"JUPYTER_CONFIG_PATH": f"{etc}/{{role}}", "USER": spawner.user.name, "HOME": "/home/jovyan"}}
    spawner.environment = {{**spawner.environment, **own}}


c.KubeSpawner.profile_list = offered
c.KubeSpawner.pre_spawn_hook = own_account
'''


def account_numbers(roster: Sequence[Member]) -> dict[str, int]:
    """A number for each login, the same whenever and wherever it is asked for.

    Raises:
        SettingsError: Two logins have the same one.
    """
    numbers: dict[str, int] = {}
    for member in roster:
        digest = hashlib.sha256(f"tp555 {member.id}".encode()).digest()
        number = _FIRST + int.from_bytes(digest[:8]) % _NUMBERS
        if number in numbers.values():
            raise SettingsError(f"The logins {member.id!r} and another have the same number: give one another id.")
        numbers[member.id] = number
    return numbers


def helm_values(settings: Settings, roster: Sequence[Member]) -> dict[str, Any]:
    """Values for the chart.

    Args:
        settings: With ``spawner.kind = "kubernetes"``.
        roster: Everybody.

    Raises:
        SettingsError: The settings are for another kind of deployment.
    """
    kind = settings.spawner
    if not isinstance(kind, Kubernetes):
        raise SettingsError('Values are for a hub on Kubernetes: spawner.kind = "kubernetes".')
    name, tag = _image(kind.image)
    config, secrets = _login(settings, roster)
    return {
        "hub": {
            "config": config,
            "extraEnv": {variable: _reference(secret) for variable, secret in secrets.items()},
            "extraConfig": {"10-tp555": _extra_config(settings, roster)},
            "activeServerLimit": settings.idle.servers,
            "concurrentSpawnLimit": settings.idle.starting,
        },
        "proxy": {"https": _https(settings)},
        "singleuser": {
            "image": {"name": name, "tag": tag},
            "defaultUrl": "/lab",
            "startTimeout": settings.idle.seconds,
            "nodeSelector": {kind.node_label: "true"},
            "allowPrivilegeEscalation": False,
            "storage": {
                "capacity": kind.home,
                "dynamic": {"storageClass": kind.storage_class} if kind.storage_class else {},
                "extraVolumes": {
                    "shared": {"name": "shared", "persistentVolumeClaim": {"claimName": kind.shared}}
                },
                "extraVolumeMounts": {
                    "exchange": _mount(settings.folder("exchange"), "exchange"),
                    "data": _mount(settings.folder("data"), "data", readOnly=True),
                },
            },
            "extraEnv": {
                DATA: str(settings.folder("data")),
                "SCIKIT_LEARN_DATA": str(settings.folder("data") / "scikit_learn_data"),
            },
            "extraFiles": {
                f"{role}-{number}": {"mountPath": f"{_ETC}/{role}/{name}", "mode": 0o644, "stringData": text}
                for role in (jupyter.STUDENT, jupyter.TEACHER)
                for number, (name, text) in enumerate(sorted(jupyter.config_files(settings, role).items()))
            },
            # Students' code reaches the hub and names, and nothing of the cluster or the world.
            "networkPolicy": {
                "enabled": True,
                "egressAllowRules": {
                    "cloudMetadataServer": False, "dnsPortsPrivateIPs": True, "nonPrivateIPs": False,
                    "privateIPs": False,
                },
            },
        },
        "cull": {
            "enabled": True,
            "timeout": settings.idle.minutes * 60,
            "every": 300,
            "maxAge": (settings.idle.hours or 0) * 3600,
        },
    }  # fmt: skip


def _login(settings: Settings, roster: Sequence[Member]) -> tuple[dict[str, Any], dict[str, Secret]]:
    config: dict[str, Any] = {
        "Authenticator": {
            "allowed_users": sorted(member.id for member in roster),
            "allow_all": False,
            "allow_existing_users": False,
        },
        "JupyterHub": {"load_groups": roles.groups(settings, roster)},
        "Spawner": {"server_token_scopes": roles.user_scopes()},
    }
    login = settings.login
    if settings.hub.domain is not None:
        config["JupyterHub"]["subdomain_host"] = f"https://{settings.hub.domain}"
    if isinstance(login, OAuth):
        config["JupyterHub"]["authenticator_class"] = "generic-oauth"
        config["GenericOAuthenticator"] = {
            "client_id": login.client_id, "authorize_url": login.authorize_url, "token_url": login.token_url,
            "userdata_url": login.userdata_url, "username_claim": login.username_claim, "scope": list(login.scope),
            "oauth_callback_url": login.callback_url, "login_service": login.button,
        }  # fmt: skip
        return config, {"OAUTH_CLIENT_SECRET": login.client_secret}
    raise SettingsError(f'login.kind = "{login.kind}" needs one machine; on Kubernetes use "oauth".')


def _extra_config(settings: Settings, roster: Sequence[Member]) -> str:
    numbers = account_numbers(roster)
    members = {member.id: {"role": member.role, "uid": numbers[member.id]} for member in roster}
    profiles = [
        {
            "slug": profile.name, "display_name": profile.title, "description": profile.text,
            "default": profile.default, "roles": list(profile.roles),
            "kubespawner_override": overrides(settings, profile),
        }
        for profile in settings.profiles
    ]  # fmt: skip
    return _CONFIG.format(members=json.dumps(members), profiles=json.dumps(profiles), etc=_ETC)


def _mount(path: Path, part: str, **how: Any) -> dict[str, Any]:
    return {"name": "shared", "mountPath": str(path), "subPath": part, **how}


def _https(settings: Settings) -> dict[str, Any]:
    if settings.hub.bind.startswith("https"):
        host = settings.hub.bind.split("://", 1)[1].split("/", 1)[0].rsplit(":", 1)[0]
        return {"enabled": True, "hosts": [host], "type": "secret", "secret": {"name": "tp555-tls"}}
    return {"enabled": True, "type": "offload"}


def _reference(secret: Secret) -> Mapping[str, Any]:
    """Where Kubernetes finds a secret: the key ``env`` of the Secret ``tp555-hub``."""
    if secret.env is None:
        raise SettingsError('On Kubernetes a secret is a key of the Secret "tp555-hub": write { env = "KEY" }.')
    return {"valueFrom": {"secretKeyRef": {"name": "tp555-hub", "key": secret.env}}}


def _image(image: str) -> tuple[str, str]:
    name, colon, tag = image.rpartition(":")
    if not colon or "/" in tag:
        raise SettingsError(f"{image!r} names no version: write name:tag.")
    return name, tag
