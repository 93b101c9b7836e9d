"""Which drawings a feedback page has."""

from collections.abc import Mapping
from dataclasses import dataclass

from autograder.exhibit import Board, Confusion, Diagram, Residuals
from autograder.messages import tr
from autograder.outcome import NotebookReport
from gradebook.feedback.bands import Band
from gradebook.pictures.boxes import draw_sketch
from gradebook.pictures.lines import draw_board, draw_curves
from gradebook.pictures.mistakes import draw_bands, draw_confusion, draw_residuals, most_confused
from gradebook.pictures.svg import Picture
from gradebook.text import clean

__all__ = ["Drawn", "Mistakes", "draw"]

_MAX_MODELS, _MAX_BOARDS, _MAX_MISTAKES = 8, 2, 3


@dataclass(frozen=True)
class Mistakes:
    """Where predictions for held-out data err.

    Args:
        title: The check that measured it.
        words: The worst of it, in sentences.
        pictures: The same drawn.
    """

    title: str
    words: tuple[str, ...]
    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Drawn:
    """The drawings of one page.

    Args:
        curves: Learning curves.
        boards: TensorBoard's.
        mistakes: Where predictions err.
        models: The student's model, and beside it what was asked for, by cell and title of a check that failed.
    """

    curves: tuple[Picture, ...]
    boards: tuple[Picture, ...]
    mistakes: tuple[Mistakes, ...]
    models: Mapping[tuple[str, str], tuple[Picture, ...]]


def draw(report: NotebookReport, bands: Mapping[str, Band], *, locale: str) -> Drawn:
    """Draw what a report has to show; what two checks measured is drawn once."""
    boards: dict[str, Board] = {}
    mistakes: dict[object, Mistakes] = {}
    models: dict[tuple[str, str], tuple[Picture, ...]] = {}
    for exhibit in report.exhibits:
        if isinstance(exhibit, Diagram) and not exhibit.fits and len(models) < _MAX_MODELS:
            models[exhibit.cell, exhibit.title] = _model(exhibit)
        elif isinstance(exhibit, Confusion):
            mistakes.setdefault((exhibit.classes, exhibit.counts), _confusion(exhibit, locale))
        elif isinstance(exhibit, Residuals):
            mistakes.setdefault((exhibit.edges, exhibit.counts), _residuals(exhibit, locale))
        elif isinstance(exhibit, Board):
            boards[exhibit.title] = exhibit  # of one folder the last: later tests see more runs
    curves = tuple(draw_curves(report.curves, bands, locale=locale))
    logs = [one for board in list(boards.values())[:_MAX_BOARDS] for one in draw_board(board, locale=locale)]
    return Drawn(curves, tuple(logs), tuple(mistakes.values())[:_MAX_MISTAKES], models)


def _model(diagram: Diagram) -> tuple[Picture, ...]:
    own = draw_sketch(diagram.actual, tr("Your model"))
    return (own,) if diagram.expected is None else (draw_sketch(diagram.expected, tr("What was asked for")), own)


def _confusion(confusion: Confusion, locale: str) -> Mistakes:
    words = tuple(
        tr(
            "{share} of “{right}” were taken for “{taken}”.",
            share=f"{mixed.share:.0%}",
            right=clean(mixed.right, limit=40),
            taken=clean(mixed.taken, limit=40),
        )
        for mixed in most_confused(confusion)
    )
    return Mistakes(clean(confusion.title, limit=200), words, (draw_confusion(confusion, locale=locale),))


def _residuals(residuals: Residuals, locale: str) -> Mistakes:
    bands = draw_bands(residuals, locale=locale)
    pictures = (draw_residuals(residuals, locale=locale), *(() if bands is None else (bands,)))
    return Mistakes(clean(residuals.title, limit=200), (), pictures)
