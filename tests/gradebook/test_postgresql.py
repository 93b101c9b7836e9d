"""What may be relied on where several programs share a gradebook on a PostgreSQL server.

What both databases do alike is tested where it is for SQLite (mark ``both_databases``).
"""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from nbgrader.api import Gradebook, Student
from postgresql_server import CANARY, Server, running_server
from sample_course import Course, report
from sqlalchemy import select, text
from test_gradebook_cli import Command, gradebook

from autograder.errors import GraderError, UsageError
from autograder.rubric import Rubric
from gradebook.backup.pack import write_backup
from gradebook.backup.unpack import restore
from gradebook.records import Records
from gradebook.records.database import Database
from gradebook.records.snapshot import compact
from gradebook.review.store import Reviews

__all__ = ["gradebook"]  # a fixture

TIME = datetime(2026, 11, 20, 11, tzinfo=UTC)
LOGIN, ANSWER = "canarylogin", "canary answer text"


@pytest.fixture
def database_kind() -> str:
    """Every course here is on the server."""
    return "postgresql"


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that a test may stop."""
    with running_server() as server:
        yield server


def at_once(*works: Callable[[], object]) -> None:
    """Run all of them in threads; what one of them raised is raised."""
    failures: list[BaseException] = []
    ready = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            ready.wait()
            work()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_commands_may_meet_in_an_empty_database(postgresql_url: str, course: Course) -> None:
    """Each finds the tables, or makes them; nbgrader's first start among them."""

    def opens() -> None:
        with Records(postgresql_url) as records:
            records.sync(course.load())

    at_once(*[opens] * 4)
    assert course.execute("SELECT version_num FROM alembic_version") != []
    assert course.execute("SELECT count(*) FROM course") == [(1,)]
    with Gradebook(course.db_url) as stock:
        assert [assignment.name for assignment in stock.assignments] == ["lista"]


def test_nothing_is_lost_between_graders_and_formgrader(course: Course, records: Records) -> None:
    """Two graders record the same students and others, a TA gives scores meanwhile; nobody sees an error."""
    students, rounds = ["ana", "bia", "caio"], 4
    for student in students:
        records.record(report(student), submitted_at=TIME)
    model, fit, *rest = report().verdicts

    def grades(name: str) -> None:
        with Records(course.db_url) as own:
            for turn in range(rounds):
                for student in [*students, f"{name}{turn}"]:
                    verdicts = (model, replace(fit, score=float(turn)), *rest)
                    own.record(report(student, verdicts=verdicts), submitted_at=TIME)

    def types() -> None:
        with Gradebook(course.db_url) as stock:
            for turn in range(rounds * 3):
                for student in students:
                    grade = stock.find_grade("essay", "ex01", "lista", student)
                    grade.manual_score, grade.needs_manual_grade = turn / 8, False
                    stock.find_comment("essay", "ex01", "lista", student).manual_comment = f"{student} {turn}"
                    stock.db.commit()

    at_once(lambda: grades("x"), lambda: grades("y"), types)
    found = {graded.student.id: graded for graded in records.reports("lista")}
    assert set(found) == {*students, *(f"{name}{turn}" for name in "xy" for turn in range(rounds))}
    for student in students:
        cells = {cell.grade_id: cell for cell in found[student].cells}
        assert (cells["essay"].manual_score, cells["essay"].waits) == ((rounds * 3 - 1) / 8, False)
        assert found[student].comments == {"essay": f"{student} {rounds * 3 - 1}"}
        assert cells["test_fit"].auto_score == rounds - 1
    # The history has no gap: each change of a cell begins where the one before has ended.
    last: dict[tuple[str, str], Any] = {}
    for change in records.history():
        key = change.student, change.cell
        assert key not in last or change.old == last[key]
        last[key] = change.new
    for (student, cell), scores in last.items():
        there = next(c for c in found[student].cells if c.grade_id == cell)
        assert (scores.auto, scores.manual) == (there.auto_score, there.manual_score)


def test_a_grade_that_a_person_gives_meanwhile_is_seen(course: Course, records: Records) -> None:
    """A TA answers between what a grader reads and what it writes: the grader looks again."""
    records.record(report(), submitted_at=TIME)
    database, tries = Database(course.db_url), []

    def work(session: Any) -> None:
        (before,) = session.scalars(text("SELECT count(manual_score) FROM grade"))
        tries.append(before)
        if len(tries) == 1:
            course.execute("UPDATE grade SET manual_score = 1, needs_manual_grade = false")
        session.execute(text("UPDATE grade SET needs_manual_grade = :asked"), {"asked": before == 0})

    database.write(work)
    database.close()
    assert tries == [0, 4]
    assert course.execute("SELECT count(*) FROM grade WHERE needs_manual_grade") == [(0,)]


