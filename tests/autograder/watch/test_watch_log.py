"""What the queue says: once what stays as it is, and an object a graded submission for programs."""

import json
from datetime import UTC, datetime

import pytest

from autograder.watch.log import Log
from gradebook.records import Turn


def test_what_stays_as_it_is_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log(as_json=True)
    for _ in range(3):
        log.once("Not collected: ana")
    log.line("It works again.")
    assert [line.split(" ", 2)[2] for line in capsys.readouterr().err.splitlines()] == [
        "Not collected: ana",
        "It works again.",
    ]


def test_names_cannot_draw_on_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    Log(as_json=True).line("a\x1b[2J\nb")
    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert said.count("\n") == 1


def test_programs_get_objects_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    log = Log(as_json=True)
    log.graded(Turn("ana", "lista", at, at, over=True), [], released=False)
    log.line("Stopped.")
    row = json.loads(capsys.readouterr().out)
    assert (row["student"], row["submitted_at"], row["over_the_cap"]) == ("ana", "2026-11-20T12:00:00+00:00", True)
