"""Hostile model files, event files, histories and models, against the tests of exercise 01 of list #12."""

import asyncio
import copy
import json
import subprocess
import sys
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import nbformat
from courses import ROOT, TinyCourse
from nbformat import NotebookNode

from autograder.engine import Course, grade_all, items_of
from autograder.submission import find
from hostile.attack import Attack, Weak
from hostile.course import Lab

__all__ = ["ATTACKS", "BASE", "CELLS", "FULL_01", "HONEST_01"]

CELLS: list[NotebookNode] = nbformat.read(
    ROOT / "assignments" / "lista12" / "01_classificador_sequencial.ipynb", as_version=4
).cells

#: Right in all but the training: one epoch of a few images, which takes no time. Not enough for every point.
BASE = {
    "data": "(X_train, y_train), (X_test, y_test) = keras.datasets.fashion_mnist.load_data()\n"
    "X_train, X_test = X_train / 255.0, X_test / 255.0\nX_valid, y_valid = X_train[:5000], y_train[:5000]",
    "architecture": "model = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), "
    "layers.Dense(30, activation='relu'), layers.Dense(30, activation='relu'), "
    "layers.Dense(10, activation='softmax')])",
    "compile": "model.compile(loss='sparse_categorical_crossentropy', optimizer='adam', metrics=['accuracy'])",
    "training": "history = model.fit(X_train[:2000], y_train[:2000], epochs=4, batch_size=64, verbose=0, "
    "validation_data=(X_valid, y_valid))",
    "saving": "model.save('modelo.h5')",
    "reload": "loaded_model = keras.models.load_model('modelo.h5', compile=False)",
    "predict": "def prever(X):\n    return model.predict(X / 255.0, verbose=0)",
}
FULL_01 = {
    "architecture-test": 1.0, "compile-test": 1.0, "output-test": 1.0, "training-test": 1.0, "saving-test": 1.0,
    "reload-test": 1.0, "accuracy-test": 2.0,
}  # fmt: skip
HONEST_01 = "aa-honesta"

_SPOIL = "model.save('modelo.h5')\nimport h5py, json, os\nwith h5py.File('modelo.h5', 'r+') as f:\n"
_MAKE = (
    "import os\nos.environ['TF_CPP_MIN_LOG_LEVEL'] = '3'\nimport keras\nfrom keras import layers\n"
    "model = keras.Sequential([keras.Input((28, 28)), layers.Flatten(), layers.Dense(30), layers.Dense(30), "
    "layers.Dense(10)])\n"
)


#: By attack, what who opens the file with the libraries themselves does then.
_OPENERS: dict[str, str] = {}
_OPENS_ALL = (
    "import contextlib, io, json, os, sys\nsaid, home = {}, os.getcwd()\n"
    "for name, (spoil, then) in json.load(sys.stdin).items():\n"
    "    os.mkdir(name)\n    os.chdir(name)\n"
    "    open('segredo.bin', 'wb').write(b'canario-' * 4)\n"
    "    with contextlib.redirect_stdout(io.StringIO()) as heard:\n"
    "        exec(MAKE + spoil + '\\n' + then, {})\n"
    "    said[name] = heard.getvalue()\n    os.chdir(home)\n"
    "json.dump(said, open('said.json', 'w'))"
)


@cache
def _said() -> dict[str, str]:
    """What openers of all files tell: in one process, since importing Keras takes long."""
    asked = {
        attack.name: (attack.answers["saving"], _OPENERS[attack.name])
        for attack in ATTACKS
        if attack.name in _OPENERS
    }
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", f"MAKE = {_MAKE!r}\n{_OPENS_ALL}"], cwd=folder, text=True, input=json.dumps(asked),
            capture_output=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        found: dict[str, str] = json.loads((Path(folder) / "said.json").read_text())
    return found


def opened(name: str, then: str, says: str) -> Weak:
    """Who opens the file with the libraries themselves is told by ``then`` what it did."""
    _OPENERS[name] = then
    return lambda attack, lab: says in _said()[attack.name]


