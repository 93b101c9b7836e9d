"""What people see while a class is graded: who does what, what failed, how long it will take."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from autograder import board as boards
from autograder.board import Board
from autograder.engine import Item, Past, Used
from autograder.outcome import NotebookReport


def item(student: str, notebook: str, cells: int = 4) -> Item:
    code = [SimpleNamespace(cell_type="code")] * cells
    template = SimpleNamespace(name=notebook, notebook=SimpleNamespace(cells=code))
    return Item(SimpleNamespace(student=student), template)  # type: ignore[arg-type]  # all that is looked at


def report(one: Item, *, seconds: float, failed: bool = False) -> NotebookReport:
    status: Any = "failed" if failed else "graded"
    return NotebookReport(*one.key[:1], "lista", one.key[1], status=status, verdicts=(), seconds=seconds,
                          cpu_seconds=seconds)  # fmt: skip


class Clock:
    """Time that goes when it is told to."""

    now = 100.0

    def monotonic(self) -> float:
        """As ``time.monotonic``."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(boards, "time", made)
    return made


def drawn(board: Board, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    console.print(board._drawn())
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert all(len(line) <= width for line in text.splitlines())
    return str(text)


def test_it_tells_who_does_what_and_how_long_it_takes(clock: Clock) -> None:
    items = [item("ana", "curta"), item("bia", "longa"), item("caio", "longa"), item("davi", "longa")]
    past = Past()
    board = Board(items, past)
    assert board.left() is None
    board.began(items[0], "1")
    board.began(items[1], "2")
    clock.now += 10
    board.cell(items[1])
    board.ended(items[0], report(items[0], seconds=10.0, failed=True))
    past.learn(Used("ana", "curta", 10.0, 0))
    board.began(items[2], "1")
    clock.now += 30
    board.ended(items[1], report(items[1], seconds=40.0))
    past.learn(Used("bia", "longa", 40.0, 0))
    # 50 s of work in 40 s; caio's has 10 s to go, davi's 40 s: 50 s of work.
    assert board.left() == pytest.approx(40.0)
    text = drawn(board)
    for part in ("2 of 4", "1 need review", "40 s so far", "about 40 s left", "caio/longa", "cell 1/4", "30 s",
                 "Slowest so far: bia/longa, 40 s."):  # fmt: skip
        assert part in text
    assert "ana" not in text


def test_one_that_is_tried_again_is_counted_once(clock: Clock) -> None:
    one = item("ana", "a")
    board = Board([one], Past())
    board.began(one, "1")
    board.cell(one)
    board.retried(one, "killed")
    board.began(one, "1")
    assert "cell 1/4" in drawn(board)
    board.ended(one, report(one, seconds=1.0))
    assert "1 of 1" in drawn(board)
    assert board.left() is None or board.left() == 0.0


def test_of_many_workers_those_at_work_for_longest_are_shown(clock: Clock) -> None:
    items = [item(f"s{number:02}", "uma-lista-com-um-nome-muito-comprido-" * 3) for number in range(20)]
    board = Board(items, Past())
    for number, one in enumerate(items, start=1):
        board.began(one, f"{number}")
        clock.now += 1
    text = drawn(board)
    assert "s00/" in text
    assert "s19/" not in text
    assert "8 more at work." in text


def test_without_a_terminal_there_is_a_line_a_notebook(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.StringIO()
    monkeypatch.setattr(boards, "err", Console(file=out, width=80))
    one, other = item("ana", "a"), item("bia", "b")
    with Board([one, other], Past()) as board:
        board.began(one, "1")
        board.ended(one, report(one, seconds=1.0))
        board.began(other, "1")
        board.ended(other, report(other, seconds=1.0, failed=True))
    assert out.getvalue() == "1/2 ana/a: 0\n2/2 bia/b: 0, needs review\n"
