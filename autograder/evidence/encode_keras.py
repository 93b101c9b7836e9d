"""Keras and TensorFlow objects as data: tensors, models, histories, optimizers, losses."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from autograder.evidence.allowlist import refuse_config
from autograder.evidence.plain import Node
from autograder.evidence.probe import probe_answers
from autograder.evidence.refusal import Refused

if TYPE_CHECKING:
    from autograder.evidence.encode import KernelEncoder

__all__ = ["encode"]

#: Modules of functions that the judge has as well, in the order in which names are looked up.
_FUNCTIONS = ("losses", "metrics", "activations", "initializers", "ops")
_MAX_WEIGHTS = 256 * 2**20


def encode(encoder: "KernelEncoder", value: Any, depth: int) -> Node | None:
    """The node of an object of Keras or TensorFlow; ``None`` if it is none."""
    tensorflow, keras = sys.modules.get("tensorflow"), sys.modules.get("keras")
    if tensorflow is not None and isinstance(value, tensorflow.Tensor | tensorflow.Variable):
        return _tensor(encoder, value, tensorflow)
    if keras is None:
        return None
    if isinstance(value, keras.Variable):
        return {"k": "tensor", "key": encoder.array(np.asarray(value)), "variable": True}
    if isinstance(value, keras.callbacks.History):
        # A fit that fails before its first epoch leaves one without epochs.
        epochs = list(getattr(value, "epoch", None) or [])
        parts = {"history": value.history, "epoch": epochs, "params": dict(value.params or {})}
        return {"k": "history", **{name: encoder.add(part, depth + 1) for name, part in parts.items()}}
    if isinstance(value, keras.Model):
        return _model(encoder, value, depth, keras)
    return _small(encoder, value, depth, keras)


def _tensor(encoder: "KernelEncoder", value: Any, tensorflow: Any) -> Node | None:
    if not hasattr(value, "numpy"):  # symbolic: of a graph that is being traced
        return None
    array = np.asarray(value.numpy())
    if array.dtype.hasobject:
        array = array.astype("S")
    is_variable = isinstance(value, tensorflow.Variable)
    if encoder.defers(array.nbytes):
        return encoder.deferred(value, shape=list(array.shape), dtype=array.dtype.str)
    node: Node = {
        "k": "tensor",
        "key": encoder.array(np.ascontiguousarray(array).reshape(array.shape)),
        "variable": is_variable,
    }
    device = getattr(value, "device", None)
    if isinstance(device, str):
        node["device"] = device[:200]
    return node


def _small(encoder: "KernelEncoder", value: Any, depth: int, keras: Any) -> Node | None:
    """Optimizers, losses and the like by their configuration, functions of Keras by their name."""
    families = (
        keras.optimizers.Optimizer, keras.optimizers.schedules.LearningRateSchedule, keras.losses.Loss,
        keras.metrics.Metric, keras.initializers.Initializer, keras.regularizers.Regularizer,
    )  # fmt: skip
    if isinstance(value, families) and type(value).__module__.split(".")[0] == "keras":
        try:
            config = keras.saving.serialize_keras_object(value)
            refuse = _refusal(config)
        except Exception as error:  # an object of Keras that cannot say what it is made of stays behind
            refuse = str(error)
            config = {}
        if refuse is None:
            # As a remote too: the judge may find that it cannot make one of this configuration.
            node: Node = {**encoder.remote(value), "k": "keras", "config": config}
            if isinstance(value, keras.optimizers.Optimizer):
                node["iterations"] = int(np.asarray(value.iterations))
                node["learning_rate"] = float(np.asarray(value.learning_rate))
            return node
    name = getattr(value, "__name__", None)
    module = getattr(value, "__module__", None)
    if (
        isinstance(name, str)
        and isinstance(module, str)
        and module.split(".")[0] == "keras"
        and not isinstance(value, type)
    ):
        for place in _FUNCTIONS:
            if getattr(getattr(keras, place, None), name, None) is value:
                return {"k": "keras-function", "place": place, "name": name}
    return None


def _refusal(config: Any) -> str | None:
    try:
        refuse_config(config)
    except Refused as refused:
        return str(refused)
    return None


def _model(encoder: "KernelEncoder", model: Any, depth: int, keras: Any) -> Node:
    facts: dict[str, Any] = {
        "compile": encoder.add(_compiled(model), depth + 1),
        "history": encoder.add(getattr(model, "history", None), depth + 1),
    }
    if encoder.describe is not None:
        facts["chain"] = encoder.add(encoder.describe(model), depth + 1)
    strategy = getattr(model, "distribute_strategy", None)
    if strategy is not None and type(strategy).__name__ != "_DefaultDistributionStrategy":
        told = {"name": type(strategy).__name__, "replicas": int(strategy.num_replicas_in_sync)}
        facts["strategy"] = encoder.add(told, depth + 1)
    # Always a remote as well: a model that the judge cannot rebuild is asked, as one of the student's classes is.
    remote = encoder.remote(model, **{**facts, "kind": "model"})
    builtin = type(model) in (keras.Sequential, keras.Model) or type(model).__name__ == "Functional"
    if builtin and type(model).__module__.split(".")[0] == "keras":
        config = _config(model)
        if config is not None and _refusal(config) is None:
            weights = model.get_weights()
            if sum(w.nbytes for w in weights) <= _MAX_WEIGHTS:
                node: Node = {**remote, "k": "model", "config": config}
                node["weights"] = [encoder.array(np.ascontiguousarray(w).reshape(w.shape)) for w in weights]
                node["tokens"] = {"": node["token"], **_tokens(encoder, model, keras)}
                node["probe"] = _probe(encoder, model)
                return node
    return remote


def _config(model: Any) -> dict[str, Any] | None:
    """A model's configuration; ``None`` where a layer of the student's own cannot say what it is made of."""
    try:
        config = {
            # As Keras writes it; for a functional model that is the module it is defined in.
            "module": "keras" if type(model).__name__ != "Functional" else type(model).__module__,
            "class_name": type(model).__name__,
            "config": model.get_config(),
            "registered_name": type(model).__name__,
        }
        if hasattr(model, "get_build_config") and (build := model.get_build_config()) is not None:
            config["build_config"] = build
        return _jsonable(config)  # type: ignore[no-any-return]
    except Exception:  # a student's ``get_config`` may raise anything, and Keras' own says NotImplementedError
        return None


def _tokens(encoder: "KernelEncoder", model: Any, keras: Any, prefix: str = "") -> dict[str, str]:
    """Tokens of the layers by name, those of nested models behind a slash: layers may be shared between models."""
    found: dict[str, str] = {}
    for layer in model.layers:
        found[f"{prefix}{layer.name}"] = encoder.registry.token(layer)
        if isinstance(layer, keras.Model):
            found |= _tokens(encoder, layer, keras, f"{prefix}{layer.name}/")
    return found


def _jsonable(config: Any) -> Any:
    """A configuration as JSON has it: tuples become lists, shapes' ``None`` stay."""
    if isinstance(config, dict):
        return {str(key): _jsonable(value) for key, value in config.items()}
    if isinstance(config, list | tuple):
        return [_jsonable(value) for value in config]
    if isinstance(config, np.generic):
        return config.item()
    return config


