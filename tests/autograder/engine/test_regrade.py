"""Judging again from evidence: changed tests and points on submissions that were collected long ago."""

import importlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from courses import TinyCourse, cell_of, code, solution, source_notebook, test
from nbformat import NotebookNode, read

from autograder.errors import GraderError, UsageError
from autograder.grade import Options, grade
from autograder.messages import using_language
from autograder.regrade import Regraded, regrade
from autograder.sandbox.client import Zygote
from gradebook.records import Graded, Records

pytestmark = pytest.mark.sandbox

#: Counts runs on disk of the host? A kernel cannot; it leaves a different number each time it is run instead.
CELLS = [
    solution("import random\ncorrida = random.random()\ndef dobro(x):\n    return 2 * x", "dobro"),
    test("assert dobro(2) == 4", "dobro-test", 2),
    solution("lista = [1, 2, 3]", "lista"),
    test("print(corrida)\nassert len(lista) == 3", "lista-test", 2),
    code("Por quê?", "id-end"),
]
RIGHT = {
    "dobro": "import random\ncorrida = random.random()\ndef dobro(x):\n    return 2 * x",
    "lista": "lista = [1, 2, 3]",
}


class Class:
    """A graded course, whose tests can be changed."""

    def __init__(self, root: Path, cells: list[NotebookNode] = CELLS) -> None:
        self.course = TinyCourse(root / "c", cells={"tiny": cells})
        self.course.submit("ana", RIGHT)
        self.course.submit("bia", {**RIGHT, "dobro": "corrida = 0\ndef dobro(x):\n    return x + 2"})

    def records(self) -> Records:
        """The gradebook."""
        return Records(f"sqlite:///{self.course.root / 'gradebook.db'}")

    def grade(self) -> None:
        """Grade everybody."""
        with self.records() as records:
            grade(self.course.root, "lista", records, Options(jobs=2))

    def regrade(self) -> Regraded:
        """Judge everybody again."""
        with self.records() as records:
            return regrade(self.course.root, "lista", records, Options(jobs=2))

    def change(self, cells: list[NotebookNode]) -> None:
        """Put other cells into the source notebook and the release."""
        for folder in ("assignments", "release"):
            self.course._write(source_notebook(cells), self.course.root / folder / "lista" / "tiny.ipynb")

    def printed(self, student: str) -> str:
        """What the test of the list printed: tells whether the notebook ran again."""
        path = self.course.root / "autograded" / student / "lista" / "tiny.ipynb"
        return str(cell_of(read(path, as_version=4), "lista-test").outputs[0].text)


def scores(done: Regraded) -> dict[str, float]:
    return {g.report.student: g.score for g in done.result.graded}


def graded_of(done: Regraded, student: str) -> Graded:
    return next(g for g in done.result.graded if g.report.student == student)


@pytest.fixture
def klass(zygote: Zygote, tmp_path: Path) -> Class:
    made = Class(tmp_path)
    made.grade()
    return made


def test_nothing_changed_means_nothing_judged(klass: Class) -> None:
    """Every pair of evidence and test was judged before."""
    done = klass.regrade()
    assert (done.judged, done.kept, done.ran) == (0, 2, {})
    assert scores(done) == {"ana": 4, "bia": 4}


def test_a_changed_test_is_judged_on_what_was_kept(klass: Class) -> None:
    """The student's notebook does not run: its random number is the one of before."""
    before = klass.printed("ana")
    klass.change([*CELLS[:1], test("assert dobro(2) == 4\nassert dobro(2) > 3", "dobro-test", 2), *CELLS[2:]])
    done = klass.regrade()
    assert (done.judged, done.ran) == (2, {})
    assert klass.printed("ana") == before
    assert scores(done) == {"ana": 4, "bia": 4}


def test_a_new_test_may_ask_for_the_text_that_made_the_values(klass: Class) -> None:
    """It was kept with them."""
    source = "from autograder import check\ncheck.passes('dobro', 'x', position=0, title='a')\ncheck.uses('lista')"
    klass.change([*CELLS[:1], test(source, "dobro-test", 2), *CELLS[2:4], test(source, "novo-test", 2), CELLS[4]])
    done = klass.regrade()
    assert (done.judged, done.ran) == (4, {})
    assert scores(done) == {"ana": 2, "bia": 2}


