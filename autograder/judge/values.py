"""Evidence as values again: what a test cell sees where it would have seen the student's own objects.

Everything here was written in the student's kernel, so it is checked as what it is: somebody's claim. A
document that is no document, or a model that does not come out of its own configuration and weights, ends in
``Malformed`` or ``Refused``; a test that then asks for the name gets an ``Unusable``, which fails as any wrong
answer does.
"""

import importlib
import sys
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from autograder.errors import GraderError
from autograder.evidence.allowlist import clean_config
from autograder.evidence.plain import Decoder, Encoder, Malformed, Node
from autograder.evidence.probe import probe_answers
from autograder.evidence.refusal import Refused
from autograder.judge.figures import redraw
from autograder.judge.rebuild import rebuild
from autograder.judge.remote import Channel, RemoteObject, remote_of
from autograder.judge.remote_array import RemoteArray

__all__ = ["Arguments", "Evidence", "Models", "SearchTable", "unusable"]

_MODULES = (
    "numpy", "keras", "tensorflow", "pandas", "matplotlib", "sklearn", "scipy", "math", "cmath", "random", "os",
    "sys", "re", "json", "time", "datetime", "pathlib", "itertools", "functools", "collections", "statistics",
    "string", "autograder", "IPython", "glob", "shutil", "copy", "operator", "typing", "inspect", "warnings",
    "types", "csv", "io", "tempfile", "fractions", "decimal", "textwrap", "struct", "platform", "zipfile",
"hashlib", )  # fmt: skip
_SKLEARN = ("preprocessing", "model_selection", "linear_model", "impute")
_TOLERANCE = 1e-3


class SearchTable(SimpleNamespace):
    """The trials of a hyperparameter search, with the names of its classes; attributes as in ``search_tables``."""

    def __repr__(self) -> str:
        return f"<search with {len(getattr(self, 'trials', ()))} trials>"


#: Models rebuilt so far, by their token and content: the same model in the next cell costs nothing.
Models = dict[tuple[Any, ...], Any]


class Arguments(Encoder):
    """Values on their way to the student's kernel: plain data, tensors, and stand-ins as what they stand for."""

    def encode_other(self, value: Any, depth: int) -> Node:
        """Tensors and remotes.

        Raises:
            TypeError: It is nothing that a call can carry; the test's author has to know.
        """
        token = value.__dict__.get("_token") if hasattr(value, "__dict__") else None
        if isinstance(token, str):
            return {"k": "remote", "token": token}
        token = getattr(value, "_autograder_token", None)
        if isinstance(token, str):
            return {"k": "remote", "token": token}
        tensorflow = sys.modules.get("tensorflow")
        if tensorflow is not None and isinstance(value, tensorflow.Tensor | tensorflow.Variable):
            return {"k": "tensor", "key": self.array(np.asarray(value))}
        raise TypeError(
            f"a value of type {type(value).__name__} cannot be sent to the student's kernel; send numbers, "
            "strings, containers and arrays"
        )


