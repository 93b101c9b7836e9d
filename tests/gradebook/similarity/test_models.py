"""Which models and learning curves are the same."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from autograder.exhibit import ModelPrint
from autograder.outcome import Curve, NotebookReport
from gradebook.similarity.models import SameModel, prints_in, same_curves, same_models


def sketch(seed: int, *, other: int = 0, part: float = 0.0) -> tuple[float, ...]:
    """A direction; with a ``part`` of another one mixed in."""
    mixed = np.random.default_rng(seed).normal(size=64) + part * np.random.default_rng(other).normal(size=64)
    return tuple(mixed / np.linalg.norm(mixed))


def model(
    seed: int, *, parameters: int = 1000, digest: str = "", part: float = 0.0, name: str = "model"
) -> ModelPrint:
    """A model whose weights are those of ``seed``, or nearly."""
    return ModelPrint(name, digest or f"{seed}-{part}", sketch(seed, other=99, part=part), parameters)


def test_equal_weights_are_one_finding_for_all_who_have_them() -> None:
    """Three students with one digest, under any names; the fourth is not named."""
    prints = {"caio": [model(1, name="rede")], "ana": [model(1)], "bia": [model(2), model(1)], "davi": [model(3)]}
    assert same_models(prints) == [SameModel("weights", ("ana", "bia", "caio"), ("model", "rede"))]


def test_nearly_equal_weights_are_found() -> None:
    """A cosine of 0.9999 or more, and as many weights."""
    prints = {"ana": [model(1)], "bia": [model(1, part=0.01)], "caio": [model(1, part=0.3)]}
    (same,) = same_models(prints)
    assert (same.kind, same.students) == ("nearly", ("ana", "bia"))
    assert 0.9999 <= same.cosine < 1


def test_models_of_another_size_are_no_neighbours() -> None:
    """Equal sketches of models with other numbers of weights say nothing."""
    assert same_models({"ana": [model(1)], "bia": [model(1, parameters=1001, digest="b")]}) == []


def test_models_that_say_nothing_are_left_out() -> None:
    """Tiny ones, and sketches that are empty, zero or not finite; two equal models of one student are no pair."""
    zero, odd = ModelPrint("m", "z", (0.0,) * 64, 1000), ModelPrint("m", "n", (float("nan"),) * 64, 1000)
    for one in (zero, odd, ModelPrint("m", "e", (), 1000), model(1, parameters=3)):
        assert same_models({"ana": [one], "bia": [one]}) == []
    assert same_models({"ana": [model(1), model(1), model(1, part=0.01)]}) == []


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 3), st.sampled_from([0.0, 0.01, 1.0])), max_size=8)
)
def test_order_does_not_count(models: list[tuple[str, int, float]]) -> None:
    """The same students are found, whoever comes first; each of a finding is another student."""

    def found(order: list[tuple[str, int, float]]) -> set[tuple[str, tuple[str, ...]]]:
        prints: dict[str, list[ModelPrint]] = {}
        for student, seed, part in order:
            prints.setdefault(student, []).append(model(seed, part=part))
        return {(same.kind, same.students) for same in same_models(prints)}

    assert found(models) == found(models[::-1])
    assert all(len(set(students)) == len(students) >= 2 for _, students in found(models))


def test_equal_curves_are_found_whatever_they_are_called() -> None:
    """To all digits; loss and accuracy of one training are one finding."""
    loss, accuracy = (0.9, 0.5, 0.41), (0.5, 0.6, 0.7)
    curves = {
        "ana": [Curve("loss", loss), Curve("accuracy", accuracy)],
        "bia": [Curve("hist:loss", loss), Curve("hist:accuracy", accuracy)],
        "caio": [Curve("loss", (0.9, 0.5, 0.4100001))],
    }
    (same,) = same_curves(curves)
    assert (same.kind, same.students) == ("curves", ("ana", "bia"))
    assert same.names == ("loss", "hist:loss", "accuracy", "hist:accuracy")


def test_curves_that_say_nothing_are_left_out() -> None:
    """Constant ones, short ones, and those that are no numbers."""
    for values in ((0.5, 0.5, 0.5), (0.5, 0.4), (), (1.0, float("nan"), 0.5, 0.4)):
        assert same_curves({"ana": [Curve("loss", values)], "bia": [Curve("loss", values)]}) == []


def test_reports_without_prints_have_none() -> None:
    """Reports that were recorded before models had prints can be compared."""
    assert prints_in(NotebookReport("ana", "lista", "ex01", "graded")) == ()
