"""``python -m hub``: install a hub on this machine and run it."""

import argparse
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import yaml

from hub import accounts, jupyter
from hub.configure import SETTINGS
from hub.course import make_course
from hub.environment import make_environment, make_proxy
from hub.kubernetes import account_numbers, helm_values
from hub.logins import first_passwords
from hub.roster import Member, read_roster
from hub.settings import Demo, Settings, SettingsError, read_settings

_REPOSITORY = Path(__file__).resolve().parents[1]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; its exit status."""
    parser = argparse.ArgumentParser(prog="python -m hub", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in [
        ("install", "accounts, folders, environment, course: what is missing"),
        ("up", "the same, then the hub until Ctrl-C"),
    ]:
        command = commands.add_parser(name, help=text)
        command.add_argument("settings", type=Path, help="the hub's TOML file")
        command.add_argument("--roster", type=Path, help="people, for a hub that has none yet")
    for name, text in [
        ("values", "print values for the chart Zero to JupyterHub"),
        ("grader", "write Jupyter's and nbgrader's settings for a grader whose students are in containers"),
    ]:
        command = commands.add_parser(name, help=text)
        command.add_argument("settings", type=Path, help="the hub's TOML file")
        command.add_argument("--roster", type=Path, required=True, help="people")
        if name == "grader":
            command.add_argument("--to", type=Path, required=True, help="a folder for JUPYTER_CONFIG_PATH")
    command = commands.add_parser("remove-accounts", help="remove the accounts that the hub made, and their homes")
    command.add_argument("settings", type=Path, help="the hub's TOML file")
    options = parser.parse_args(arguments)
    try:
        if options.command in ("values", "grader"):
            _print(options)
            return 0
        if os.geteuid() != 0:
            raise SettingsError("A hub starts servers as other accounts, so it needs root: sudo make hub")
        path = options.settings.resolve()
        settings = read_settings(path)
        if options.command == "remove-accounts":
            _say("Removed: " + (", ".join(accounts.remove_accounts(settings)) or "none"))
            return 0
        roster = _install(settings, options.roster)
        if options.command == "up":
            _run(settings, path, roster)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


class _Blocks(yaml.SafeDumper):
    """Writes what has several lines as lines."""


_Blocks.add_representer(
    str,
    lambda dumper, text: dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    ),
)


def _print(options: argparse.Namespace) -> None:
    """What another machine needs: nothing is done here."""
    settings, roster = read_settings(options.settings), read_roster(options.roster)
    if options.command == "values":
        sys.stdout.write(
            yaml.dump(helm_values(settings, roster), Dumper=_Blocks, sort_keys=False, allow_unicode=True)
        )
    else:
        jupyter.write(settings, options.to, account_numbers(roster))


def _install(settings: Settings, people: Path | None) -> tuple[Member, ...]:
    _close(_REPOSITORY)
    settings.home.mkdir(mode=0o755, parents=True, exist_ok=True)
    if not settings.roster.exists():
        if people is None:
            raise SettingsError(f"There is no roster at {settings.roster}: put one there, or give --roster FILE.")
        read_roster(people)
        shutil.copyfile(people, settings.roster)
        settings.roster.chmod(0o600)
    elif people is not None and people.read_bytes() != settings.roster.read_bytes():
        _say(f"{settings.roster} is this hub's roster; {people} differs, and is not used. Change the first.")
    roster = read_roster(settings.roster)
    make_environment(settings.folder("env"), _REPOSITORY, say=_say)
    make_proxy(settings.home / "proxy", settings.folder("env"), Path(__file__).parent / "proxy", say=_say)
    made = accounts.make_accounts(settings, roster)
    if made:
        _say(f"Accounts made: {', '.join(made)}")
    accounts.make_folders(settings)
    accounts.limit_disk(settings, roster)
    jupyter.write(settings, settings.folder("etc"))
    make_course(settings, roster, _REPOSITORY, official=_cache() / "official", say=_say)
    return roster


def _close(repository: Path) -> None:
    """The repository holds hidden tests and solutions: no student's account may look into it or its history."""
    asked = subprocess.run(
        ["git", "-C", repository, "rev-parse", "--path-format=absolute", "--git-common-dir"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    history = [Path(asked.stdout.strip())] if asked.returncode == 0 else []
    for folder in (repository, *history):
        mode = folder.stat().st_mode
        if mode & stat.S_IRWXO:
            folder.chmod(mode & ~stat.S_IRWXO)
            _say(
                f"{folder} holds hidden tests: closed it to other accounts (chmod o-rwx). Close other copies too."
            )


def _cache() -> Path:
    """Where ``autograder data`` of this account keeps the official data sets."""
    found = os.environ.get("AUTOGRADER_CACHE")
    if found:
        return Path(found)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tp555-autograder"


def _check_ports(settings: Settings) -> None:
    """Ports that students' processes cannot take are those below what the kernel keeps for root.

    Raises:
        SettingsError: It keeps too few, as in many containers; a demo only says so.
    """
    first = int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())
    highest = max(settings.course.port, *settings.hub.ports)
    if first <= highest:
        text = (
            f"Here any account may listen on ports from {first}, and so on port {highest}, where the hub or "
            "formgrader does: sysctl net.ipv4.ip_unprivileged_port_start=1024"
        )
        if not isinstance(settings.login, Demo):
            raise SettingsError(text)
        _say(text)


def _run(settings: Settings, path: Path, roster: tuple[Member, ...]) -> None:
    _check_ports(settings)
    if isinstance(settings.login, Demo):
        passwords = first_passwords(settings.folder("state") / "demo-passwords.csv", roster)
        _say(f"\n{settings.hub.bind}\n")
        width = max(map(len, passwords))
        for member in roster:
            _say(f"  {member.id:{width}}  {passwords[member.id]}  {member.role}")
        _say("")
    env = settings.folder("env")
    environment = {
        "PATH": f"{env}/bin:{settings.home}/proxy/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(Path.home()),
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        SETTINGS: str(path),
        **{name: value for name, value in os.environ.items() if name.startswith("TP555_")},
    }
    (config,) = env.glob("lib/python3*/site-packages/hub/jupyterhub_config.py")
    os.chdir(settings.folder("state"))
    sys.stdout.flush()
    os.execve(env / "bin" / "jupyterhub", ["jupyterhub", "-f", str(config)], environment)


def _say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
