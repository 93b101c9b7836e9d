"""A disk fills up while a cluster grades: the run stops and says which, and goes on later."""

from pathlib import Path

import pytest
from clusters import Cluster, graded_on
from courses import TinyCourse
from disks import needs_mount, small_disk

from autograder.errors import UsageError

pytestmark = [pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(600), needs_mount]


@pytest.mark.parametrize("where", ["evidence", "shared"])
def test_a_full_disk_stops_the_run_and_costs_nothing(
    cluster: Cluster, course: TinyCourse, tmp_path: Path, where: str
) -> None:
    """The course's own, or the storage's: that one every worker meets, and each says so."""
    folder = {"evidence": course.root / "evidence", "shared": tmp_path / "shared"}[where]
    with small_disk(folder) as disk:
        disk.fill()
        with pytest.raises(UsageError, match="disk is full"):
            graded_on(cluster, course, storage=str(tmp_path / "shared"))
        disk.make_room()
        again = dict(graded_on(cluster, course, storage=str(tmp_path / "shared")))
        assert {student: graded.report.score for student, graded in again.items()} == {"ana": 5, "bia": 5}
