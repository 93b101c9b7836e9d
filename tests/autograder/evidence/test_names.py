"""What a test cell needs, and when it cannot be judged from outside."""

import pytest

from autograder.evidence.names import bindings, definitions, study


def test_needs_are_the_names_that_are_read() -> None:
    """Also inside functions, and those that ``check.defined`` is given as text."""
    names = study("from autograder import check\ndef f():\n    return model\ncheck.defined('history')\nf()")
    assert {"model", "history", "check", "f"} <= names.needs
    assert names.binds == {"check", "f"}
    assert names.problem is None


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("del helper\nassert fails(prever)", "deletes 'helper'"),
        ("import numpy as np\nnp.mean = None\nassert media([1])", "changes 'np.mean'"),
        ("model.trainable = False", "changes 'model.trainable'"),
        ("X[0] = 1", "changes 'X[0]'"),
        ("assert eval('model')", "eval()"),
        ("globals()['model']", "globals()"),
        ("%timeit f()", "magic"),
        ("!ls", "magic"),
        ("setattr(model, 'x', 1)", "setattr"),
        ("from unittest.mock import patch", "mock"),
        ("from unittest import mock", "mock"),
        ("await f()", "awaits"),
        ("def (", "Python"),
    ],
)
def test_cells_that_must_stay_in_the_kernel(source: str, why: str) -> None:
    """They test by changing the student's objects, or look names up in ways that nobody can follow."""
    assert why in str(study(source).problem)


@pytest.mark.parametrize(
    "source",
    [
        "x = [1]\nx[0] = 2\ndel x",
        "%matplotlib inline\nassert model",
        "class A:\n    pass\na = A()\na.b = 1",
        "def f(o):\n    o.x = 1\n    return o",
        "for name in ('a', 'b'):\n    assert name",
        "with open('notas.txt') as f:\n    assert f.read()",
    ],
)
def test_cells_that_change_what_is_theirs_can_be_judged(source: str) -> None:
    """Names that a cell made itself are its own business."""
    assert study(source).problem is None


def test_bindings_are_what_a_student_may_use_later() -> None:
    """Imports and constants of a visible test are run for the student; the tests are not."""
    source = "from pathlib import Path\nLIMITE = 3\nassert model\ncheck.that(True, 'x')\nif LIMITE:\n    y = 2"
    assert bindings(source) == "from pathlib import Path\nLIMITE = 3\nif LIMITE:\n    y = 2"


def test_definitions_are_found_by_name() -> None:
    """Helper functions of an instructor's cell, with their text."""
    found = definitions("import math\ndef perto(a, b):\n    return math.isclose(a, b)\nprint(1)")
    assert set(found) == {"math", "perto"}
    assert "isclose" in found["perto"]


def test_text_that_is_no_python_binds_nothing() -> None:
    """A broken cell is the release step's business."""
    assert bindings("def (") == ""
    assert definitions("def (") == {}
