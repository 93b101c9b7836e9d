"""Models that a student made, as real Keras models of built-in layers in the judge.

Nothing of the student's is loaded: the config passes the allowlist, the graph is built here, weights are plain
arrays that are put in one by one. The models are never compiled. Whether such a model answers as the student's did
is for the caller to compare, on a batch of ``autograder.evidence.probe``.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.evidence.allowlist import clean_config
from autograder.evidence.inspect import Inspection
from autograder.evidence.refusal import Refused
from autograder.judge.graph import Builder, refuse_large_outputs
from autograder.judge.guards import keras_decides, limited_variables, unchanged_globals
from autograder.messages import printable, tr

if TYPE_CHECKING:
    import keras

__all__ = ["load_weights", "rebuild", "rebuild_inspected"]


def rebuild(
    config: Mapping[str, Any],
    weights: Sequence[np.ndarray],
    *,
    shared: dict[str, "keras.layers.Layer"] | None = None,
    tokens: Mapping[str, str] | None = None,
) -> "keras.Model":
    """Build a model from what ``keras.saving.serialize_keras_object`` and ``get_weights`` gave elsewhere.

    Args:
        config: The serialised model, sequential or functional.
        weights: Its weights, in the order of ``get_weights``.
        shared: Layers by token. A layer whose token is in here is used again, so that ``a.layers[0]`` and
            ``b.layers[0]`` stay one object; new ones are added once the whole model has proved sound.
        tokens: The token of each layer by its name, of a layer within a nested model by its path
            (``"encoder/dense"``), of the model itself by ``""``. A layer without a token is always new.

    Returns:
        The model, uncompiled; not built if it was not built there and has no weights.

    Raises:
        Refused: As ``refuse_config``, and with code ``"weights"``, ``"shape"``, ``"dtype"``, ``"graph"``,
            ``"shared"``, ``"unbuilt"``, ``"kind"``, ``"too-large"``, ``"global-state"`` or
            ``"rebuild"`` (Keras would not have it).
    """
    builder = Builder(shared, tokens)
    model = _build(builder, config, weights)
    with unchanged_globals():
        if weights and not model.built:
            _build_by_weights(model, weights)
        # Shared weights are already there: what comes with them again must be the same.
        present = {id(variable) for layer in builder.reused for variable in layer.weights}
        present -= {id(v) for layer in builder._made.values() for v in layer.weights}
        _assign(model.weights, weights, present if shared else set())
        _finalize(model)
    builder.publish()
    return model


def rebuild_inspected(inspection: Inspection) -> "keras.Model":
    """Build the model that an inspected ``.h5`` or ``.keras`` file holds.

    Raises:
        Refused: As ``rebuild``; with code ``"kind"`` if the file holds no architecture.
    """
    if inspection.kind not in ("h5", "keras"):
        raise Refused("kind", tr("The file holds neither a model nor weights."))
    config = inspection.data.get("model_config" if inspection.kind == "h5" else "config")
    if not isinstance(config, dict):
        raise Refused("config", tr("The file is damaged."))
    model = _build(Builder(), config, list(_model_arrays(inspection).values()))
    if model.built or _model_arrays(inspection):
        load_weights(model, inspection)
    return model


def load_weights(model: "keras.Model", inspection: Inspection) -> None:
    """Put the weights of an inspected file into a model.

    Args:
        model: A built model.
        inspection: Of any kind that has weights: ``"h5"``, ``"h5-weights"``, ``"weights.h5"`` or ``"keras"``.

    Raises:
        Refused: With code ``"shape"``, ``"unbuilt"`` or ``"kind"``. Some weights may have been set by then.
    """
    if not model.built:
        raise Refused("unbuilt", tr("The model has no weights yet: its input shape is not known."))
    with unchanged_globals():
        if inspection.kind in ("h5", "h5-weights"):
            _load_legacy(model, inspection)
        elif inspection.kind in ("weights.h5", "keras"):
            _load_paths(model, inspection)
        else:
            raise Refused("kind", tr("The file holds neither a model nor weights."))
        _finalize(model)


def _build(builder: Builder, config: Mapping[str, Any], weights: Sequence[np.ndarray]) -> "keras.Model":
    cleaned = clean_config(config)
    elements = sum(np.asarray(array).size for array in weights)
    with unchanged_globals(), limited_variables(elements):
        model = builder.model(cleaned)
        refuse_large_outputs(model)
    return model


def _build_by_weights(model: "keras.Model", weights: Sequence[np.ndarray]) -> None:
    """Build a sequential model of dense layers that says nothing of its input: its first kernel does."""
    import keras

    first = next((layer for layer in model.layers if not isinstance(layer, keras.layers.Flatten)), None)
    if not isinstance(first, keras.layers.Dense) or np.ndim(weights[0]) != 2:
        raise Refused("unbuilt", tr("The model has no weights yet: its input shape is not known."))
    with limited_variables(sum(array.size for array in weights)), keras_decides():
        model.build((None, int(weights[0].shape[0])))


def _assign(variables: Sequence[Any], weights: Sequence[np.ndarray], present: set[int] | None = None) -> None:
    if len(variables) != len(weights):
        raise _shape(f"{len(weights)} ≠ {len(variables)}")
    arrays = [np.asarray(array) for array in weights]
    for variable, array in zip(variables, arrays, strict=True):
        if array.dtype.kind not in "biuf" and array.dtype.name != "bfloat16":
            raise Refused("dtype", tr("The file holds something other than numbers."))
        if tuple(variable.shape) != array.shape:
            raise _shape(f"{variable.path}: {array.shape} ≠ {tuple(variable.shape)}")
    for variable, array in zip(variables, arrays, strict=True):
        if present and id(variable) in present:
            if not np.array_equal(np.asarray(variable), array, equal_nan=array.dtype.kind == "f"):
                raise Refused("shared", tr("Two models say different things of one layer."))
        else:
            variable.assign(array)


def _finalize(model: "keras.Model") -> None:
    for layer in model._flatten_layers():
        # ``Normalization`` computes with constants that it makes of its weights.
        if layer.built and hasattr(layer, "finalize_state"):
            with keras_decides():
                layer.finalize_state()


def _model_arrays(inspection: Inspection) -> dict[str, np.ndarray]:
    """The arrays of the model, without those of its optimizer."""
    if inspection.kind in ("h5", "h5-weights"):
        return {name: a for name, a in inspection.arrays.items() if name.startswith(("layer/", "top/"))}
    paths = [entry["name"] for entry in inspection.data["variables"]]
    return {
        path: inspection.arrays[f"variable/{number}"]
        for number, path in enumerate(paths)
        if not path.startswith("optimizer/")
    }


def _load_legacy(model: "keras.Model", inspection: Inspection) -> None:
    """By order, as Keras does: layers that have weights, trainable ones first in each."""
    stored = [
        [inspection.arrays[f"layer/{number}/{place}"] for place in range(len(layer["weights"]))]
        for number, layer in enumerate(inspection.data["layers"])
        if layer["weights"]
    ]
    layers = [layer for layer in model.layers if layer.weights]
    if len(stored) != len(layers):
        raise _shape(f"{len(stored)} ≠ {len(layers)}")
    for layer, arrays in zip(layers, stored, strict=True):
        _assign(layer.trainable_weights + layer.non_trainable_weights, arrays)


def _load_paths(model: "keras.Model", inspection: Inspection) -> None:
    """By path, with Keras' own walk over a model, which alone knows the paths."""
    from keras.src.saving import saving_lib

    class Store(saving_lib.NpzIOStore):  # type: ignore[misc]
        def __init__(self) -> None:
            self.contents: dict[str, dict[str, np.ndarray]] = {}
            self.read: set[str] = set()

        def get(self, path: str) -> dict[str, np.ndarray]:
            self.read.add(path)
            return self.contents.get(path, {})

        def has_path(self, path: str) -> bool:
            return any(known == path or known.startswith(f"{path}/") for known in self.contents)

    store = Store()
    for path, array in _model_arrays(inspection).items():
        group, _, number = path.rpartition("/")
        if group != "vars" and not group.endswith("/vars"):
            raise _shape(path)
        store.contents.setdefault(group.removesuffix("vars").removesuffix("/"), {})[number] = array
    failed: set[int] = set()
    messages: dict[int, Any] = {}
    saving_lib._load_state(
        model, store, None, "", visited_saveables=set(), failed_saveables=failed, error_msgs=messages
    )
    if failed:
        raise _shape(str(next(iter(messages.values()))[1]))
    if unread := [path for path in store.contents if path not in store.read and path.startswith("layers/")]:
        raise _shape(unread[0])


def _shape(detail: str) -> Refused:
    return Refused(
        "shape", tr("The weights do not fit the architecture ({detail}).", detail=printable(detail, 200))
    )
