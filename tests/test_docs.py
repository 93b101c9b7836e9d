"""The page of checks is made from the code; these tests hold it there."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


@pytest.mark.tensorflow
@pytest.mark.slow
def test_the_page_of_checks_is_as_made_from_the_code(tmp_path: Path) -> None:
    """Also: each right answer passes, each wrong one fails, and no check is without a picture."""
    subprocess.run([sys.executable, DOCS / "checks.py", tmp_path], check=True, capture_output=True, timeout=250)
    made = {path.relative_to(tmp_path): path.read_text() for path in tmp_path.rglob("*.*")}
    kept = {path.relative_to(DOCS): path.read_text() for path in (DOCS / "img" / "checks").glob("*")}
    kept[Path("checks.md")] = (DOCS / "checks.md").read_text()
    assert sorted(made) == sorted(kept), "run `make docs`"
    assert [str(name) for name in made if made[name] != kept[name]] == [], "run `make docs`"


def test_no_example_is_left_over() -> None:
    """Each example is that of a public check."""
    from autograder import check

    assert {path.stem for path in (DOCS / "examples").glob("*.py")} <= set(check.__all__)
