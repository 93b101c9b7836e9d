"""A generated class for the benchmarks: one exercise on Fashion-MNIST, handed in by as many students as wanted.

Solution and tests run under stock nbgrader as they do here: a Keras model is trained, saved and restored, and its
accuracy is measured. ``images`` and ``epochs`` say how much work a notebook is.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from autograder.data.key import holdout_key

__all__ = ["LIGHT", "TINY", "TRAINING", "Work", "build", "cells_of", "make_stock", "ours", "run", "stock"]

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LIST, NOTEBOOK = "bench", "01_bench"


@dataclass(frozen=True)
class Work:
    """How much work a notebook is.

    Args:
        images: Training images; 0 for a notebook without TensorFlow.
        epochs: Epochs.
    """

    images: int
    epochs: int


LIGHT = Work(1_000, 2)
TRAINING = Work(20_000, 11)
TINY = Work(0, 0)

_HIDDEN = "### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"
_IMPORTS = "import numpy as np\nimport tensorflow as tf\nfrom tensorflow import keras"
_DATA = """\
(X_train, y_train), (X_test, y_test) = keras.datasets.fashion_mnist.load_data()
X_train, y_train = X_train[:{images}] / 255.0, y_train[:{images}]"""
_MODEL = """\
keras.utils.set_random_seed(42)
model = keras.Sequential([
    keras.Input(shape=(28, 28)),
    keras.layers.Flatten(),
    keras.layers.Dense(100, activation="relu"),
    keras.layers.Dense(10, activation="softmax"),
])
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam", metrics=["accuracy"])"""
_FIT = "history = model.fit(X_train, y_train, epochs={epochs}, batch_size=32, verbose=0)"
_SAVE = 'model.save("modelo.keras")'
_TESTS = (
    "assert model.count_params() == 79510\nassert len(model.layers) == 3",
    'assert len(history.history["loss"]) == {epochs}\n### BEGIN HIDDEN TESTS\n'
    'assert history.history["loss"][-1] < history.history["loss"][0]\n### END HIDDEN TESTS',
    "probabilities = np.asarray(model(X_test[:500] / 255.0))\n### BEGIN HIDDEN TESTS\n"
    "assert (probabilities.argmax(axis=1) == y_test[:500]).mean() > 0.6\n### END HIDDEN TESTS",
)


def cells_of(work: Work) -> list[tuple[str, str, float]]:
    """The code cells of the solved notebook: text, name, points (0: the student's)."""
    if not work.images:
        return [
            ("def dobro(x):\n    return 2 * x", "dobro", 0),
            (
                "assert dobro(2) == 4\n### BEGIN HIDDEN TESTS\nassert dobro(5) == 10\n### END HIDDEN TESTS",
                "t-1",
                2,
            ),
            ("lista = [n * n for n in range(10)]", "lista", 0),
            ("assert len(lista) == 10", "t-2", 2),
        ]
    parts = {"images": work.images, "epochs": work.epochs}
    return [
        (f"{_IMPORTS}\n{_DATA}".format(**parts), "data", 0),
        (_MODEL, "model", 0),
        (_TESTS[0], "t-model", 2),
        (_FIT.format(**parts), "fit", 0),
        (_TESTS[1].format(**parts), "t-fit", 2),
        (_SAVE, "save", 0),
        (_TESTS[2], "t-accuracy", 2),
    ]


def build(course: Path, work: Work, students: int) -> Path:
    """A course whose students have all handed in the solution."""
    from autograder.nbgrader_bridge import generate_release

    cells = []
    for text, name, points in cells_of(work):
        source = text if points else f"### BEGIN SOLUTION\n{text}\n### END SOLUTION"
        cell = new_code_cell(source, id=f"id-{name}")
        known = {"grade_id": name, "schema_version": 3, "task": False, "solution": not points}
        cell.metadata["nbgrader"] = {**known, "grade": bool(points), "locked": bool(points)}
        if points:
            cell.metadata["nbgrader"]["points"] = points
        cells.append(cell)
    spec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    source = new_notebook(cells=cells, metadata={"kernelspec": spec})
    path = course / "assignments" / LIST / f"{NOTEBOOK}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(source, path)
    shutil.copy(ROOT / "nbgrader_config.py", course)
    holdout_key(ROOT)  # the repository's, so that no further view of the data sets has to be made
    shutil.copy(ROOT / ".holdout-key", course)
    generate_release(course, LIST)
    text = json.dumps(source)
    for number in range(students):
        folder = course / "submitted" / f"student{number:04}" / LIST
        folder.mkdir(parents=True)
        (folder / f"{NOTEBOOK}.ipynb").write_text(text)
    return course


def run(command: Sequence[str], course: Path, **environment: str) -> float:
    """Wall time of a command, in seconds."""
    before = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "TF_CPP_MIN_LOG_LEVEL": "2", **environment}
    began = time.monotonic()
    done = subprocess.run(command, cwd=course, env=before, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}")
    return time.monotonic() - began


def ours(course: Path, *options: str) -> float:
    """`autograder grade` of all, whatever was graded before, in seconds."""
    return run([str(BIN / "autograder"), "grade", LIST, "--force", *options], course)


def stock(course: Path) -> float:
    """`nbgrader autograde` without this project's preprocessors, in seconds."""
    return run([str(BIN / "nbgrader"), "autograde", LIST, "--force"], course)


def make_stock(course: Path) -> Path:
    """Take this project out of the course's configuration, and let nbgrader fill its database."""
    config = course / "nbgrader_config.py"
    lines = [line for line in config.read_text().splitlines() if "autograder" not in line or line.startswith("#")]
    # Its 30 seconds a cell are not enough for one that trains, on a slow day.
    config.write_text("\n".join([*lines, "c.ExecutePreprocessor.timeout = 600"]) + "\n")
    run([str(BIN / "nbgrader"), "generate_assignment", LIST, "--force"], course)
    return course
