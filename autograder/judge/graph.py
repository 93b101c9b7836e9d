"""Builds the layers and the graph of a model from a clean config.

Keras' own ``from_config`` finds a call of a layer by its number among all the calls that the layer ever had, so a
layer that two models share confuses it. Here each model keeps its own table of calls. It is also quicker: a
``Sequential`` is built once, not once a layer.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from autograder.evidence.refusal import Refused
from autograder.judge.guards import keras_decides
from autograder.messages import tr

__all__ = ["Builder", "refuse_large_outputs"]

#: Numbers that one layer may make of one input; more is no exercise but a memory bomb.
MAX_OUTPUT = 2**25
_FUNCTIONAL = ("Functional", "Model")


class _WaitingError(Exception):
    """A call's input is not there yet."""


class Builder:
    """Makes models out of configs; layers with a token are made once.

    Args:
        shared: Layers by token, from models made before; new ones are added.
        tokens: The tokens of this model's layers, by path (``dense``, ``encoder/dense``;
            the model itself is ``""``).
    """

    def __init__(self, shared: dict[str, Any] | None = None, tokens: Mapping[str, str] | None = None) -> None:
        self.shared = {} if shared is None else shared
        self.tokens = tokens or {}
        self.reused: list[Any] = []
        self._made: dict[str, Any] = {}
        self._by_id: dict[int, Any] = {}

    def model(self, config: Mapping[str, Any]) -> Any:
        """The model of a clean config.

        Raises:
            Refused: With code ``"kind"`` (it is no model), ``"graph"`` or ``"shared"``.
        """
        if not _is_model(config):
            raise Refused("kind", tr("It is no model of layers."))
        return self._make(config, "")

    def publish(self) -> None:
        """Let later models share the layers of this one; to be called once it has proved sound."""
        self.shared.update(self._made)

    def _make(self, config: Mapping[str, Any], path: str) -> Any:
        token = self.tokens.get(path)
        known = self._made.get(token) or self.shared.get(token) if token is not None else None
        if known is None and "shared_object_id" in config:
            known = self._by_id.get(config["shared_object_id"])
        if known is not None:
            if type(known).__name__ not in (config["class_name"], "Functional" if _is_model(config) else ""):
                raise Refused("shared", tr("Two models say different things of one layer."))
            self.reused.append(known)
            return known
        layer = self._new(config, path)
        if token is not None:
            self._made[token] = layer
        if "shared_object_id" in config:
            self._by_id[config["shared_object_id"]] = layer
        return layer

    def _new(self, config: Mapping[str, Any], path: str) -> Any:
        import keras

        if not _is_model(config):
            plain = {key: value for key, value in config.items() if key not in ("name", "inbound_nodes")}
            # What is shared is kept here, not in Keras' scope, where an id may be anything's.
            plain.pop("shared_object_id", None)
            with keras_decides():
                layer = keras.saving.deserialize_keras_object(plain, safe_mode=True)
            if not isinstance(layer, keras.Operation):
                raise _bad_graph()
            return layer
        inner = config["config"]
        if not isinstance(inner.get("layers"), list) or not all(isinstance(one, dict) for one in inner["layers"]):
            raise _bad_graph()
        if config["class_name"] == "Sequential":
            model = self._sequential(inner, config.get("build_config") or {}, path)
        else:
            model = self._functional(inner, path)
        if inner.get("trainable") is False:
            with keras_decides():
                model.trainable = False
        return model

    def _layers(self, config: Mapping[str, Any], path: str) -> Iterator[tuple[str, Mapping[str, Any], Any]]:
        seen = set()
        for entry in config["layers"]:
            name = entry.get("name", entry.get("config", {}).get("name"))
            if not isinstance(name, str) or name in seen or "class_name" not in entry:
                raise _bad_graph()
            seen.add(name)
            yield name, entry, self._make(entry, f"{path}/{name}" if path else name)

    def _sequential(self, config: Mapping[str, Any], build: Mapping[str, Any], path: str) -> Any:
        import keras

        layers = [layer for _, _, layer in self._layers(config, path)]
        with keras_decides():
            model = keras.Sequential(layers, name=config.get("name"))
        shape = config.get("build_input_shape") or build.get("input_shape")
        if shape is not None and _is_shape(shape) and layers and not model.built:
            stateful = any(getattr(layer, "stateful", False) for layer in layers)
            # The batch that it was first called with says nothing about later ones.
            with keras_decides():
                model.build(tuple(shape) if stateful else (None, *shape[1:]))
        return model

    def _functional(self, config: Mapping[str, Any], path: str) -> Any:
        import keras

        calls: dict[str, list[Any]] = {}
        waiting: list[tuple[str, Any, list[Any]]] = []
        models = set()
        for name, entry, layer in self._layers(config, path):
            nodes = entry.get("inbound_nodes", [])
            calls[name] = [[layer.output]] if isinstance(layer, keras.layers.InputLayer) else []
            if isinstance(layer, keras.Model):
                models.add(name)
            waiting.append((name, layer, list(nodes)))
        while waiting:
            left = []
            progress = False
            for name, layer, nodes in waiting:
                while nodes:
                    try:
                        args, kwargs = _arguments(nodes[0], calls)
                    except _WaitingError:
                        break
                    with keras_decides():
                        calls[name].append(keras.tree.flatten(layer(*args, **kwargs)))
                    nodes.pop(0)
                    progress = True
                if nodes:
                    left.append((name, layer, nodes))
            if left and not progress:
                raise _bad_graph()
            waiting = left

        def tensors(value: Any) -> Any:
            if _is_reference(value):
                # Keras numbers the calls of a model from 1 here, and from 0 in arguments.
                name, node, index = value
                return _tensor(calls, [name, node - (name in models), index])
            if isinstance(value, dict):
                return {key: tensors(each) for key, each in value.items()}
            if isinstance(value, list):
                return [tensors(each) for each in value]
            raise _bad_graph()

        try:
            inputs, outputs = tensors(config.get("input_layers")), tensors(config.get("output_layers"))
        except _WaitingError as error:
            raise _bad_graph() from error
        with keras_decides():
            return keras.Model(inputs=inputs, outputs=outputs, name=config.get("name"))


