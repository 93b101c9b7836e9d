"""What a feedback page draws: a model, which classes a classifier confuses, residuals, event logs.

A check measures these anyway; it publishes them as plain data, which crosses processes as JSON. ``from_json``
believes nothing: each kind has its limits, so that a page stays small whatever was handed in.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

__all__ = [
    "Board",
    "Confusion",
    "Diagram",
    "Exhibit",
    "ModelPrint",
    "Residuals",
    "Series",
    "Sketch",
    "from_json",
    "to_json",
]

_MAX_TEXT = 120
_MAX_NODES, _MAX_EDGES = 60, 200
_MAX_CLASSES, _MAX_BINS = 100, 100
_MAX_SERIES, _MAX_POINTS = 12, 500
_MAX_COUNT = 10**9


@dataclass(frozen=True)
class Sketch:
    """Boxes and arrows.

    Args:
        nodes: What stands in each box.
        edges: Pairs of box numbers, from and to.
    """

    nodes: tuple[str, ...]
    edges: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if len(self.nodes) > _MAX_NODES or len(self.edges) > _MAX_EDGES:
            raise ValueError(f"a sketch has at most {_MAX_NODES} boxes and {_MAX_EDGES} arrows")
        if any(not (0 <= start < end < len(self.nodes)) for start, end in self.edges):
            raise ValueError("an arrow leads from a box to a later one")


@dataclass(frozen=True)
class Diagram:
    """A model as a drawing.

    Args:
        title: The check that looked at it.
        actual: The student's.
        expected: What was asked for; ``None`` where that is no one drawing.
        fits: Whether the check was satisfied.
        cell: The test cell.
    """

    title: str
    actual: Sketch
    expected: Sketch | None
    fits: bool
    cell: str = ""


@dataclass(frozen=True)
class Confusion:
    """Where a classifier errs on held-out examples.

    Args:
        title: The check that measured it.
        classes: Their names, n of them.
        counts: Of each class (rows, shape (n, n)) how many examples were taken for which (columns); an answer that
            is no class at all is counted nowhere.
        cell: The test cell.
    """

    title: str
    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    cell: str = ""

    def __post_init__(self) -> None:
        size = len(self.classes)
        if not 2 <= size <= _MAX_CLASSES or [len(row) for row in self.counts] != [size] * size:
            raise ValueError(f"a confusion matrix is square, of 2 to {_MAX_CLASSES} classes")
        if any(not 0 <= count <= _MAX_COUNT for row in self.counts for count in row):
            raise ValueError("counts are whole numbers from 0")


@dataclass(frozen=True)
class Residuals:
    """By how much a regressor errs on held-out examples: prediction minus truth.

    Args:
        title: The check that measured it.
        unit: Of the target.
        edges: Borders of the bins, rising, n + 1 of them; what lies outside is in the outermost bins.
        counts: Examples in each bin, n of them.
        bands: For parts of equally many examples, from small to large targets: the largest target in it, and the
            mean residual there.
        cell: The test cell.
    """

    title: str
    unit: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    bands: tuple[tuple[float, float], ...]
    cell: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.counts) <= _MAX_BINS or len(self.edges) != len(self.counts) + 1:
            raise ValueError(f"residuals have 1 to {_MAX_BINS} bins and one border more")
        if any(not low < high for low, high in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("borders of bins rise")
        if any(not 0 <= count <= _MAX_COUNT for count in self.counts) or len(self.bands) > _MAX_BINS:
            raise ValueError("counts are whole numbers from 0")


@dataclass(frozen=True)
class Series:
    """One curve of a log: a value at each step."""

    name: str
    steps: tuple[int, ...]
    values: tuple[float, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) == len(self.values) <= _MAX_POINTS:
            raise ValueError(f"a series has 1 to {_MAX_POINTS} points")


@dataclass(frozen=True)
class Board:
    """The scalars of TensorBoard logs.

    Args:
        title: The folder of the logs.
        series: ``name`` is run and tag.
        cell: The test cell.
    """

    title: str
    series: tuple[Series, ...]
    cell: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.series) <= _MAX_SERIES:
            raise ValueError(f"a board has 1 to {_MAX_SERIES} series")


Exhibit = Diagram | Confusion | Residuals | Board


@dataclass(frozen=True)
class ModelPrint:
    """By what a model is known again among others.

    Args:
        name: The student's name for it.
        digest: SHA-256 of all weights, in their order, as little-endian float32.
        sketch: 64 numbers of length 1 together, made of all weights: the product of two models' sketches is about
            the cosine of the angle between their weights.
        parameters: How many weights there are.
    """

    name: str
    digest: str
    sketch: tuple[float, ...]
    parameters: int

    @classmethod
    def from_json(cls, data: object) -> "ModelPrint":
        """Read what ``asdict`` wrote.

        Raises:
            ValueError: It is no such thing.
        """
        fields = _object(data, "name", "digest", "sketch", "parameters")
        sketch = _numbers(fields["sketch"], 64)
        if len(sketch) != 64 or type(fields["parameters"]) is not int:
            raise ValueError("a sketch is 64 numbers")
        return cls(_text(fields["name"]), _text(fields["digest"]), sketch, fields["parameters"])


def to_json(exhibit: Exhibit) -> dict[str, Any]:
    """The exhibit as JSON-ready data."""
    return {"kind": type(exhibit).__name__, **asdict(exhibit)}


def from_json(data: object) -> Exhibit:
    """Read what ``to_json`` wrote; the data may come from an untrusted process.

    Raises:
        ValueError: It is no exhibit.
    """
    kind = data.get("kind") if isinstance(data, Mapping) else None
    if not isinstance(data, Mapping) or not isinstance(kind, str) or kind not in _READERS:
        raise ValueError("an exhibit is of a known kind")
    rest = {name: value for name, value in data.items() if name not in ("kind", "cell")}
    return replace(_READERS[kind](rest), cell=_text(data.get("cell", "")))


def _diagram(data: Mapping[str, Any]) -> Diagram:
    fields = _object(data, "title", "actual", "expected", "fits")
    expected = None if fields["expected"] is None else _sketch(fields["expected"])
    return Diagram(_text(fields["title"]), _sketch(fields["actual"]), expected, fields["fits"] is True)


def _sketch(data: object) -> Sketch:
    fields = _object(data, "nodes", "edges")
    nodes = tuple(_text(node) for node in _list(fields["nodes"], _MAX_NODES))
    edges = tuple(_whole(edge, 2) for edge in _list(fields["edges"], _MAX_EDGES))
    return Sketch(nodes, tuple((start, end) for start, end in edges))


def _confusion(data: Mapping[str, Any]) -> Confusion:
    fields = _object(data, "title", "classes", "counts")
    classes = tuple(_text(name) for name in _list(fields["classes"], _MAX_CLASSES))
    rows = tuple(_whole(row, _MAX_CLASSES) for row in _list(fields["counts"], _MAX_CLASSES))
    return Confusion(_text(fields["title"]), classes, rows)


def _residuals(data: Mapping[str, Any]) -> Residuals:
    fields = _object(data, "title", "unit", "edges", "counts", "bands")
    bands = tuple(_numbers(band, 2) for band in _list(fields["bands"], _MAX_BINS))
    return Residuals(
        _text(fields["title"]),
        _text(fields["unit"]),
        _numbers(fields["edges"], _MAX_BINS + 1),
        _whole(fields["counts"], _MAX_BINS),
        tuple((target, mean) for target, mean in bands),
    )


def _board(data: Mapping[str, Any]) -> Board:
    fields = _object(data, "title", "series")
    return Board(_text(fields["title"]), tuple(_series(one) for one in _list(fields["series"], _MAX_SERIES)))


def _series(data: object) -> Series:
    fields = _object(data, "name", "steps", "values")
    return Series(
        _text(fields["name"]), _whole(fields["steps"], _MAX_POINTS), _numbers(fields["values"], _MAX_POINTS)
    )


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Exhibit]] = {
    "Diagram": _diagram,
    "Confusion": _confusion,
    "Residuals": _residuals,
    "Board": _board,
}


def _object(data: object, *names: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping) or set(data) != set(names):
        raise ValueError(f"an object with {', '.join(names)} is needed")
    return data


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is needed")
    return value[:_MAX_TEXT]


def _list(value: object, most: int) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or len(value) > most:
        raise ValueError(f"a list of at most {most} is needed")
    return value


def _numbers(value: object, most: int) -> tuple[float, ...]:
    found = []
    for number in _list(value, most):
        if isinstance(number, bool) or not isinstance(number, int | float) or abs(number) > 1e30:
            raise ValueError("numbers are needed")
        found.append(float(number))
    if not all(map(math.isfinite, found)):
        raise ValueError("finite numbers are needed")
    return tuple(found)


def _whole(value: object, most: int) -> tuple[int, ...]:
    found = _list(value, most)
    if not all(type(number) is int and abs(number) < 2**63 for number in found):
        raise ValueError("whole numbers are needed")
    return tuple(found)
