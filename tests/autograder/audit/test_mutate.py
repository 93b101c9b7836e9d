"""Mutants: what is broken and what is left free, in a text that stays as it was but for one statement."""

import ast
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from autograder.assignment import load, template_of
from autograder.audit.freedom import Prose
from autograder.audit.mutate import mutants_of
from autograder.audit.operators import OPERATORS

ROOT = Path(__file__).parents[3]


def template(tmp_path, source, text="", *, marked=True, before=""):
    """A notebook whose one solution cell is ``source``."""
    if marked:
        source = f"{before}### BEGIN SOLUTION\n{source}\n### END SOLUTION"
    cell = new_code_cell(source, id="answer")
    flags = {"grade": False, "locked": False, "solution": True, "task": False}
    cell.metadata["nbgrader"] = {"grade_id": "answer", "schema_version": 3, **flags}
    path = tmp_path / "nb.ipynb"
    nbformat.write(new_notebook(cells=[new_markdown_cell(text, id="text"), cell]), path)
    return template_of(path)


def changes(tmp_path, source, text="", operator=None, **more):
    return [
        m.change for m in mutants_of(template(tmp_path, source, text, **more)) if operator in (None, m.operator)
    ]


@pytest.mark.parametrize(
    ("source", "operator", "expected"),
    [
        ("a = 1\nb = f(a)", "statement", ["drop a = 1", "drop b = f(a)"]),
        ("model.compile(loss='mse', metrics=['mae'])", "argument",
         ["model.compile: drop loss='mse'", "model.compile: drop metrics=['mae']"]),
        ("m = Sequential([Flatten(), Dense(10)])", "element", ["drop Flatten()", "drop Dense(10)"]),
        ("m.compile(loss='mse')", "loss", ["m.compile(loss='mse') → m.compile(loss='mae')"]),
        ("m.compile(metrics=['accuracy'])", "metric",
         ["m.compile(metrics=['accuracy']) → m.compile(metrics=['mae'])"]),
        ("d = Dense(1, activation='sigmoid')", "activation",
         ["Dense(1, activation='sigmoid') → Dense(1, activation='tanh')"]),
        ("h = m.fit(X, y, epochs=9)", "number", ["m.fit: epochs=9 → epochs=1"]),
        ("o = SGD(learning_rate=0.1)", "number", ["SGD(learning_rate=0.1) → SGD(learning_rate=100.0)"]),
        ("d = Dense(10)", "number", ["Dense(10) → Dense(11)"]),
        ("x = x / 255.0", "operand", []),  # the statement is dropped anyway
        ("z = x / 255.0", "operand", ["x / 255.0 → x"]),
        ("z = x / 255.0", "arithmetic", ["x / 255.0 → x * 255.0"]),
        ("z = a - b", "swap", ["a - b → b - a"]),
        ("z = (a - b) ** 2", "swap", ["(a - b) ** 2 → 2 ** (a - b)"]),  # (b - a) ** 2 is the same
        ("z = abs(c - d) + tf.square(e - f)", "swap", []),
        ("s = GridSearchCV(m, {'units': [8, 32]}); r = hp.Int('units', min_value=8)", "number", []),
        ("s = RandomizedSearchCV(m, {'lr': np.geomspace(0.1, 2.0)}); r = hp.Choice('n', [8, 64])", "number", []),
        ("s = compile({'main': [0.9]})", "number", ["[0.9] → [9.0]"]),
        ("z = x.reshape(-1, 1)", "number", ["x.reshape(-1, 1) → x.reshape(-1, 2)"]),
        ("z = np.reshape(x, (-1, 1))", "number", ["(-1, 1) → (-1, 2)"]),
        ("if a < b:\n    c = 1", "compare", ["a < b → a > b"]),
        ("if a:\n    c = 1", "condition", ["a → not a"]),
        ("h = m.fit(X, y, epochs=9)", "labels", ["m.fit: y → y[::-1]"]),
        ("def f(x):\n    return x + 1", "returned", ["x + 1 → None"]),
        ("m.save('modelo.h5')", "path", ["m.save('modelo.h5') → m.save('outro_modelo.h5')"]),
        ("m.save('./a/b.h5')", "path", ["m.save('./a/b.h5') → m.save('./outro_a/b.h5')"]),
        ("e = Stop(monitor='val_loss')", "monitor", ["Stop(monitor='val_loss') → Stop(monitor='loss')"]),
        ("@register\nclass A(B):\n    x = 1", "decorator", ["drop @register"]),
        ("z = s.transform(X)", "unwrap", ["s.transform(X) → X"]),
        ("z = np.argmax(p)", "function", ["np.argmax(p) → np.argmin(p)"]),
    ],
)  # fmt: skip
def test_each_operator_breaks_what_it_is_for(tmp_path, source, operator, expected):
    assert changes(tmp_path, source, operator=operator) == expected


