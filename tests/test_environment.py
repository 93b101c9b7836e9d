"""Locks, conda environments and pyproject.toml name the same versions."""

import importlib.util
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
#: What each lock is of.
EXTRAS = {
    "cpu": ("cpu",), "gpu": ("gpu",), "hub": ("cpu", "hub"), "hub-gpu": ("gpu", "hub"), "dask": ("dask",),
    "dev": ("cpu", "hub", "dev"),
}  # fmt: skip
LOCKS = (*EXTRAS, "uv")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def conda_script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("conda_environments", ROOT / "requirements" / "conda.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CONDA = conda_script()


def pins_of(extra: str) -> list[Requirement]:
    return CONDA.pins(ROOT / "requirements" / f"{extra}.txt")


def pip_section(file: str) -> list[Requirement]:
    environment = yaml.safe_load((ROOT / file).read_text())
    *_, last = environment["dependencies"]
    assert last["pip"][-1] == "-e ."
    return [Requirement(line) for line in last["pip"][:-1]]


def text_of(requirement: Requirement) -> tuple[str, str, str]:
    return canonicalize_name(requirement.name), str(requirement.specifier), str(requirement.marker or "")


@pytest.mark.parametrize("extra", LOCKS)
def test_every_locked_version_has_a_hash_and_no_address(extra):
    """A lock says what to install and how to recognise it; where from is the machine's business."""
    text = (ROOT / "requirements" / f"{extra}.txt").read_text()
    assert "://" not in text
    assert not re.search(r"^\s*(-i|-f|--index|--extra-index|--find-links)", text, re.MULTILINE)
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert blocks
    assert [block.splitlines()[0] for block in blocks if "--hash=sha256:" not in block] == []


@pytest.mark.parametrize("extra", EXTRAS)
def test_a_lock_satisfies_every_bound_of_pyproject(extra):
    """What the project declares is in the lock, at a version that it allows."""
    wanted = [Requirement(line) for line in PROJECT["dependencies"]]
    for name in EXTRAS[extra]:
        wanted += [Requirement(line) for line in PROJECT["optional-dependencies"][name]]
    wanted = [requirement for requirement in wanted if requirement.name != PROJECT["name"]]  # other extras
    locked: dict[str, list[Requirement]] = {}
    for pin in pins_of(extra):
        locked.setdefault(canonicalize_name(pin.name), []).append(pin)
    for requirement in wanted:
        found = locked.get(canonicalize_name(requirement.name), [])
        assert found, f"{requirement} is not in requirements/{extra}.txt: run `make lock`"
        for pin in found:
            (version,) = (part.version for part in pin.specifier)
            assert requirement.specifier.contains(version, prereleases=True), f"{pin} breaks {requirement}"


def test_all_locks_agree():
    """A package has one version (a Python and machine), whichever extras are installed together."""
    known = {text_of(pin)[::2]: pin for pin in pins_of("dev")}
    for extra in LOCKS:
        for pin in pins_of(extra):
            other = known.setdefault(text_of(pin)[::2], pin)
            assert str(pin.specifier) == str(other.specifier), f"{pin} in {extra}.txt, {other} elsewhere"


@pytest.mark.parametrize("file", ["environment.yml", "environment-gpu.yml"])
def test_conda_environment_is_what_make_lock_writes(file):
    """Nobody edited a conda environment by hand, or forgot it after a change of the locks."""
    assert (ROOT / file).read_text() == CONDA.render(file)


@pytest.mark.parametrize(("file", "extra"), [("environment.yml", "cpu"), ("environment-gpu.yml", "gpu")])
def test_conda_environment_holds_the_versions_of_the_locks(file, extra):
    """conda users get every locked package at its version, and nothing that no lock knows."""
    found = {text_of(pin)[:2] for pin in pip_section(file)}
    needed = {text_of(pin)[:2] for pin in CONDA.for_linux(pins_of(extra))}
    known = needed | {text_of(pin)[:2] for pin in CONDA.for_linux(pins_of("dev"))}
    assert needed <= found <= known
    names = [canonicalize_name(pin.name) for pin in pip_section(file)]
    assert {"tensorflow", "nbgrader", "jupyterlab", "pytest", "nbformat", "pandas"} <= set(names[:8])
    assert len(names) == len(set(names))


@pytest.mark.parametrize("file", ["environment.yml", "environment-gpu.yml"])
def test_conda_environment_has_the_python_of_the_project(file):
    """The interpreter that conda brings is one that the project supports."""
    environment = yaml.safe_load((ROOT / file).read_text())
    python = next(line for line in environment["dependencies"] if str(line).startswith("python="))
    assert python == "python=3.11"
    assert PROJECT["requires-python"] == ">=3.11"
