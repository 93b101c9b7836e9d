"""What the page of similarities shows, decided before any HTML; and the page itself."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.numbers import format_decimal, format_percent

from autograder.assignment import Template
from autograder.messages import tr, using_language
from gradebook.headings import cell_titles, notebook_title
from gradebook.pages import environment, write_whole
from gradebook.records import Student
from gradebook.similarity.clusters import Cluster, Pair, Side
from gradebook.similarity.evidence import file_in_words, model_in_words, pair_in_words
from gradebook.similarity.fingerprints import COMMON, MIN_OWN, SIZE, Span
from gradebook.similarity.survey import Survey
from gradebook.text import clean

__all__ = ["render", "write_page"]

#: Pairs of the whole page that are shown with both texts.
_MAX_SIDES = 120
#: Characters of a cell and of a side that are shown.
_MAX_CELL, _MAX_SIDE = 6_000, 24_000
#: Cells of a side that are shown; the rest is a number.
_MAX_CELLS = 100
_MAX_ROWS = 200
#: In a smaller class too little is known of what everybody writes.
_SMALL = 8


@dataclass(frozen=True)
class _Piece:
    """Text, and whether the other has it: ``""``, ``same``, or ``common`` where many have."""

    text: str
    kind: str


@dataclass(frozen=True)
class _Row:
    """A cell of each side."""

    title: str
    left: tuple[_Piece, ...]
    right: tuple[_Piece, ...]


@dataclass(frozen=True)
class _Pair:
    students: tuple[str, str]
    likeness: str
    evidence: tuple[str, ...]
    rows: tuple[_Row, ...]


@dataclass(frozen=True)
class _Entry:
    title: str
    students: tuple[str, ...]
    likeness: str
    pairs: tuple[_Pair, ...]
    more: int


@dataclass(frozen=True)
class _Together:
    """Two students over all notebooks."""

    students: tuple[str, str]
    notebooks: tuple[str, ...]
    likeness: str


@dataclass(frozen=True)
class _Page:
    language: str
    assignment: str
    at_least: str
    size: int
    own: int
    common: str
    compared: tuple[tuple[str, int], ...]
    small: bool
    graded: bool
    entries: tuple[_Entry, ...]
    together: tuple[_Together, ...]
    files: tuple[str, ...]
    remarks: tuple[tuple[str, str], ...]
    left_out: tuple[tuple[str, str], ...]


def render(survey: Survey, people: Mapping[str, Student], *, language: str) -> str:
    """The page as an HTML document that loads nothing.

    Args:
        survey: What was found.
        people: Names, by login; those who are missing are called by their login.
        language: ``pt_BR`` or ``en``.
    """
    with using_language(language):
        page = _Builder(survey, people, language).page()
        return environment().get_template("similarity.html.j2").render(page=page, tr=tr)


def write_page(survey: Survey, people: Mapping[str, Student], path: Path, *, language: str) -> None:
    """Write the page to a file.

    Raises:
        UsageError: It cannot be written.
    """
    write_whole(path, render(survey, people, language=language))


class _Builder:
    def __init__(self, survey: Survey, people: Mapping[str, Student], language: str) -> None:
        self._survey, self._people, self._language = survey, people, language
        self._titles = {t.name: clean(notebook_title(t), limit=200) for t in survey.assignment.notebooks}
        self._sides = 0

    def page(self) -> _Page:
        survey = self._survey
        return _Page(
            language=self._language.replace("_", "-"),
            assignment=clean(survey.assignment.settings.title or survey.assignment.name),
            at_least=self._percent(survey.at_least),
            size=SIZE,
            own=round(MIN_OWN),
            common=str(format_decimal(COMMON, locale=self._language)),
            compared=tuple((self._titles[name], count) for name, count in survey.compared.items()),
            small=any(0 < count < _SMALL for count in survey.compared.values()),
            graded=survey.graded,
            entries=tuple(self._entry(cluster) for cluster in survey.clusters[:_MAX_ROWS]),
            together=tuple(self._together())[:_MAX_ROWS],
            files=tuple(
                file_in_words(one, one.students, self._names(one.students), self._language)
                for one in survey.files[:_MAX_ROWS]
            ),
            remarks=tuple(
                (self._titles[one.notebook], model_in_words(one.same, self._names(one.same.students)))
                for one in survey.remarks[:_MAX_ROWS]
            ),
            left_out=tuple(
                (self._titles.get(name, tr("Files")), ", ".join(self._names(students)))
                for name, students in survey.left_out.items()
            ),
        )

    def _entry(self, cluster: Cluster) -> _Entry:
        template = self._survey.assignment.notebook(cluster.notebook)
        shown = cluster.shown[: max(0, _MAX_SIDES - self._sides)]
        self._sides += len(shown)
        parts = [pair.found.likeness for pair in cluster.pairs]
        return _Entry(
            title=self._titles[cluster.notebook],
            students=tuple(self._names(cluster.students)),
            likeness=self._range(min(parts), max(parts)),
            pairs=tuple(self._pair(pair, left, right, template) for pair, left, right in shown),
            more=len(cluster.pairs) - len(shown),
        )

    def _pair(self, pair: Pair, left: Side, right: Side, template: Template) -> _Pair:
        a, b = self._names(pair.found.students)
        return _Pair(
            students=(a, b),
            likeness=self._percent(pair.found.likeness),
            evidence=tuple(pair_in_words(pair, (a, b), self._language)),
            rows=tuple(_rows(left, right, template)),
        )

    def _together(self) -> Iterable[_Together]:
        """Pairs that are listed in several notebooks, those of most notebooks first."""
        found: dict[tuple[str, str], list[Pair]] = {}
        for pair in self._survey.pairs:
            found.setdefault(pair.found.students, []).append(pair)
        several = [(students, pairs) for students, pairs in found.items() if len(pairs) > 1]
        for students, pairs in sorted(several, key=lambda one: (-len(one[1]), one[0])):
            a, b = self._names(students)
            names = sorted(pair.notebook for pair in pairs)
            parts = [pair.found.likeness for pair in pairs]
            yield _Together(
                (a, b), tuple(self._titles[name] for name in names), self._range(min(parts), max(parts))
            )

    def _names(self, students: Sequence[str]) -> list[str]:
        return [self._name(student) for student in students]

    def _name(self, student: str) -> str:
        person = self._people.get(student, Student(student))
        return clean(person.called, limit=120).replace("\n", " ")

    def _percent(self, part: float) -> str:
        return str(format_percent(part, format="0%", locale=self._language))

    def _range(self, least: float, most: float) -> str:
        low, high = self._percent(least), self._percent(most)
        return low if low == high else f"{low.rstrip('%')}–{high}"


def _rows(left: Side, right: Side, template: Template) -> Iterable[_Row]:
    """The cells of both sides, those of one question beside each other; added cells at the end, in their order."""
    titles = cell_titles(template)
    shown = [_pieces(side) for side in (left, right)]
    for cell in template.cells:
        parts = [_of_cell(cells, cell.grade_id) for cells in shown]
        if any(parts):
            yield _Row(clean(titles.get(cell.grade_id, cell.grade_id), limit=200), parts[0], parts[1])
    added = [[pieces for identity, pieces in cells if identity is None] for cells in shown]
    for number in range(max(map(len, added))):
        parts = [cells[number] if number < len(cells) else () for cells in added]
        yield _Row(tr("A cell that the student added"), parts[0], parts[1])


def _of_cell(cells: Sequence[tuple[str | None, tuple[_Piece, ...]]], identity: str) -> tuple[_Piece, ...]:
    return next((pieces for name, pieces in cells if name == identity), ())


def _marked(text: str, kind: str) -> Iterable[_Piece]:
    """A marked text, line by line: what indents a line is not marked."""
    for line in text.splitlines(keepends=True):
        body = line.strip()
        before = line[: len(line) - len(line.lstrip())]
        yield _Piece(clean(before, limit=_MAX_CELL), "")
        yield _Piece(clean(body, limit=_MAX_CELL), kind if body else "")
        yield _Piece(clean(line[len(before) + len(body) :], limit=_MAX_CELL), "")


def _pieces(side: Side) -> list[tuple[str | None, tuple[_Piece, ...]]]:
    """Each cell's id and text, cut where the other side has it or has not."""
    spans: dict[int, list[Span]] = {}
    for span in side.spans:
        spans.setdefault(span.cell, []).append(span)
    left = _MAX_SIDE
    shown: list[tuple[str | None, tuple[_Piece, ...]]] = []
    cells = side.answer.cells
    for number, cell in enumerate(cells[:_MAX_CELLS]):
        source = cell.source.rstrip()
        end = min(len(source), _MAX_CELL, left)
        left -= end
        pieces: list[_Piece] = []
        place = 0
        for span in spans.get(number, []):
            start, stop = min(span.start, end), min(span.end, end)
            if place < start:
                pieces.append(_Piece(clean(source[place:start], limit=_MAX_CELL), ""))
            if start < stop:
                pieces.extend(_marked(source[start:stop], "common" if span.common else "same"))
            place = max(place, stop)
        if place < end:
            pieces.append(_Piece(clean(source[place:end], limit=_MAX_CELL), ""))
        if end < len(source):
            pieces.append(_Piece(" … " + tr("({count} more characters)", count=len(source) - end), ""))
        shown.append((cell.grade_id, tuple(pieces)))
    if more := sum(len(cell.source) for cell in cells[_MAX_CELLS:]):
        shown.append((None, (_Piece("… " + tr("({count} more characters)", count=more), ""),)))
    return shown
