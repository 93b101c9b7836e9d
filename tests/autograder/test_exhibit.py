"""What may be relied on of what feedback pages draw."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.exhibit import Board, Confusion, Diagram, ModelPrint, Residuals, Series, Sketch, from_json, to_json
from autograder.outcome import NotebookReport

CHAIN = Sketch(("input (28, 28)", "Flatten", "Dense(10, softmax)"), ((0, 1), (1, 2)))
EXAMPLES = [
    Diagram("Arquitetura", CHAIN, None, True, "test_model"),
    Diagram("Arquitetura", CHAIN, CHAIN, False),
    Confusion("Acurácia", ("a", "b"), ((3, 1), (0, 4)), "test_accuracy"),
    Residuals("MSE", "US$", (-1.0, 0.0, 1.0), (2, 3), ((0.5, 0.1), (2.0, -0.2))),
    Board("my_logs", (Series("run_1: epoch_loss", (0, 1), (0.9, 0.5)),)),
]


@pytest.mark.parametrize("exhibit", EXAMPLES)
def test_they_come_back_from_json(exhibit: Any) -> None:
    """What was written is read, also inside a report."""
    assert from_json(json.loads(json.dumps(to_json(exhibit)))) == exhibit
    report = NotebookReport("ana", "lista", "ex", "graded", exhibits=(exhibit,))
    assert NotebookReport.from_json(json.loads(json.dumps(report.to_json()))) == report


def test_reports_from_before_have_none() -> None:
    """A report that was recorded by an earlier version can be read."""
    old = {
        k: v
        for k, v in NotebookReport("ana", "l", "e", "graded").to_json().items()
        if k not in ("exhibits", "models")
    }
    assert NotebookReport.from_json(old).exhibits == ()


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {"kind": "Other"},
        {**to_json(EXAMPLES[2]), "counts": [[1, 2]]},
        {**to_json(EXAMPLES[2]), "counts": [[1, 2], [3, -4]]},
        {**to_json(EXAMPLES[2]), "counts": [[1, 2], [3, True]]},
        {**to_json(EXAMPLES[2]), "extra": 1},
        {**to_json(EXAMPLES[3]), "edges": [0.0, 0.0, 1.0]},
        {**to_json(EXAMPLES[3]), "edges": [0.0, float("nan"), 1.0]},
        {**to_json(EXAMPLES[3]), "edges": [0.0, 10**400, 1.0]},
        {**to_json(EXAMPLES[4]), "series": []},
        {**to_json(EXAMPLES[4]), "series": [{"name": "a", "steps": [1], "values": []}]},
        {**to_json(EXAMPLES[0]), "actual": {"nodes": ["a"], "edges": [[0, 0]]}},
        {**to_json(EXAMPLES[0]), "actual": {"nodes": ["a", "b"], "edges": [[0, 1, 1]]}},
        {**to_json(EXAMPLES[0]), "actual": {"nodes": ["a"] * 1000, "edges": []}},
        {**to_json(EXAMPLES[0]), "title": 3},
    ],
)
def test_what_is_none_is_refused(wrong: object) -> None:
    """Nothing but ``ValueError`` comes of data that somebody invented."""
    with pytest.raises(ValueError):
        from_json(wrong)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10),
       st.sampled_from(EXAMPLES), st.data())  # fmt: skip
def test_any_field_may_be_forged(junk: object, exhibit: Any, data: st.DataObject) -> None:
    """Whatever stands in a field, an exhibit or ``ValueError`` comes out."""
    whole = to_json(exhibit)
    whole[data.draw(st.sampled_from(sorted(whole)))] = junk
    try:
        from_json(whole)
    except ValueError:
        return


@pytest.mark.parametrize("sketch", [[0.0] * 63, ["a"] * 64, None])
def test_model_prints_are_checked(sketch: object) -> None:
    """A print has 64 numbers."""
    with pytest.raises(ValueError):
        ModelPrint.from_json({"name": "m", "digest": "d", "sketch": sketch, "parameters": 1})
