"""What is new in the exchange, and whole."""

import time
from pathlib import Path

import pytest

from autograder.watch.inbox import Inbox, Look, student_of

ANA = "ana+lista+2026-11-20 15:00:00.000000 UTC+x"


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        """So many have passed."""
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def inbox(tmp_path: Path, clock: Clock) -> Inbox:
    return Inbox(tmp_path, "lista", quiet=5, clock=clock)


def hand_in(inbox: Inbox, name: str = ANA) -> Path:
    (inbox.folder / name).mkdir()
    (inbox.folder / name / "a.ipynb").write_text("{")
    return inbox.folder / name


def test_a_submission_is_whole_when_it_has_been_still(inbox: Inbox, clock: Clock) -> None:
    hand_in(inbox)
    assert inbox.look() == Look((), frozenset({ANA}))
    clock.seconds = 4.9
    assert inbox.look() == Look((), frozenset({ANA}))
    clock.seconds = 5
    assert inbox.look() == Look((ANA,), frozenset())


def test_one_that_is_being_copied_is_waited_for(inbox: Inbox, clock: Clock) -> None:
    """Every change begins the wait anew: of a file that was there, of a new one, in a folder below."""
    folder = hand_in(inbox)
    inbox.look()
    for second, write in [
        (5, lambda: (folder / "a.ipynb").write_text("{}")),
        (10, lambda: (folder / "logs").mkdir()),
        (15, lambda: (folder / "logs" / "b").write_text("1")),
    ]:
        clock.seconds = second
        time.sleep(0.05)  # a change has the time of the kernel's last tick
        write()
        assert inbox.look() == Look((), frozenset({ANA}))
    clock.seconds = 20
    assert inbox.look().ready == (ANA,)


def test_what_was_taken_is_not_read_again_until_much_later(inbox: Inbox, clock: Clock) -> None:
    """Then a change by hand is seen."""
    folder = hand_in(inbox)
    inbox.look()
    inbox.took(ANA, well=True)
    time.sleep(0.05)
    (folder / "a.ipynb").write_text("{}")
    clock.seconds = 299
    assert inbox.look() == Look((), frozenset())
    clock.seconds = 300
    assert inbox.look() == Look((), frozenset({ANA}))


def test_what_could_not_be_taken_is_tried_again_later(inbox: Inbox, clock: Clock) -> None:
    hand_in(inbox)
    inbox.look()
    inbox.took(ANA, well=False)
    clock.seconds = 10
    assert inbox.look() == Look((), frozenset())
    clock.seconds = 300
    assert inbox.look().ready == (ANA,)


def test_other_lists_and_hidden_folders_are_not_ours(inbox: Inbox) -> None:
    for name in ("ana+lista2+x", "ana+outra+x", ".ana+lista+x", "lista"):
        (inbox.folder / name).mkdir()
    assert inbox.look() == Look((), frozenset())


def test_what_cannot_be_looked_into_is_handed_on_to_the_collector(inbox: Inbox, clock: Clock) -> None:
    """Who says what is wrong with it."""
    (inbox.folder / ANA).write_text("a file")
    (inbox.folder / f"b{ANA}").symlink_to("/etc")
    inbox.look()
    clock.seconds = 5
    assert inbox.look().ready == (ANA, f"b{ANA}")


def test_a_name_says_whose_it_is() -> None:
    assert (student_of(ANA), student_of("a+b+lista+t+x"), student_of("zoe+lista")) == ("ana", "a+b", "zoe")
