"""The benchmark that kills whatever grades at random moments, shortened: no score is lost, doubled or wrong."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.sandbox, pytest.mark.tensorflow, pytest.mark.slow, pytest.mark.timeout(900)]

ROOT = Path(__file__).parent.parent


def test_no_score_is_lost_doubled_or_wrong_when_processes_are_killed() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "faults.py", "--kills", "8", "--students", "4", "--seed", "3"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip(), done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["kills"] == 8
    assert found["killed"]["Dask worker"] >= 1
    assert {name: found[name] for name in ("lost", "doubled", "wrong", "marks_lost")} == {
        "lost": 0, "doubled": 0, "wrong": 0, "marks_lost": 0,
    }  # fmt: skip
    assert (found["grade_status"], found["regrade_status"], done.returncode) == (0, 0, 0)
