"""What the config of a Keras model may say.

Keras' own deserialiser imports what a config names, calls functions that it names, and hands node arguments to
operations that call them, with ``safe_mode`` or without. So a config that a student made is not given to it:
``clean_config`` writes a new config out of the parts that are allowed (``builtin``), and only that one is.
It spells both dialects in one, the one of Keras 3 and the one without modules in ``.h5`` files.
"""

import re
from collections.abc import Mapping
from typing import Any

from autograder.evidence.builtin import ACTIVATIONS, CLASSES, DTYPES, FUNCTIONS, LAYERS, MODELS, OPERATIONS
from autograder.evidence.refusal import Refused
from autograder.messages import printable, tr

__all__ = ["clean_config", "refuse_config"]

MAX_DEPTH = 48
MAX_VALUES = 200_000
MAX_OBJECTS = 10_000
MAX_LAYERS = 500
MAX_TEXT = 1024
#: Above what any layer's size is; what the weights allow is checked where they are known.
MAX_SIZE = 2**24
MAX_INT = 2**63

_UNSIZED = ("seed", "value", "keras_history", "salt", "name")
_LEGACY_MODULE = (
    (re.compile(r"initializer$"), "keras.initializers"),
    (re.compile(r"regularizer$"), "keras.regularizers"),
    (re.compile(r"constraint$"), "keras.constraints"),
    (re.compile(r"^optimizer(_config)?$|^inner_optimizer$"), "keras.optimizers"),
    (re.compile(r"^learning_rate$"), "keras.optimizers.schedules"),
    (re.compile(r"^loss"), "keras.losses"),
    (re.compile(r"metrics$"), "keras.metrics"),
    (re.compile(r"^dtype"), "keras"),
)
_ALIASES = {"keras.models": "keras", "keras.mixed_precision": "keras"}


def refuse_config(config: Mapping[str, Any]) -> None:
    """Raise unless everything that a config names is built in, harmless and of a sane size.

    Args:
        config: A serialised model, layer, optimizer, loss or metric: a mapping with ``class_name`` and ``config``.

    Raises:
        Refused: With code ``"lambda"``, ``"custom"`` (a class or function of somebody's own), ``"not-allowed"``
            (one of Keras' that is not on the list), ``"config"`` (malformed) or ``"too-large"``.

    Example:
        >>> refuse_config({"class_name": "ReLU", "config": {"name": "re_lu", "trainable": True}})
    """
    clean_config(config)


def clean_config(config: Mapping[str, Any]) -> dict[str, Any]:
    """The allowed parts of a config, as a new config in the dialect of Keras 3, without any compilation.

    Raises:
        Refused: As ``refuse_config`` does.
    """
    if not isinstance(config, Mapping) or "class_name" not in config:
        raise _malformed(config)
    cleaned = _Cleaner().value(config, key="", depth=0)
    if not isinstance(cleaned, dict):
        raise _malformed(config)
    return cleaned


