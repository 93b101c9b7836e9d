"""Which gradebook the commands, nbgrader and formgrader look at: always one."""

from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory
from traitlets.config import PyFileConfigLoader

from autograder.errors import UsageError
from gradebook.records.engines import open_backend
from gradebook.records.location import database_url, parsed_url, printable_url


def configure(course: Path, text: str) -> None:
    (course / "nbgrader_config.py").write_text(f"c = get_config()\n{text}\n")


@pytest.mark.parametrize("url", ["postgresql+psycopg://grader@/tp555", "sqlite:////srv/elsewhere.db"])
def test_what_nbgrader_is_told_holds_for_all(tmp_path: Path, url: str) -> None:
    """By the same file; what is typed goes before it."""
    configure(tmp_path, f"c.CourseDirectory.db_url = {url!r}")
    config = PyFileConfigLoader("nbgrader_config.py", path=str(tmp_path)).load_config()
    assert database_url(tmp_path, must_exist=False) == CourseDirectory(config=config).db_url == url
    assert database_url(tmp_path, "sqlite:////srv/typed.db") == "sqlite:////srv/typed.db"


def test_a_secret_need_not_stand_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSE_DB", "postgresql+psycopg://grader:secret@db/tp555")
    configure(tmp_path, "import os\nc.CourseDirectory.db_url = os.environ['COURSE_DB']")
    assert database_url(tmp_path).endswith("secret@db/tp555")


@pytest.mark.parametrize("text", [None, "", "c.CourseDirectory.source_directory = 'assignments'"])
def test_without_a_word_it_is_in_the_course_s_folder(tmp_path: Path, text: str | None) -> None:
    """Where nbgrader has it; and where nobody has graded yet, that is said."""
    if text is not None:
        configure(tmp_path, text)
    assert database_url(tmp_path, must_exist=False) == f"sqlite:///{tmp_path}/gradebook.db"
    with pytest.raises(UsageError, match="There is no gradebook"):
        database_url(tmp_path)


def test_a_file_without_a_folder_is_the_course_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the command is typed."""
    monkeypatch.chdir("/")
    configure(tmp_path, "c.CourseDirectory.db_url = 'sqlite:///grades/g.db'")
    assert database_url(tmp_path, must_exist=False) == f"sqlite:///{tmp_path}/grades/g.db"


def test_a_configuration_that_fails_is_not_passed_over(tmp_path: Path) -> None:
    """Else the commands would look at another gradebook than formgrader."""
    configure(tmp_path, "c.CourseDirectory.db_url = f()")
    with pytest.raises(UsageError, match="NameError"):
        database_url(tmp_path)


def test_a_url_is_shown_without_its_secrets() -> None:
    shown = printable_url(parsed_url("postgresql+psycopg://u:secret@h/d?password=secret&sslmode=require"))
    assert "secret" not in shown
    assert "sslmode=require" in shown
    for wrong in ("postgresql//u:secret@h/d", "u:secret"):
        with pytest.raises(UsageError, match="not the URL") as caught:
            parsed_url(wrong)
        assert "secret" not in str(caught.value)


def test_what_a_driver_says_is_shown_without_a_password() -> None:
    """In one line, and cut."""
    backend = open_backend("postgresql+psycopg://u:secret@h/d", lock_timeout=1.0)
    assert backend.clean(ValueError(f"tried u:secret\n at h {'x' * 600}."))[:18] == "tried u:*** at h x"
    assert backend.name == "postgresql+psycopg://u:***@h/d"
