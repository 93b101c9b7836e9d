"""How alike the answers of a class are.

A *fingerprint* is a run of ``SIZE`` tokens. What two answers share is the tokens that lie in a fingerprint of
both; so cells may change places, and a line that was put in between costs only what it touches. What the
notebook gave is taken out first. Then each token weighs 1, or ``COMMON`` where all fingerprints around it are
those of many: the exercise dictates much of the code, and honest answers share that. Whole answers that differ
in names and layout alone are listed however many they are, since no exercise dictates all of a long one.

Schleimer, Wilkerson and Aiken (Winnowing: Local Algorithms for Document Fingerprinting, SIGMOD 2003) keep a
sample of such fingerprints, so that an index of many long documents stays small. An answer here has a few
hundred tokens, so all are kept, which also sees the short matches that winnowing may miss. A class is one sparse
matrix, students by fingerprints, and each student is compared with all others at once: no pair of texts is ever
laid side by side.

Why no library: copydetect 0.5.0 (MIT, 28 kB, March 2024; needs numpy, pygments, matplotlib, jinja2, tqdm) is the
one on PyPI that is kept. It replaces every name by the same letter, so that ``Dense`` and ``Dropout`` are equal;
it knows boilerplate that is given to it, and not what a class has in common; it reads files, and compares each
pair of them. What it would save is the fifty lines below that build the matrix.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csc_array

from gradebook.similarity.answers import Answer, Given
from gradebook.similarity.groups import Groups
from gradebook.similarity.tokens import Names, Token, names_of, tokens_of

__all__ = ["COMMON", "MIN_OWN", "SIZE", "ClassPrints", "Likeness", "Span", "prints_of"]

#: Tokens of a fingerprint.
SIZE = 10
#: What a token weighs that only fingerprints of many go through.
COMMON = 0.1
#: Fingerprints of more than this part of the class are common, if at least ``_COMMON_STUDENTS`` have them.
_COMMON_SHARE = 1 / 3
_COMMON_STUDENTS = 4
#: An answer needs this much weight to be called like another one, and they must share as much.
MIN_OWN = 40.0
#: Answers of so many tokens that are the same are listed, however common their fingerprints are.
_LONG = 80
#: Tokens of an answer that are compared.
_MAX_TOKENS = 10_000

_Ids = npt.NDArray[np.int64]
_Weights = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Span:
    """A part of a cell that two answers share.

    Args:
        cell: The cell's place among the answer's.
        start: Where it begins in the source.
        end: Where it ends.
        common: Whether many share it.
    """

    cell: int
    start: int
    end: int
    common: bool


@dataclass(frozen=True)
class Likeness:
    """How alike two answers are; the same whichever of them is named first.

    Args:
        students: The two, sorted.
        contained: The part of each one's own code that is in the other's, in [0, 1].
        tokens: How many tokens of each are in the other's, common ones left out.
        weight: What is shared, in tokens; common ones count ``COMMON``.
        enough: Whether each has enough code of its own for ``contained`` to mean something.
        same: Whether the answers are the same but for names and layout, and long.
        unusual: What is shared, in tokens; each counts less the more others have it: 1 if only two do.
    """

    students: tuple[str, str]
    contained: tuple[float, float]
    tokens: tuple[int, int]
    weight: float
    enough: tuple[bool, bool]
    same: bool = False
    unusual: float = 0.0

    @property
    def likeness(self) -> float:
        """The larger part, of answers with enough code; 0 where neither has, or too little is shared."""
        if self.same:
            return 1.0
        if self.weight < MIN_OWN:
            return 0.0
        return max((part for part, enough in zip(self.contained, self.enough, strict=True) if enough), default=0.0)


@dataclass(frozen=True)
class _Prints:
    """One answer: its tokens, the cell of each, and the fingerprint that begins there (-1: none does)."""

    tokens: list[Token]
    cells: list[int]
    ids: _Ids

    def whole(self) -> tuple[str, ...] | None:
        """What it is when names, layout and the order of cells do not count; ``None`` if it is short."""
        if len(self.tokens) < _LONG:
            return None
        cells: dict[int, list[str]] = {}
        for cell, token in zip(self.cells, self.tokens, strict=True):
            cells.setdefault(cell, []).append(token.text)
        return tuple(sorted(" ".join(texts) for texts in cells.values()))


def prints_of(answers: Sequence[Answer], given: Given, groups: Groups | None = None) -> "ClassPrints":
    """The fingerprints of a class.

    Args:
        answers: To one notebook, one a student.
        given: What the notebook gave; it never counts.
        groups: Who hands in together: a group counts as one student.
    """
    base = names_of(given.sources)
    known: dict[tuple[str, ...], int] = {}
    gave = {
        gram for source in given.sources for gram in _grams([t.text for t in tokens_of(source, base)])
    }  # fmt: skip
    prints = [_prints(answer, given, base, gave, known) for answer in answers]
    return ClassPrints([a.student for a in answers], prints, len(known), groups or Groups())


def _grams(texts: Sequence[str]) -> list[tuple[str, ...]]:
    return [tuple(texts[i : i + SIZE]) for i in range(len(texts) - SIZE + 1)]


def _prints(
    answer: Answer, given: Given, base: Names, gave: set[tuple[str, ...]], known: dict[tuple[str, ...], int]
) -> _Prints:
    own = names_of(cell.source for cell in answer.cells)
    names = Names({**base.imported, **own.imported}, own.attributes)
    tokens: list[Token] = []
    cells: list[int] = []
    ids: list[int] = []
    for number, cell in enumerate(answer.cells):
        for part in _own_parts(cell.source, tokens_of(cell.source, names), given.lines(cell), gave):
            part = part[: _MAX_TOKENS - len(tokens)]
            tokens.extend(part)
            cells.extend([number] * len(part))
            found = [known.setdefault(gram, len(known)) for gram in _grams([token.text for token in part])]
            ids.extend(found + [-1] * (len(part) - len(found)))
    return _Prints(tokens, cells, np.array(ids, dtype=np.int64))


def _own_parts(
    source: str, tokens: list[Token], lines: frozenset[str], gave: set[tuple[str, ...]]
) -> list[list[Token]]:
    """The cell's tokens without those that were given, in unbroken runs."""
    mine = [True] * len(tokens)
    for place, gram in enumerate(_grams([token.text for token in tokens])):
        if gram in gave:
            mine[place : place + SIZE] = [False] * SIZE
    starts = np.array([0, *(i + 1 for i, c in enumerate(source) if c == "\n")]) if lines else np.array([0])
    texts = [line.strip() for line in source.split("\n")] if lines else []
    parts: list[list[Token]] = [[]]
    for token, own in zip(tokens, mine, strict=True):
        if own and lines:
            own = texts[int(np.searchsorted(starts, token.start, side="right")) - 1] not in lines
        if own:
            parts[-1].append(token)
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]


