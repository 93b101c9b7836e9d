"""What may be relied on about ``gradebook log``."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from nbgrader.api import Gradebook
from sample_course import Course, report
from test_gradebook_cli import Command, gradebook

from gradebook.history.events import events
from gradebook.records import Change, Records, Scores

pytestmark = pytest.mark.both_databases

__all__ = ["gradebook"]  # a fixture

TIME = datetime(2026, 11, 20, 11, tzinfo=UTC)


def change(number: int, cell: str, seconds: float, *, gain: float = 1.0, total: float = 0.0, **f: Any) -> Change:
    """A change of a cell, some seconds after ``TIME``."""
    values: dict[str, Any] = {
        "id": number, "at": TIME + timedelta(seconds=seconds), "student": "ana", "assignment": "lista",
        "notebook": "ex01", "cell": cell, "actor": "nbgrader", "why": "by hand", "old": Scores(auto=0.0),
        "new": Scores(auto=gain), "total": total,
    }  # fmt: skip
    return Change(**{**values, **f})


@pytest.fixture
def story(course: Course, records: Records) -> Course:
    """Ana is graded, a TA overrules one cell with formgrader, a regrade lowers the other; Bia is graded."""
    records.record(report(), submitted_at=TIME)
    with Gradebook(course.db_url) as stock:
        stock.find_grade("test_fit", "ex01", "lista", "ana").manual_score = 4.0
        stock.db.commit()
    first, *rest = report().verdicts
    records.record(report(verdicts=(replace(first, score=1.5), *rest)), submitted_at=TIME)
    records.record(report("[red]bia"), submitted_at=TIME)
    return course


def test_what_is_done_together_is_one_event() -> None:
    """One notebook, one actor, one reason, within a second; others in between do not split it."""
    found = events(
        [
            change(1, "a", 0.0, total=1.0), change(2, "a", 0.1, student="bia"), change(3, "b", 0.9, total=2.0),
            change(4, "b", 1.0), change(5, "c", 2.5), change(6, "d", 2.6, actor="teresa"),
            change(7, "e", 2.7, actor="teresa", notebook="ex02"),
            change(8, "f", 2.8, actor="teresa", why="review"),
        ]
    )  # fmt: skip
    assert [[c.id for c in event.changes] for event in found] == [[1, 3], [2], [4], [5], [6], [7], [8]]
    assert (found[0].before, found[0].after) == (0.0, 2.0)


def test_the_log_is_a_table_of_80_columns(story: Course, gradebook: Command) -> None:
    """Each event with the notebook's points before and after, oldest first; names are text, not markup."""
    status, out, _ = gradebook("log", "--course", str(story.root))
    lines = out.splitlines()
    assert status == 0
    assert max(map(len, lines)) <= 80
    rows = [" ".join(line.split()[2:]) for line in lines if line[:4].isdigit()]
    assert rows == [
        "ana lista/ex01 correção 0 → 5",
        "ana lista/ex01 nbgrader: à mão 5 → 7",
        "ana lista/ex01 recorreção 7 → 5.5",
        "[red]bia lista/ex01 correção 0 → 5",
    ]


def test_cells_are_called_by_their_headings_in_the_notebook_s_order(story: Course, gradebook: Command) -> None:
    """What had no score before has a dash; without the sources, the ids must do."""
    _, out, _ = gradebook("log", "ana", "--cells", "--course", str(story.root))
    assert [" ".join(line.split()) for line in out.splitlines() if line.startswith("    ")] == [
        "1. A arquitetura – → 3",
        "2. O treinamento – → 2",
        "2. O treinamento 2 → 4",
        "1. A arquitetura 3 → 1.5",
    ]
    (story.root / "assignments").rename(story.root / "elsewhere")
    _, out, _ = gradebook("log", "ana", "--cells", "--course", str(story.root))
    assert "test_fit" in out


def test_what_is_asked_for(story: Course, records: Records, gradebook: Command) -> None:
    """By student, assignment, notebook and time; the points are of the whole story all the same."""
    root = ("--course", str(story.root), "--json")
    assert len(json.loads(gradebook("log", *root)[1])) == 4
    assert len(json.loads(gradebook("log", "ana", *root)[1])) == 3
    assert len(json.loads(gradebook("log", "--assignment", "lista", "--notebook", "ex01", *root)[1])) == 4
    since = records.history(student="ana")[-1].at
    (row,) = json.loads(gradebook("log", "ana", "--since", since.isoformat(), *root)[1])
    assert row == {
        "kind": "scores",
        "at": since.isoformat(timespec="milliseconds"),
        "student": "ana",
        "assignment": "lista",
        "notebook": "ex01",
        "actor": "autograder",
        "why": "regrade",
        "before": 7.0,
        "after": 5.5,
        "cells": [
            {
                "cell": "test_model",
                "old": {"auto": 3.0, "manual": None, "extra": None, "points": 3.0},
                "new": {"auto": 1.5, "manual": None, "extra": None, "points": 1.5},
            }
        ],
    }
    assert json.loads(gradebook("log", "--since", "2999-01-01", *root)[1]) == []


def test_nothing_is_said_to_be_nothing_and_a_wrong_name_wrong(
    course: Course, records: Records, gradebook: Command
) -> None:
    """A misspelt name must not look like a clean record."""
    records.enrol(["caio"])
    root = ("--course", str(course.root))
    status, out, _ = gradebook("log", "caio", *root)
    assert (status, out) == (0, "Nenhuma mudança de nota está registrada.\n")
    for arguments, message in (
        (["log", "caoi"], "Nobody is enrolled as 'caoi'"),
        (["log", "--assignment", "lista99"], "no assignment 'lista99'"),
        (["log", "--since", "ontem"], "--since 'ontem' is no time"),
    ):
        status, out, err = gradebook(*arguments, *root)
        assert (status, out) == (2, "")
        assert message in " ".join(err.split())


def test_appeals_are_in_the_log(story: Course, records: Records, gradebook: Command) -> None:
    """When they were filed and when they were answered, between the changes."""
    one = records.file_appeal("lista", "ana", "ex01", "Por quê?", cell="test_fit")
    records.answer_appeal(one.id, "Porque sim.", by="teresa", outcome="granted")
    records.record(report(), submitted_at=TIME)
    _, out, _ = gradebook("log", "ana", "--course", str(story.root))
    words = " ".join(out.split())
    asked = words.index("recurso 1: Por quê?")
    answered = words.index("recurso 1, deferido: Porque sim.")
    assert words.index("7 → 5.5") < asked < answered < words.index("5.5 → 7")
    rows = json.loads(gradebook("log", "ana", "--course", str(story.root), "--json")[1])
    assert [(r["text"], r["outcome"]) for r in rows if r["kind"] == "appeal"] == [("Por quê?", "granted")]