class Evidence(Decoder):
    """One document of evidence, read value by value.

    Args:
        channel: The way to what stayed in the kernel.
        models: Models of earlier cells.
    """

    def __init__(
        self, document: bytes, arrays: Mapping[str, np.ndarray], *, channel: Channel, models: Models
    ) -> None:
        super().__init__(document, arrays)
        self.channel = channel
        self.models = models
        self._layers: dict[str, Any] = {}  # of this document: models may share them

    def decode_other(self, index: int, node: Node) -> Any:
        """Models, tensors, tables, figures, remotes."""
        read = getattr(self, "_read_" + str(node.get("k")).replace("-", "_"), None)
        if read is None:
            return super().decode_other(index, node)
        return read(node)

    def _read_module(self, node: Node) -> Any:
        name = str(node["name"])
        parts = name.split(".")
        # ``__main__`` modules are programs, which run when they are imported; tests have effects too.
        program = any(part.startswith("_") or part in ("tests", "testing", "conftest") for part in parts)
        if parts[0] in _MODULES and (name in sys.modules or not program):
            try:
                return importlib.import_module(name)
            except ImportError as error:
                raise Malformed(f"a module that is not here: {name}") from error
        return RemoteObject(self.channel, {**node, "type": "module", "mro": []})

    def _read_tensor(self, node: Node) -> Any:
        import tensorflow as tf

        make: Any = tf.Variable if node.get("variable") else tf.convert_to_tensor
        made = make(self.arrays_of(node["key"]))
        if isinstance(node.get("device"), str):  # where it was: here it is where the judge puts it
            made._autograder_device = node["device"]
        return made

    def _read_history(self, node: Node) -> Any:
        import keras

        history = keras.callbacks.History()
        history.history = self.value(node["history"])
        history.epoch = self.value(node["epoch"])
        history.params = self.value(node["params"])
        return history

    def _read_keras(self, node: Node) -> Any:
        import keras

        try:
            config = clean_config(node["config"])
            made = keras.saving.deserialize_keras_object(config, safe_mode=True)
        except (Refused, TypeError, ValueError):
            return self._read_remote(node)
        if isinstance(made, keras.optimizers.Optimizer):
            made.iterations.assign(int(node["iterations"]))
            if isinstance(made._learning_rate, keras.Variable):
                made.learning_rate = float(node["learning_rate"])
        return made

    def _read_keras_function(self, node: Node) -> Any:
        import keras

        place, name = node["place"], str(node["name"])
        if place not in ("losses", "metrics", "activations", "initializers", "ops") or name.startswith("_"):
            raise Malformed("a function of nowhere")
        return getattr(getattr(keras, place), name)

    def _read_model(self, node: Node) -> Any:
        weights = [self.arrays_of(key) for key in node["weights"]]
        facts = self.value(node["compile"])
        key = (
            node["token"],
            repr(node["config"]),
            *(w.tobytes() for w in weights),
            repr(self._plain(node["compile"])),
        )
        tokens = {str(name): str(token) for name, token in dict(node["tokens"]).items()}
        known = self.models.get(key)
        if known is not None and _has_weights(known, weights):
            self._layers |= _layers_by_token(known, tokens)
            return known
        try:
            model = rebuild(node["config"], weights, shared=self._layers, tokens=tokens)
        except Refused:  # of an unusual make: it is asked in the kernel where it is
            return self._read_remote(node)
        self._same_answers(model, node)
        _dress(model, facts, self.value(node["history"]), str(node["token"]))
        strategy = self.value(node["strategy"]) if "strategy" in node else None
        object.__setattr__(model, "_autograder_strategy", strategy)
        self.models[key] = model
        return model

    def _plain(self, index: int) -> Any:
        """A node with its children, as text: tells whether two are the same."""
        node = self.nodes[index]
        if isinstance(node.get("items"), list):
            return [
                node["k"],
                [[self._plain(i) for i in e] if isinstance(e, list) else self._plain(e) for e in node["items"]],
            ]
        return node

    def _same_answers(self, model: Any, node: Node) -> None:
        """Compare with the kernel's own model on a fixed batch.

        Raises:
            GraderError: The model that was rebuilt is another one: nothing can be said about the answer.
        """
        if node.get("probe") is None:
            return
        wanted = [self.arrays_of(key) for key in node["probe"]]
        for one, other in zip(probe_answers(model), wanted, strict=False):
            if one.shape != other.shape or not np.allclose(one, other, rtol=_TOLERANCE, atol=1e-4, equal_nan=True):
                raise GraderError(
                    "A model that was rebuilt from evidence does not predict what the student's did."
                )

    def _read_frame(self, node: Node) -> Any:
        import pandas as pd

        columns = [self.value(i) for i in node["columns"]]
        frame = pd.DataFrame(dict(enumerate(columns)), index=self.value(node["index"]))
        frame.columns = pd.Index(self.value(node["names"]))
        return frame

    def _read_series(self, node: Node) -> Any:
        import pandas as pd

        return pd.Series(self.value(node["data"]), index=self.value(node["index"]), name=self.value(node["name"]))

    def _read_index(self, node: Node) -> Any:
        import pandas as pd

        return pd.Index(self.value(node["data"]), name=self.value(node["name"]))

    def _read_sklearn(self, node: Node) -> Any:
        family = str(node["module"]).split(".")
        if family[0] != "sklearn" or family[1] not in _SKLEARN:
            raise Malformed("an estimator of another family")
        cls = getattr(importlib.import_module(f"sklearn.{family[1]}"), str(node["class"]), None)
        if not isinstance(cls, type) or not hasattr(cls, "get_params"):
            return self._read_remote(node)
        made: Any = object.__new__(cls)
        for part in ("params", "fitted"):
            values = self.value(node[part])
            if not isinstance(values, dict) or not all(
                isinstance(n, str) and not n.startswith("_") for n in values
            ):
                raise Malformed("an estimator without parameters")
            for name, value in values.items():
                if callable(getattr(cls, name, None)):  # what a method answers is worked out here, not told
                    raise Malformed(f"an estimator with a method {name!r} of its own")
                if not isinstance(getattr(cls, name, None), property):
                    made.__dict__[name] = value
        return made

    def _read_study(self, node: Node) -> Any:
        data = dict(self.value(node["data"]))
        data["trials"] = [SearchTable(**trial) for trial in data["trials"]]
        done = [t for t in data["trials"] if t.state == "COMPLETE" and t.values]
        if done and len(data["directions"]) == 1:
            pick = min if data["directions"][0] == "minimize" else max
            best = pick(done, key=lambda trial: trial.values[0])
            data |= {"best_trial": best, "best_params": best.params, "best_value": best.values[0]}
        return SearchTable(**data)

    def _read_tuner(self, node: Node) -> Any:
        data = dict(self.value(node["data"]))
        data["trials"] = [SearchTable(**trial) for trial in data["trials"]]
        return SearchTable(**data)

    def _read_search(self, node: Node) -> Any:
        data = self.value(node["data"])
        if not isinstance(data, dict) or not all(isinstance(name, str) for name in data):
            raise Malformed("a search without names")
        return SearchTable(**data)

    def _read_figure(self, node: Node) -> Any:
        return redraw(node, self.arrays_of)

    def _read_axes(self, node: Node) -> Any:
        return self.value(node["figure"]).axes[int(node["index"])]

    def _read_remote(self, node: Node) -> Any:
        facts = {
            name: self.value(node[name])
            for name in ("compile", "history", "chain", "strategy")
            if isinstance(node.get(name), int)
        }
        return remote_of(self.channel, node, facts)

    def _read_deferred(self, node: Node) -> Any:
        if node.get("type") == "ndarray":
            return RemoteArray(self.channel, node)
        return self.channel.fetch(str(node["token"]))

    def _read_opaque(self, node: Node) -> Any:
        raise GraderError(f"A value of type {node.get('type')} could not be taken as evidence: {node.get('why')}.")


