"""Whoever is asked to end ends, and can be asked as a service is."""

import os
import signal
import time

import pytest

from autograder.watch import command


def asked(number: int) -> None:
    """A signal to this process, which is waited for."""
    os.kill(os.getpid(), number)
    time.sleep(5)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_both_ways_to_ask_are_one(number: int) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with command._ends_as_by_hand(), pytest.raises(KeyboardInterrupt):
        asked(number)
    assert signal.getsignal(signal.SIGTERM) == before


def test_also_where_a_shell_had_it_ignored() -> None:
    """As in the background of a script."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with command._ends_as_by_hand(), pytest.raises(KeyboardInterrupt):
            asked(signal.SIGTERM)
    finally:
        signal.signal(signal.SIGINT, before)


def test_one_that_was_lost_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library may catch whatever comes."""
    monkeypatch.setattr(command, "_AGAIN", 1)
    with command._ends_as_by_hand():
        with pytest.raises(KeyboardInterrupt):
            asked(signal.SIGTERM)
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            time.sleep(10)
    assert time.monotonic() - began < 5
    assert signal.alarm(0) == 0
