"""One program at a time."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.lock import Held, hold

HOLDER = """
import sys, time
from pathlib import Path
from autograder.lock import hold
with hold(Path(sys.argv[1]), "lista", "grading", "autograder grade", wait=False):
    {inside}
    print("held", flush=True)
    time.sleep(600)
"""


@contextmanager
def holder(course: Path, inside: str = "pass") -> Iterator["subprocess.Popen[str]"]:
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLDER.format(inside=inside), str(course)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.kill()
        process.wait()


def test_the_second_one_is_told_who_holds_it(tmp_path: Path) -> None:
    with (
        holder(tmp_path) as other,
        pytest.raises(
            Held, match=rf"lista is being graded by “autograder grade” \(process {other.pid} on .+, since 2"
        ),
        hold(tmp_path, "lista", "grading", "me", wait=False),
    ):
        pass


def test_or_waits_and_says_so_once_until_the_first_is_killed(tmp_path: Path) -> None:
    """The kernel lets the lock go: also one whose holder has had no chance to."""
    said: list[str] = []
    with holder(tmp_path) as other:
        timer = threading.Timer(2, other.kill)
        timer.start()
        with hold(tmp_path, "lista", "grading", "me", say=said.append):
            timer.join()
    (text,) = said
    assert text.endswith("waiting for its end.")


def test_what_a_holder_has_started_does_not_hold_it(tmp_path: Path) -> None:
    """Zygotes live on for a quarter of an hour."""
    start = (
        "import subprocess as s; child = s.Popen(['sleep', '60'], close_fds=False); print(child.pid, flush=True)"
    )
    command = [sys.executable, "-c", HOLDER.format(inside=start), str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    child = int(process.stdout.readline())
    process.stdout.readline()
    process.kill()
    process.wait()
    try:
        with hold(tmp_path, "lista", "grading", "me", wait=False):
            pass
    finally:
        subprocess.run(["kill", str(child)], check=True)


def test_who_holds_it_may_hold_it_again_and_lets_it_go_at_the_outer_end(tmp_path: Path) -> None:
    with hold(tmp_path, "lista", "grading", "me"):
        with hold(tmp_path, "lista", "grading", "me", wait=False):
            pass
        assert refused(tmp_path)
    assert not refused(tmp_path)


def refused(course: Path) -> bool:
    """Whether another process does not get it."""
    script = (
        "import sys; from pathlib import Path; from autograder.lock import hold\n"
        "with hold(Path(sys.argv[1]), 'lista', 'grading', 'you', wait=False): pass"
    )
    done = subprocess.run([sys.executable, "-c", script, str(course)], capture_output=True, text=True, check=False)
    assert done.returncode == 0 or "Held" in done.stderr, done.stderr
    return done.returncode != 0


def test_lists_and_purposes_have_locks_of_their_own(tmp_path: Path) -> None:
    with (
        holder(tmp_path),
        hold(tmp_path, "outra", "grading", "me", wait=False),
        hold(tmp_path, "lista", "watching", "me", wait=False),
    ):
        pass


def test_waiting_ends_with_an_error_of_its_own(tmp_path: Path) -> None:
    began = time.monotonic()
    with (
        holder(tmp_path),
        pytest.raises(RuntimeError),
        hold(tmp_path, "lista", "grading", "me", say=lambda text: (_ for _ in ()).throw(RuntimeError(text))),
    ):
        pass
    assert time.monotonic() - began < 60


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / ".locks").mkdir()
    (tmp_path / ".locks" / "lista.grading").symlink_to(tmp_path / "precious")
    (tmp_path / "precious").write_text("1")
    with (
        pytest.raises(UsageError, match=r"lista\.grading cannot be opened"),
        hold(tmp_path, "lista", "grading", "me"),
    ):
        pass
    assert (tmp_path / "precious").read_text() == "1"