def test_writers_take_turns(course: Course, records: Records) -> None:
    """What one of us has looked at, no other changes before it has written, also where both write other rows."""

    def counts(name: str) -> None:
        def work(session: Any) -> None:
            before = len(session.scalars(select(Student)).all())
            time.sleep(0.3)
            session.add(Student(id=f"{name}{before}"))

        database = Database(course.db_url)
        database.write(work)
        database.close()

    at_once(*(lambda name=name: counts(name) for name in "abc"))
    assert sorted(student[1:] for student in records.students()) == ["0", "1", "2"]


def test_a_reader_sees_one_state(course: Course, records: Records) -> None:
    """Also where it asks twice, and somebody writes in between; and it cannot write."""
    database = Database(course.db_url)

    def work(session: Any) -> tuple[int, int]:
        before = len(session.scalars(select(Student)).all())
        course.execute("INSERT INTO student (id) VALUES ('nova')")
        session.expire_all()
        return before, len(session.scalars(select(Student)).all())

    assert database.read(work) == (0, 0)
    with pytest.raises(UsageError, match="read-only"):
        database.read(lambda session: session.execute(text("DELETE FROM student")))
    database.close()
    assert records.students() == ("nova",)


def test_a_lock_that_stays_is_a_grader_error(course: Course, records: Records) -> None:
    """The message says what to do, and nothing is half recorded."""
    with Records(course.db_url, lock_timeout=0.05) as hasty, Gradebook(course.db_url) as stock:
        stock.db.execute(text("LOCK TABLE grade IN EXCLUSIVE MODE"))
        with pytest.raises(GraderError, match=r"stayed locked.*\n?.*Run the command again"):
            hasty.record(report(), submitted_at=None)
        assert records.reports("lista") == []
        stock.db.rollback()
        hasty.record(report(), submitted_at=None)
    assert len(records.reports("lista")) == 1


def test_a_server_that_went_away_is_said_and_one_that_is_back_is_used(own_server: Server, course: Course) -> None:
    """A restart ends all connections: the next record takes a new one. Without a server, what to do is said."""
    with own_server.database() as name:
        course.db_url = own_server.url(name)
        with Records(course.db_url) as records:
            records.sync(course.load())
            own_server.stop()
            own_server.start()
            records.record(report(), submitted_at=TIME)
            assert [graded.score for graded in records.reports("lista")] == [5.0]
            own_server.stop()
            for work in (
                lambda: records.record(report("bia"), submitted_at=TIME),
                lambda: records.reports("lista"),
                lambda: Records(course.db_url),
            ):
                with pytest.raises(GraderError, match="does not answer") as caught:
                    work()
                assert "Is the server running?" in str(caught.value)
                assert CANARY not in str(caught.value)
            own_server.start()
            assert records.students() == ("ana",)


def test_no_message_holds_a_password(
    postgresql: Server, postgresql_url: str, course: Course, gradebook: Command
) -> None:
    """Neither of a wrong one, nor of a URL that is none, nor in what machines read."""
    Records(course.db_url).close()
    wrong = "wrong/secret"
    port, name = postgresql.port, postgresql_url.rpartition("/")[2]
    for url, message in (
        (postgresql.url(name, password=wrong), "authentication failed"),
        (f"postgresql+psycopg://autograder:{wrong}@127.0.0.1:{port}/{name}", "authentication"),
        (f"postgresql+psycopg//autograder:{wrong}@127.0.0.1/{name}", "not the URL"),
        (
            f"postgresql+psycopg://127.0.0.1:{port}/{name}?user=autograder&password={wrong}",
            "authentication failed",
        ),
        (f"mysql://autograder:{wrong.replace('/', '')}@127.0.0.1/x", "SQLite or PostgreSQL"),
        (postgresql.url("nowhere"), "createdb"),
    ):
        for command in (["log"], ["report", "lista", "--json"], ["backup"], ["purge", "lista", "--yes"]):
            status, out, err = gradebook(*command, "--db", url, "--course", str(course.root))
            said = " ".join(f"{out} {err}".split())
            assert status == 2, said
            assert message in said, said
            assert not {part for part in (wrong, "secret", CANARY, "canary") if part in said}, said


