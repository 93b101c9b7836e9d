"""Turn settings and roster into JupyterHub's configuration."""

import os
import pwd
import sys
from pathlib import Path
from typing import Any

from hub import jupyter, logins, roles, spawners
from hub.course import grader_environment
from hub.home import DATA
from hub.membership import DATABASE, forget_groups
from hub.roster import Member, read_roster
from hub.settings import Docker, Hub, Profile, Settings, read_settings

__all__ = ["SETTINGS", "configure"]

#: Names the settings file, for the hub and for what it starts.
SETTINGS = "TP555_HUB"


def configure(c: Any, path: str | Path | None = None) -> Settings:
    """Set everything on ``c``, the object of a ``jupyterhub_config.py``.

    Args:
        c: traitlets' configuration.
        path: The settings; the environment variable ``TP555_HUB`` if not given.

    Raises:
        SettingsError: Settings, roster or a secret cannot be used.
    """
    settings = read_settings(Path(path or os.environ[SETTINGS]))
    roster = read_roster(settings.roster)
    _hub(c, settings.hub, settings)
    if isinstance(settings.spawner, Docker):
        c.JupyterHub.hub_ip = settings.spawner.address
    logins.configure(c, settings, roster)
    _servers(c, settings, {member.id: member for member in roster})
    c.JupyterHub.load_groups = roles.groups(settings, roster)
    c.JupyterHub.load_roles = [*roles.roles(settings), *_culler_role()]
    c.JupyterHub.services = [_culler(settings), _formgrader(settings)]
    return settings


def _hub(c: Any, hub: Hub, settings: Settings) -> None:
    state = settings.folder("state")
    c.JupyterHub.bind_url = hub.bind
    c.JupyterHub.db_url = f"sqlite:///{state / DATABASE}"
    forget_groups(state / DATABASE, roles.groups(settings, ()))
    c.JupyterHub.hub_port, api = hub.ports
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{api}"
    if hub.domain is not None:
        c.JupyterHub.subdomain_host = f"https://{hub.domain}"
    c.JupyterHub.cookie_secret_file = str(state / "cookie-secret")
    c.ConfigurableHTTPProxy.pid_file = str(state / "proxy.pid")
    if hub.certificate is not None:
        c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = str(hub.certificate), str(hub.key)
    c.JupyterHub.active_server_limit = settings.idle.servers
    c.JupyterHub.concurrent_spawn_limit = settings.idle.starting
    # A hub that is started again finds the servers that run: nobody loses a kernel.
    c.JupyterHub.cleanup_servers = False


def _servers(c: Any, settings: Settings, members: dict[str, Member]) -> None:
    c.JupyterHub.spawner_class = spawners.SPAWNERS[settings.spawner.kind]
    for name, traits in spawners.spawner(settings).items():
        for trait, value in traits.items():
            setattr(c[name], trait, value)
    c.Spawner.server_token_scopes = roles.user_scopes()
    data = settings.folder("data")
    c.Spawner.environment = {"SCIKIT_LEARN_DATA": str(data / "scikit_learn_data"), DATA: str(data)}
    c.Spawner.env_keep = ["LANG"]
    in_container = isinstance(settings.spawner, Docker)
    if in_container:
        c.Spawner.cmd = ["jupyterhub-singleuser"]  # the image's
    else:
        c.Spawner.environment["PATH"] = f"{settings.folder('env')}/bin:/usr/local/bin:/usr/bin:/bin"
        c.Spawner.cmd = [str(settings.folder("env") / "bin" / "jupyterhub-singleuser")]

    def offers(spawner: Any) -> dict[str, Profile]:
        found = spawners.visible(settings.profiles, members.get(spawner.user.name))
        return {profile.name: profile for profile in found}

    def form(spawner: Any) -> str:
        profiles = offers(spawner).values()
        return spawners.form(profiles) if len(profiles) > 1 else ""

    def ready(spawner: Any) -> None:
        member = members.get(spawner.user.name)
        offered = offers(spawner)
        chosen = spawner.user_options.get("profile")
        if chosen is None:
            chosen = next((name for name, profile in offered.items() if profile.default), next(iter(offered)))
        if not isinstance(chosen, str) or chosen not in offered:
            raise ValueError(f"{chosen!r} is none of the profiles: {', '.join(offered)}")
        teaches = member is not None and member.role != "student"
        role = jupyter.TEACHER if teaches else jupyter.STUDENT
        environment = {"JUPYTER_CONFIG_PATH": str(settings.folder("etc") / role)}
        for trait, value in spawners.overrides(settings, offered[chosen]).items():
            if trait == "environment":
                environment |= value
            else:
                setattr(spawner, trait, value)
        if in_container:
            who = pwd.getpwnam(spawner.user.name)
            spawner.extra_create_kwargs = {"user": f"{who.pw_uid}:{who.pw_gid}", "working_dir": who.pw_dir}
            environment |= {"HOME": who.pw_dir, "USER": who.pw_name}
        spawner.environment = {**spawner.environment, **environment}

    c.Spawner.options_form = form
    c.Spawner.options_from_form = spawners.options_from_form
    c.Spawner.pre_spawn_hook = ready


def _formgrader(settings: Settings) -> dict[str, Any]:
    """Formgrader and the review pages, as the grader's account, with an environment of their own."""
    command = [str(settings.folder("env") / "bin" / "jupyterhub-singleuser"), "--ServerApp.root_dir=."]
    return roles.formgrader(settings, command, grader_environment(settings))


def _culler(settings: Settings) -> dict[str, Any]:
    idle = settings.idle
    command = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={idle.minutes * 60}"]
    if idle.hours is not None:
        command.append(f"--max-age={idle.hours * 3600}")
    return {"name": "idle-culler", "command": command}


def _culler_role() -> list[dict[str, Any]]:
    scopes = ["list:users", "read:users:activity", "read:servers", "delete:servers"]
    return [{"name": "idle-culler", "scopes": scopes, "services": ["idle-culler"]}]
