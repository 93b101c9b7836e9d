"""The disk fills up while notebooks are graded: the run stops and says so, loses no score, and goes on later."""

from collections.abc import Iterator

import pytest
from courses import RIGHT, TinyCourse
from disks import Disk, needs_mount, small_disk

from autograder.errors import UsageError
from autograder.grade import Options, grade
from autograder.regrade import regrade
from gradebook.records import Records

pytestmark = [pytest.mark.sandbox, pytest.mark.usefixtures("zygote"), needs_mount]


@pytest.fixture(params=["evidence", "autograded", "database"])
def disk(request: pytest.FixtureRequest, course: TinyCourse) -> Iterator[Disk]:
    """One of the course's folders is a disk of its own."""
    (course.root / "database").mkdir()
    with small_disk(course.root / request.param) as disk:
        yield disk


def opened(course: TinyCourse) -> Records:
    return Records(f"sqlite:///{course.root / 'database' / 'gradebook.db'}")


def graded(course: TinyCourse, *students: str) -> dict[str, float | None]:
    """Grade; the scores of all."""
    with opened(course) as records:
        grade(course.root, "lista", records, Options(students, jobs=1))
    return recorded(course)


def regraded(course: TinyCourse) -> dict[str, float | None]:
    """Judge again; the scores of all."""
    with opened(course) as records:
        assert not regrade(course.root, "lista", records, Options()).ran
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


def test_a_disk_that_has_room_for_little_stops_the_run_too(course: TinyCourse) -> None:
    """What one notebook leaves does not fit, the rest would: nobody's score becomes a review."""
    big = "import os\nopen('dados.bin', 'wb').write(os.urandom(700_000))\n"
    course.submit("bia", {**RIGHT, "double": big + RIGHT["double"]})
    (course.root / "database").mkdir()
    with small_disk(course.root / "evidence") as disk:
        before = graded(course, "ana")
        disk.fill(but=300_000)
        with pytest.raises(UsageError, match="The disk is full"):
            graded(course, "bia")
        assert recorded(course) == before
        disk.make_room()
        assert graded(course) == {**before, "bia": before["ana"]}


def test_a_full_disk_stops_judging_again_and_costs_nothing(course: TinyCourse, disk: Disk) -> None:
    before = graded(course)
    for folder in ("assignments", "release"):
        path = course.root / folder / "lista" / "tiny.ipynb"
        path.write_text(path.read_text().replace("square[3] == 9", "square[3] == 9 + 0 * square[2]"))
    disk.fill()
    with pytest.raises(UsageError, match="The disk is full"):
        regraded(course)
    disk.make_room()
    assert recorded(course) == before
    assert regraded(course) == before
