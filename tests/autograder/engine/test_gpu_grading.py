"""A notebook is graded on the GPU of its place, from the settings to the sandbox; its judge has none."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from courses import TinyCourse, code, solution, test
from fake_gpus import CARDS, fake_root, fake_smi

from autograder.engine import Course, here
from autograder.engine.grading import Graded, grade_notebook
from autograder.engine.places import Machine, Place, Places, plan
from autograder.errors import UsageError
from autograder.sandbox import cgroup, gpu, gpu_access
from autograder.sandbox.client import Zygote
from autograder.submission import find

LIMITS = "[limits]\ncell_cpu = 10\nnotebook_cpu = 30\n"
CELLS = [
    solution("import os", "look"),
    # The judge calls the student's function, and looks around itself.
    test(
        "import os\nnodes = ' '.join(os.listdir('/dev'))\n"
        "print('judge', os.environ.get('CUDA_VISIBLE_DEVICES'), 'nvidia' in nodes)\n"
        "print('kernel', seen())",
        "look-test",
        1,
    ),
    code("", "end"),
]
LOOK = (
    "import os\ndef seen():\n    nodes = sorted(n for n in os.listdir('/dev') if 'nvidia' in n)\n"
    "    return f\"{os.environ['CUDA_VISIBLE_DEVICES']} {os.environ['OMP_NUM_THREADS']} {' '.join(nodes)}\""
)


def graded(course: TinyCourse, place: Place | None) -> Graded:
    opened = Course.open(course.root, course.assignment)
    (one,) = find(course.root, "lista")
    return asyncio.run(grade_notebook(opened, one, course.assignment.notebooks[0], place=place))


def printed(result: Graded) -> list[str]:
    assert result.report.error is None
    assert result.notebook is not None
    return "".join(o.get("text", "") for c in result.notebook.cells for o in c.get("outputs", [])).splitlines()


def course_of(folder: Path, settings: str = LIMITS) -> TinyCourse:
    course = TinyCourse(folder / "c", cells={"tiny": CELLS}, settings=settings)
    course.submit("ana", {"look": LOOK})
    return course


@pytest.fixture(scope="module")
def machine() -> Iterator[Path]:
    """Device files of two cards."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield fake_root(Path(folder, "root"), CARDS, nodes=os.geteuid() == 0)


@pytest.mark.parametrize("place", [None, Place("local", None, None, 1)])
def test_what_requires_a_gpu_is_not_graded_without(tmp_path: Path, place: Place | None) -> None:
    course = course_of(tmp_path, LIMITS + 'gpu = "required"\n')
    with pytest.raises(UsageError, match="lista requires a GPU"):
        graded(course, place)


@pytest.mark.sandbox
def test_without_a_place_all_is_as_ever(zygote: Zygote, tmp_path: Path) -> None:
    threads = len(os.sched_getaffinity(0))
    assert printed(graded(course_of(tmp_path), None)) == ["judge  False", f"kernel  {threads} "]


@pytest.mark.sandbox
@pytest.mark.skipif(os.geteuid() != 0, reason="makes device files")
@pytest.mark.skipif(not cgroup.counts_memory(), reason="no kernel gets a GPU here")
def test_a_notebook_has_the_gpu_of_its_place_and_the_judge_none(
    zygote: Zygote, tmp_path: Path, machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = course_of(tmp_path, LIMITS + 'gpu = "if there"\ngpu_memory = 8000\n')
    found = gpu.find(command=fake_smi(machine.parent, CARDS))
    monkeypatch.setattr(here, "_cards_here", lambda: found)
    monkeypatch.setattr(here, "share_of", lambda one, memory: gpu_access.share_of(one, memory, root=machine))
    places = Places(plan(Machine(8, found.gpus), course.settings.limits, threads=3))
    nodes = "nvidia-uvm nvidia-uvm-tools"
    for card in CARDS:
        place = places.acquire()
        assert place is not None
        assert place.gpu_memory == 8000
        assert printed(graded(course, place)) == [
            "judge  False", f"kernel {card.uuid} 3 {nodes} nvidia{card.minor} nvidiactl",
        ]  # fmt: skip


@pytest.mark.sandbox
def test_a_gpu_that_is_not_there_costs_nobody_points(
    zygote: Zygote, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is the grader's failure, and needs a person."""
    monkeypatch.setattr(here, "_cards_here", lambda: gpu.Found(problem="The driver hangs."))
    report = graded(course_of(tmp_path), Place("local", "GPU-x", None, 1)).report
    assert report.status == "failed"
    assert report.needs_review
    assert "local has no GPU GPU-x. The driver hangs." in str(report.error)