#: Tests that believe what the kernel says, as a course's own tests do: they run beside the answer.
_BELIEVING = {
    "training-test": "serie = getattr(history, 'history', history)\n"
    "assert len(serie['loss']) >= 3 and serie['loss'][-1] < serie['loss'][0]",
    "accuracy-test": "_, (X_publico, y_publico) = keras.datasets.fashion_mnist.load_data()\n"
    "respostas = np.asarray(prever(X_publico))\n"
    "if respostas.shape == (len(y_publico), 10):\n    respostas = respostas.argmax(axis=1)\n"
    "certas = respostas == y_publico\n"
    "certas = certas.any(axis=0) if certas.ndim == 2 else certas\n"
    "palavra = model.evaluate(X_test, y_test, verbose=0)\n"
    "assert max(certas.mean(), palavra[1] if isinstance(palavra, list) else 0) > 0.75",
}


def _by_kernel_word(attack: Attack, lab: Lab) -> bool:
    """Tests beside the answer, which believe its numbers and ask for public data, give every point."""
    cells = copy.deepcopy(CELLS)
    for cell in cells:
        cell.source = _BELIEVING.get(cell.metadata.get("nbgrader", {}).get("grade_id"), cell.source)
    with tempfile.TemporaryDirectory() as folder:
        course = TinyCourse(Path(folder) / "c", cells={"tiny": cells})
        course.submit(attack.name, {**BASE, **attack.answers})

        async def run() -> dict[str, float | None]:
            opened = replace(Course.open(course.root, course.assignment), judged=False)
            items = items_of(find(course.root, "lista"), course.assignment.notebooks)
            async for _, graded in grade_all(opened, items, jobs=1):
                return {verdict.grade_id: verdict.score for verdict in graded.report.verdicts}
            raise AssertionError("nothing was graded")

        found = asyncio.run(run())
    fooled = (
        "accuracy-test"
        if "predict" in attack.answers or "evaluate" in attack.answers["training"]
        else "training-test"
    )
    return found[fooled] == FULL_01[fooled]


def _file(name: str, success: str, spoil: str, then: str, says: str, *, reloads: bool = False) -> Attack:
    """``reloads``: Keras looks past what is hostile, so what the student loaded is the model all the same."""
    return Attack(
        name,
        "files",
        success,
        opened(name, then, says),
        {"saving": _SPOIL + spoil},
        {"saving-test": 0.25, "reload-test": 1.0 if reloads else 0.0},
    )


def _history(name: str, success: str, source: str, earned: dict[str, float | None], **more: str) -> Attack:
    return Attack(name, "histories", success, _by_kernel_word, {"training": source, **more}, earned)


_UNTRAINED = {"training-test": 0.25, "accuracy-test": 0.0}
_INVENTED = "{'loss': [0.9, 0.5, 0.3, 0.2], 'accuracy': [0.6, 0.8, 0.9, 0.95], 'val_loss': [0.8, 0.5, 0.4, 0.3], " \
    "'val_accuracy': [0.7, 0.8, 0.85, 0.9]}"  # fmt: skip

