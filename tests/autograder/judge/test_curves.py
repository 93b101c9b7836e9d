"""Learning curves come out of an untrusted kernel: numbers, or nothing."""

import math
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_output

from autograder.judge import curves_of
from autograder.outcome import Curve

MIME = "application/vnd.autograder.curves+json"


def cell_with(*payloads: Any) -> Any:
    return new_code_cell("", outputs=[new_output("display_data", data={MIME: p}) for p in payloads])


def test_the_last_history_counts() -> None:
    cells = [cell_with({"loss": [3, 2]}), cell_with(), cell_with({"loss": [1, 0.5], "val_loss": [2.0]})]
    assert curves_of(cells) == (Curve("loss", (1.0, 0.5)), Curve("val_loss", (2.0,)))


@pytest.mark.parametrize(
    "payload",
    [
        None, [], 3, {}, {"loss": []}, {"loss": 3}, {"loss": ["a"]}, {"loss": [math.nan]}, {"loss": [None]},
        {"loss": [1.0] * 2001}, {"loss": [10**400]},
    ],
)  # fmt: skip
def test_what_is_no_curve_is_left_out(payload: Any) -> None:
    assert curves_of([cell_with({"ok": [1.0]}), cell_with(payload)]) == (Curve("ok", (1.0,)),)


def test_names_and_number_of_curves_are_bounded() -> None:
    curves = curves_of([cell_with({f"{n}" + "x" * 100: [1.0] for n in range(50)})])
    assert len(curves) == 20
    assert all(len(curve.name) <= 60 for curve in curves)
