"""A submitted notebook comes back in the instructor's shape, with everything the student wrote."""

import json
import random
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
import pytest
from courses import (
    ESSAY_STUB,
    RIGHT,
    STUB,
    answered,
    cell_of,
    code,
    released,
    source_notebook,
    template,
    text,
    tiny,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.assignment import Template
from autograder.messages import using_language
from autograder.notebook import grade_id_of
from autograder.sanitise import Sanitised, match, sanitise

#: An unlocked cell with an id, as nbgrader leaves it when somebody set a type and took it back; and a task.
CELLS = [
    *tiny(),
    code("helper = 1", "id-free", grade=False),
    text(
        "Desenhe. === BEGIN MARK SCHEME ===\n1\n=== END MARK SCHEME ===",
        "id-task",
        task=True,
        locked=True,
        points=2,
    ),
]


@cache
def known() -> tuple[Template, NotebookNode]:
    with TemporaryDirectory() as folder:
        return template(CELLS, folder=Path(folder)), released(source_notebook(CELLS))


def clean(notebook: NotebookNode) -> Sanitised:
    with using_language("en"):
        return sanitise(notebook, *known())


def handed_in() -> NotebookNode:
    """A right submission, not tampered with."""
    return answered(known()[1], RIGHT)


def ids(notebook: NotebookNode) -> list[str]:
    return [identity for cell in notebook.cells if (identity := grade_id_of(cell))]


def brief(result: Sanitised) -> list[tuple[str, str]]:
    return [(cell.id, cell.source) for cell in result.notebook.cells]


def sources(notebook: NotebookNode, kind: str = "code") -> list[str]:
    return [cell.source for cell in notebook.cells if cell.cell_type == kind]


TEMPLATE_IDS = ["double", "double-test", "notice", "square", "square-test", "essay", "free", "task"]


def test_an_honest_submission_passes_unchanged_but_for_the_hidden_tests() -> None:
    result = clean(handed_in())
    assert ids(result.notebook) == TEMPLATE_IDS
    assert result.notices == ()
    assert result.untouched == frozenset()
    assert {k: cell_of(result.notebook, k).source for k in RIGHT} == RIGHT
    assert "BEGIN HIDDEN TESTS" in cell_of(result.notebook, "double-test").source
    assert [result.notebook.cells[result.position[k]].source for k in RIGHT] == list(RIGHT.values())
    nbformat.validate(result.notebook)


def test_stubs_and_empty_answers_are_untouched() -> None:
    result = clean(answered(known()[1], {"double": "  \n"}))
    assert result.untouched == {"double", "square", "essay"}


@pytest.mark.parametrize("identity", TEMPLATE_IDS)
def test_a_deleted_cell_is_put_back(identity: str) -> None:
    notebook = handed_in()
    notebook.cells.remove(cell_of(notebook, identity))
    result = clean(notebook)
    assert ids(result.notebook) == TEMPLATE_IDS
    source = cell_of(result.notebook, identity).source
    if identity in RIGHT:
        assert source == ""  # no answer, rather than the instructor's
        assert identity in result.untouched
    else:
        assert source == cell_of(known()[0].notebook, identity).source
    if identity not in ("notice", "free"):
        assert result.notices == (f"The cell “{identity}” was missing; it was put back.",)


@pytest.mark.parametrize("identity", ["double-test", "square-test", "notice", "task"])
def test_an_edited_locked_cell_is_restored(identity: str) -> None:
    notebook = handed_in()
    cell_of(notebook, identity).source = "pass  # full marks, please"
    result = clean(notebook)
    assert cell_of(result.notebook, identity).source == cell_of(known()[0].notebook, identity).source
    assert result.notices == (f"The locked cell “{identity}” had been edited; its text was restored.",)


def test_edited_points_are_restored() -> None:
    notebook = handed_in()
    cell_of(notebook, "square-test").metadata.nbgrader["points"] = 300
    result = clean(notebook)
    assert cell_of(result.notebook, "square-test").metadata.nbgrader.points == 3
    assert result.notices == ("The points of the cell “square-test” had been edited; they were restored.",)


def test_flags_that_were_edited_are_restored() -> None:
    """A test that says it is a solution would be the student's to write."""
    notebook = handed_in()
    cell = cell_of(notebook, "square-test")
    cell.metadata.nbgrader.update(solution=True, grade=False, locked=False)
    cell.source = "pass"
    assert "assert" in cell_of(clean(notebook).notebook, "square-test").source


@pytest.mark.parametrize("value", ["other", "", 7, None, ["square"], "\x1b[31m"])
def test_an_edited_id_is_found_by_the_cells_own_id(value: Any) -> None:
    notebook = handed_in()
    cell_of(notebook, "square").metadata.nbgrader["grade_id"] = value
    result = clean(notebook)
    assert ids(result.notebook) == TEMPLATE_IDS
    assert cell_of(result.notebook, "square").source == RIGHT["square"]
    assert all(notice.isprintable() for notice in result.notices)


@pytest.mark.parametrize("junk", [None, [], "x", 3, {"nbgrader": "x"}, {"nbgrader": ["x"]}])
def test_metadata_stripped_altogether_is_found_by_cell_ids(junk: Any) -> None:
    """Some editors and converters drop what they do not know."""
    notebook = handed_in()
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict(junk if isinstance(junk, dict) else {})
    result = clean(notebook)
    assert ids(result.notebook) == TEMPLATE_IDS
    assert {k: cell_of(result.notebook, k).source for k in RIGHT} == RIGHT
    assert result.notices == ()


def test_a_copied_test_is_dropped() -> None:
    notebook = handed_in()
    notebook.cells.append(nbformat.from_dict({**cell_of(notebook, "double-test"), "id": "copy"}))
    result = clean(notebook)
    assert sources(result.notebook).count(cell_of(known()[0].notebook, "double-test").source) == 1
    assert ids(result.notebook) == TEMPLATE_IDS
    assert result.notices == ("The cell “double-test” is there twice; the copy counts as an ordinary cell.",)


def test_an_answer_written_into_a_copy_counts() -> None:
    notebook = handed_in()
    cell_of(notebook, "double").source = STUB
    copy = nbformat.from_dict({**cell_of(notebook, "double"), "id": "copy", "source": RIGHT["double"]})
    notebook.cells.insert(4, copy)
    result = clean(notebook)
    assert cell_of(result.notebook, "double").source == RIGHT["double"]
    assert STUB not in sources(result.notebook)


def test_a_stub_left_beside_a_copied_answer_is_not_run() -> None:
    notebook = handed_in()
    stub = nbformat.from_dict({**cell_of(notebook, "double"), "id": "copy", "source": STUB})
    notebook.cells.insert(4, stub)
    result = clean(notebook)
    assert cell_of(result.notebook, "double").source == RIGHT["double"]
    assert STUB not in sources(result.notebook)


def test_a_second_answer_runs_where_the_student_put_it() -> None:
    """JupyterLab copies a cell with its metadata; the copy may use what was made in between."""
    notebook = handed_in()
    copy = nbformat.from_dict({**cell_of(notebook, "double"), "id": "copy", "source": "print(square)"})
    notebook.cells.append(copy)
    result = clean(notebook)
    assert cell_of(result.notebook, "double").source == RIGHT["double"]
    order = sources(result.notebook)
    assert order.index("print(square)") > order.index(RIGHT["square"])


def test_moved_cells_return_to_their_places() -> None:
    notebook = handed_in()
    notebook.cells.reverse()
    result = clean(notebook)
    assert ids(result.notebook) == TEMPLATE_IDS
    assert {k: cell_of(result.notebook, k).source for k in RIGHT} == RIGHT


def test_own_cells_stay_where_they_were() -> None:
    notebook = handed_in()
    first, between, last = (new_code_cell(f"own = {n}", id=f"own{n}") for n in range(3))
    notebook.cells.insert(0, first)
    notebook.cells.insert(notebook.cells.index(cell_of(notebook, "square")), between)
    notebook.cells.append(last)
    order = sources(clean(notebook).notebook)
    assert order[0] == "own = 0"
    assert order.index("own = 1") < order.index(RIGHT["square"])
    assert order[-1] == "own = 2"


def test_tags_that_skip_execution_do_not_survive() -> None:
    notebook = handed_in()
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution", "raises-exception"]
    notebook.metadata["execution"] = {"timeout": 0}
    result = clean(notebook)
    assert all("tags" not in cell.metadata for cell in result.notebook.cells)
    assert set(result.notebook.metadata) == {"kernelspec", "language_info"}


def test_a_foreign_kernelspec_is_replaced() -> None:
    notebook = handed_in()
    notebook.metadata["kernelspec"] = {"name": "bash", "display_name": "Bash", "language": "bash"}
    notebook.metadata["language_info"] = {"name": "bash"}
    result = clean(notebook).notebook
    assert result.metadata.kernelspec.name == "python3"
    assert result.metadata.language_info.name == "python"


def test_a_changed_cell_type_is_restored() -> None:
    notebook = handed_in()
    cell_of(notebook, "double").cell_type = "markdown"
    cell_of(notebook, "essay").cell_type = "code"
    result = clean(notebook)
    assert cell_of(result.notebook, "double").cell_type == "code"
    assert cell_of(result.notebook, "essay").cell_type == "markdown"
    assert len(result.notices) == 2


def test_pictures_pasted_into_an_essay_stay() -> None:
    notebook = handed_in()
    picture = {"a.png": {"image/png": "aGk="}}
    cell_of(notebook, "essay")["attachments"] = picture
    assert cell_of(clean(notebook).notebook, "essay").attachments == picture


def test_an_unlocked_cell_keeps_the_students_text() -> None:
    """nbgrader leaves its metadata in cells that are nobody's; their text is the student's."""
    notebook = handed_in()
    cell_of(notebook, "free").source = "helper = 2"
    assert cell_of(clean(notebook).notebook, "free").source == "helper = 2"


def test_a_solution_turned_into_an_essay_of_stubs_is_untouched() -> None:
    notebook = handed_in()
    cell_of(notebook, "essay").source = f"\n{ESSAY_STUB}\n"
    assert clean(notebook).untouched == {"essay"}


def test_an_own_cell_cannot_take_the_id_of_a_test() -> None:
    """Two passes must agree on which is which."""
    notebook = handed_in()
    impostor = nbformat.from_dict({**cell_of(notebook, "double"), "id": "id-square-test", "source": "x = 5"})
    notebook.cells.append(impostor)
    once = clean(notebook)
    assert clean(once.notebook).notebook == once.notebook
    assert "x = 5" in sources(once.notebook)


def test_match_tells_how_much_of_the_template_is_there() -> None:
    notebook = handed_in()
    assert match(notebook, known()[0]) == 1
    notebook.cells = notebook.cells[:4]
    assert match(notebook, known()[0]) == 2 / 8
    notebook.cells = []
    assert match(notebook, known()[0]) == 0


@st.composite
def tampered(draw: st.DrawFn) -> NotebookNode:
    """A submission whose cells were shuffled, deleted, doubled, relabelled and mixed with others."""
    notebook = handed_in()
    cells: list[NotebookNode] = []
    for cell in notebook.cells:
        for copy in range(draw(st.sampled_from([1, 1, 1, 0, 2]))):
            cells.append(nbformat.from_dict({**json.loads(json.dumps(cell)), "id": f"{cell.id}{'-c' * copy}"}))
    for n in range(draw(st.integers(0, 3))):
        kind = draw(st.sampled_from([new_code_cell, new_markdown_cell]))
        cells.insert(draw(st.integers(0, len(cells))), kind(f"own{n} = {n}", id=f"own{n}"))
    if draw(st.booleans()):
        random.Random(draw(st.integers(0, 99))).shuffle(cells)
    identities = st.sampled_from([*TEMPLATE_IDS, "unknown", ""])
    cell_ids = st.sampled_from([f"id-{i}" for i in TEMPLATE_IDS] + ["intro", "second", "imports", "extra-3"])
    for cell in cells:
        change = draw(st.sampled_from(["", "", "", "source", "grade_id", "strip", "id", "type", "points"]))
        metadata = cell.metadata.get("nbgrader")
        if change == "source" and cell.source != "import math":
            cell.source = draw(st.sampled_from(["", STUB, f"edited_{cell.id.replace('-', '_')}"]))
        elif change == "grade_id" and metadata:
            metadata["grade_id"] = draw(identities)
        elif change == "strip":
            cell.metadata = nbformat.from_dict({})
        elif change == "id":
            cell["id"] = draw(cell_ids)
        elif change == "type" and cell.cell_type == "code":
            cell["cell_type"] = "markdown"
        elif change == "points" and metadata:
            metadata["points"] = draw(st.integers(-5, 500))
    notebook.cells = cells
    return notebook


@settings(max_examples=300, deadline=None)
@given(notebook=tampered())
def test_whatever_was_done_the_skeleton_is_whole_and_nothing_is_lost(notebook: NotebookNode) -> None:
    """Each template cell once, in order; every text a student wrote is kept; a second pass changes nothing."""
    locked = {identity for identity, cell in known()[0].by_id.items() if cell.locked}
    # What stands in a cell that says it is a locked one is replaced: that is what locked means.
    theirs = [c.source for c in notebook.cells if c.cell_type == "code" and grade_id_of(c) not in locked]
    once = clean(notebook)
    nbformat.validate(once.notebook)
    assert ids(once.notebook) == TEMPLATE_IDS
    assert list(once.position) == TEMPLATE_IDS
    by_id = known()[0].by_id
    for identity, position in once.position.items():
        cell = once.notebook.cells[position]
        assert grade_id_of(cell) == identity
        assert cell.metadata.nbgrader == by_id[identity].metadata
        if by_id[identity].locked:
            assert cell.source == by_id[identity].source
    tests = {cell.source for c in known() for cell in (c.notebook if isinstance(c, Template) else c).cells}
    kept = "\n".join(cell.source for cell in once.notebook.cells)
    for source in theirs:
        assert source in kept or source in tests or source in ("", STUB)
    twice = clean(once.notebook)
    assert brief(twice) == brief(once)
    assert twice.notebook == once.notebook
    assert len({cell.id for cell in once.notebook.cells}) == len(once.notebook.cells)
