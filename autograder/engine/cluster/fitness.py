"""Whether a worker grades as the client would: the same Python, libraries and code."""

import hashlib
import json
import platform
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

from autograder.errors import GraderError, UsageError

__all__ = ["differences", "fingerprint", "missing_layers", "refusal"]

#: What a score may depend on. TensorFlow has several distributions; which of them does not matter.
_LIBRARIES = (
    ("tensorflow", "tensorflow-cpu"),
    ("keras",),
    ("numpy",),
    ("scikit-learn",),
    ("pandas",),
    ("matplotlib",),
    ("h5py",),
    ("scikeras",),
    ("keras-tuner",),
    ("optuna",),
    ("nbclient",),
    ("ipykernel",),
    ("jupyter_client",),
    ("distributed",),
)


def _look() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for names in _LIBRARIES:
        found[names[0]] = next((v for name in names if (v := _version(name)) is not None), "none")
    found["autograder's code"] = _code()
    return found


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _code() -> str:
    package = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for path in sorted([*package.rglob("*.py"), *package.rglob("*.po")]):
        digest.update(f"{path.relative_to(package)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


#: As it was when this process imported the grader: a worker not restarted after an update still runs the old.
_MINE = _look()


def fingerprint() -> dict[str, str]:
    """Versions by name, and a digest of this project's code, of this process."""
    return dict(_MINE)


def differences(client: Mapping[str, str], worker: Mapping[str, str]) -> list[str]:
    """What a worker has otherwise than the client, in words."""
    return [
        f"{name} {worker.get(name, 'none')} there, {client.get(name, 'none')} here"
        for name in sorted({*client, *worker})
        if client.get(name) != worker.get(name)
    ]


def refusal(refused: Mapping[str, str]) -> tuple[str, str]:
    """What is wrong with workers, each reason once, and how to mend it."""
    by_reason = Counter(refused.values())
    said = []
    for why, count in by_reason.most_common(5):
        worker = min(w for w, reason in refused.items() if reason == why)
        more = f" and {count - 1} more" if count > 1 else ""
        said.append(f"worker {worker}{more}: {why}")
    hint = (
        "Workers need the same environment as this command, and `autograder data` run once: see docs/scaling.md."
    )
    if all("disk is full" in why for why in by_reason):
        hint = "Make room there, then run the same command again: what had been graded is recorded."
    return "The cluster is not fit to grade this course: " + "; ".join(said).rstrip(".") + ".", hint


def missing_layers(*, allow_weak: bool) -> tuple[str, ...]:
    """As ``doctor.require``, in a process of its own: the doctor forks, and a worker has many threads.

    Raises:
        UsageError: This host cannot hold student code, or not as well as it was asked.
        GraderError: The process failed.
    """
    done = subprocess.run(
        [sys.executable, "-I", "-m", "autograder.engine.cluster.fitness", *(["weak"] if allow_weak else [])],
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    try:
        said = json.loads(done.stdout)
    except ValueError as error:
        tail = done.stderr.decode(errors="replace")[-300:]
        raise GraderError(f"What isolates student code could not be tried: {tail}.") from error
    if said["error"] is not None:
        raise UsageError(*said["error"])
    return tuple(said["missing"])


def _main() -> None:
    from autograder.sandbox import doctor

    try:
        missing = doctor.require(allow_weak="weak" in sys.argv[1:])
    except UsageError as error:
        sys.stdout.write(json.dumps({"missing": [], "error": [error.what, error.hint]}))
    else:
        sys.stdout.write(json.dumps({"missing": missing, "error": None}))


if __name__ == "__main__":
    _main()
