"""Values of every kind from a kernel to a test: what is exported there is the same thing here."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.check.graph_reader import describe, read_graph
from autograder.check.losses import read_losses
from autograder.errors import GraderError
from autograder.evidence.agent import Agent
from autograder.evidence.plain import read_arrays
from autograder.judge.namespace import Namespace
from autograder.judge.values import Evidence, Models

pytestmark = pytest.mark.tensorflow

Exporter = Callable[..., Evidence]


class Loopback:
    """Answers what evidence asks with the agent that wrote it."""

    def __init__(self, agent: Agent, folder: Path, models: Models) -> None:
        self.agent, self.folder, self.models = agent, folder, models

    def read(self) -> Evidence:
        """The document that the agent wrote last."""
        document, arrays = (self.folder / f"answer.{kind}" for kind in ("json", "npz"))
        return Evidence(document.read_bytes(), read_arrays(arrays), channel=self, models=self.models)

    def _ask(self, request: dict[str, Any], *buffers: bytes) -> Any:
        assert self.agent.answer(request, list(buffers)) == {"status": "ok"}
        return self.read().root("value")

    def call(self, token: str, method: str | None, args: Any, kwargs: Any) -> Any:
        """Call with plain arguments."""
        from autograder.evidence.plain import write_arrays
        from autograder.judge.values import Arguments

        encoder = Arguments()
        document = encoder.document({"args": encoder.add((args, dict(kwargs)))})
        request = {"op": "call", "token": token, "method": method}
        return self._ask(request, document, write_arrays(encoder.arrays))

    def get(self, token: str, name: str) -> Any:
        """An attribute."""
        return self._ask({"op": "get", "token": token, "name": name})

    def fetch(self, token: str) -> Any:
        """A large value."""
        return self._ask({"op": "fetch", "token": token})


@pytest.fixture
def export(tmp_path: Path) -> Exporter:
    """Names of a kernel as the judge sees them."""

    def exported(**names: Any) -> Evidence:
        agent = Agent(names, str(tmp_path / "out"), describe=describe)
        assert agent.answer({"op": "export"}, []) == {"status": "ok"}
        return Loopback(agent, tmp_path / "out", {}).read()

    return exported


def network() -> Any:
    import keras

    return keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(5, activation="relu"), keras.layers.Dense(1)], name="rede"
    )


def test_a_compiled_and_trained_model_is_a_model_here(export: Exporter) -> None:
    """Predictions, weights, loss, optimizer, metrics and history are those of the student's."""
    import keras

    model = network()
    model.compile(loss="mse", optimizer=keras.optimizers.Adam(learning_rate=0.01), metrics=["mae"])
    X, y = np.random.default_rng(0).normal(size=(32, 4)), np.ones(32)
    history = model.fit(X, y, epochs=2, verbose=0)
    evidence = export(model=model, history=history)
    seen = evidence.root("model")
    assert isinstance(seen, keras.Sequential)
    np.testing.assert_allclose(seen.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-5)
    assert seen.loss == "mse"
    assert isinstance(seen.optimizer, keras.optimizers.Adam)
    assert float(seen.optimizer.learning_rate) == pytest.approx(0.01)
    assert int(seen.optimizer.iterations) == 2
    assert seen.get_compile_config()["metrics"] == ["mae"]
    kept = evidence.root("history")
    assert isinstance(kept, keras.callbacks.History)
    assert kept.history == history.history
    assert kept.epoch == [0, 1]
    assert seen.history.history == history.history


def test_a_model_whose_fit_failed_before_it_began_is_evidence_all_the_same(export: Exporter) -> None:
    """Keras has given it a history by then, one without epochs."""
    import keras

    class Broken(keras.callbacks.Callback):
        def set_model(self, model: Any) -> None:
            raise OSError("no such folder")

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mse")
    with pytest.raises(OSError, match="no such folder"):
        model.fit(np.ones((4, 2)), np.ones((4, 1)), callbacks=[Broken()], verbose=0)
    seen = export(model=model).root("model")
    assert seen.get_weights()[0].shape == (2, 1)


def test_layers_and_models_that_are_one_object_stay_one(export: Exporter) -> None:
    """Shared within a model, between models, and two names for one model."""
    import keras

    shared = keras.layers.Dense(3, name="comum")
    one, other = keras.Input((4,)), keras.Input((4,))
    twin = keras.Model([one, other], keras.layers.Add()([shared(one), shared(other)]))
    base = network()
    top = keras.Sequential([keras.Input((4,)), base.layers[0], keras.layers.Dense(2)])
    nested = keras.Sequential([keras.Input((4,)), base, keras.layers.Dense(1)])
    evidence = export(gemeas=twin, base=base, outra=base, topo=top, dentro=nested)
    assert [layer.name for layer in evidence.root("gemeas").layers].count("comum") == 1
    assert evidence.root("base") is evidence.root("outra")
    assert evidence.root("topo").layers[0] is evidence.root("base").layers[0]
    assert evidence.root("topo").layers[1] is not evidence.root("base").layers[1]
    assert evidence.root("dentro").layers[0] is evidence.root("base")


