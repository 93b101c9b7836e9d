"""What students may have is published as a whole, or not at all."""

import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest
from courses import TinyCourse, cell_of

from autograder.errors import UsageError
from autograder.handout import modules, write_handout


@pytest.fixture
def course(tmp_path: Path) -> TinyCourse:
    return TinyCourse(tmp_path / "course")


def test_a_handout_holds_the_release_and_the_check_library(course: TinyCourse, tmp_path: Path) -> None:
    """The zip holds the same as the folder, and a second time the same bytes are written."""
    made = write_handout(course.root, course.assignment, tmp_path / "out")
    names = [str(path) for path in made.files]
    assert names[:1] == ["README.md"]
    assert [name for name in names if name.endswith(".ipynb")] == ["lista/tiny.ipynb"]
    assert len([name for name in names if name.endswith(".whl")]) == 1
    with zipfile.ZipFile(made.archive) as archive:
        assert sorted(archive.namelist()) == sorted(name for name in names if name.startswith("lista/"))
    before = {path: (made.root / path).read_bytes() for path in made.files}
    write_handout(course.root, course.assignment, tmp_path / "out")
    assert {path: (made.root / path).read_bytes() for path in made.files} == before


def test_the_wheel_is_all_that_the_checks_need(course: TinyCourse, tmp_path: Path) -> None:
    """Unpacked alone, it imports and checks in Portuguese; and it holds nothing of the grader."""
    made = write_handout(course.root, course.assignment, tmp_path / "out")
    (wheel,) = [made.root / path for path in made.files if path.suffix == ".whl"]
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
        inside = {name.split("/")[1] for name in archive.namelist() if name.startswith("autograder/")}
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import autograder; assert sys.argv[1] in autograder.__file__\n"
        "from autograder import check, holdout\n"
        "from autograder.check.recorder import collecting\n"
        "with collecting() as found: check.equal(1, 2)\n"
        "print(found[0].title)\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, str(tmp_path / "site")], capture_output=True, text=True, check=False
    )
    assert (done.stdout.strip(), done.stderr) == ("O valor está certo", "")
    assert not inside & {"judge", "engine", "sandbox", "grade.py", "exemplar.py", "data"}


def test_imports_inside_functions_count(course: TinyCourse) -> None:
    """A check that imports what it needs only when it is called is complete in the wheel."""
    assert {"autograder", "autograder.check", "autograder.check.recorder", "autograder.holdout"} <= set(modules())
    assert "autograder.nbgrader_bridge" not in modules()
    assert "autograder.handout" in modules(["autograder.cli"])


def leak_in_release(course: TinyCourse, out: Path) -> None:
    path = course.root / "release" / "lista" / "tiny.ipynb"
    notebook = nbformat.read(path, as_version=4)
    cell_of(notebook, "double-test").source = course.assignment.notebooks[0].by_id["double-test"].source
    nbformat.write(notebook, path)


def extra_file_in_release(course: TinyCourse, out: Path) -> None:
    (course.root / "release" / "lista" / "pesos.h5").write_bytes(b"x")


def source_in_destination(course: TinyCourse, out: Path) -> None:
    out.mkdir()
    nbformat.write(course.assignment.notebooks[0].notebook, out / "antigo.ipynb")


def source_in_a_zip(course: TinyCourse, out: Path) -> None:
    out.mkdir()
    with zipfile.ZipFile(out / "antigo.zip", "w") as archive:
        archive.writestr("tiny.ipynb", nbformat.writes(course.assignment.notebooks[0].notebook))


def key_in_destination(course: TinyCourse, out: Path) -> None:
    (course.root / ".holdout-key").write_text("ab" * 32 + "\n")
    out.mkdir()
    (out / "notes.txt").write_text("the key: " + "ab" * 32)


def settings_in_destination(course: TinyCourse, out: Path) -> None:
    out.mkdir()
    (out / "lista.toml").write_text("title = 'x'")


@pytest.mark.parametrize(
    "spoil",
    [
        leak_in_release,
        extra_file_in_release,
        source_in_destination,
        source_in_a_zip,
        key_in_destination,
        settings_in_destination,
    ],
)
def test_nothing_is_written_where_something_secret_would_be_published(course, tmp_path, spoil) -> None:
    """Hidden tests, solutions, model files, settings with rubrics, and the key of the held-out rows."""
    out = tmp_path / "out"
    spoil(course, out)
    before = sorted(out.rglob("*"))
    with pytest.raises(UsageError, match="was not written"):
        write_handout(course.root, course.assignment, out)
    assert sorted(out.rglob("*")) == before


def test_the_message_shows_where(course: TinyCourse, tmp_path: Path) -> None:
    out = tmp_path / "out"
    source_in_destination(course, out)
    with pytest.raises(UsageError, match=r"antigo\.ipynb: shows a hidden line") as caught:
        write_handout(course.root, course.assignment, out)
    assert str(caught.value).count("antigo.ipynb") == 1


def test_a_folder_inside_the_course_is_refused(course: TinyCourse) -> None:
    with pytest.raises(UsageError, match="inside the course"):
        write_handout(course.root, course.assignment, course.root / "public")


def test_what_else_lies_there_stays(course: TinyCourse, tmp_path: Path) -> None:
    """A git work tree, a teacher's own files; notebooks that are no longer in the release go."""
    out = tmp_path / "out"
    (out / ".git").mkdir(parents=True)
    (out / ".git" / "config").write_text("[core]")
    (out / "LICENSE").write_text("free")
    (out / "lista").mkdir()
    (out / "lista" / "old.txt").write_text("old")
    write_handout(course.root, course.assignment, out)
    assert (out / "LICENSE").read_text() == "free"
    assert (out / ".git" / "config").exists()
    assert not (out / "lista" / "old.txt").exists()