def _layers_by_token(model: Any, tokens: Mapping[str, str], path: str = "") -> dict[str, Any]:
    """The layers of a model by their tokens, those of nested models and the model itself included."""
    found = {tokens[path]: model} if path in tokens else {}
    for layer in model.layers:
        name = f"{path}/{layer.name}" if path else layer.name
        if hasattr(layer, "layers"):
            found |= _layers_by_token(layer, tokens, name)
        elif name in tokens:
            found[tokens[name]] = layer
    return found


def _has_weights(model: Any, weights: list[np.ndarray]) -> bool:
    """Whether no test has changed the model since."""
    return all(np.array_equal(w, o, equal_nan=True) for w, o in zip(model.get_weights(), weights, strict=True))


def _dress(model: Any, facts: Any, history: Any, token: str) -> None:
    """Show a rebuilt model as it was compiled and trained; it is not compiled here."""
    put = object.__setattr__
    put(model, "_autograder_token", token)
    if history is not None:
        put(model, "history", history)
    if not isinstance(facts, dict):
        return
    put(model, "compiled", True)
    put(model, "loss", facts.get("loss"))
    put(model, "optimizer", facts.get("optimizer"))
    kept = {name: facts.get(name) for name in ("metrics", "loss_weights")}
    put(model, "get_compile_config", lambda: dict(kept))


def unusable(error: Refused | Malformed) -> Any:
    """What stands for a value that is no sound answer: an object of no use, whose class is called what is
    wrong."""
    return type(str(error)[:200] or "Unusable", (), {})()
