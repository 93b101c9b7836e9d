"""What has to run again, what is judged again, and what is left as it is."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from courses import RIGHT, TinyCourse, cell_of

from autograder.engine import Course, items_of, ran_on
from autograder.engine import course as courses_module
from autograder.plan import plan
from autograder.submission import find
from gradebook.records import Ran

NOON = "2026-05-04 12:00:00 UTC"


class Class:
    """Two students' submissions, and what was recorded of them."""

    def __init__(self, root: Path) -> None:
        self.course = TinyCourse(root)
        for student in ("ana", "bia"):
            self.course.submit(student)
            (self.course.folder(student) / "timestamp.txt").write_text(NOON)
            (self.course.folder(student) / "dados.csv").write_text("1,2")
            shown = root / "autograded" / student / "lista" / "tiny.ipynb"
            shown.parent.mkdir(parents=True)
            shown.write_text("{}")
        self.last = {
            item.key: Ran(*item.key, datetime(2026, 5, 4, 12), "graded", False, self.sandbox(item), 1.0)
            for item in self.items()
        }

    def opened(self) -> Course:
        """The course as graders know it."""
        return Course.open(self.course.root, self.course.assignment)

    def items(self) -> Any:
        """The work that was asked for."""
        return items_of(find(self.course.root, "lista"), self.course.assignment.notebooks)

    def sandbox(self, item: Any) -> dict[str, Any]:
        """What a report would say now."""
        return {"ran_on": ran_on(self.opened(), item.submission, item.template).to_json(), "memory": 1}

    def edit(self, place: str, grade_id: str, source: str) -> None:
        """Change a cell of the source notebook or of the released one."""
        path = self.course.root / place / "lista" / "tiny.ipynb"
        notebook = nbformat.read(path, as_version=4)
        cell_of(notebook, grade_id).source = source
        nbformat.write(notebook, path)

    def ana(self, **changes: Any) -> None:
        """Change what was recorded of ana."""
        self.last["ana", "tiny"] = replace(self.last["ana", "tiny"], **changes)

    def planned(self, *, force: bool = False) -> dict[str, dict[str, str]]:
        """Whose notebook is done how, and why."""
        made = plan(self.opened(), self.items(), list(self.last.values()), force=force)
        return {
            "run": {item.key[0]: made.why[item] for item in made.run},
            "judge": {item.key[0]: "" for item in made.judge},
            "renew": {item.key[0]: "" for item in made.renew},
        }


@pytest.fixture
def klass(tmp_path: Path) -> Class:
    return Class(tmp_path / "course")


def resubmitted(klass: Class) -> None:
    klass.course.submit("ana", {**RIGHT, "square": "square = []"})


def another_file(klass: Class) -> None:
    (klass.course.folder("ana") / "dados.csv").write_text("1,3")


def a_link(klass: Class) -> None:
    (klass.course.folder("ana") / "dados.csv").unlink()
    (klass.course.folder("ana") / "dados.csv").symlink_to("/etc/passwd")


def renamed(klass: Class) -> None:
    klass.course.folder("ana").joinpath("tiny.ipynb").rename(klass.course.folder("ana") / "minha.ipynb")


def another_time(klass: Class) -> None:
    (klass.course.folder("ana") / "timestamp.txt").write_text(NOON.replace("12:", "13:"))


def no_time(klass: Class) -> None:
    (klass.course.folder("ana") / "timestamp.txt").unlink()


def another_test(klass: Class) -> None:
    klass.edit("assignments", "double-test", "assert double(3) == 6")


def another_given_cell(klass: Class) -> None:
    klass.edit("release", "notice", "Leia aquilo antes.")


def another_limit(klass: Class) -> None:
    (klass.course.root / "assignments" / "lista.toml").write_text("[limits]\ncell_cpu = 11\nnotebook_cpu = 30\n")


def another_title(klass: Class) -> None:
    toml = klass.course.root / "assignments" / "lista.toml"
    toml.write_text('title = "Outro nome"\n' + toml.read_text())


