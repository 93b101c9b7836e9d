"""What a student sees of a test cell whose answer is not there yet, in a real IPython."""

import subprocess
import sys

import pytest

RUN = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
shell.colors = "nocolor"
for source in {cells!r}:
    result = shell.run_cell(source, store_history=True)
    print("ended:", type(result.error_in_exec).__name__)
"""
IMPORT = "from autograder import check"


def shown(cells: list[str]) -> str:
    """What a shell prints that runs these cells, one after the other."""
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(cells=cells)], capture_output=True, text=True, timeout=60, check=True
    )
    return done.stdout


def test_a_test_cell_names_what_is_missing_in_one_line():
    """The cell still counts as failed, for Validate and for stock nbgrader."""
    text = shown([f"{IMPORT}\ncheck.equal(model, 3)"])
    assert "✗ O notebook define model — obtido: falta model." in text
    assert "responda e execute as células acima" in text
    assert "Traceback" not in text
    assert "ended: NameError" in text


@pytest.mark.parametrize(
    "cells",
    [
        [IMPORT, "modelo.fit()"],
        [IMPORT, "def f():\n    return modelo", "f()"],
        [f"{IMPORT}\ndef f():\n    return modelo", "check.equal(f(), 1)"],
        [f"{IMPORT}\ncheck.equal(1 / 0, 1)"],
    ],
)
def test_every_other_error_looks_as_it_always_does(cells: list[str]):
    """A student's own cells, functions that a test cell calls, and other exceptions."""
    text = shown(cells)
    assert "Traceback" in text
    assert "responda e execute" not in text


def test_who_handles_exceptions_already_keeps_doing_so():
    """Two such handlers in one shell would end in one of them lost."""
    handler = "get_ipython().set_custom_exc((NameError,), lambda *a, **k: print('mine'))"
    assert "mine" in shown([handler, f"{IMPORT}\ncheck.equal(model, 3)"])
