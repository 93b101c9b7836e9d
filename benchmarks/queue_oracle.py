"""What feedback at once is worth to who tunes answers to the held-out rows. The numbers of docs/threat-model.md.

A model knows most classes and wavers between two on some rows. Each submission settles these at random, as a hash
of the row with another seed would; the last one settles each row as those did that scored better (Blum and Hardt,
"The Ladder", 2015). What it gains on the held-out rows is not there on any other.

    python benchmarks/queue_oracle.py
"""

import numpy as np
from numpy.typing import NDArray

ROWS, WAVERING, SURE = 2000, 600, 0.93
TRIES = 400


def gain(submissions: int, *, shown: str, short_by: float = 0.0, seed: int = 0) -> float:
    """Mean gain of measured accuracy.

    Args:
        submissions: How many were graded.
        shown: ``value``: the accuracy to a tenth of a percent; ``passed``: whether the threshold was reached.
        short_by: How far the model is below the threshold.
        seed: Of the draws.
    """
    draw = np.random.default_rng(seed)
    gains = []
    for _ in range(TRIES):
        truth = draw.integers(0, 2, WAVERING) * 2 - 1
        answers = draw.integers(0, 2, (submissions, WAVERING)) * 2 - 1
        accuracy = ((answers == truth).sum(axis=1) + round((ROWS - WAVERING) * SURE)) / ROWS
        last = np.sign(_weights(accuracy, shown, short_by) @ answers + 1e-9 * draw.standard_normal(WAVERING))
        gains.append(((last == truth).sum() - WAVERING / 2) / ROWS)
    return float(np.mean(gains))


def _weights(accuracy: NDArray[np.float64], shown: str, short_by: float) -> NDArray[np.float64]:
    if shown == "value":
        told = np.round(accuracy, 3)
        return told - told.mean()
    usual = (round((ROWS - WAVERING) * SURE) + WAVERING / 2) / ROWS
    return np.where(accuracy >= usual + short_by, 1.0, -1.0)


if __name__ == "__main__":
    print("graded   value   passed   passed, 3 points short")
    for number in (9, 42, 126):
        columns = (
            gain(number, shown="value"),
            gain(number, shown="passed"),
            gain(number, shown="passed", short_by=0.03),
        )
        print(f"{number:6}" + "".join(f"   {100 * value:5.2f}" for value in columns))