def refuse_large_outputs(model: Any) -> None:
    """Refuse a model of which some layer makes an enormous array of one input.

    Raises:
        Refused: With code ``"too-large"``.
    """
    graph = getattr(model, "_functional", None) or model
    for operation in getattr(graph, "operations", ()):
        if getattr(operation, "layers", None):
            refuse_large_outputs(operation)
        for node in operation._inbound_nodes:
            for tensor in node.output_tensors:
                # Of a free dimension nobody knows; a batch of probes is small.
                if math.prod(size for size in tensor.shape if size is not None) > MAX_OUTPUT:
                    raise Refused("too-large", tr("A layer of the model makes an array that is too large."))


def _arguments(node: Any, calls: Mapping[str, list[Any]]) -> tuple[list[Any], dict[str, Any]]:
    if isinstance(node, dict):
        return _revive(node["args"], calls), _revive(node["kwargs"], calls)
    tensors = [_tensor(calls, reference[:3]) for reference in node]
    kwargs = _revive(node[0][3], calls) if node else {}
    return [tensors[0] if len(tensors) == 1 else tensors], kwargs


def _revive(value: Any, calls: Mapping[str, list[Any]]) -> Any:
    import keras

    if isinstance(value, list):
        return [_revive(each, calls) for each in value]
    if isinstance(value, dict):
        kind = value.get("class_name")
        if kind == "__keras_tensor__":
            return _tensor(calls, value["config"]["keras_history"])
        if kind is not None:
            with keras_decides():
                return keras.saving.deserialize_keras_object(value, safe_mode=True)
        return {key: _revive(each, calls) for key, each in value.items()}
    return value


def _tensor(calls: Mapping[str, list[Any]], reference: list[Any]) -> Any:
    name, node, index = reference
    if name not in calls or node < 0:
        raise _bad_graph()
    if node >= len(calls[name]):
        raise _WaitingError
    outputs = calls[name][node]
    if not 0 <= index < len(outputs):
        raise _bad_graph()
    return outputs[index]


def _is_model(config: Mapping[str, Any]) -> bool:
    return config.get("class_name") == "Sequential" or config.get("class_name") in _FUNCTIONAL


def _is_shape(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(size is None or isinstance(size, int) for size in value)


def _is_reference(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and [type(part) for part in value] == [str, int, int]


def _bad_graph() -> Refused:
    return Refused("graph", tr("The layers of the model are not connected soundly."))
