"""Small datasets with the structure of the real ones, so that most tests need no download."""

import numpy as np

from autograder.data.datasets import CaliforniaHousing, FashionMnist
from autograder.data.housing import from_table


def make_fashion(seed: int = 0, *, train: int = 60, test: int = 50) -> FashionMnist:
    rng = np.random.default_rng(seed)
    return FashionMnist(
        rng.integers(0, 256, (train, 5, 5), np.uint8),
        rng.integers(0, 10, train, np.uint8),
        rng.integers(0, 256, (test, 5, 5), np.uint8),
        rng.integers(0, 10, test, np.uint8),
    )


def make_housing(seed: int = 0, *, rows: int = 50) -> CaliforniaHousing:
    """Districts drawn as the census counts them: whole people, rooms and households."""
    rng = np.random.default_rng(seed)
    table = np.column_stack(
        [
            rng.integers(14_999, 500_002, rows),
            rng.integers(5_000, 150_000, rows) / 10_000,
            rng.integers(1, 53, rows),
            rng.integers(2, 40_000, rows),
            rng.integers(1, 6_500, rows),
            rng.integers(3, 36_000, rows),
            rng.integers(1, 6_100, rows),
            rng.integers(3254, 4196, rows) / 100,
            rng.integers(-12435, -11430, rows) / 100,
        ]
    )
    return from_table(table.astype(np.float64))
