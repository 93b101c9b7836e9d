"""A list's similarities: which pairs to look at, why, and who belongs together.

Code decides for notebooks, equal files for whole submissions. Equal models and curves are said beside such a pair.
By themselves they are listed only where at most a tenth of those who have any share them (or just two do), as a
remark: the seed is fixed and the grader runs everything on one machine, so equal choices give equal numbers.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.assignment import Assignment, Template
from gradebook.records import Graded
from gradebook.similarity.answers import given_of, read_answers, submission_folders
from gradebook.similarity.clusters import Cluster, Pair, Side, backbone, clusters_of
from gradebook.similarity.files import SameFiles, same_files
from gradebook.similarity.fingerprints import Likeness, prints_of
from gradebook.similarity.groups import Groups
from gradebook.similarity.models import SameModel, prints_in, same_curves, same_models

__all__ = ["AT_LEAST", "Remark", "Survey", "survey"]

#: Pairs less alike are not listed. ``docs/data.md`` has the numbers behind it.
AT_LEAST = 0.8
#: Remarks about models and curves alone need that few.
_FEW = 0.1


@dataclass(frozen=True)
class Remark:
    """Models or curves that are the same although nothing else is."""

    notebook: str
    same: SameModel


@dataclass(frozen=True)
class Survey:
    """All of a list.

    Args:
        assignment: The list.
        at_least: From which likeness on pairs are listed.
        compared: How many answers of each notebook.
        clusters: The most unusual first.
        files: What students handed in together.
        remarks: Models and curves that are the same, of pairs that are not listed.
        left_out: Who could not be compared in full, by notebook; files under "".
        graded: Whether there were reports, with their models and curves.
    """

    assignment: Assignment
    at_least: float
    compared: Mapping[str, int]
    clusters: tuple[Cluster, ...]
    files: tuple[SameFiles, ...]
    remarks: tuple[Remark, ...]
    left_out: Mapping[str, tuple[str, ...]]
    graded: bool

    @property
    def pairs(self) -> list[Pair]:
        """All pairs, cluster by cluster."""
        return [pair for cluster in self.clusters for pair in cluster.pairs]


def survey(
    course: Path,
    assignment: Assignment,
    graded: Sequence[Graded],
    *,
    notebook: str | None = None,
    at_least: float = AT_LEAST,
    groups: Mapping[str, Iterable[str]] | None = None,
) -> Survey:
    """Compare everybody's submissions.

    Args:
        course: Root of the course.
        assignment: The list.
        graded: What was recorded of it; may be empty.
        notebook: Only this one.
        at_least: From which likeness on a pair is listed, in (0, 1].
        groups: Students who hand in together: they are not compared with each other.

    Raises:
        UsageError: There is no such notebook.
    """
    templates = [assignment.notebook(notebook)] if notebook else list(assignment.notebooks)
    folders = submission_folders(course, assignment.name)
    apart = Groups(groups)
    given = [course / "release" / assignment.name, assignment.path]
    files, partly = same_files(folders, given)
    files = [one for one in files if apart.apart(one.students)]
    looks = [_look(course, assignment, template, folders, graded, apart, at_least) for template in templates]
    together = Counter(found.students for look in looks for found in look.found)
    clusters = [
        cluster
        for look in looks
        for cluster in clusters_of([_pair(look, one, together, files) for one in look.found], look.sides)
    ]
    by_files = {pair for one in files for pair in _pairs(one.students)}
    return Survey(
        assignment=assignment,
        at_least=at_least,
        compared={look.notebook: look.compared for look in looks},
        clusters=tuple(sorted(clusters, key=lambda one: (-one.unusual, one.notebook, one.students))),
        files=tuple(sorted(files, key=lambda one: (-len(one.students), one.students, one.files[0].name))),
        remarks=tuple(remark for look in looks for remark in _remarks(look, apart, by_files)),
        left_out={look.notebook: tuple(look.left_out) for look in looks if look.left_out}
        | ({"": tuple(partly)} if partly else {}),
        graded=bool(graded),
    )


@dataclass(frozen=True)
class _Look:
    """What was found in one notebook; ``having`` counts the reports with models or curves."""

    notebook: str
    compared: int
    found: list[Likeness]
    sides: Mapping[tuple[str, str], Side]
    models: list[SameModel]
    having: int
    left_out: list[str]


def _look(
    course: Path,
    assignment: Assignment,
    template: Template,
    folders: Mapping[str, Path],
    graded: Sequence[Graded],
    groups: Groups,
    at_least: float,
) -> _Look:
    given = given_of(course, assignment, template)
    answers, unreadable = read_answers(folders, assignment, template, given)
    prints = prints_of(answers, given, groups)
    found = [one for one in prints.likenesses(at_least) if groups.apart(one.students)]
    by_student = {answer.student: answer for answer in answers}
    sides = {
        (student, other): Side(by_student[student], tuple(prints.spans(student, other)))
        for one in backbone(found)
        for student, other in (one.students, one.students[::-1])
    }
    reports = [one.report for one in graded if one.report.notebook == template.name]
    models = {report.student: prints_in(report) for report in reports}
    curves = {report.student: report.curves for report in reports}
    return _Look(
        notebook=template.name,
        compared=len(answers),
        found=found,
        sides=sides,
        models=same_models(models) + same_curves(curves),
        having=sum(bool(models[student] or curves[student]) for student in models),
        left_out=sorted({*unreadable, *(answer.student for answer in answers if answer.cut)}),
    )


def _pair(look: _Look, found: Likeness, together: Counter[tuple[str, str]], files: Sequence[SameFiles]) -> Pair:
    both = set(found.students)
    return Pair(
        notebook=look.notebook,
        found=found,
        notebooks=together[found.students],
        models=tuple(same for same in look.models if both <= set(same.students)),
        files=tuple(same for same in files if both <= set(same.students)),
    )


def _pairs(students: Sequence[str]) -> Iterable[tuple[str, str]]:
    return ((a, b) for i, a in enumerate(students) for b in students[i + 1 :])


def _remarks(look: _Look, groups: Groups, by_files: set[tuple[str, str]]) -> list[Remark]:
    """Equal models and curves where code does not say it already, and which few enough have to be worth a look."""
    listed = {one.students for one in look.found}
    most = max(2.0, _FEW * look.having)
    remarks = []
    for same in look.models:
        pairs = set(_pairs(same.students))
        if pairs <= listed or not groups.apart(same.students):
            continue
        if same.kind != "nearly" and len(same.students) <= most:
            remarks.append(Remark(look.notebook, same))
        else:
            told = sorted((pairs & by_files) - listed)
            remarks.extend(Remark(look.notebook, replace(same, students=pair)) for pair in told)
    return remarks