def test_models_with_several_inputs_and_outputs(export: Exporter) -> None:
    """Lists and dicts, layers shared within and between nested models, the weights of losses."""
    import keras

    layers = keras.layers
    wide, deep = keras.Input((5,), name="wide"), keras.Input((6,), name="deep")
    body = keras.Sequential([keras.Input((6,)), layers.Dense(7, activation="relu")])
    hidden = body(deep)
    main = layers.Dense(1, name="main_output")(keras.ops.concatenate([wide, hidden, body(2.0 * deep)], axis=1))
    aux = layers.Dense(1, name="aux_output")(hidden)
    lists = keras.Model([wide, deep], [main, aux])
    lists.compile(loss=["mse", "mse"], loss_weights=(0.9, 0.1))
    named = {"main_output": main, "aux_output": layers.Dense(1)(hidden)}
    dicts = keras.Model({"wide": wide, "deep": deep}, named)
    dicts.compile(loss=dict.fromkeys(named, "mse"), loss_weights={"main_output": 0.9, "aux_output": 0.1})

    def shape(model: Any) -> Any:
        graph = read_graph(model)
        return [(c.step, c.layer, c.parents, c.parameters) for c in graph.calls], graph.inputs, graph.outputs

    evidence = export(listas=lists, dicionarios=dicts)
    for name, model in (("listas", lists), ("dicionarios", dicts)):
        seen = evidence.root(name)
        assert not hasattr(seen, "_channel")
        assert shape(seen) == shape(model)
        assert read_losses(seen) == read_losses(model) == ("mean_squared_error",) * 2
        assert seen.get_compile_config()["loss_weights"] == model.get_compile_config()["loss_weights"]
        assert evidence.nodes[evidence.roots[name]]["probe"] is not None
    X = {"wide": np.ones((2, 5), "float32"), "deep": np.ones((2, 6), "float32")}
    for name, output in evidence.root("dicionarios")(X).items():
        np.testing.assert_allclose(output, dicts(X)[name], rtol=1e-5)


