"""Whose turn it is: the cap, the day, the deadline, and what counts as new."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from autograder.assignment import Settings, Watch, load_settings
from autograder.errors import UsageError
from autograder.submission import Submission
from autograder.watch.day import day_began
from autograder.watch.queue import Queue, queue
from gradebook.records import Turn

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BRASILIA = timezone(timedelta(hours=-3))
DUE = datetime(2026, 11, 30, 23, 59, tzinfo=BRASILIA)


def handed_in(at: datetime | None, student: str = "ana") -> Submission:
    return Submission(student, Path("folder"), at)


def turn(at: datetime, admitted: datetime = NOON, *, done: bool = True) -> Turn:
    return Turn("ana", "lista", at, admitted, done=done)


def turns_of_the_day(number: int, day: datetime = NOON) -> list[Turn]:
    return [turn(day - timedelta(hours=n + 1), day - timedelta(minutes=n + 1)) for n in range(number)]


def whose(
    submission: Submission,
    turns: list[Turn],
    *,
    recorded: set[datetime | None] | None = None,
    now: datetime = NOON,
    a_day: int | str = 3,
    due: datetime | None = DUE,
) -> Queue:
    settings = Settings(due=due, watch=Watch(graded_a_day=a_day))  # type: ignore[arg-type]
    return queue("lista", settings, [submission], {"ana": recorded or set()}, turns, now=now)


def test_the_first_submission_has_a_turn() -> None:
    found = whose(handed_in(NOON), [])
    assert found.admitted == (Turn("ana", "lista", NOON, NOON, over=False),)
    assert (found.resumed, found.held) == ((), ())


@pytest.mark.parametrize(("had", "admitted", "held"), [(2, 1, 0), (3, 0, 1), (4, 0, 1)])
def test_so_many_a_day_and_the_next_one_waits(had: int, admitted: int, held: int) -> None:
    found = whose(handed_in(NOON), turns_of_the_day(had))
    assert (len(found.admitted), len(found.held)) == (admitted, held)


def test_another_student_s_turns_do_not_count() -> None:
    others = [Turn("bia", "lista", t.submitted_at, t.admitted_at) for t in turns_of_the_day(3)]
    assert len(whose(handed_in(NOON), others).admitted) == 1


def test_the_day_is_the_grader_s_and_no_time_of_a_submission_moves_it() -> None:
    """Turns count by when they were given, whatever times the submissions bear; also times to come."""
    for claimed in (NOON - timedelta(days=400), NOON + timedelta(days=400)):
        given = [turn(claimed + timedelta(seconds=n), NOON - timedelta(minutes=n + 1)) for n in range(3)]
        assert len(whose(handed_in(claimed + timedelta(hours=1)), given).held) == 1


def test_a_day_ends_by_the_clock_of_the_deadline() -> None:
    """Midnight in Brasília is 3 o'clock in UTC."""
    midnight = datetime(2026, 11, 21, tzinfo=BRASILIA)
    evening = turns_of_the_day(3, midnight.astimezone(UTC) - timedelta(minutes=1))
    before, after = midnight - timedelta(seconds=1), midnight
    assert len(whose(handed_in(NOON), evening, now=before.astimezone(UTC)).held) == 1
    assert len(whose(handed_in(NOON), evening, now=after.astimezone(UTC)).admitted) == 1


def test_without_a_deadline_the_machine_s_clock_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        # The night in which clocks were put back: this day has 25 hours.
        assert day_began(datetime(2026, 11, 1, 23, tzinfo=UTC), Settings()) == datetime(2026, 11, 1, 4, tzinfo=UTC)
        assert day_began(datetime(2026, 11, 2, 4, tzinfo=UTC), Settings()) == datetime(2026, 11, 1, 4, tzinfo=UTC)
        assert day_began(datetime(2026, 11, 2, 5, tzinfo=UTC), Settings()) == datetime(2026, 11, 2, 5, tzinfo=UTC)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_after_the_deadline_everything_is_graded_and_known_to_be_over() -> None:
    """So that it gets no feedback by itself."""
    late = DUE.astimezone(UTC) + timedelta(seconds=1)
    (admitted,) = whose(handed_in(NOON), turns_of_the_day(3, late), now=late).admitted
    assert admitted.over
    (admitted,) = whose(handed_in(NOON), turns_of_the_day(2, late), now=late).admitted
    assert not admitted.over
    assert whose(handed_in(NOON), turns_of_the_day(3, late), now=late, due=None).held


def test_what_was_graded_has_no_other_turn() -> None:
    """Nor what the instructor graded by hand."""
    nothing = Queue((), (), ())
    assert whose(handed_in(NOON), [turn(NOON)], recorded={NOON}) == nothing
    assert whose(handed_in(NOON), [], recorded={NOON}) == nothing


def test_a_turn_that_was_cut_short_goes_on_without_being_counted_again() -> None:
    had = turn(NOON, done=False)
    found = whose(handed_in(NOON), [*turns_of_the_day(3), had], recorded={NOON - timedelta(hours=1)})
    assert found == Queue((had,), (), ())


def test_a_newer_submission_takes_the_place_of_one_that_was_cut_short_and_counts() -> None:
    found = whose(handed_in(NOON), [turn(NOON - timedelta(hours=1), done=False)])
    assert (found.resumed, len(found.admitted)) == ((), 1)


def test_a_run_of_the_instructor_s_that_was_cut_short_is_finished() -> None:
    """Some notebooks are of the new submission, some of the one before."""
    assert len(whose(handed_in(NOON), [], recorded={NOON, NOON - timedelta(days=1)}).admitted) == 1


def test_what_did_not_come_through_the_exchange_is_left_alone() -> None:
    assert whose(handed_in(None), []) == Queue((), (), ())


def test_any_number_needs_a_word() -> None:
    assert len(whose(handed_in(NOON), turns_of_the_day(50), a_day="unlimited").admitted) == 1


@pytest.mark.parametrize("value", ["0", "-1", "2.5", "true", "'many'", "''", "inf"])
def test_no_other_number_does(tmp_path: Path, value: str) -> None:
    (tmp_path / "lista.toml").write_text(f"[watch]\ngraded_a_day = {value}\n")
    with pytest.raises(UsageError, match=r"watch\.graded_a_day: .*a whole number from 1 on, or .unlimited."):
        load_settings(tmp_path / "lista.toml")


def test_three_a_day_and_no_feedback_where_nothing_is_said() -> None:
    watch = Settings().watch
    assert (watch.a_day, watch.feedback, watch.show) == (3, False, "all")