class _Cleaner:
    """One walk through one config, which counts what it sees."""

    def __init__(self) -> None:
        self.values = 0
        self.objects = 0

    def value(self, value: Any, *, key: str, depth: int) -> Any:
        self.values += 1
        if depth > MAX_DEPTH or self.values > MAX_VALUES:
            raise _too_large()
        if value is None or isinstance(value, (bool, float)):
            return value
        if isinstance(value, int):
            return _whole_number(value, key)
        if isinstance(value, str):
            return _text(value, key)
        if isinstance(value, (list, tuple)):
            if key == "layers" and len(value) > MAX_LAYERS:
                raise _too_large()
            return [self.value(each, key=key, depth=depth + 1) for each in value]
        if isinstance(value, Mapping):
            if "class_name" in value:
                return self.object(value, key=key, depth=depth + 1)
            return self.mapping(value, depth=depth + 1, within=key)
        raise _malformed(value)

    def mapping(self, mapping: Mapping[Any, Any], *, depth: int, within: str = "") -> dict[str, Any]:
        found = {}
        for name, value in mapping.items():
            if not isinstance(name, str) or len(name) > MAX_TEXT:
                raise _malformed(name)
            # The names in a plain dict are the student's: they say nothing about the values.
            found[name] = self.value(value, key=within or name, depth=depth)
        return found

    def object(self, given: Mapping[str, Any], *, key: str, depth: int) -> Any:
        self.objects += 1
        if self.objects > MAX_OBJECTS:
            raise _too_large()
        name, config = given["class_name"], given.get("config")
        if not isinstance(name, str) or "config" not in given:
            raise _malformed(given)
        if name.startswith("__"):
            return self.constant(name, config, key=key, depth=depth)
        if name == "function":
            return _function(given)
        if config is None:
            config = {}
        if not isinstance(config, Mapping):
            raise _malformed(config)
        module = _module(name, given, config, key)
        cleaned: dict[str, Any] = {"module": module, "class_name": name, "registered_name": None}
        cleaned["config"] = self.class_config(name, config, depth=depth)
        build = given.get("build_config")
        if build is not None:
            if not isinstance(build, Mapping):
                raise _malformed(build)
            cleaned["build_config"] = self.mapping(build, depth=depth)
        shared = given.get("shared_object_id")
        if isinstance(shared, int):
            # One object in several places of one config, a layer in two nested models, say.
            cleaned["shared_object_id"] = _whole_number(shared, "seed")
        if "inbound_nodes" in given:
            label = given.get("name", config.get("name"))
            if not isinstance(label, str):
                raise _malformed(label)
            cleaned["name"] = _text(label, "name")
            cleaned["inbound_nodes"] = self.nodes(given["inbound_nodes"], depth=depth)
        return cleaned

    def class_config(self, name: str, config: Mapping[str, Any], *, depth: int) -> dict[str, Any]:
        found = {}
        for key, value in config.items():
            if not isinstance(key, str) or len(key) > MAX_TEXT:
                raise _malformed(key)
            if key in ("quantization_config", "lora_rank", "lora_alpha", "gptq_unpacked_column_size"):
                if value is not None and key != "lora_alpha":
                    raise _not_allowed(key)
                continue
            if key == "vocabulary" and isinstance(value, str):
                raise _not_allowed(key)
            found[key] = self.value(value, key=key, depth=depth)
        if name.endswith("DTypePolicy") and found.get("name", "float32") not in DTYPES:
            raise _not_allowed(str(found.get("name")))
        return _modern(name, found)

    def constant(self, name: str, config: Any, *, key: str, depth: int) -> dict[str, Any]:
        if name == "__lambda__":
            raise _lambda()
        if name == "__ellipsis__":
            return {"class_name": name, "config": {}}
        if name not in ("__slice__", "__numpy__", "__tensor__", "__keras_tensor__"):
            raise _not_allowed(name)
        if not isinstance(config, Mapping):
            raise _malformed(config)
        if name == "__slice__":
            parts = {
                part: self.value(config.get(part), key=key, depth=depth) for part in ("start", "stop", "step")
            }
            return {"class_name": name, "config": parts}
        if name in ("__numpy__", "__tensor__"):
            values = self.value(config.get("value"), key="value", depth=depth)
            if not _only_numbers(values):
                raise _malformed(values)
            return {"class_name": name, "config": {"value": values, "dtype": _dtype(config.get("dtype"))}}
        shape, history = config.get("shape"), config.get("keras_history")
        if not _is_shape(shape) or not isinstance(history, (list, tuple)) or not _is_reference(history):
            raise _malformed(config)
        kept = {"shape": shape, "dtype": _dtype(config.get("dtype")), "keras_history": list(history)}
        return {"class_name": name, "config": kept}

    def nodes(self, nodes: Any, *, depth: int) -> list[Any]:
        """The calls of a layer. One without a tensor would not be recorded but carried out."""
        if not isinstance(nodes, (list, tuple)):
            raise _malformed(nodes)
        found: list[Any] = []
        for node in nodes:
            if isinstance(node, Mapping):
                args = self.value(node.get("args", []), key="args", depth=depth)
                kwargs = self.value(node.get("kwargs", {}), key="kwargs", depth=depth)
                if not isinstance(args, list) or not isinstance(kwargs, dict) or not _has_tensor([args, kwargs]):
                    raise _malformed(node)
                found.append({"args": args, "kwargs": kwargs})
            elif isinstance(node, (list, tuple)) and node:
                found.append([self.reference(each, depth=depth) for each in node])
            else:
                raise _malformed(node)
        return found

    def reference(self, given: Any, *, depth: int) -> list[Any]:
        if not isinstance(given, (list, tuple)) or len(given) not in (3, 4) or not _is_reference(given[:3]):
            raise _malformed(given)
        kwargs = given[3] if len(given) == 4 else {}
        if not isinstance(kwargs, Mapping):
            raise _malformed(kwargs)
        return [*given[:3], self.mapping(kwargs, depth=depth)]


