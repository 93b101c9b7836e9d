"""The holdout key: made once, private, and never silently another one."""

import threading

import pytest

from autograder.data.key import KEY_FILE, holdout_key
from autograder.errors import UsageError


def test_the_key_is_made_once_and_is_private(tmp_path):
    """The first use makes it, later uses read it, and only its owner can."""
    key = holdout_key(tmp_path)
    assert len(key) == 32
    assert holdout_key(tmp_path) == key
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_courses_have_different_keys(tmp_path):
    """What is known about one course's holdout does not help in another."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    assert holdout_key(tmp_path / "a") != holdout_key(tmp_path / "b")


def test_commands_that_start_together_agree_on_one_key(tmp_path):
    """Whoever is first decides; nobody goes on with a key that was overwritten."""
    keys: list[bytes] = []
    threads = [threading.Thread(target=lambda: keys.append(holdout_key(tmp_path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 8
    assert len(set(keys)) == 1


def test_a_key_that_others_can_read_is_refused(tmp_path):
    """The message says how to mend it."""
    holdout_key(tmp_path)
    (tmp_path / KEY_FILE).chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        holdout_key(tmp_path)


@pytest.mark.parametrize("text", ["", "not hex", "abcd", "é" * 32])
def test_a_file_that_is_no_key_is_refused(tmp_path, text):
    """A damaged key never becomes another draw."""
    (tmp_path / KEY_FILE).write_text(text)
    with pytest.raises(UsageError, match=KEY_FILE):
        holdout_key(tmp_path)


def test_a_link_or_a_folder_is_no_key(tmp_path):
    """A key is a regular file."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / KEY_FILE).symlink_to("/dev/zero")
    with pytest.raises(UsageError):
        holdout_key(tmp_path / "a")
    (tmp_path / KEY_FILE).mkdir()
    with pytest.raises(UsageError):
        holdout_key(tmp_path)


def test_a_course_folder_that_is_not_there_is_a_clear_error(tmp_path):
    """The message names the path."""
    with pytest.raises(UsageError, match="nowhere"):
        holdout_key(tmp_path / "nowhere")