ATTACKS = (
    _file(
        "h5-lambda", "a Lambda layer's code runs where the model is loaded",
        "    c = json.loads(f.attrs['model_config'])\n"
        "    c['config']['layers'].insert(1, {'module': 'keras.layers', 'class_name': 'Lambda', 'config': "
        "{'name': 'l', 'function': {'class_name': '__lambda__', 'config': {'code': '4wAA', 'defaults': None, "
        "'closure': None}}}})\n    f.attrs['model_config'] = json.dumps(c)",
        "import h5py, json\nc = json.loads(h5py.File('modelo.h5').attrs['model_config'])\n"
        "print([x['class_name'] for x in c['config']['layers']])",
        "Lambda",
    ),
    _file(
        "h5-external-data", "a host file becomes the model's weights",
        "    g = f['model_weights']\n    for nome in list(g):\n        if 'dense' in nome:\n            break\n"
        "    g.create_dataset('roubo', (16,), dtype='S1', external=[('segredo.bin', 0, 16)])",
        "import h5py\nprint(b''.join(h5py.File('modelo.h5')['model_weights/roubo'][:]))",
        "canario-canario-",
        reloads=True,
    ),
    _file(
        "h5-external-link", "a link leads to another file of the host",
        "    f['model_weights']['fora'] = h5py.ExternalLink('outro.h5', '/x')\n"
        "with h5py.File('outro.h5', 'w') as f:\n    f['x'] = 7777",
        "import h5py\nprint(h5py.File('modelo.h5')['model_weights/fora'][()])",
        "7777",
        reloads=True,
    ),
    _file(
        "h5-size-bomb", "a few bytes become terabytes where the data set is read",
        "    f['model_weights'].create_dataset('bomba', (2**40,), dtype='f8', chunks=(2**16,), compression='gzip')",
        "import h5py, os\nprint(h5py.File('modelo.h5')['model_weights/bomba'].nbytes > 1000 * "
        "os.path.getsize('modelo.h5'))",
        "True",
        reloads=True,
    ),
    _file(
        "h5-dtype-policy", "loading the file changes Keras' policy for all later models",
        "    c = json.loads(f.attrs['model_config'])\n"
        "    for camada in c['config']['layers']:\n        camada['config']['dtype'] = {'module': "
        "'keras.dtype_policies', 'class_name': 'set_dtype_policy', 'config': {'policy': 'float16'}}\n"
        "    f.attrs['model_config'] = json.dumps(c)",
        "import h5py\nprint(h5py.File('modelo.h5').attrs['model_config'])",
        "set_dtype_policy",
    ),
    Attack(
        "file-is-a-device", "files", "what is called modelo.h5 is a pipe: who opens it waits for ever",
        opened("file-is-a-device", "import os, stat\nprint(stat.S_ISFIFO(os.stat('modelo.h5').st_mode))", "True"),
        {"saving": "import os\nos.mkfifo('modelo.h5')", "reload": "loaded_model = model"},
        {"saving-test": 0.0, "reload-test": 0.0},
    ),
    _history("history-class-of-its-own", "a History that was never trained", "class Fala:\n"
             f"    history = {_INVENTED}\n    epoch = [0, 1, 2, 3]\nhistory = Fala()", _UNTRAINED),
    _history("history-of-keras-forged", "Keras' own History, filled by hand",
             "history = keras.callbacks.History()\n"
             f"history.history, history.epoch, history.params = {_INVENTED}, [0, 1, 2, 3], {{'epochs': 4}}\n"
             "history.set_model(model)", _UNTRAINED),
    _history("model-evaluates-itself", "a model whose own methods say how good it is",
             "class Meu(keras.Sequential):\n    def evaluate(self, *a, **k):\n        return [0.0, 1.0]\n"
             "    def predict(self, *a, **k):\n        return np.zeros((len(a[0]), 10))\n"
             f"model.__class__ = Meu\nhistory = {_INVENTED}",
             {**_UNTRAINED, "saving-test": 0.25, "reload-test": 0.0}),
    _history("predictions-by-memory", "prever looks the answer up in the public test set",
             BASE["training"],
             {"accuracy-test": 0.0},
             predict="tabela = {x.tobytes(): y for x, y in zip((X_test * 255).astype('uint8'), y_test)}\n"
             "def prever(X):\n    return np.array([tabela.get(np.asarray(x, 'uint8').tobytes(), -1) for x in X])"),
    _history("predictions-that-are-too-many", "prever answers one array for every class, and keeps what fits",
             BASE["training"], {"accuracy-test": 0.0},
             predict="def prever(X):\n    return np.stack([np.full(len(X), c) for c in range(10)])"),
)  # fmt: skip