def test_a_question_that_was_never_asked_makes_that_notebook_run_again(klass: Class) -> None:
    """And says so; the others do not."""
    klass.change([*CELLS[:1], test("assert dobro(2) == 4 and dobro(5) == 10", "dobro-test", 2), *CELLS[2:]])
    done = klass.regrade()
    assert set(done.ran) == {"ana/tiny", "bia/tiny"}
    assert "never asked" in done.ran["ana/tiny"]
    assert scores(done) == {"ana": 4, "bia": 2}


def test_changed_points_are_counted_anew(klass: Class) -> None:
    """Without a run, and without judging."""
    klass.change([*CELLS[:3], test("print(corrida)\nassert len(lista) == 3", "lista-test", 5), CELLS[4]])
    done = klass.regrade()
    assert (done.judged, done.ran) == (0, {})
    assert scores(done) == {"ana": 7, "bia": 7}


def test_test_cells_come_and_go(klass: Class) -> None:
    """On submissions that were collected before they were written."""
    fresh = test("assert sum(lista) == 6\nassert lista[0] == 1", "sum-test", 3)
    klass.change([CELLS[0], *CELLS[2:4], fresh, CELLS[4]])
    done = klass.regrade()
    assert done.ran == {}
    assert done.judged == 2
    assert scores(done) == {"ana": 5, "bia": 5}
    assert [v.grade_id for v in graded_of(done, "ana").report.verdicts] == ["lista-test", "sum-test"]


def test_what_was_handed_in_since_is_no_matter_of_a_regrade(klass: Class) -> None:
    """Who had handed in nothing, or what cannot be read, or another file beside it: each is graded, and not given
    the score of before."""
    (klass.course.folder("caio") / "other.txt").write_text("not yet")
    klass.course.folder("davi").joinpath("tiny.ipynb").write_text("no notebook")
    klass.grade()
    assert {g.report.student: g.report.status for g in klass.regrade().result.graded} == {
        "ana": "graded", "bia": "graded", "caio": "missing", "davi": "refused",
    }  # fmt: skip
    for student in ("caio", "davi"):
        klass.course.submit(student, RIGHT)
    (klass.course.folder("bia") / "dados.csv").write_text("1,2")
    done = klass.regrade()
    assert set(done.ran) == {"bia/tiny", "caio/tiny", "davi/tiny"}
    assert scores(done) == {"ana": 4, "bia": 4, "caio": 4, "davi": 4}


def test_a_run_that_was_stopped_before_it_was_recorded_does_not_lend_its_evidence(klass: Class) -> None:
    """The evidence is of the new submission, the report of the old one."""
    klass.course.submit("bia", {**RIGHT, "lista": "lista = []"})
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Records, "record", _stopped)
        with pytest.raises(GraderError, match="it is stopped here"):
            klass.grade()
    done = klass.regrade()
    assert set(done.ran) == {"bia/tiny"}
    assert scores(done) == {"ana": 4, "bia": 2}


def _stopped(*_: object, **__: object) -> None:
    raise GraderError("it is stopped here")


