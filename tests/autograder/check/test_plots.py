"""A figure shows numbers, however they are drawn."""

import pytest
from matplotlib.figure import Figure

from autograder import check
from autograder.check.recorder import collecting

VALUES = [0.5, 0.25, 0.75]


def shown(figure):
    with collecting() as outcomes:
        check.plotted(figure, VALUES)
    assert outcomes[0].error is None
    return outcomes[0].passed


@pytest.mark.parametrize(
    "draw",
    [
        lambda ax: ax.bar(["a", "b", "c"], VALUES),
        lambda ax: ax.barh(["a", "b", "c"], sorted(VALUES)),
        lambda ax: ax.plot(VALUES, "o"),
        lambda ax: ax.plot(VALUES, [1, 2, 3]),
        lambda ax: ax.scatter([3, 2, 1], VALUES),
        lambda ax: [ax.scatter([i], [v]) for i, v in enumerate(VALUES)],
        lambda ax: ax.bar([0, 1, 2], [50.0, 25.0, 75.0]),
        lambda ax: ax.bar([0, 1, 2, 3], [*VALUES, 9.0]),
        lambda ax: (ax.bar([0, 1], VALUES[:2]), ax.axhline(VALUES[2])),
    ],
)
def test_right_pictures(draw):
    """Bars, lines and points, upright or lying, in any order, in percent, beside other numbers."""
    figure = Figure()
    ax = figure.add_subplot()
    draw(ax)
    assert shown(figure)
    assert shown(ax)
    assert shown([ax])


@pytest.mark.parametrize("values", [[], [0.5, 0.25], [0.5, 0.25, 0.8], [0.5, 0.5, 0.25]])
def test_other_pictures(values):
    """Nothing, one left out, one that is another."""
    figure = Figure()
    figure.add_subplot().bar(range(len(values)), values)
    assert not shown(figure)


@pytest.mark.parametrize("what", [None, 3, "figura", [], object()])
def test_what_is_no_picture(what):
    """Is said, not raised."""
    assert not shown(what)
