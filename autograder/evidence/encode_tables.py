"""Tables as data: pandas, fitted scikit-learn objects, the trials of searches."""

import sys
from typing import TYPE_CHECKING, Any

from autograder.evidence.plain import Node
from autograder.search_tables import epochs_of, table_of

if TYPE_CHECKING:
    from autograder.evidence.encode import KernelEncoder

__all__ = ["encode"]

_SKLEARN = ("sklearn.preprocessing.", "sklearn.model_selection.", "sklearn.linear_model.", "sklearn.impute.")


def encode(encoder: "KernelEncoder", value: Any, depth: int) -> Node | None:
    """The node of a table, a fitted estimator or a search; ``None`` if it is none of these."""
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(value, pandas.DataFrame | pandas.Series | pandas.Index):
        return _pandas(encoder, value, depth, pandas)
    family = type(value).__module__ + "."
    if family.startswith(_SKLEARN) and hasattr(value, "get_params") and not isinstance(value, type):
        return _estimator(encoder, value, depth)
    search = table_of(value)
    if search is not None:
        return {"k": search[0], "data": encoder.add(search[1], depth + 1)}
    return None


def _pandas(encoder: "KernelEncoder", value: Any, depth: int, pandas: Any) -> Node | None:
    size = value.memory_usage(deep=False)
    if encoder.defers(int(getattr(size, "sum", lambda: size)())):
        return encoder.deferred(value, shape=list(value.shape))
    if isinstance(value, pandas.DataFrame):
        if isinstance(value.columns, pandas.MultiIndex):
            return None
        columns = [encoder.add(_column(value.iloc[:, i]), depth + 1) for i in range(value.shape[1])]
        names = encoder.add(value.columns.tolist(), depth + 1)
        return {"k": "frame", "columns": columns, "names": names, "index": encoder.add(value.index, depth + 1)}
    if isinstance(value, pandas.MultiIndex):
        return None
    name = encoder.add(value.name, depth + 1)
    data = encoder.add(_column(value), depth + 1)
    if isinstance(value, pandas.Series):
        return {"k": "series", "data": data, "name": name, "index": encoder.add(value.index, depth + 1)}
    return {"k": "index", "data": data, "name": name}


def _column(values: Any) -> Any:
    array = values.to_numpy()
    return array.tolist() if array.dtype.hasobject else array


def _estimator(encoder: "KernelEncoder", value: Any, depth: int) -> Node:
    params = value.get_params(deep=False)
    fitted = {
        name: part
        for name, part in vars(value).items()
        if (name.endswith("_") and not name.startswith("_")) or name in ("n_features_in_",)
    }
    if "cv_results_" in fitted:
        fitted["epochs_"] = epochs_of(value)
    return {
        **encoder.remote(value),
        "k": "sklearn",
        "module": type(value).__module__,
        "class": type(value).__name__,
        "params": encoder.add(params, depth + 1),
        "fitted": encoder.add(fitted, depth + 1),
    }