@pytest.mark.parametrize("which", ["grade", "regrade"])
def test_who_waited_goes_by_the_list_as_it_is_then(
    klass: Class, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it waited for another command, the points of a question were changed."""

    @contextmanager
    def waited(*_: object, **__: object) -> Iterator[None]:
        klass.change([*CELLS[:3], test("print(corrida)\nassert len(lista) == 3", "lista-test", 5), CELLS[4]])
        yield

    monkeypatch.setattr(importlib.import_module(f"autograder.{which}"), "hold", waited)
    getattr(klass, which)()
    with klass.records() as records:
        assert {g.report.student: g.max_score for g in records.reports("lista")} == {"ana": 7, "bia": 7}


def test_judging_again_is_done_here_also_with_a_cluster(klass: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    """So this host has to be able to hold it: else every score would become a review."""

    def cannot(**_: object) -> None:
        raise UsageError("no namespaces here")

    changed = [*CELLS[:1], test("assert dobro(2) == 4\nassert dobro(2) > 3", "dobro-test", 2), *CELLS[2:]]
    klass.course._write(source_notebook(changed), klass.course.root / "assignments" / "lista" / "tiny.ipynb")
    monkeypatch.setattr("autograder.sandbox.doctor.require", cannot)
    with klass.records() as records, pytest.raises(UsageError, match="no namespaces here"):
        grade(klass.course.root, "lista", records, Options(engine="dask://127.0.0.1:1"))
    with klass.records() as records:
        assert {g.report.student: g.score for g in records.reports("lista")} == {"ana": 4, "bia": 4}


def test_evidence_of_another_shape_stops_nobody_else(klass: Class) -> None:
    """Somebody has written to it: that notebook runs again."""
    path = klass.course.root / "evidence" / "lista" / "ana" / "tiny" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "records": ["none"]}))
    done = klass.regrade()
    assert set(done.ran) == {"ana/tiny"}
    assert scores(done) == {"ana": 4, "bia": 4}


def test_comments_of_the_grader_are_in_the_language_of_the_list(zygote: Zygote, tmp_path: Path) -> None:
    """Graded, and judged again; with others working in the other language."""
    from nbgrader.api import Gradebook

    course = TinyCourse(tmp_path / "c", settings='language = "en"\n')
    course.folder("ana")
    for work in (grade, regrade):
        with Records(f"sqlite:///{course.root / 'gradebook.db'}") as records, using_language("pt_BR"):
            work(course.root, "lista", records, Options())
        with Gradebook(f"sqlite:///{course.root / 'gradebook.db'}") as book:
            said = book.find_comment("essay", "tiny", "lista", "ana").auto_comment
        assert said == "This notebook was not handed in."


def test_manual_scores_and_comments_stay(klass: Class) -> None:
    """What a TA gave is theirs."""
    from nbgrader.api import Gradebook

    with Gradebook(f"sqlite:///{klass.course.root / 'gradebook.db'}") as gradebook:
        found = gradebook.find_grade("dobro-test", "tiny", "lista", "bia")
        found.manual_score = 1.5
        gradebook.db.commit()
    klass.change([*CELLS[:1], test("assert dobro(2) == 4\nassert True", "dobro-test", 2), *CELLS[2:]])
    assert scores(klass.regrade()) == {"ana": 4, "bia": 3.5}


def test_a_submission_that_was_handed_in_again_runs_again(klass: Class) -> None:
    """Its evidence is of another text."""
    klass.course.submit("ana", {**RIGHT, "lista": "lista = [1]"})
    done = klass.regrade()
    assert "handed in again" in done.ran["ana/tiny"]
    assert scores(done) == {"ana": 2, "bia": 4}


def test_evidence_that_was_changed_on_disk_is_not_judged(klass: Class) -> None:
    """The notebook runs again."""
    place = klass.course.root / "evidence" / "lista" / "ana" / "tiny"
    manifest = json.loads((place / "manifest.json").read_text())
    blob = place / "blobs" / manifest["records"]["lista-test"]["document"]
    blob.write_bytes(blob.read_bytes().replace(b'"0x1"', b'"0x2"'))
    klass.change([*CELLS[:3], test("print(corrida)\nassert len(lista) >= 3", "lista-test", 2), CELLS[4]])
    done = klass.regrade()
    assert "ana/tiny" in done.ran
    assert "bia/tiny" not in done.ran
    assert scores(done) == {"ana": 4, "bia": 4}


def test_a_test_that_builds_on_an_earlier_one_is_judged_with_it(zygote: Zygote, tmp_path: Path) -> None:
    """Names that test cells bind are there at a regrade too."""
    first = test("esperado = 6\nassert lista", "first-test", 1)
    cells = [
        *CELLS[:1],
        solution("lista = [1, 2, 3]", "lista"),
        first,
        test("assert sum(lista) == esperado", "second-test", 1),
    ]
    klass = Class(tmp_path, cells)
    klass.grade()
    klass.change([*cells[:3], test("assert sum(lista) == esperado\nassert esperado > 5", "second-test", 1)])
    done = klass.regrade()
    assert (done.judged, done.ran) == (2, {})
    assert scores(done) == {"ana": 2, "bia": 2}


def test_cells_that_import_the_same_do_not_build_on_each_other(zygote: Zygote, tmp_path: Path) -> None:
    """Every test cell says ``from autograder import check``: a change in one is judged in one."""
    head = "from autograder import check\n"
    cells = [
        *CELLS[:1],
        solution("lista = [1, 2, 3]", "lista"),
        test(f"{head}check.equal(dobro(2), 4, title='dobro')", "first-test", 1),
        test(f"{head}check.equal(len(lista), 3, title='três')", "second-test", 1),
    ]
    klass = Class(tmp_path, cells)
    klass.grade()
    klass.change([*cells[:2], test(f"{head}check.that(dobro(2) > 3, 'dobro')", "first-test", 1), cells[3]])
    done = klass.regrade()
    assert (done.judged, done.ran) == (2, {})
    assert scores(done) == {"ana": 2, "bia": 2}
