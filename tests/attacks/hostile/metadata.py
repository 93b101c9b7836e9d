"""Forging what the notebook says of itself: points, ids, locks, copies, kinds of cells."""

import copy
from collections.abc import Callable

from courses import cell_of
from nbformat import NotebookNode
from nbgrader.utils import determine_grade

from hostile.attack import Attack, Weak
from hostile.course import FULL, Lab
from hostile.weak import executed, untouched

__all__ = ["ATTACKS"]

_WRONG = {"resposta": "resposta = 7"}
_LOST = {"resposta-test": 0.0}
Edit = Callable[[NotebookNode], None]


def believing(least: float = 9.0) -> Weak:
    """A grader that takes the notebook as it is: the tests that are in it, their points and their ids."""

    def succeeds(attack: Attack, lab: Lab) -> bool:
        notebook, _ = executed(untouched(attack), attack)
        total = sum(
            float(determine_grade(cell)[0] or 0)
            for cell in notebook.cells
            if cell.cell_type == "code" and cell.metadata.get("nbgrader", {}).get("grade")
        )
        return total >= least

    return succeeds


def loses_the_test(attack: Attack, lab: Lab) -> bool:
    """A grader that looks for its test cell in the notebook does not find it, and gives no zero."""
    notebook = untouched(attack)
    return not any(c.metadata.get("nbgrader", {}).get("grade_id") == "resposta-test" for c in notebook.cells)


def _edit(name: str, success: str, edit: Edit, weak: Weak | None = None) -> Attack:
    return Attack(name, "metadata", success, weak or believing(sum(FULL.values())), _WRONG, _LOST, edit=edit)


def _points(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata["nbgrader"]["points"] = 1000


def _unlocked(notebook: NotebookNode) -> None:
    cell = cell_of(notebook, "resposta-test")
    cell.source = "assert True"
    cell.metadata["nbgrader"] |= {"locked": False}


def _renamed(notebook: NotebookNode) -> None:
    cell = cell_of(notebook, "resposta-test")
    cell.metadata["nbgrader"]["grade_id"] = "outra-coisa"
    cell.id = "outra"


def _deleted(notebook: NotebookNode) -> None:
    notebook.cells.remove(cell_of(notebook, "resposta-test"))


def _swapped(notebook: NotebookNode) -> None:
    hard, easy = cell_of(notebook, "resposta-test"), cell_of(notebook, "chave-test")
    hard.metadata["nbgrader"]["grade_id"], easy.metadata["nbgrader"]["grade_id"] = "chave-test", "resposta-test"
    hard.id, easy.id = easy.id, hard.id


def _duplicated(notebook: NotebookNode) -> None:
    easy = cell_of(notebook, "antes-test")
    for number in range(5):
        twin = copy.deepcopy(easy)
        twin.id = f"copia-{number}"
        notebook.cells.append(twin)


def _tasks(notebook: NotebookNode) -> None:
    cell = cell_of(notebook, "resposta-test")
    cell.cell_type = "markdown"
    cell.pop("outputs", None)
    cell.pop("execution_count", None)
    cell.metadata["nbgrader"] |= {"task": True, "grade": False, "points": 100}
    cell.metadata["nbgrader"]["grade_id"] = "tarefa"


def _schema(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata["nbgrader"] |= {"schema_version": 1, "checksum": "0" * 32, "points": float("inf")}


def _tags(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution", "raises-exception"]
    cell_of(notebook, "resposta-test").source = ""


def _helper(notebook: NotebookNode) -> None:
    cell_of(notebook, "helper").source = "def confere(valor):\n    return True"
    cell_of(notebook, "chave").source = "chave = 7"


def _stolen_id(notebook: NotebookNode) -> None:
    """An own cell, with the id of the test, that comes first."""
    test = cell_of(notebook, "resposta-test")
    own = copy.deepcopy(test)
    own.source = "resposta = 7"
    own.metadata["nbgrader"] |= {"locked": False, "grade": True, "points": 2}
    notebook.cells.insert(0, own)
    notebook.cells.remove(test)


def _early(notebook: NotebookNode) -> None:
    """The test stands before the wrong answer, and after a right one of nobody's."""
    test = cell_of(notebook, "resposta-test")
    notebook.cells.remove(test)
    notebook.cells.insert(notebook.cells.index(cell_of(notebook, "resposta")), test)
    first = cell_of(notebook, "antes")
    first.source += "\nresposta = 42"


def _shadow(notebook: NotebookNode) -> None:
    """The answer's metadata say that it is the test, and the test's that it is an answer."""
    answer, test = cell_of(notebook, "resposta"), cell_of(notebook, "resposta-test")
    answer.metadata["nbgrader"], test.metadata["nbgrader"] = test.metadata["nbgrader"], answer.metadata["nbgrader"]
    answer.id, test.id = test.id, answer.id


def _kernel(notebook: NotebookNode) -> None:
    notebook.metadata["kernelspec"] = {"name": "bash", "display_name": "x", "language": "bash"}
    notebook.metadata["language_info"] = {"name": "bash"}
    cell_of(notebook, "resposta-test").metadata["nbgrader"]["points"] = 50


ATTACKS = (
    _edit("points-raised", "each test is worth a thousand points", _points, believing(1000)),
    _edit("test-unlocked", "the test's text is the student's own", _unlocked),
    _edit("test-renamed", "the test is another cell, and its points wait for a person for ever", _renamed,
          loses_the_test),
    _edit("test-deleted", "the test is not there", _deleted, loses_the_test),
    _edit("ids-swapped", "a hard test is scored by an easy one", _swapped),
    _edit("test-copied", "an easy test counts six times", _duplicated, believing(sum(FULL.values()) + 3)),
    _edit("test-made-a-task", "the test becomes a task for a person to read", _tasks, loses_the_test),
    _edit("schema-and-points", "an old schema, and points that are infinite", _schema, believing(1e9)),
    _edit("tags", "tags that tell a runner to skip the tests", _tags),
    Attack(
        "locked-helper-edited", "metadata", "the instructor's locked helper is edited",
        believing(sum(FULL.values())), {"chave": "chave = 7"}, {"chave-test": 0.0}, edit=_helper,
    ),
    _edit("cell-id-stolen", "a cell of the student's own has the test's id, and comes first", _stolen_id),
    _edit("test-moved", "the test runs before the answer that it tests", _early),
    _edit("kernel-renamed", "the notebook asks for another kernel, and for more points", _kernel, believing(50)),
)  # fmt: skip
