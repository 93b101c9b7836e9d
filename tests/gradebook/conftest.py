"""Fixtures: the sample course and its records."""

import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample_course import Course

from gradebook.records import Records


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A course with one assignment of one notebook, due at noon UTC."""
    course = Course(tmp_path)
    course.write()
    settings = 'title = "Lista de teste"\ndue = 2026-11-20T12:00:00Z\n'
    (tmp_path / "assignments" / "lista.toml").write_text(settings)
    return course


@pytest.fixture
def records(course: Course) -> Iterator[Records]:
    """The course's records, brought up to its sources."""
    with Records(course.db_url) as records:
        records.sync(course.load())
        yield records


@pytest.fixture(autouse=True)
def scripts_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader runs ``alembic`` by its name, also where the environment is not activated."""
    monkeypatch.setenv("PATH", sysconfig.get_path("scripts"), prepend=os.pathsep)
