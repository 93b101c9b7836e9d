"""What a check does with its outcome: in a notebook, in a collecting block, and in plain Python."""

import json
import subprocess
import sys
from types import SimpleNamespace

import pytest

from autograder import check
from autograder.check import recorder
from autograder.check.guard import Finding, conclude, student_code
from autograder.errors import GraderError
from autograder.outcome import Outcome


class FakeShell:
    """As much of IPython's shell as the recorder talks to."""

    def __init__(self):
        self.published, self.tracebacks, self.hooks = [], [], []
        self.display_pub = SimpleNamespace(publish=lambda data: self.published.append(data))
        self.events = SimpleNamespace(register=lambda name, hook: self.hooks.append((name, hook)))

    def _showtraceback(self, kind, value, lines):
        self.tracebacks.append((kind.__name__, str(value), lines))

    def end_cell(self, success=True):
        """Tell the hooks what IPython tells them."""
        for _, hook in self.hooks:
            hook(SimpleNamespace(success=success))


@pytest.fixture
def shell(monkeypatch):
    fake = FakeShell()
    monkeypatch.setattr(recorder, "running_shell", lambda: fake)
    return fake


def test_a_check_in_a_notebook_publishes_its_outcome_and_a_line(shell):
    """The grader reads the JSON; the student reads the line."""
    assert check.equal(2, 2, title="dois") is None

    (message,) = shell.published
    assert Outcome.from_json(json.loads(json.dumps(message[check.recorder.OUTCOME_MIME]))).passed
    assert message["text/plain"] == "✓ dois"


def test_checks_after_a_failed_one_still_count(shell):
    """A cell gives partial credit: a failed check does not raise."""
    check.equal(1, 2, title="um", hint="conte de novo")
    check.equal(2, 2, title="dois")

    assert [m[recorder.OUTCOME_MIME]["passed"] for m in shell.published] == [False, True]
    assert shell.published[0]["text/plain"] == "✗ um — esperado: 2, obtido: 1. Dica: conte de novo"


def test_a_cell_with_a_failed_check_ends_in_one_error_for_stock_nbgrader(shell):
    """Stock nbgrader scores such a cell 0; the next cell starts clean; the hook is registered once."""
    check.equal(1, 2)
    check.equal(1, 3)
    shell.end_cell()
    shell.end_cell()
    check.equal(1, 1)
    shell.end_cell()

    ((name, value, lines),) = shell.tracebacks
    assert name == "CheckFailed"
    assert "2" in value
    assert len(lines) == 1
    assert len(shell.hooks) == 1


def test_a_cell_that_raised_shows_its_own_error_only(shell):
    """The student's traceback is not covered by ours."""
    check.equal(1, 2)
    shell.end_cell(success=False)

    assert shell.tracebacks == []


def test_outside_a_notebook_a_failed_check_raises():
    """Whoever does not collect outcomes cannot overlook one."""
    check.equal(1, 1)
    with pytest.raises(check.CheckFailed, match="obtido: 1"):
        check.equal(1, 2)


def test_outside_a_notebook_a_broken_check_is_the_graders_error():
    """A bad weight is the author's mistake, not the student's."""
    with pytest.raises(GraderError, match="weight"):
        check.equal(1, 1, weight=-1)


def test_collecting_takes_outcomes_and_raises_nothing():
    """The innermost block gets them."""
    with check.collecting() as outer:
        check.equal(1, 2)
        with check.collecting() as inner:
            check.equal(1, 1)

    assert [o.passed for o in outer] == [False]
    assert [o.passed for o in inner] == [True]


def test_an_exception_of_the_students_is_a_failed_outcome():
    """It names type and message, and is not our error."""

    def body():
        with student_code():
            raise KeyError("camada")

    with check.collecting() as (outcomes):
        conclude(body, title="t", weight=1.0, hint=None)

    (outcome,) = outcomes
    assert not outcome.passed
    assert outcome.error is None
    assert "KeyError" in outcome.actual
    assert "camada" in outcome.actual


def test_sys_exit_inside_a_students_function_does_not_end_the_cell():
    """``sys.exit()`` in the student's function fails the check."""

    def body():
        with student_code():
            sys.exit(0)

    with check.collecting() as outcomes:
        conclude(body, title="t", weight=1.0, hint=None)

    assert "SystemExit" in outcomes[0].actual


def test_an_interrupt_passes_through():
    """A time limit ends the cell, not the check."""

    def body():
        with student_code():
            raise KeyboardInterrupt

    with check.collecting() as outcomes, pytest.raises(KeyboardInterrupt):
        conclude(body, title="t", weight=1.0, hint=None)

    assert outcomes == []


def test_a_bug_of_a_check_is_an_outcome_with_error():
    """Ours is never a zero that looks like the student's."""

    def body():
        raise ZeroDivisionError("bug")

    with check.collecting() as outcomes:
        conclude(body, title="t", weight=2.0, hint=None)

    assert outcomes[0].error == "ZeroDivisionError: bug"
    assert outcomes[0].credit == 0


def test_a_bad_weight_is_our_error_also_where_the_student_failed():
    """The author's mistake is not hidden by the student's."""
    with check.collecting() as outcomes:
        check.equal(1, 2, weight=float("nan"))
        check.close(["a"], [1.0], weight=0)

    assert [o.error is not None for o in outcomes] == [True, True]


def test_a_huge_or_odd_message_of_the_students_is_made_sound():
    """Length is bounded, and UTF-8 can carry it."""

    def body():
        with student_code():
            raise ValueError("\ud800" + "x" * 10_000)

    with check.collecting() as outcomes:
        conclude(body, title="t", weight=1.0, hint=None)

    assert len(outcomes[0].actual.encode("utf-8")) < 1000


def test_hints_are_told_on_failure_only():
    """A passed check needs none; a failed one joins the check's and the author's."""
    with check.collecting() as outcomes:
        conclude(lambda: Finding(True, hint="a"), title="t", weight=1.0, hint="b")
        conclude(lambda: Finding(False, hint="a"), title="t", weight=1.0, hint="b")

    assert [o.hint for o in outcomes] == [None, "a b"]


def test_importing_the_checks_imports_no_tensorflow():
    """A warm kernel decides itself when TensorFlow is imported."""
    code = "import sys, autograder.check, autograder.holdout as h; print({'tensorflow', 'keras'} & {*sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_real_ipython_shell_gets_outcome_and_error():
    """The hook works in IPython itself, in a process of its own."""
    code = """
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="NoColor")
shell.display_pub.publish = lambda data, metadata=None, **k: print("PUB", sorted(data))
shell.run_cell("from autograder import check\\ncheck.equal(1, 2)\\ncheck.defined('nada')\\nx = 1")
shell.run_cell("check.defined('x')")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.count("PUB") == 3
    assert done.stdout.count("CheckFailed:") == 1