def test_names_are_sorted_as_everywhere_else(course: Course, records: Records) -> None:
    """Not as the server's language sorts them, which here puts a before B."""
    names = ["ana", "Bia", "álvaro", "bia", "Zé", "_x"]
    records.enrol(names)
    for name in names:
        records.record(report(name), submitted_at=TIME)
    assert course.execute("SELECT id FROM student ORDER BY id") != [(name,) for name in sorted(names)]
    assert records.students() == tuple(sorted(names))
    assert [graded.student.id for graded in records.reports("lista")] == sorted(names)
    assert records.graded_students("lista") == sorted(names)


def test_texts_that_postgresql_cannot_hold_are_mended(course: Course, records: Records) -> None:
    """The character 0, and halves of characters, in what people type."""
    records.record(report(notices=("\x00 \ud800",)), submitted_at=TIME)
    appeal = records.file_appeal("lista", "ana", "ex01", "a\x00b\ud800")
    assert appeal.text == "a\ufffdb?"
    levels = [{"points": p, "text": str(p)} for p in (2.0, 0.0)]
    rubric = Rubric.model_validate({"criteria": [{"title": "Causa", "levels": levels}]})
    database = Database(course.db_url)
    reviews = Reviews(database, "lista", {("ex01", "essay"): rubric})
    reviews.deal(["teresa"])
    ((task, _),) = reviews.queue("teresa")
    reviews.mark(task.answer, "teresa", [0], "a\x00b")
    reviews.keep("ex01", "essay", "c\x00d")
    assert reviews.phrases("ex01", "essay") == ["c\ufffdd"]
    database.close()
    (graded,) = records.reports("lista")
    assert graded.comments == {"essay": "a\ufffdb"}
    assert graded.report.notices == ("\x00 \ud800",)


def test_a_database_that_has_no_room_for_names_is_refused(postgresql: Server) -> None:
    """Of an encoding that has no accents PostgreSQL gives bytes, and of another one an error in mid-term."""
    with postgresql.connect() as connection:
        connection.execute(
            "CREATE DATABASE ascii ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C' TEMPLATE template0"
        )
        try:
            with pytest.raises(UsageError, match="SQL_ASCII"):
                Records(postgresql.url("ascii"))
        finally:
            connection.execute("DROP DATABASE ascii WITH (FORCE)")


def test_opening_again_changes_no_trigger_and_mends_an_old_one(course: Course, records: Records) -> None:
    """A later version may write down something else."""
    query = "SELECT oid, tgname FROM pg_trigger WHERE tgrelid = 'grade'::regclass AND NOT tgisinternal ORDER BY 2"
    first = course.execute(query)
    assert len(first) == 2
    Records(course.db_url).close()
    assert course.execute(query) == first
    function = first[0][1].replace("_change", "")
    course.execute(f"CREATE TRIGGER autograder_history_1 BEFORE UPDATE ON grade EXECUTE FUNCTION {function}()")
    course.execute(f"DROP TRIGGER {first[1][1]} ON grade")
    Records(course.db_url).close()
    assert [name for _, name in course.execute(query)] == [name for _, name in first]


def found_in(folder: Path, *needles: str) -> list[str]:
    """Files of a server, but its write-ahead log and messages, in which one of the needles is."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "pg_wal" not in path.parts and any(n.encode() in path.read_bytes() for n in needles)
    )


def test_after_a_purge_no_table_of_the_server_holds_a_student(
    own_server: Server, course: Course, gradebook: Command
) -> None:
    """Neither in rows that were deleted, nor in what the server knows of the commonest values."""
    with own_server.database() as name, own_server.connect(name) as administrator:
        course.db_url = own_server.url(name)
        (course.root / "nbgrader_config.py").write_text(
            f"get_config().CourseDirectory.db_url = {course.db_url!r}\n"
        )
        with Records(course.db_url) as records:
            records.sync(course.load())
            for number in range(3):
                records.record(report(f"{LOGIN}{number}", notices=(ANSWER,)), submitted_at=TIME)
            records.file_appeal("lista", f"{LOGIN}0", "ex01", ANSWER)
        administrator.execute("ANALYZE")
        administrator.execute("CHECKPOINT")
        statistics = "SELECT count(*) FROM pg_stats WHERE pg_stats::text LIKE '%canarylogin%'"
        assert administrator.execute(statistics).fetchone() != (0,)
        assert len(found_in(own_server.data, LOGIN)) > 3
        status, out, _ = gradebook("purge", "lista", "--yes", "--course", str(course.root))
        assert status == 0
        assert "write-ahead log" in " ".join(out.split())
        assert administrator.execute(statistics).fetchone() == (0,)
        administrator.execute("CHECKPOINT")
        # Pages of statistics keep what was deleted in them until the server cleans them, which it does by itself.
        administrator.execute("VACUUM FULL pg_statistic")
        administrator.execute("CHECKPOINT")
        assert found_in(own_server.data, LOGIN, ANSWER) == []
        with Records(course.db_url) as records:
            assert (records.students(), records.history(), records.appeals()) == ((), [], ())
            records.record(report("nova"), submitted_at=TIME)
            assert len(records.history()) == 2


def test_a_reader_is_no_silent_leak(course: Course, records: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody uses a table it cannot be written anew: that is said."""
    monkeypatch.setattr("gradebook.records.snapshot._PATIENCE", 0.1)
    with Gradebook(course.db_url) as stock:
        assert stock.find_assignment("lista").name == "lista"
        with pytest.raises(GraderError, match=r"still holds.*\n?.*run the command again"):
            compact(course.db_url)
        stock.db.rollback()
        compact(course.db_url)


