"""Accounts and folders of a hub on one machine: made when missing, left alone otherwise. Needs root."""

import contextlib
import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from hub.roster import Member
from hub.settings import Settings, SettingsError, SystemAccounts

__all__ = ["Account", "account", "limit_disk", "make_accounts", "make_folders", "remove_accounts"]

#: The full name of each account that a hub made, so that no other is ever touched.
_MARK = "tp555 hub"
#: How many files somebody may have where there is a quota: empty ones take no block, and fill a disk all the same.
_FILES = "500000"
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


@dataclass(frozen=True)
class Account:
    """An account of this machine.

    Args:
        name: Login.
        uid: Its number.
        gid: Its own group's number.
        home: Its home.
    """

    name: str
    uid: int
    gid: int
    home: Path


def account(name: str) -> Account:
    """Look one up.

    Raises:
        SettingsError: There is none of that name.
    """
    try:
        found = pwd.getpwnam(name)
    except KeyError:
        raise SettingsError(f"This machine has no account {name!r}.") from None
    return Account(name, found.pw_uid, found.pw_gid, Path(found.pw_dir))


def make_accounts(settings: Settings, roster: Sequence[Member]) -> list[str]:
    """An account for the grader and for everybody of the roster; which were made.

    Nobody can log in to the machine with one: their passwords are locked.

    Raises:
        SettingsError: An account of that name is there and was not made by this hub; or one is missing that
            somebody else makes (``system-accounts``).
    """
    wanted = [(settings.course.grader, settings.home / "grader")]
    if isinstance(settings.login, SystemAccounts):  # the machine's own administrator makes people's
        for member in roster:
            account(member.id)
    else:
        wanted += [(member.id, settings.home / "homes" / member.id) for member in roster]
    made = []
    for name, home in wanted:
        try:
            known = pwd.getpwnam(name)
        except KeyError:
            home.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            _run("useradd", "--create-home", "--home-dir", str(home), "--shell", "/bin/bash", "--comment", _MARK,
                 "--user-group", name)  # fmt: skip
            home.chmod(0o700)
            made.append(name)
        else:
            if known.pw_gecos.split(",")[0] != _MARK or Path(known.pw_dir) != home:
                raise SettingsError(
                    f"This machine has an account {name!r} that this hub has not made. Give that person another "
                    f"id in {settings.roster}, or let people log in with accounts of the machine: "
                    'login.kind = "system-accounts".'
                )
    return made


def limit_disk(settings: Settings, roster: Sequence[Member]) -> None:
    """Set everybody's quota, of bytes and of files; without ``quota`` in the settings, whatever is set stays.

    Raises:
        SettingsError: The file system of ``home`` has no user quotas.
    """
    if settings.quota is None:
        return
    kibibytes = int(settings.quota[:-1]) * 1024 ** "KMGT".index(settings.quota[-1])
    for member in roster:
        try:
            _run("setquota", "-u", member.id, "0", str(kibibytes), "0", _FILES, str(_mount_of(settings.home)))
        except (SettingsError, OSError) as error:
            raise SettingsError(
                f"quota = {settings.quota!r} could not be set. {error}\n"
                f"    apt-get install quota; mount {_mount_of(settings.home)} (ext4) with "
                "usrquota; quotacheck and quotaon"
            ) from error


def _mount_of(path: Path) -> Path:
    return next(place for place in (path, *path.parents) if place.is_mount())


def remove_accounts(settings: Settings) -> list[str]:
    """End what the accounts that this hub has made still run, and remove them with their homes; which.

    Course, exchange and data stay, as root's.
    """
    ours = [
        entry
        for entry in pwd.getpwall()
        if entry.pw_gecos.split(",")[0] == _MARK and Path(entry.pw_dir).is_relative_to(settings.home)
    ]
    _end({entry.pw_uid for entry in ours})
    for entry in ours:
        _run("userdel", "--remove", entry.pw_name)
    # What stays belongs to root: the next account with such a number must not own hidden tests or submissions.
    _give(settings.home, {entry.pw_uid for entry in ours}, 0, 0)
    return [entry.pw_name for entry in ours]


def _end(uids: set[int]) -> None:
    """Kill their processes, until none is left: userdel refuses an account that is in use."""
    while running := [process for process in psutil.process_iter(["uids"]) if process.info["uids"].real in uids]:
        for process in running:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(running, timeout=5)


def _give(folder: Path, before: set[int], uid: int, gid: int) -> None:
    """What belongs to some accounts, below a folder, gets another owner; of links the links themselves."""
    for root, folders, files in os.walk(folder):
        for path in (Path(root), *(Path(root, name) for name in (*folders, *files))):
            if path.lstat().st_uid in before:
                os.chown(path, uid, gid, follow_symlinks=False)


def make_folders(settings: Settings) -> None:
    """The folders below ``home``, each open to those whom it concerns and to nobody else.

    nbgrader would make those of the exchange when a list is released; until then anybody could, and be in its way.
    A course that accounts left which have been removed becomes the grader's again; submissions that were not
    collected do not: whose they were is not known any more.
    """
    grader = account(settings.course.grader)
    course = settings.folder("course")
    if course.exists() and course.stat().st_uid == 0:
        theirs = settings.folder("exchange") / settings.course.id
        for folder in (course, theirs / "outbound", theirs / "feedback"):
            _give(folder, {0}, grader.uid, grader.gid)
    settings.home.mkdir(mode=0o755, parents=True, exist_ok=True)
    exchange = f"exchange/{settings.course.id}"
    for name, mode, owned in [
        ("state", 0o700, False),
        ("course", 0o700, True),
        ("etc", 0o755, False),
        ("data", 0o755, False),
        ("exchange", 0o755, True),
        (exchange, 0o755, True),
        (f"{exchange}/outbound", 0o755, True),
        (f"{exchange}/inbound", 0o3733, True),
        (f"{exchange}/feedback", 0o711, True),
        ("exchange", 0o1777, True),
    ]:
        _folder(settings.home, name, mode, *((grader.uid, grader.gid) if owned else (0, 0)))


def _folder(root: Path, name: str, mode: int, uid: int, gid: int) -> None:
    """Make a folder below ``root`` if there is none; whatever it was, it has this owner and mode now.

    The grader owns some of these folders: no link on the way is followed.
    """
    *before, last = name.split("/")
    folder = os.open(root, _DIRECTORY)
    try:
        for part in before:
            folder = _inside(folder, part)
        with contextlib.suppress(FileExistsError):
            os.mkdir(last, 0o700, dir_fd=folder)
        folder = _inside(folder, last)
        os.fchown(folder, uid, gid)
        os.fchmod(folder, mode)
    except OSError as error:
        raise SettingsError(f"{root / name} should be a folder of the hub: {error.strerror}.") from error
    finally:
        os.close(folder)


def _inside(folder: int, name: str) -> int:
    inner = os.open(name, _DIRECTORY, dir_fd=folder)
    os.close(folder)
    return inner


def _run(*command: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    # userdel ends with 12 where the mail spool was never there; the account is gone.
    if done.returncode and not (command[0] == "userdel" and done.returncode == 12):
        raise SettingsError(f"`{' '.join(command)}` failed: {done.stderr.strip()}")
