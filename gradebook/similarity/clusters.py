"""Pairs that are linked, as one entry: ten alike students are not forty-five rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gradebook.similarity.answers import Answer
from gradebook.similarity.files import SameFiles
from gradebook.similarity.fingerprints import Likeness, Span
from gradebook.similarity.models import SameModel

__all__ = ["Cluster", "Pair", "Side", "backbone", "clusters_of"]

#: Pairs of a cluster that are shown with both texts: those that hold it together.
_MAX_SHOWN = 12


@dataclass(frozen=True)
class Side:
    """One of two answers: the student's cells, and which parts of them are in the other's."""

    answer: Answer
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Pair:
    """Two students whose code in a notebook is alike.

    Args:
        notebook: Its name.
        found: How alike.
        notebooks: In how many notebooks these two are listed.
        models: What else is the same, in this notebook.
        files: Files that both handed in, of the whole submission.
    """

    notebook: str
    found: Likeness
    notebooks: int
    models: tuple[SameModel, ...]
    files: tuple[SameFiles, ...]


@dataclass(frozen=True)
class Cluster:
    """Students of a notebook who are linked by pairs.

    Args:
        notebook: Its name.
        students: Sorted.
        pairs: All, the most alike first.
        shown: Those that hold the cluster together, with both sides; at most ``_MAX_SHOWN``.
    """

    notebook: str
    students: tuple[str, ...]
    pairs: tuple[Pair, ...]
    shown: tuple[tuple[Pair, Side, Side], ...]

    @property
    def unusual(self) -> float:
        """How unusual its most unusual pair is: what those two share and others do not have."""
        return max(pair.found.unusual * pair.found.likeness for pair in self.pairs)


def _components(found: Iterable[Likeness]) -> dict[str, str]:
    """For each student one who stands for all that pairs link with them."""
    parent: dict[str, str] = {}

    def root(student: str) -> str:
        while parent.setdefault(student, student) != student:
            parent[student] = parent[parent[student]]
            student = parent[student]
        return student

    for one in found:
        a, b = (root(student) for student in one.students)
        parent[max(a, b)] = min(a, b)
    return {student: root(student) for student in list(parent)}


def backbone(found: Sequence[Likeness]) -> list[Likeness]:
    """The pairs that hold their clusters together, the most alike that do; a bounded number of each cluster.

    Args:
        found: Pairs, the most alike first.
    """
    taken: list[Likeness] = []
    linked: dict[str, str] = {}
    shown: Counter[str] = Counter()
    whole = _components(found)
    for one in found:  # the most alike first
        a, b = (linked.get(student, student) for student in one.students)
        if a == b:
            continue
        linked = {student: b if part == a else part for student, part in linked.items()} | {one.students[0]: b}
        linked[one.students[1]] = b
        shown[whole[one.students[0]]] += 1
        if shown[whole[one.students[0]]] <= _MAX_SHOWN:
            taken.append(one)
    return taken


def clusters_of(pairs: Sequence[Pair], sides: Mapping[tuple[str, str], Side]) -> list[Cluster]:
    """The clusters of one notebook.

    Args:
        pairs: All, the most alike first.
        sides: What to show of a student beside another, for the pairs that are shown.
    """
    whole = _components(pair.found for pair in pairs)
    members: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        members[whole[pair.found.students[0]]].append(pair)
    clusters = []
    for linked in members.values():
        students = tuple(sorted({student for pair in linked for student in pair.found.students}))
        shown = []
        for pair in linked:
            a, b = pair.found.students
            if (a, b) in sides:
                shown.append((pair, sides[a, b], sides[b, a]))
        clusters.append(Cluster(linked[0].notebook, students, tuple(linked), tuple(shown)))
    return clusters
