"""Fixtures: the sample course and its records."""

import os
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample_course import Course

from gradebook.records import Records


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests of the mark ``both_databases`` run on SQLite and on PostgreSQL, those of ``sqlite`` there alone."""
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    asks = "database_kind" in metafunc.fixturenames and "course" in metafunc.fixturenames
    if "both_databases" in marks and "sqlite" not in marks and asks:
        metafunc.parametrize("database_kind", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database the course has."""
    return str(getattr(request, "param", "sqlite"))


@pytest.fixture
def course(tmp_path: Path, database_kind: str, request: pytest.FixtureRequest) -> Course:
    """A course with one assignment of one notebook, due at noon UTC."""
    course = Course(tmp_path)
    course.write()
    if database_kind == "postgresql":
        course.db_url = request.getfixturevalue("postgresql_url")
        # Where nbgrader and formgrader find it, and our commands as well.
        (tmp_path / "nbgrader_config.py").write_text(f"get_config().CourseDirectory.db_url = {course.db_url!r}\n")
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
