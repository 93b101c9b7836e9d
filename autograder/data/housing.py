"""California housing between its two forms: the census table, and the ratios that scikit-learn derives.

The table has nine columns: value in dollars, income, age, rooms, bedrooms, population, households,
latitude, longitude. ``fetch_california_housing`` caches the table and returns rooms, bedrooms and
population *per household*. Other carriers of the data hold the ratios, some with the last bit lost in
a decimal text; since the counts are whole numbers, the table is got back exactly from either.
"""

from pathlib import Path

import numpy as np

from autograder.data.datasets import Array, CaliforniaHousing

__all__ = ["CACHE_FILE", "from_table", "read_parquet", "to_table", "write_cache"]

#: The file that scikit-learn looks for in its data home.
CACHE_FILE = "cal_housing_py3.pkz"
_COLUMNS = (
    "MedInc",
    "HouseAge",
    "AveRooms",
    "AveBedrms",
    "Population",
    "AveOccup",
    "Latitude",
    "Longitude",
    "MedHouseVal",
)
_DOLLARS = 100_000.0


def to_table(X: Array, y: Array) -> Array:
    """The census table behind attributes ``X`` (n, 8) and target ``y`` (n,); shape (n, 9), float64.

    Raises:
        ValueError: ``X`` and ``y`` do not come from such a table.
    """
    X, y = np.asarray(X, np.float64), np.asarray(y, np.float64)
    if X.ndim != 2 or X.shape[1] != 8 or y.shape != X.shape[:1] or not np.isfinite(X).all():
        raise ValueError(f"expected shapes (n, 8) and (n,) of finite numbers, got {X.shape} and {y.shape}")
    if not (X[:, 5] > 0).all():
        raise ValueError("a household has nobody in it")
    households = np.rint(X[:, 4] / X[:, 5])
    rooms, bedrooms = np.rint(X[:, 2] * households), np.rint(X[:, 3] * households)
    table = np.column_stack(
        [np.rint(y * _DOLLARS), X[:, 0], X[:, 1], rooms, bedrooms, X[:, 4], households, X[:, 6], X[:, 7]]
    )
    back = from_table(table)
    if not (np.allclose(back.X, X, rtol=1e-12, atol=0) and np.allclose(back.y, y, rtol=1e-12, atol=0)):
        raise ValueError("the ratios do not come from whole numbers of rooms, people and households")
    return table


def from_table(table: Array) -> CaliforniaHousing:
    """What scikit-learn returns for the cached ``table``: the same arithmetic, equal to the last bit."""
    y = table[:, 0] / _DOLLARS
    households = table[:, 6]
    X = np.ascontiguousarray(table[:, 1:])
    X[:, 2] = table[:, 3] / households
    X[:, 3] = table[:, 4] / households
    X[:, 5] = table[:, 5] / households
    return CaliforniaHousing(X, y)


def read_parquet(path: Path) -> CaliforniaHousing:
    """Read a table with scikit-learn's column names; ratios are put right to the last bit.

    Raises:
        ValueError: A column is missing or does not hold what its name says.
        OSError: The file cannot be read.
    """
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(path)
    missing = set(_COLUMNS) - set(table.column_names)
    if missing:
        raise ValueError(f"{path.name} lacks the columns {', '.join(sorted(missing))}")
    columns = [table.column(name).to_numpy() for name in _COLUMNS]
    return from_table(to_table(np.column_stack(columns[:8]), columns[8]))


def write_cache(folder: Path, dataset: CaliforniaHousing) -> None:
    """Write ``dataset`` where ``fetch_california_housing(data_home=folder)`` finds it.

    The format is scikit-learn's choice (joblib); this project writes it and never reads it back.
    """
    import joblib

    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(to_table(dataset.X, dataset.y), folder / CACHE_FILE, compress=6)