def _compiled(model: Any) -> dict[str, Any] | None:
    """What the model was compiled with, read from the live objects."""
    if not getattr(model, "compiled", False):
        return None
    try:
        metrics = _jsonable((model.get_compile_config() or {}).get("metrics"))
    except Exception:  # a metric of the student's own may not say what it is made of
        metrics = None
    return {
        "loss": _unwrapped(getattr(model, "loss", None)),
        "loss_weights": getattr(model, "_compile_loss", None)
        and _unwrapped(getattr(model._compile_loss, "_user_loss_weights", None)),
        "optimizer": getattr(model, "optimizer", None),
        "metrics": metrics,
    }


def _unwrapped(value: Any) -> Any:
    """Containers as Python's own: Keras tracks those of a model in wrappers that look empty to ``list`` itself."""
    if isinstance(value, Mapping):
        return {key: _unwrapped(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        each = [_unwrapped(one) for one in value]
        return tuple(each) if isinstance(value, tuple) else each
    return value


def _probe(encoder: "KernelEncoder", model: Any) -> list[str] | None:
    """What the model answers to a fixed batch; ``None`` where it takes no such batch."""
    if not getattr(model, "built", False) or not getattr(model, "inputs", None):
        return None
    try:
        return [encoder.array(output) for output in probe_answers(model)]
    except Exception:  # the judge rebuilds the model all the same; it has nothing to compare with then
        return None
