"""The course on the hub: its sources, its people in the gradebook, its data sets, all in the grader's hands."""

import csv
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from hub.accounts import account
from hub.roster import Member
from hub.settings import Settings, SettingsError

__all__ = ["grader_environment", "make_course", "run_as_grader"]

#: What of the repository a course is made of. What instructors change there is never overwritten.
_PARTS = ("assignments", "solutions", "nbgrader_config.py")


def grader_environment(settings: Settings) -> dict[str, str]:
    """The whole environment of what runs as the grader."""
    environment = settings.folder("env")
    return {
        "HOME": str(settings.home / "grader"),
        "USER": settings.course.grader,
        "LOGNAME": settings.course.grader,
        "PATH": f"{environment}/bin:/usr/bin:/bin",
        "LANG": os.environ.get("LANG", "C.UTF-8"),
        "AUTOGRADER_CACHE": str(settings.home / "grader" / "cache"),
        "JUPYTER_CONFIG_PATH": str(settings.folder("etc") / "grader"),
        "KERAS_HOME": str(settings.folder("data") / "keras"),
        "SCIKIT_LEARN_DATA": str(settings.folder("data") / "scikit_learn_data"),
    }


def run_as_grader(settings: Settings, command: Sequence[str | Path]) -> str:
    """Run one of the environment's programs in the course's folder; what it printed.

    Raises:
        SettingsError: It failed; with the end of what it said.
    """
    grader = account(settings.course.grader)
    done = subprocess.run(
        [str(settings.folder("env") / "bin" / str(command[0])), *map(str, command[1:])],
        cwd=settings.folder("course"), env=grader_environment(settings),
        user=grader.uid, group=grader.gid, extra_groups=[], umask=0o022,
        stdin=subprocess.DEVNULL, start_new_session=True, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-15:])
        raise SettingsError(f"`{' '.join(map(str, command))}`, run as {grader.name}, failed:\n{tail}")
    return done.stdout


def make_course(
    settings: Settings,
    roster: Sequence[Member],
    repository: Path,
    *,
    official: Path,
    say: Callable[[str], None] = print,
) -> None:
    """Put sources into the course's folder, data sets where they are looked for, people into the gradebook.

    Args:
        settings: The hub's.
        roster: Everybody.
        repository: Where the sources are.
        official: Verified data sets of this machine (``official/`` of the autograder's cache).
        say: Told what takes a while.

    Raises:
        SettingsError: Something could not be done.
    """
    grader = account(settings.course.grader)
    course = settings.folder("course")
    for name in _PARTS:
        if not (course / name).exists():
            _give(settings, repository / name, course / name)
    cache = settings.home / "grader" / "cache"
    if not (cache / "official").exists():
        say("Copying the data sets…")
        _give(settings, official, cache / "official", private=True)
    os.chown(settings.folder("data"), grader.uid, grader.gid)
    run_as_grader(settings, ["autograder", "data"])
    _people(settings, roster)


def _people(settings: Settings, roster: Sequence[Member]) -> None:
    """nbgrader's import adds who is missing and corrects names; who left the roster stays, with their grades."""
    students = [member for member in roster if member.role == "student"]
    grader = account(settings.course.grader)
    with tempfile.TemporaryDirectory(dir=settings.home) as scratch:
        file = Path(scratch) / "students.csv"
        with file.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow(["id", "first_name", "last_name", "email"])
            writer.writerows([m.id, m.first_name, m.last_name, m.email] for m in students)
        for path in (file, Path(scratch)):
            os.chown(path, grader.uid, grader.gid)
        run_as_grader(settings, ["nbgrader", "db", "student", "import", file])


def _give(settings: Settings, source: Path, target: Path, *, private: bool = False) -> None:
    """Copy a file or folder to the grader, whole or not at all.

    Whoever gets hold of the grader's account may have put links into its folders. So root reads the source, and a
    process of the grader's account writes.
    """
    grader = account(settings.course.grader)
    with tempfile.TemporaryFile() as packed:
        with tarfile.open(fileobj=packed, mode="w") as tar:
            tar.add(source, target.name, filter=_visible)
        packed.seek(0)
        done = subprocess.run(
            [settings.folder("env") / "bin" / "python", "-I", "-c", _UNPACK, target], stdin=packed,
            user=grader.uid, group=grader.gid, extra_groups=[], umask=0o077 if private else 0o022,
            env=grader_environment(settings), start_new_session=True, capture_output=True, text=True, check=False,
        )  # fmt: skip
    if done.returncode:
        raise SettingsError(f"{source} could not be copied to {target}: {done.stderr.strip()[-500:]}")


#: Run as the grader: takes a tar from its input.
_UNPACK = """
import os, shutil, sys, tarfile
target = sys.argv[1]
partial = target + ".partial"
shutil.rmtree(partial, ignore_errors=True)
os.makedirs(partial)
with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as tar:  # packed by root: files and folders, no links
    tar.extraction_filter = getattr(tarfile, "data_filter", None)  # which Python 3.11.2 has not
    for member in tar:
        tar.extract(member, partial, set_attrs=False)  # modes are the umask's
os.rename(os.path.join(partial, os.path.basename(target)), target)
os.rmdir(partial)
"""


def _visible(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    """Files and folders; no hidden ones, no caches, no links."""
    name = PurePosixPath(member.name).name
    wanted = (member.isfile() or member.isdir()) and not name.startswith(".") and name != "__pycache__"
    return member if wanted else None