def _module(name: str, given: Mapping[str, Any], config: Mapping[str, Any], key: str) -> str:
    """The module that Keras finds a class in, if that class is allowed."""
    if name == "Lambda":
        raise _lambda()
    registered = given.get("registered_name")
    module = given.get("module", "")
    if registered not in (None, name) or ">" in name or (not module and "module" in given):
        raise _custom(str(registered or name))
    if not module:
        module = _legacy_module(name, config, key)
    if not isinstance(module, str):
        raise _malformed(module)
    module = _ALIASES.get(module, module)
    if module in CLASSES and name in CLASSES[module]:
        return module
    if module.split(".")[0] == "keras":
        raise _not_allowed(name)
    raise _custom(name)


def _legacy_module(name: str, config: Mapping[str, Any], key: str) -> str:
    for pattern, module in _LEGACY_MODULE:
        if pattern.search(key):
            return module
    if name in MODELS:
        return MODELS[name]
    operation = next((module for module, names in OPERATIONS.items() if name in names), None)
    # Layers and operations share names (``Add``, ``Reshape``); only a layer says whether it is trainable.
    if operation is not None and (name not in LAYERS or "trainable" not in config):
        return operation
    if name in LAYERS:
        return "keras.layers"
    found = next((module for module, names in CLASSES.items() if name in names), None)
    if found is None:
        raise _custom(name)
    return found


def _function(given: Mapping[str, Any]) -> str:
    name, module = given["config"], given.get("module", "builtins")
    if not isinstance(name, str) or not isinstance(module, str):
        raise _custom(str(name))
    if module.split(".")[0] not in ("builtins", "keras", "tensorflow"):
        raise _custom(name)
    return _known_function(name, ACTIVATIONS | FUNCTIONS)


def _known_function(name: str, known: frozenset[str]) -> str:
    # TensorFlow's own functions are called ``softmax_v2`` and the like; Keras writes that name and cannot read it.
    plain = re.sub(r"_v\d$", "", name)
    if plain not in known:
        raise _custom(name)
    return plain


def _text(value: str, key: str) -> str:
    if len(value) > MAX_TEXT:
        raise _too_large()
    if key.endswith("activation"):
        return _known_function(value, ACTIVATIONS)
    if key == "dtype" and value not in DTYPES:
        raise _not_allowed(value)
    return value


def _whole_number(value: int, key: str) -> int:
    limit = MAX_INT if key.endswith(_UNSIZED) else MAX_SIZE
    if not -limit <= value <= limit:
        raise _too_large()
    return value


def _dtype(value: Any) -> str:
    if not isinstance(value, str) or value not in DTYPES:
        raise _not_allowed(str(value))
    return value


def _modern(name: str, config: dict[str, Any]) -> dict[str, Any]:
    """Arguments of Keras 2 in their present spelling."""
    shape = config.pop("batch_input_shape", None)
    if shape is not None:
        if not _is_shape(shape):
            raise _malformed(shape)
        if name == "InputLayer":
            config["batch_shape"] = shape
        elif name not in MODELS:
            config["input_shape"] = shape[1:]
    if name == "BatchNormalization" and isinstance(config.get("axis"), list) and len(config["axis"]) == 1:
        config["axis"] = config["axis"][0]
    return config


def _is_shape(value: Any) -> bool:
    return (
        isinstance(value, (list, tuple))
        and len(value) <= 16
        and all(
            n is None or (isinstance(n, int) and not isinstance(n, bool) and 0 <= n <= MAX_SIZE) for n in value
        )
    )


def _is_reference(value: Any) -> bool:
    if not isinstance(value, (list, tuple)) or len(value) != 3:
        return False
    name, *indices = value
    numbers = all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < MAX_VALUES for n in indices)
    return isinstance(name, str) and len(name) <= MAX_TEXT and numbers


def _only_numbers(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_only_numbers, value))
    return isinstance(value, (bool, int, float))


def _has_tensor(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(_has_tensor, value))
    if isinstance(value, dict):
        return value.get("class_name") == "__keras_tensor__" or any(map(_has_tensor, value.values()))
    return False


def _lambda() -> Refused:
    return Refused("lambda", tr("It holds Python code (a Lambda layer), which is never run here."))


def _custom(name: str) -> Refused:
    return Refused("custom", tr("{name} is not one of Keras' own classes or functions.", name=printable(name)))


def _not_allowed(name: str) -> Refused:
    return Refused("not-allowed", tr("{name} is not allowed in a stored model.", name=printable(name)))


def _malformed(value: object) -> Refused:
    # Never the repr: of what is nested deeply or is a huge number there may be none.
    shown = value if isinstance(value, str) else type(value).__name__
    return Refused("config", tr("Malformed configuration near {value}.", value=printable(shown)))


def _too_large() -> Refused:
    return Refused("too-large", tr("The configuration of the model is too large."))
