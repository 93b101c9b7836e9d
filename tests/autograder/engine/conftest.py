"""What tests of the engines have in common."""

from pathlib import Path

import pytest
from courses import RIGHT, TinyCourse


@pytest.fixture
def course(tmp_path: Path) -> TinyCourse:
    """Two students with right answers."""
    course = TinyCourse(tmp_path / "c")
    for student in ("ana", "bia"):
        course.submit(student, RIGHT)
    return course