def a_given_file(klass: Class) -> None:
    (klass.course.root / "assignments" / "lista" / "dados.csv").write_text("9")


def another_key(klass: Class) -> None:
    (klass.course.root / ".holdout-key").write_text("00" * 32 + "\n")


def shown_no_more(klass: Class) -> None:
    (klass.course.root / "autograded" / "ana" / "lista" / "tiny.ipynb").unlink()


BOTH, ANA = {"ana", "bia"}, {"ana"}


@pytest.mark.parametrize(
    ("change", "where", "whom", "why"),
    [
        (lambda _: None, None, set(), None),
        (another_title, None, set(), None),
        (no_time, None, set(), None),
        (resubmitted, "run", ANA, "handed in anew"),
        (another_file, "run", ANA, "handed in anew"),
        (a_link, "run", ANA, "handed in anew"),
        (renamed, "run", ANA, "handed in anew"),
        (another_given_cell, "run", BOTH, "what students are given changed"),
        (another_limit, "run", BOTH, "what students are given changed"),
        (a_given_file, "run", BOTH, "what students are given changed"),
        (shown_no_more, "run", ANA, "the graded notebook is gone"),
        (lambda k: k.last.pop(("ana", "tiny")), "run", ANA, "new"),
        (lambda k: k.ana(status="failed", needs_review=True), "run", ANA, "the grader failed"),
        (lambda k: k.ana(sandbox={}), "run", ANA, "graded by an older version"),
        (lambda k: k.ana(sandbox={}, status="refused"), "run", ANA, "refused before"),
        (another_test, "judge", BOTH, None),
        (lambda k: k.ana(needs_review=True), "judge", ANA, None),
        (another_time, "renew", ANA, None),
    ],
)  # fmt: skip
def test_only_what_changed_is_done_again(
    klass: Class, change: Callable[[Class], object], where: str | None, whom: set[str], why: str | None
) -> None:
    change(klass)
    planned = klass.planned()
    assert {name: set(whose) for name, whose in planned.items() if whose} == ({where: whom} if where else {})
    if why is not None:
        assert set(planned["run"].values()) == {why}


def test_a_file_that_cannot_be_read_is_its_students_affair(klass: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def refused(path: Path, *arguments: Any, **options: Any) -> Any:
        if path.name == "dados.csv" and "ana" in path.parts:
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", refused)
    assert klass.planned() == {"run": {"ana": "handed in anew"}, "judge": {}, "renew": {}}


def test_other_held_out_rows_are_other_data(klass: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    # The view itself takes seconds to make.
    monkeypatch.setattr(courses_module.data, "public_view", lambda _root: SimpleNamespace(name="view"))
    klass.last = {item.key: replace(klass.last[item.key], sandbox=klass.sandbox(item)) for item in klass.items()}
    assert not any(klass.planned().values())
    another_key(klass)
    assert set(klass.planned()["run"].values()) == {"the data changed"}


@pytest.mark.parametrize(("part", "where"), [("check", "judge"), ("judge", "judge"), ("sandbox", "run")])
def test_other_code_of_ours_is_another_version(
    klass: Class, part: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = courses_module._code
    monkeypatch.setattr(courses_module, "_code", lambda *parts: ours(*parts) + ("new" if part in parts else ""))
    planned = klass.planned()
    assert {name for name, whose in planned.items() if whose} == {where}
    assert set(planned[where]) == BOTH


def test_all_of_it_on_demand(klass: Class) -> None:
    assert klass.planned(force=True)["run"] == {"ana": "asked for", "bia": "asked for"}


def test_what_was_not_handed_in_is_not_done_twice(klass: Class) -> None:
    (klass.course.folder("ana") / "tiny.ipynb").unlink()
    [mine] = [item for item in klass.items() if item.key[0] == "ana"]
    klass.ana(status="missing", sandbox=klass.sandbox(mine))
    assert not any(klass.planned().values())
    klass.course.submit("ana")
    assert set(klass.planned()["run"]) == {"ana"}
