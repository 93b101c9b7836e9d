"""How users' servers are started, and what each profile gets: settings as JupyterHub's own configuration.

Pure functions. A profile's limits mean: control groups under systemd, the container's limits under Docker,
requests and limits of the pod under Kubernetes; plain processes have none but the kernel's ``ulimit``, so that
spawner is for trying things.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from hub.roster import Member
from hub.settings import Docker, Kubernetes, Local, Profile, Settings, SettingsError, Systemd

__all__ = ["SPAWNERS", "form", "options_from_form", "overrides", "spawner", "visible"]

#: What each kind is in JupyterHub's ``spawner_class``.
SPAWNERS = {
    "local": "jupyterhub.spawner.LocalProcessSpawner",
    "systemd": "systemdspawner.SystemdSpawner",
    "docker": "dockerspawner.DockerSpawner",
    "kubernetes": "kubespawner.KubeSpawner",
}


def visible(profiles: Sequence[Profile], member: Member | None) -> tuple[Profile, ...]:
    """The profiles that somebody may choose; who is not on the roster gets what students get."""
    role = member.role if member is not None else "student"
    return tuple(profile for profile in profiles if role in profile.roles)


def form(profiles: Iterable[Profile]) -> str:
    """The page on which somebody chooses a profile, as HTML."""
    rows = [
        f'<div class="radio"><label><input type="radio" name="profile" value="{profile.name}"'
        f"{' checked' if profile.default else ''}> <b>{escape(profile.title)}</b> {escape(profile.text)}"
        "</label></div>"
        for profile in profiles
    ]
    return "\n".join(rows)


def options_from_form(form: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What was chosen there; what an address chose as well."""
    chosen = form.get("profile", [])
    return {"profile": chosen[0]} if chosen else {}


def spawner(settings: Settings) -> dict[str, dict[str, Any]]:
    """The parts of JupyterHub's configuration that start servers, by class and trait."""
    kind = settings.spawner
    common: dict[str, Any] = {
        "default_url": "/lab",
        "start_timeout": settings.idle.seconds,
        "http_timeout": settings.idle.seconds,
    }
    if isinstance(kind, Local):
        return {"Spawner": common, "LocalProcessSpawner": {"shell_cmd": []}}
    if isinstance(kind, Systemd):
        return {
            "Spawner": common,
            "SystemdSpawner": {
                "isolate_tmp": True,
                "isolate_devices": not any(p.gpus or p.slice for p in settings.profiles),
                "disable_user_sudo": True,
                "unit_name_template": f"{settings.course.id}-{{USERNAME}}{{SERVERNAME}}",
                "readonly_paths": [str(settings.folder("env"))],
                "unit_extra_properties": {
                    "NoNewPrivileges": "yes",
                    "InaccessiblePaths": f"-{settings.folder('course')} -{settings.folder('state')}",
                    "TasksMax": "512",
                },
            },
        }
    if isinstance(kind, Docker):
        return {
            "Spawner": common,
            "DockerSpawner": {
                "image": kind.image,
                "network_name": kind.network,
                "use_internal_ip": True,
                "remove": True,
                # The same paths inside and outside, so that nbgrader's settings are the same.
                "volumes": {
                    f"{settings.home}/homes/{{raw_username}}": f"{settings.home}/homes/{{raw_username}}",
                    str(settings.folder("exchange")): str(settings.folder("exchange")),
                },
                "read_only_volumes": {
                    str(settings.folder("etc")): str(settings.folder("etc")),
                    str(settings.folder("data")): str(settings.folder("data")),
                },
                "extra_host_config": {
                    "security_opt": ["no-new-privileges"],
                    "pids_limit": 512,
                    "cap_drop": ["ALL"],
                },
            },
        }
    raise SettingsError("On Kubernetes the chart configures the hub: python -m hub values FILE.")


def overrides(settings: Settings, profile: Profile) -> dict[str, Any]:
    """What a spawner gets for a profile: limits and devices, as attributes of the spawner object.

    Args:
        settings: The hub's.
        profile: What was chosen.
    """
    limits: dict[str, Any] = {"cpu_limit": profile.cpus, "mem_limit": profile.memory}
    if isinstance(settings.spawner, Docker):
        limits["image"] = profile.image or settings.spawner.image
        # Always set: the same spawner starts the next server, of another profile perhaps.
        host = dict(spawner(settings)["DockerSpawner"]["extra_host_config"])
        devices = _docker_devices(profile)
        limits["extra_host_config"] = host if devices is None else {**host, "device_requests": [devices]}
    elif isinstance(settings.spawner, Kubernetes):
        limits |= {
            "cpu_guarantee": profile.cpus / 2,
            "mem_guarantee": profile.memory,
            "image": profile.image or settings.spawner.image,
        }
        resource = _resource(profile)
        if resource is not None:
            limits["extra_resource_limits"] = resource
            limits["extra_resource_guarantees"] = resource
    else:
        limits["environment"] = {"CUDA_VISIBLE_DEVICES": _visible_devices(profile)}
    return limits


def _resource(profile: Profile) -> dict[str, str] | None:
    if profile.slice:
        return {profile.slice: "1"}
    return {"nvidia.com/gpu": str(profile.gpus)} if profile.gpus else None


def _docker_devices(profile: Profile) -> dict[str, Any] | None:
    """A device request of Docker's API: ``Count`` of any GPUs, or one by its id."""
    request: dict[str, Any] = {"Driver": "nvidia", "Capabilities": [["gpu"]]}
    if profile.slice:
        return {**request, "DeviceIDs": [profile.slice]}
    return {**request, "Count": profile.gpus} if profile.gpus else None


def _visible_devices(profile: Profile) -> str:
    """What CUDA may see. Processes of one machine are trusted to keep to it; containers are held to it."""
    if profile.slice:
        return profile.slice
    return ",".join(str(n) for n in range(profile.gpus))