class ClassPrints:
    """The answers of a class to one notebook, compared.

    Args:
        students: Whose they are.
        prints: Of each.
        size: How many fingerprints there are in all.
        groups: Who hands in together.
    """

    def __init__(self, students: list[str], prints: list[_Prints], size: int, groups: Groups) -> None:
        self.students = students
        self._prints = prints
        self._whole = [one.whole() for one in prints]
        rows = [np.unique(one.ids[one.ids >= 0]) for one in prints]
        indices = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
        owner = np.repeat(np.arange(len(rows)), [len(row) for row in rows])
        self._has = csc_array(
            (np.ones(len(indices), dtype=np.float32), (owner, indices)), shape=(len(rows), max(1, size))
        )
        numbers = {unit: number for number, unit in enumerate({groups.of(student) for student in students})}
        units = np.array([numbers[groups.of(student)] for student in students], dtype=np.int64)
        pairs = np.unique(units[owner] * max(1, size) + indices) if len(rows) else indices
        spread = np.bincount(pairs % max(1, size), minlength=max(1, size))
        common = (spread > _COMMON_SHARE * len(numbers)) & (spread >= _COMMON_STUDENTS)
        self._weights: _Weights = np.where(common, COMMON, 1.0).astype(np.float32)
        # How surprising it is to have it, as a part of what it is if only two have it.
        bits = np.log(max(len(numbers), 2) / np.maximum(spread, 2)) / np.log(max(len(numbers), 3) / 2)
        self._rarity: _Weights = np.clip(bits, 0.0 if len(numbers) > 2 else 1.0, 1.0).astype(np.float32)

    def own(self, student: int) -> float:
        """The weight of a student's own code, in tokens."""
        return float(self._shares(student, np.array([student]))[0].sum())

    def likenesses(self, at_least: float) -> list[Likeness]:
        """The pairs that are at least so alike, the most alike first.

        Args:
            at_least: Part of one's own code, in (0, 1].
        """
        count = len(self.students)
        weight = np.zeros((count, count))
        tokens = np.zeros((count, count), dtype=np.int64)
        for student in range(count):
            shares = self._shares(student, np.arange(count))
            weight[student] = shares.sum(axis=1, dtype=np.float64)
            tokens[student] = (shares == 1.0).sum(axis=1)
        found = []
        for a, b in zip(*np.triu_indices(count, 1), strict=True):
            pair = sorted((int(a), int(b)), key=lambda one: self.students[one])
            one = self._likeness(pair[0], pair[1], weight, tokens)
            if one.likeness >= at_least:
                found.append(one)
        found = [replace(one, unusual=self._unusual(*one.students)) for one in found]
        return sorted(found, key=lambda one: (-one.likeness, -one.unusual, one.students))

    def _unusual(self, one: str, other: str) -> float:
        places = self.students.index(one), self.students.index(other)
        return min(float(self._shares(a, np.array([b]), self._rarity).sum()) for a, b in (places, places[::-1]))

    def _likeness(self, a: int, b: int, weight: npt.NDArray[np.float64], tokens: _Ids) -> Likeness:
        totals = float(weight[a, a]), float(weight[b, b])
        shared = float(weight[a, b]), float(weight[b, a])
        return Likeness(
            students=(self.students[a], self.students[b]),
            contained=(_part(shared[0], totals[0]), _part(shared[1], totals[1])),
            tokens=(int(tokens[a, b]), int(tokens[b, a])),
            weight=min(shared),
            enough=(totals[0] >= MIN_OWN, totals[1] >= MIN_OWN),
            same=self._whole[a] is not None and self._whole[a] == self._whole[b],
        )

    def _shares(self, student: int, others: _Ids, weights: _Weights | None = None) -> _Weights:
        """What each token of a student weighs in what others share with them; shape (others, tokens)."""
        ids = self._prints[student].ids
        begins = np.flatnonzero(ids >= 0)
        starts = np.zeros((len(others), len(ids)), dtype=np.float32)
        if len(begins):
            mine, back = np.unique(ids[begins], return_inverse=True)
            there = self._has[:, mine].toarray()[others]
            starts[:, begins] = (there * (self._weights if weights is None else weights)[mine])[:, back]
        shares = starts.copy()
        for shift in range(1, min(SIZE, len(ids))):
            np.maximum(shares[:, shift:], starts[:, :-shift], out=shares[:, shift:])
        return shares

    def spans(self, student: str, other: str) -> list[Span]:
        """The parts of one student's cells that are in the other's, in order."""
        place = self.students.index(student)
        prints = self._prints[place]
        shares = self._shares(place, np.array([self.students.index(other)]))[0]
        spans: list[Span] = []
        last = -2
        for index in np.flatnonzero(shares > 0):
            token, cell, common = prints.tokens[index], prints.cells[index], bool(shares[index] < 1)
            before = spans[-1] if spans and index == last + 1 else None
            if before is not None and before.cell == cell and before.common == common:
                spans[-1] = Span(cell, before.start, token.end, common)
            else:
                spans.append(Span(cell, token.start, token.end, common))
            last = int(index)
        return spans


def _part(shared: float, total: float) -> float:
    return min(1.0, shared / total) if total > 0 else 0.0
