"""What a grade was computed from, as digests: where nothing of it has changed, nothing has to run again.

Kept in the report. A notebook is run again when it, what the kernel was given, the data or the versions of what
runs it have changed; where only tests or the judge have, judging again from evidence is enough, and brings these
two up to date.
"""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import nbformat

from autograder.assignment import Template
from autograder.engine.course import Course
from autograder.engine.judged import visible_bindings
from autograder.notebook import grade_id_of
from autograder.submission import Submission

__all__ = ["RanOn", "ran_on", "recorded"]

_MAX_BYTES = 200 * 2**20
_SAID = {
    "submission": "handed in anew",
    "given": "what students are given changed",
    "tests": "tests changed",
    "data": "the data changed",
    "run_by": "the software that runs notebooks changed",
    "judged_by": "the judge or the checks changed",
}
#: What a judgement from evidence depends on.
_JUDGED = ("tests", "judged_by")


@dataclass(frozen=True)
class RanOn:
    """Digests of all that a grade depends on.

    Args:
        submission: The notebook and the files that lay beside it; times aside.
        given: The instructor's cells and files that are in the kernel, and the limits.
        tests: The whole source notebook, with the points.
        data: Which rows are held out; the data sets themselves are always the same, by their checksums.
        run_by: Versions of the libraries, and the code that runs notebooks and takes evidence.
        judged_by: The code of judge and checks.
    """

    submission: str
    given: str
    tests: str
    data: str
    run_by: str
    judged_by: str

    @classmethod
    def from_json(cls, data: object) -> Self | None:
        """Read what ``to_json`` wrote; ``None`` if it is something else, as in older reports."""
        if not isinstance(data, Mapping) or set(data) != set(_SAID):
            return None
        return cls(**{name: str(value) for name, value in data.items()})

    def to_json(self) -> dict[str, str]:
        """As JSON-ready data."""
        return asdict(self)

    def changed(self, now: Self) -> tuple[str, ...]:
        """What is not as it was, for people; empty if nothing is."""
        return tuple(text for name, text in _SAID.items() if getattr(self, name) != getattr(now, name))

    def judged_again(self, now: Self) -> Self:
        """As after a judgement from the evidence of then, by the tests of ``now``."""
        return replace(self, **{name: getattr(now, name) for name in _JUDGED})

    def only_judging(self, now: Self) -> bool:
        """Whether nothing but tests and judge have changed."""
        return self.judged_again(now) == now


def ran_on(course: Course, submission: Submission, template: Template) -> RanOn:
    """What grading ``template`` of ``submission`` now would depend on."""
    return RanOn(
        submission=_submission(course, submission, template),
        given=course.digest(f"given {template.name}", lambda: _given(course, template)),
        tests=course.digest(f"tests {template.name}", lambda: [nbformat.writes(template.notebook)]),
        data=course.holdout_digest,
        run_by=course.run_by,
        judged_by=course.judged_by,
    )


def _given(course: Course, template: Template) -> Iterator[str]:
    """The text that the kernel gets of the instructor, the files beside it, and what it may use."""
    settings = course.assignment.settings
    yield settings.model_dump_json(include={"language", "threads", "limits", "set_aside"})
    released = course.released[template.name]
    tests = {cell.grade_id for cell in template.cells if cell.is_test}
    for cell in released.cells:
        identity = grade_id_of(cell)
        yield f"{identity}\0{visible_bindings(released, identity or '') if identity in tests else cell.source}"
    for path in sorted(course.assignment.path.rglob("*")):
        if path.is_file() and path.suffix != ".ipynb":
            yield f"{path.relative_to(course.assignment.path)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}"


def _submission(course: Course, submission: Submission, template: Template) -> str:
    """A digest of the student's copy of ``template`` and of what lies beside it."""
    digest = hashlib.sha256(f"{submission.problem}".encode())
    if submission.folder is None or submission.problem is not None:
        return digest.hexdigest()
    mine = f"{template.name}.ipynb"
    others = {f"{t.name}.ipynb" for t in course.assignment.notebooks}
    handed_in = os.path.lexists(submission.folder / mine)
    left = _MAX_BYTES
    for path in _files(submission.folder):
        name = str(path.relative_to(submission.folder))
        # A renamed notebook is looked for where the right name is not there.
        if name == "timestamp.txt" or (name.endswith(".ipynb") and name != mine and (handed_in or name in others)):
            continue
        try:
            left -= _add(digest, path, name, left)
        except OSError as error:
            # Whoever runs the notebook says so, for this student alone.
            digest.update(f"\0{name}\0unreadable: {error.errno}\0".encode("utf-8", "replace"))
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", path: Path, name: str, most: int) -> int:
    """Take ``path`` into ``digest``, with ``most`` bytes of its content; how many these were."""
    status = path.lstat()
    digest.update(f"\0{name}\0{stat.S_IFMT(status.st_mode)}\0{status.st_size}\0".encode("utf-8", "replace"))
    if not stat.S_ISREG(status.st_mode):
        return 0
    with path.open("rb") as file:
        content = file.read(most)
    digest.update(content)
    return len(content)


def _files(folder: Path) -> list[Path]:
    """Whatever is below ``folder`` and is no folder; links are not followed."""
    found = []
    for here, folders, names in os.walk(folder):
        found += [Path(here) / name for name in names]
        found += [Path(here) / name for name in folders if (Path(here) / name).is_symlink()]
    return sorted(found)


def recorded(sandbox: Mapping[str, Any]) -> RanOn | None:
    """What a report's ``sandbox`` says of it; ``None`` in older reports, and where nothing was run."""
    return RanOn.from_json(sandbox.get("ran_on"))