def test_models_that_cannot_be_data_are_remotes(export: Exporter) -> None:
    """A subclass of Model, and one with a layer of the student's own: called, asked, and told by its layers."""
    import keras

    from autograder import check

    class Rede(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.densa = keras.layers.Dense(1)

        def call(self, inputs: Any, training: bool = False) -> Any:
            return self.densa(inputs)

    class Minha(keras.layers.Dense):
        pass

    subclassed, custom = Rede(), keras.Sequential([keras.Input((4,)), Minha(3, activation="relu")])
    X = np.ones((2, 4), "float32")
    wanted = np.asarray(subclassed(X))
    custom.compile(loss="mse", optimizer="sgd")
    evidence = export(rede=subclassed, minha=custom)
    seen = evidence.root("rede")
    assert isinstance(seen, keras.Model)
    assert not isinstance(seen, keras.Sequential)
    np.testing.assert_allclose(np.asarray(seen(X)), wanted, rtol=1e-5)
    np.testing.assert_allclose(seen.predict(X, verbose=0), wanted, rtol=1e-5)
    assert [w.shape for w in seen.get_weights()] == [(4, 1), (1,)]
    assert seen.count_params() == 5
    with check.collecting() as outcomes:
        check.sequential(evidence.root("minha"), layers=["Dense(3, relu)"], input_shape=(4,))
        check.compiled(evidence.root("minha"), loss="mse", optimizer="sgd")
        check.sequential(seen, layers=["Dense"])
    assert [outcome.passed for outcome in outcomes] == [True, True, False]


def test_classes_of_models_are_used_from_outside(export: Exporter) -> None:
    """Objects are made of them there, and a functional model that has one as a layer is asked too."""
    import keras

    from autograder import check

    class Bloco(keras.Model):
        def __init__(self, units: Any) -> None:
            super().__init__()
            self.densa = keras.layers.Dense(int(units))

        def call(self, inputs: Any) -> Any:
            return inputs + self.densa(inputs)

    inputs = keras.Input((3,))
    funcional = keras.Model(inputs, Bloco(np.int64(3))(inputs))
    evidence = export(Bloco=Bloco, funcional=funcional)
    made, seen = evidence.root("Bloco"), evidence.root("funcional")
    with check.collecting() as outcomes:
        check.subclass(made, "keras.Model")
        check.subclass(seen, "keras.Model")
        check.instance(seen, "Functional")
        check.contains(seen, "Bloco")
        check.contains(seen, "Conv2D")
        for make in (lambda: made(3), lambda: seen):
            check.computes(
                make, lambda W, b, X: X + X @ W + b, np.eye(3), shapes=[(3, 3), (3,)], training=None, as_it_is=True
            )
        check.computes(lambda: made(3), lambda W, b, X: X @ W + b, np.eye(3), shapes=[(3, 3), (3,)])
    assert [outcome.passed for outcome in outcomes] == [True, False, True, True, False, True, True, False]
    assert not any(outcome.error for outcome in outcomes)


def test_small_objects_of_keras_are_theirs(export: Exporter) -> None:
    """Losses, schedules, functions."""
    import keras

    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    evidence = export(custo=loss, funcao=keras.losses.mean_squared_error, ativa=keras.activations.relu)
    assert isinstance(evidence.root("custo"), keras.losses.SparseCategoricalCrossentropy)
    assert evidence.root("custo").get_config()["from_logits"] is True
    assert evidence.root("funcao") is keras.losses.mean_squared_error
    assert evidence.root("ativa") is keras.activations.relu


def test_tensors_and_variables(export: Exporter) -> None:
    """With type and value."""
    import tensorflow as tf

    evidence = export(t=tf.constant([[1.0, 2.0]]), v=tf.Variable([3, 4]), texto=tf.constant("olá"))
    assert isinstance(evidence.root("t"), tf.Tensor)
    assert evidence.root("t").numpy().tolist() == [[1.0, 2.0]]
    assert isinstance(evidence.root("v"), tf.Variable)
    assert evidence.root("v").numpy().tolist() == [3, 4]


def test_large_arrays_are_sent_as_far_as_they_are_looked_at(export: Exporter) -> None:
    """Their shape for nothing, a part for its size, the whole where all of the numbers count."""
    X = np.random.default_rng(5).normal(size=(60_000, 8))
    evidence = export(X=X)
    seen = evidence.root("X")
    fetched: list[str] = []
    fetch = evidence.channel.fetch
    evidence.channel.fetch = lambda token: fetched.append(token) or fetch(token)  # type: ignore[method-assign,func-returns-value]
    assert isinstance(seen, np.ndarray)
    assert (len(seen), seen.shape, seen.ndim, seen.size, seen.dtype) == (60_000, (60_000, 8), 2, 480_000, X.dtype)
    np.testing.assert_array_equal(seen[:5], X[:5])
    assert fetched == []
    assert seen.max() == X.max()
    np.testing.assert_array_equal(np.asarray(seen), X)
    np.testing.assert_array_equal(seen / 2, X / 2)
    np.testing.assert_array_equal(np.concatenate([seen, seen])[60_000:], X)
    assert len(fetched) == 1


def test_tables(export: Exporter) -> None:
    """Frames, series and indexes of pandas, with text, gaps and times."""
    import pandas as pd

    frame = pd.DataFrame(
        {"n": [1.5, np.nan], "texto": ["a", None], "quando": pd.to_datetime(["2026-01-01", "2026-01-02"])},
        index=["x", "y"],
    )
    evidence = export(df=frame, serie=frame["n"], indice=frame.index)
    pd.testing.assert_frame_equal(evidence.root("df"), frame, check_dtype=False)
    pd.testing.assert_series_equal(evidence.root("serie"), frame["n"])
    assert list(evidence.root("indice")) == ["x", "y"]


def test_fitted_estimators_work_here(export: Exporter) -> None:
    """A scaler scales, a search has its results; what only the kernel has is asked for there."""
    from sklearn.linear_model import Ridge
    from sklearn.model_selection import GridSearchCV
    from sklearn.preprocessing import StandardScaler

    X, y = np.random.default_rng(1).normal(size=(40, 3)), np.arange(40.0)
    scaler = StandardScaler().fit(X)
    search = GridSearchCV(Ridge(), {"alpha": [0.1, 10.0]}, cv=2).fit(X, y)
    evidence = export(scaler=scaler, busca=search)
    np.testing.assert_allclose(evidence.root("scaler").transform(X), scaler.transform(X))
    seen = evidence.root("busca")
    assert isinstance(seen, GridSearchCV)
    assert seen.best_params_ == search.best_params_
    assert seen.best_score_ == search.best_score_
    assert list(seen.cv_results_["params"]) == [{"alpha": 0.1}, {"alpha": 10.0}]
    np.testing.assert_allclose(seen.predict(X), search.predict(X))


def test_figures_are_drawn_again(export: Exporter) -> None:
    """With the data, labels, scales and legend; axes belong to their figure."""
    from matplotlib.figure import Figure

    figure = Figure()
    ax = figure.add_subplot(1, 2, 1)
    ax.plot([1, 2, 3], [3.0, 1.0, 2.0], label="custo $x$")
    ax.set(title="Curvas", xlabel="época", ylabel="custo", yscale="log")
    ax.legend()
    bars = figure.add_subplot(1, 2, 2)
    bars.bar([0, 1], [4, 5])
    bars.scatter([1, 2], [3, 4])
    evidence = export(fig=figure, ax=ax)
    seen = evidence.root("ax")
    assert evidence.root("fig").axes[0] is seen
    assert seen.lines[0].get_ydata().tolist() == [3.0, 1.0, 2.0]
    assert (seen.get_title(), seen.get_xlabel(), seen.get_yscale()) == ("Curvas", "época", "log")
    assert [text.get_text() for text in seen.get_legend().get_texts()] == ["custo $x$"]
    other = evidence.root("fig").axes[1]
    assert [bar.get_height() for bar in other.patches] == [4.0, 5.0]
    assert other.collections[0].get_offsets().tolist() == [[1.0, 3.0], [2.0, 4.0]]


def test_functions_classes_and_modules(export: Exporter) -> None:
    """A function has its name, text and parameters; a module is the judge's own."""
    import inspect

    def prever(X: Any, escala: float = 2.0) -> Any:
        """Prevê."""
        return X * escala

    evidence = export(prever=prever, np=np, json=json)
    seen = evidence.root("prever")
    assert callable(seen)
    assert (seen.__name__, seen.__doc__) == ("prever", "Prevê.")
    assert list(inspect.signature(seen).parameters) == ["X", "escala"]
    np.testing.assert_array_equal(seen(np.arange(3), escala=3.0), [0, 3, 6])
    assert evidence.root("np") is np
    assert evidence.root("json") is json


def test_a_study_of_optuna_is_a_table(export: Exporter) -> None:
    """Its trials, its best one, and the names of its sampler and pruner."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(direction="minimize", sampler=optuna.samplers.RandomSampler(seed=1))
    study.optimize(lambda trial: (trial.suggest_float("x", -1, 1) - 0.5) ** 2, n_trials=4)
    seen = export(study=study).root("study")
    assert (seen.sampler, seen.pruner, seen.directions) == ("RandomSampler", "MedianPruner", ["minimize"])
    assert [trial.state for trial in seen.trials] == ["COMPLETE"] * 4
    assert seen.best_params == study.best_params
    assert seen.best_value == study.best_value
    assert seen.best_trial.number == study.best_trial.number


def test_a_study_tells_how_its_pruner_would_have_acted(export: Exporter) -> None:
    """So that pruning can be asked for where no trial was bad enough."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)

    def objective(trial: Any) -> float:
        for step in range(3):
            trial.report(float(trial.number), step)
        return float(trial.number)

    study = optuna.create_study(pruner=optuna.pruners.MedianPruner(n_startup_trials=1))
    study.optimize(objective, n_trials=4)
    assert export(study=study).root("study").pruning == {"ends_bad_ones": True, "not_obeyed": 3}


def test_an_evolutionary_search_is_a_table(export: Exporter) -> None:
    """Under the names of scikit-learn's own searches; one that was not run has no results."""
    from sklearn.linear_model import Ridge
    from sklearn_genetic import GASearchCV
    from sklearn_genetic.space import Continuous

    X, y = np.random.default_rng(1).normal(size=(40, 3)), np.arange(40.0)
    space = {"alpha": Continuous(0.1, 10.0), "tol": Continuous(1e-4, 1e-2)}
    search = GASearchCV(Ridge(), cv=2, param_grid=space, population_size=2, generations=1, verbose=False)
    assert not hasattr(export(busca=search).root("busca"), "cv_results_")
    seen = export(busca=search.fit(X, y)).root("busca")
    assert (seen.search, seen.population_size, seen.generations, seen.n_splits_) == ("GASearchCV", 2, 1, 2)
    assert seen.cv_results_["params"] == search.cv_results_["params"]
    assert (seen.best_params_, seen.best_score_) == (search.best_params_, search.best_score_)


def test_a_search_of_keras_tuner_is_a_table(export: Exporter, tmp_path: Path) -> None:
    """Its trials with their values and scores, and the names of its classes."""
    import keras
    import keras_tuner

    def build(hp: Any) -> Any:
        model = keras.Sequential(
            [keras.Input((2,)), keras.layers.Dense(hp.Int("units", 1, 8)), keras.layers.Dense(1)]
        )
        model.compile(loss="mse", optimizer="sgd")
        return model

    tuner = keras_tuner.RandomSearch(
        build, objective="val_loss", max_trials=2, seed=3, directory=tmp_path / "busca", project_name="p"
    )
    X = np.ones((8, 2))
    tuner.search(X, X[:, 0], validation_data=(X, X[:, 0]), epochs=1, verbose=0)
    seen = export(tuner=tuner).root("tuner")
    assert (seen.tuner, seen.objective, seen.direction, seen.max_trials, seen.seed) == (
        "RandomSearch", "val_loss", "min", 2, 3,
    )  # fmt: skip
    assert {trial.status for trial in seen.trials} == {"COMPLETED"}
    best = tuner.get_best_hyperparameters()[0].values
    assert min(seen.trials, key=lambda trial: trial.score).values == best


def test_a_model_that_does_not_predict_what_it_did_is_ours(export: Exporter, tmp_path: Path) -> None:
    """A rebuilt model is compared with the kernel's; a mismatch judges nobody."""
    evidence = export(model=network())
    node = evidence.nodes[evidence.roots["model"]]
    evidence._arrays[node["probe"][0]] += 1.0
    with pytest.raises(GraderError, match="does not predict"):
        evidence.root("model")


def test_what_is_no_sound_value_is_of_no_use(export: Exporter) -> None:
    """A forged model, a module of nowhere: an object that fails every check, and no failure of ours."""
    evidence = export(model=network(), x=1)
    evidence.nodes[evidence.roots["model"]]["weights"] = ["a99"]
    namespace = Namespace(evidence, {})
    assert not hasattr(namespace["model"], "predict")
    assert namespace["x"] == 1
    forged = export(x=1)
    forged.nodes[forged.roots["x"]] = {"k": "module", "name": "os.path.nowhere", "token": "t1"}
    assert not hasattr(Namespace(forged, {})["x"], "join")


def test_a_model_that_cannot_be_rebuilt_is_asked_where_it_is(export: Exporter) -> None:
    """Of an unusual make, or forged: then its weights do not fit, and the kernel's model answers for itself."""
    model = network()
    X = np.ones((2, 4), "float32")
    evidence = export(model=model)
    evidence.nodes[evidence.roots["model"]]["config"]["config"]["layers"][-1]["config"]["units"] = 10**6
    seen = evidence.root("model")
    np.testing.assert_allclose(seen.predict(X, verbose=0), model.predict(X, verbose=0), rtol=1e-5)


def test_tensors_and_models_keep_where_they_were(export: Exporter) -> None:
    """The device of a tensor, and the strategy in whose scope a model was created."""
    import keras
    import tensorflow as tf

    from autograder import check

    with tf.distribute.OneDeviceStrategy("/CPU:0").scope():
        inside = network()
    evidence = export(tensor=tf.constant([1.0]), variavel=tf.Variable([1.0]), dentro=inside, fora=network())
    for name in ("tensor", "variavel"):
        assert evidence.root(name)._autograder_device.endswith("CPU:0")
    assert isinstance(evidence.root("dentro"), keras.Sequential)
    with check.collecting() as outcomes:
        check.tensor(evidence.root("tensor"), device="CPU:0", equal=[1.0])
        check.distributed(evidence.root("dentro"), strategy="OneDeviceStrategy", replicas=1)
        check.distributed(evidence.root("fora"))
    assert [outcome.passed for outcome in outcomes] == [True, True, False]


def test_a_function_of_tensorflow_is_one_here(export: Exporter) -> None:
    """Its graphs are counted where it is."""
    import tensorflow as tf

    from autograder import check

    double = tf.function(lambda x: 2 * x, input_signature=[tf.TensorSpec([None], tf.float32)])
    evidence = export(dobro=double, simples=lambda x: 2 * x)
    assert isinstance(evidence.root("dobro"), tf.types.experimental.PolymorphicFunction)
    calls = [(tf.ones(n),) for n in range(2, 6)]
    with check.collecting() as outcomes:
        check.graph_function(evidence.root("dobro"), calls)
        check.graph_function(evidence.root("simples"), calls)
        check.answers(evidence.root("dobro"), lambda x: 2 * x, calls)
    assert [outcome.passed for outcome in outcomes] == [True, False, True]
