"""What is in the repository is all that the packages need."""

import subprocess
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no clone")
def test_git_ignores_no_source_of_a_package() -> None:
    """``feedback/`` of a course is ignored, ``gradebook/feedback/`` is not: a new module would be left behind."""
    sources = [path for name in ("autograder", "gradebook", "hub") for path in (ROOT / name).rglob("*.py")]
    names = "\0".join(str(path.relative_to(ROOT)) for path in sources)
    command = ["git", "check-ignore", "--no-index", "-z", "--stdin"]
    found = subprocess.run(command, input=names, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (found.returncode, found.stdout.split("\0")[:-1]) == (1, [])


def test_no_two_test_modules_have_one_name() -> None:
    """pytest imports them by their names alone, and a run of all tests ends where two are equal."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("*.py") if path.name != "conftest.py")
    assert [name for name, count in names.items() if count > 1] == []
