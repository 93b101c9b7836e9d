"""The disk fills up while notebooks are graded: the run stops and says so, loses no score, and goes on later."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from courses import RIGHT, TinyCourse

from autograder.errors import UsageError
from autograder.grade import Options, grade
from gradebook.records import Records

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.usefixtures("zygote"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk that is small"),
]


class Disk:
    """A small file system, and what fills it."""

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / ".ballast"

    def fill(self) -> None:
        """Take all that is free."""
        with self._ballast.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(4096))
        assert shutil.disk_usage(self._ballast.parent).free == 0

    def make_room(self) -> None:
        """Give it back."""
        self._ballast.unlink()


@pytest.fixture
def course(tmp_path: Path) -> TinyCourse:
    course = TinyCourse(tmp_path / "c")
    for student in ("ana", "bia"):
        course.submit(student, RIGHT)
    return course


@pytest.fixture(params=["evidence", "autograded", "database"])
def disk(request: pytest.FixtureRequest, course: TinyCourse) -> Iterator[Disk]:
    """One of the course's folders is a disk of its own."""
    (course.root / "database").mkdir()
    folder = course.root / request.param
    folder.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs", folder], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", folder], check=True)


def opened(course: TinyCourse) -> Records:
    return Records(f"sqlite:///{course.root / 'database' / 'gradebook.db'}")


def graded(course: TinyCourse, *students: str) -> dict[str, float | None]:
    """Grade; the scores of all."""
    with opened(course) as records:
        grade(course.root, "lista", records, Options(students, jobs=1))
    return recorded(course)


def recorded(course: TinyCourse) -> dict[str, float | None]:
    with opened(course) as records:
        return {one.report.student: one.report.score for one in records.reports("lista")}


def test_a_full_disk_stops_the_run_and_costs_nothing(course: TinyCourse, disk: Disk) -> None:
    before = graded(course, "ana")
    disk.fill()
    with pytest.raises(UsageError, match="The disk is full") as stopped:
        graded(course, "bia")
    assert "Make room" in str(stopped.value.hint)
    disk.make_room()
    assert recorded(course) == before
    assert graded(course) == {**before, "bia": before["ana"]}
