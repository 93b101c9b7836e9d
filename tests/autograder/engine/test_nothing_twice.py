"""What is unchanged is not run again; what people gave stays; what was killed is repeated, and nothing else."""

from pathlib import Path
from typing import Any

import pytest
from courses import TinyCourse, cell_of, solution, source_notebook, test, text
from nbformat import NotebookNode, read
from nbgrader.api import Gradebook

from autograder import work
from autograder.grade import Options, grade
from autograder.sandbox.client import Zygote
from gradebook.records import Records

pytestmark = pytest.mark.sandbox

#: A kernel leaves a different number each time it runs.
RUN = "import random\ncorrida = random.random()\ndef dobro(x):\n    return 2 * x"


def cells(expected: int = 4) -> list[NotebookNode]:
    return [
        solution(RUN, "dobro"),
        test(f"print(corrida)\nassert dobro(2) == {expected}", "dobro-test", 2),
        text("Modelo.", "id-essay", grade=True, solution=True, points=1),
    ]


class Class:
    """A course with two answers, graded when it is made."""

    def __init__(self, root: Path) -> None:
        self.course = TinyCourse(root / "c", cells={"tiny": cells()})
        for student in ("ana", "bia"):
            self.submit(student, "2026-05-04 12:00:00 UTC")
        self.grade()

    def submit(self, student: str, when: str, answer: str = RUN) -> None:
        """Hand in."""
        self.course.submit(student, {"dobro": answer, "essay": "Porque sim."})
        (self.course.folder(student) / "timestamp.txt").write_text(when)

    def grade(self, **options: Any) -> dict[str, float]:
        """Grade; the scores."""
        with Records(f"sqlite:///{self.course.root / 'gradebook.db'}") as records:
            result = grade(self.course.root, "lista", records, Options(jobs=2, **options))
        return {row["student"]: row["score"] for row in result.rows()}

    def runs(self) -> dict[str, str]:
        """What tells one run from another."""
        found = {}
        for student in ("ana", "bia"):
            path = self.course.root / "autograded" / student / "lista" / "tiny.ipynb"
            outputs = cell_of(read(path, as_version=4), "dobro-test").outputs
            found[student] = "".join(o.text for o in outputs if o.output_type == "stream")
        return found

    def recorded(self) -> list[Any]:
        """When each report was written, and every change of a score."""
        with Records(f"sqlite:///{self.course.root / 'gradebook.db'}") as records:
            return [*(g.recorded_at for g in records.reports("lista")), *records.history(assignment="lista")]

    def gave(self, student: str) -> tuple[float | None, str | None, bool]:
        """What a person gave for the essay and wrote beside it, and whether they are asked again."""
        with Gradebook(f"sqlite:///{self.course.root / 'gradebook.db'}") as book:
            mark = book.find_grade("essay", "tiny", "lista", student)
            comment = book.find_comment("essay", "tiny", "lista", student)
            return mark.manual_score, comment.manual_comment, mark.needs_manual_grade

    def give(self, student: str) -> None:
        """Mark the essay, as formgrader does."""
        with Gradebook(f"sqlite:///{self.course.root / 'gradebook.db'}") as book:
            mark = book.find_grade("essay", "tiny", "lista", student)
            mark.manual_score, mark.needs_manual_grade = 0.75, False
            book.find_comment("essay", "tiny", "lista", student).manual_comment = "Bem dito."
            book.db.commit()


@pytest.fixture
def klass(zygote: Zygote, tmp_path: Path) -> Class:
    return Class(tmp_path)


def test_a_second_grading_runs_nothing(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    klass.give("ana")
    before, recorded = klass.runs(), klass.recorded()
    assert klass.grade() == {"ana": 2.75, "bia": 2.0}
    assert klass.runs() == before
    assert "2 of 2 notebooks are unchanged" in capsys.readouterr().err
    assert klass.recorded() == recorded
    assert klass.grade(force=True) == {"ana": 2.75, "bia": 2.0}
    assert all(klass.runs()[who] != before[who] for who in before)
    assert klass.gave("ana") == (0.75, "Bem dito.", False)


def test_only_what_was_handed_in_anew_runs(klass: Class, capsys: pytest.CaptureFixture[str]) -> None:
    before = klass.runs()
    klass.submit("bia", "2026-05-05 12:00:00 UTC", RUN.replace("2 * x", "3 * x"))
    assert klass.grade() == {"ana": 2.0, "bia": 0.0}
    after = klass.runs()
    assert after["ana"] == before["ana"]
    assert after["bia"] != before["bia"]
    assert "handed in anew (1)" in capsys.readouterr().err


def test_another_test_is_judged_from_evidence(klass: Class) -> None:
    before = klass.runs()
    klass.course._write(source_notebook(cells(5)), klass.course.root / "assignments" / "lista" / "tiny.ipynb")
    assert klass.grade() == {"ana": 0.0, "bia": 0.0}
    assert klass.runs() == before


def test_the_same_answer_at_another_time_is_not_run(klass: Class) -> None:
    """But it is later, and what it replaced is kept; nobody has to read the essay again."""
    klass.give("ana")
    before = klass.runs()
    klass.submit("ana", "2026-05-05 12:00:00 UTC")
    klass.grade()
    assert klass.runs() == before
    assert klass.gave("ana") == (0.75, "Bem dito.", False)
    with Records(f"sqlite:///{klass.course.root / 'gradebook.db'}") as records:
        [graded] = records.reports("lista", student="ana")
        assert str(graded.submitted_at)[:10] == "2026-05-05"
        assert [str(attempt.submitted_at)[:10] for attempt in records.attempts("lista")] == ["2026-05-04"]


def test_what_the_grader_could_not_do_is_done_again(
    klass: Class, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = klass.runs()

    def full(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(work, "_write_autograded", full)
        klass.submit("ana", "2026-05-05 12:00:00 UTC", RUN + "\n")
        klass.grade()
    assert klass.grade() == {"ana": 2.0, "bia": 2.0}
    assert klass.runs()["bia"] == before["bia"]
    assert "the grader failed (1)" in capsys.readouterr().err
