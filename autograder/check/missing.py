"""A test cell above an answer that is not there yet: one line that says so, instead of a traceback.

In a student's JupyterLab only: where this package is imported by a notebook, it takes over the ``NameError``
of cells that call a check. Every other exception, and every other cell, looks as it always does.
"""

import re
from types import TracebackType
from typing import Any

from autograder.check.recorder import CheckFailed, line_of
from autograder.messages import tr
from autograder.outcome import Outcome

__all__ = ["explain_missing_names"]

_CALLS_A_CHECK = re.compile(r"^\s*check\.\w+\(", re.MULTILINE)


def explain_missing_names(shell: Any) -> None:
    """Let an IPython shell explain missing names, unless somebody else handles its exceptions already."""
    if shell is not None and not shell.custom_exceptions:
        shell.set_custom_exc((NameError,), _explain)


def _explain(
    shell: Any, kind: type[NameError], error: NameError, traceback: TracebackType, tb_offset: int | None = None
) -> None:
    """As IPython calls it when a cell ended in a ``NameError``."""
    last = traceback
    while last.tb_next is not None:
        last = last.tb_next
    in_the_cell = last.tb_frame.f_code.co_name == "<module>" and last.tb_frame.f_globals is shell.user_ns
    if not (in_the_cell and error.name and _CALLS_A_CHECK.search(shell.user_ns["In"][-1])):
        shell.showtraceback((kind, error, traceback), tb_offset=tb_offset)
        return
    title = tr("The notebook defines {names}", names=error.name)
    hint = tr("Answer and run the cells above first, and use the names that the text asks for.")
    line = line_of(
        Outcome(title, passed=False, credit=0.0, actual=tr("{names} missing", names=error.name), hint=hint)
    )
    shell._showtraceback(CheckFailed, CheckFailed(line), [line])
