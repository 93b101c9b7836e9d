"""Writes environment.yml and environment-gpu.yml from the locks, so that conda users get the same versions.

Called by ``make lock``. Packages come from PyPI in these environments too (conda brings Python and pip):
one source of versions instead of two.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
PYTHON = "3.11"
#: What a course is about; the rest follows from these.
MAIN = ("tensorflow", "tensorflow-cpu", "keras", "nbgrader", "jupyterlab", "pytest", "nbformat", "pandas")
#: Machines that the environments are for; a marker that holds on some of them only is kept.
MACHINES = ("x86_64", "aarch64")
TENSORFLOW: Final = {"tensorflow", "tensorflow-cpu"}
FILES = {
    "environment.yml": ("tp555", "without a GPU"),
    "environment-gpu.yml": ("tp555-gpu", "with an NVIDIA GPU (the host needs only its driver)"),
}


def pins(lock: Path) -> list[Requirement]:
    """The ``name==version ; marker`` lines of a lock file, without their hashes."""
    lines = lock.read_text(encoding="utf-8").splitlines()
    return [Requirement(line.removesuffix("\\").strip()) for line in lines if line[:1].isalnum()]


def for_linux(requirements: Iterable[Requirement]) -> list[Requirement]:
    """What is needed on Linux with the environments' Python; markers only where machines differ."""
    chosen = []
    for requirement in requirements:
        if requirement.marker is None:
            chosen.append(requirement)
            continue
        holds = [
            requirement.marker.evaluate(
                {
                    "python_version": PYTHON,
                    "python_full_version": f"{PYTHON}.9",
                    "implementation_name": "cpython",
                    "platform_python_implementation": "CPython",
                    "sys_platform": "linux",
                    "platform_system": "Linux",
                    "os_name": "posix",
                    "platform_machine": machine,
                }
            )
            for machine in MACHINES
        ]
        if all(holds):
            requirement.marker = None
        if any(holds):
            chosen.append(requirement)
    return chosen


def packages(file: str) -> list[Requirement]:
    """The pins of ``environment.yml`` or ``environment-gpu.yml``: the main ones first, then by name."""
    locks = ROOT / "requirements"
    found = for_linux(pins(locks / "dev.txt"))
    if file == "environment-gpu.yml":
        gpu = for_linux(pins(locks / "gpu.txt"))
        known = {canonicalize_name(requirement.name) for requirement in gpu}
        found = gpu + [r for r in found if canonicalize_name(r.name) not in known | TENSORFLOW]

    def rank(requirement: Requirement) -> tuple[int, str]:
        name = canonicalize_name(requirement.name)
        return (MAIN.index(name) if name in MAIN else len(MAIN), name)

    return sorted(found, key=rank)


def render(file: str) -> str:
    """The text of ``environment.yml`` or ``environment-gpu.yml``."""
    name, purpose = FILES[file]
    lines = [
        f"# TP555 autograder {purpose}. Written by `make lock` from requirements/*.txt: change it there.",
        f"#   conda env create -f {file}",
        f"name: {name}",
        "channels: [conda-forge, nodefaults]",
        "dependencies:",
        f"  - python={PYTHON}",
        "  - pip",
        "  - pip:",
    ]
    for requirement in packages(file):
        text = f"{requirement.name}{requirement.specifier}"
        if requirement.marker is not None:
            text = f'"{text} ; {str(requirement.marker).replace(chr(34), chr(39))}"'
        if lines[-1].startswith("      - pandas="):
            lines.append("      # what these need, at the versions that the tests ran with")
        lines.append(f"      - {text}")
    return "\n".join([*lines, "      - -e .", ""])


if __name__ == "__main__":
    for file in FILES:
        (ROOT / file).write_text(render(file), encoding="utf-8")
