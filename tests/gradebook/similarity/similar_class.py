"""Answers to compare: a short one written here, and the right answers of the bank."""

import ast
import re
from functools import cache
from pathlib import Path

from autograder.assignment import Assignment, load
from autograder.exemplar import Exemplar, bank
from gradebook.similarity.answers import Answer, Cell, Given, given_of

_REGION = re.compile(r"^\s*### (BEGIN|END) SOLUTION\s*$\n?", re.MULTILINE)
ROOT = Path(__file__).parents[3]

#: An answer of two cells that do not depend on each other.
SOURCES = (
    """# carrega os dados
(X_full, y_full), (X_test, y_test) = keras.datasets.fashion_mnist.load_data()
X_valid, X_train = X_full[:5000] / 255.0, X_full[5000:] / 255.0
model = keras.Sequential([layers.Flatten(input_shape=[28, 28]), layers.Dense(300, activation="relu")])
model.add(layers.Dense(10, activation="softmax"))
model.compile(loss="sparse_categorical_crossentropy", optimizer=keras.optimizers.SGD(1e-3), metrics=["accuracy"])
history = model.fit(X_train, y_train, epochs=12, validation_data=(X_valid, y_valid))
""",
    '''def melhor_epoca(historico, metrica="val_loss"):
    """A época em que a métrica foi a menor."""
    valores = np.array(historico.history[metrica])
    for epoca, valor in enumerate(valores):
        if np.isclose(valor, valores.min()):
            return epoca + 1, float(valor)
    return None, np.nan
''',
)
GIVEN = Given(
    ("import numpy as np\nimport keras\nfrom keras import layers\n", '# SEU CÓDIGO AQUI\nprint("Ainda não.")'),
    {"treino": '# SEU CÓDIGO AQUI\nprint("Ainda não.")'},
)


def answer(student: str, *sources: str) -> Answer:
    """An answer in cells that the student added."""
    return Answer(student, "ex01", tuple(Cell(None, source) for source in sources))


@cache
def course() -> Assignment:
    """The real list."""
    return load(ROOT, "lista12")


@cache
def _bank() -> tuple[Exemplar, ...]:
    return tuple(bank(ROOT / "exemplars" / "lista12"))


def given(notebook: str) -> Given:
    """What a real notebook gives."""
    return given_of(ROOT, course(), course().notebook(notebook))


def right_answers(notebook: str) -> list[Answer]:
    """The reference solution, and what each accepted exemplar writes that is not taken from it."""
    template = course().notebook(notebook)
    reference = tuple(
        Cell(cell.grade_id, _REGION.sub("", cell.source))
        for cell in template.cells
        if cell.solution and cell.cell_type == "code"
    )
    return [Answer("reference", notebook, reference)] + [
        Answer(
            one.name,
            notebook,
            tuple(Cell(name, text) for name, text in one.cells.items() if template.by_id[name].cell_type == "code")
            + tuple(Cell(None, extra.source) for extra in one.extra if extra.cell_type == "code"),
        )
        for one in _bank()
        if one.notebook == notebook and one.verdict == "accepted"
    ]


def disguised(source: str) -> str:
    """The same program without comments, laid out anew, every name of the author's another one."""
    tree = ast.parse(source)
    keywords = {node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    own = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)} - keywords
    own |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in own:
            node.id = f"outro_{node.id[::-1]}"
        elif isinstance(node, ast.arg) and node.arg in own:
            node.arg = f"outro_{node.arg[::-1]}"
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            node.name = f"outro_{node.name[::-1]}"
    return ast.unparse(tree)