def test_a_backup_comes_back_on_the_server_and_anywhere(course: Course, records: Records, tmp_path: Path) -> None:
    """Rows, history and numbers; what was there meanwhile is moved aside; a failure changes nothing."""
    records.record(report(), submitted_at=TIME)
    with Gradebook(course.db_url) as stock:
        stock.find_grade("essay", "ex01", "lista", "ana").manual_score = 1.5
        stock.grant_extension("lista", "ana", hours=2)
    gone = [records.file_appeal("lista", "ana", "ex01", "Por quê?").id for _ in range(2)][1]
    course.execute("DELETE FROM autograder_appeal WHERE id = :gone", gone=gone)

    def state(where: Records) -> Any:
        return where.reports("lista"), where.history(), where.appeals(), where.people()

    before, archive = state(records), tmp_path / "backups" / "b.tar.gz"
    write_backup(course.root, course.db_url, archive, evidence=False)
    restore(archive, tmp_path / "elsewhere")
    with Records(f"sqlite:///{tmp_path}/elsewhere/gradebook.db") as elsewhere:
        assert state(elsewhere) == before
        assert elsewhere.file_appeal("lista", "ana", "ex01", "E agora?").id == gone + 1
    records.record(report("later"), submitted_at=TIME)
    with pytest.raises(UsageError, match="grades in its database"):
        restore(archive, course.root, server=course.db_url)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Path, "rename", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left")))
        with pytest.raises(UsageError, match="Nothing was changed"):
            restore(archive, course.root, server=course.db_url, force=True)
    assert records.students() == ("ana", "later")
    aside = restore(archive, course.root, server=course.db_url, force=True).aside
    assert state(records) == before
    assert aside is not None
    assert not (course.root / "gradebook.db").exists()
    with Records(f"sqlite:///{aside}/gradebook.db") as moved:
        assert moved.students() == ("ana", "later")
    assert records.file_appeal("lista", "ana", "ex01", "E agora?").id == gone + 1
    known = len(records.history())
    records.record(report("bia"), submitted_at=TIME)
    assert len(records.history()) == known + 2


def test_a_course_moves_from_sqlite_to_a_server(postgresql_url: str, tmp_path: Path, gradebook: Command) -> None:
    """With a backup: the same grades and history, and a character 0 in a text that SQLite has taken."""
    old = Course(tmp_path / "old")
    old.write()
    with Records(old.db_url) as records:
        records.sync(old.load())
        records.record(report(), submitted_at=TIME)
        old.execute("UPDATE student SET first_name = 'A' || char(0) || 'na'")
        before = records.history()
    status, out, _ = gradebook("backup", "--course", str(old.root))
    assert status == 0
    new = tmp_path / "new"
    new.mkdir()
    (new / "nbgrader_config.py").write_text(f"get_config().CourseDirectory.db_url = {postgresql_url!r}\n")
    assert gradebook("restore", out.strip(), "--course", str(new))[0] == 0
    assert not (new / "gradebook.db").exists()
    with Records(postgresql_url) as records:
        assert records.history() == before
        assert [person.first_name for person in records.people()] == ["A\ufffdna"]
    assert json.loads(gradebook("log", "--json", "--course", str(new))[1]) != []


def test_the_server_runs_as_nobody_in_particular(postgresql: Server) -> None:
    """The tests' own: neither root's, nor one that the machine runs."""
    (pid,) = {int(line) for line in (postgresql.data / "postmaster.pid").read_text().splitlines()[:1]}
    assert os.stat(f"/proc/{pid}").st_uid != 0
    assert postgresql.data.is_relative_to("/tmp")