@pytest.mark.parametrize(
    "source",
    [
        "print(1 + 2)",
        "import a.b",
        "'''a text'''",
        "model.summary()",
        "plt.title('x')",
        "keras.utils.set_random_seed(42)",
    ],
)
def test_what_only_shows_is_no_mutant(tmp_path, source):
    assert changes(tmp_path, source) == []


def test_cosmetic_arguments_and_the_draw_are_free(tmp_path):
    source = "h = m.fit(X, y, batch_size=64, verbose=2)\na = split(X, random_state=42)\nr = default_rng(3)"
    found = changes(tmp_path, source)
    assert not any("batch_size=" in c and "drop batch" in c for c in found)
    assert [c for c in found if not c.startswith("drop ")] == [
        "m.fit(X, y, batch_size=64, verbose=2) → m.fit(y, X, batch_size=64, verbose=2)", "m.fit: y → y[::-1]",
    ]  # fmt: skip


def test_how_to_train_is_free_unless_the_text_names_it(tmp_path):
    source = "m.compile(optimizer='sgd')\nd = Dense(30, activation='relu')"
    free = changes(tmp_path, source, "Escolha o otimizador (por exemplo, SGD). Use 30 segundos.")
    asked = changes(tmp_path, source, "Compile com **SGD**. Ponha **30 neurônios** com ReLU.")
    assert not any("sgd" in c and not c.startswith("drop m.compile(") for c in free)
    assert not any("31" in c or "tanh" in c for c in free)
    for change in ("m.compile: drop optimizer='sgd'", "m.compile(optimizer='sgd') → m.compile(optimizer='adam')"):
        assert change in asked
    assert any("31" in c for c in asked)
    assert any("tanh" in c for c in asked)


def test_one_of_two_is_not_asked_for(tmp_path):
    prose = Prose(template(tmp_path, "a = 1", "Valem relu ou tanh. Use selu. O limiar é 0.75, em 3 épocas."))
    assert (prose.asks("relu"), prose.asks("tanh"), prose.asks("selu")) == (False, False, True)
    assert (prose.asks(3), prose.asks(75), prose.asks(0.75)) == (True, False, True)


def test_the_rest_of_the_text_stays(tmp_path):
    source = "x = [1,2]  # as it was\nif x :   # kept\n    y=f( x, 2.5 )\nelif  y:\n    z  =  3"
    found = mutants_of(template(tmp_path, source, before="def g():\n    pass\n"))
    texts = {m.change: m.source for m in found}
    start = "def g():\n    pass\n"
    assert texts["f(x, 2.5) → f(x, 25.0)"] == start + source.replace("y=f( x, 2.5 )", "y = f(x, 25.0)")
    assert texts["y → not y"] == start + source.replace("elif  y:", "elif not y:")
    assert texts["drop z = 3"] == start + source.replace("z  =  3", "pass")
    assert not any("def g" in change for change in texts)
    for made in texts.values():
        ast.parse(made)


def test_mutants_do_not_repeat(tmp_path):
    found = mutants_of(template(tmp_path, "x = [a, a]\ny = [a]\nz = x / 1.5 + x / 1.5"))
    assert len({(m.cell, m.change) for m in found}) == len(found)
    assert len({ast.dump(ast.parse(m.source)) for m in found}) == len(found)
    assert len({m.name for m in found}) == len(found)


def test_a_magic_is_no_reason_to_stop(tmp_path):
    found = mutants_of(template(tmp_path, "%matplotlib inline\nx = 1.5"))
    assert {m.change for m in found} >= {"drop x = 1.5"}
    assert all("%matplotlib inline" in m.source for m in found)


def test_every_operator_says_what_it_does():
    assert all(operator.__doc__ for operator in OPERATORS.values())


@pytest.mark.parametrize("notebook", load(ROOT, "lista12").notebooks, ids=lambda t: t.name)
def test_the_list_has_mutants_that_are_named_once(notebook):
    found = mutants_of(notebook)
    assert len({(m.cell, m.change) for m in found}) == len(found) >= 30
    for mutant in found:
        assert "SOLUTION" not in mutant.source
