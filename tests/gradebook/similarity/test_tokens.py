"""What does not count when code is compared, and what does."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradebook.similarity.tokens import names_of, tokens_of


def texts(source: str, *more: str) -> list[str]:
    """The tokens of a cell, by their text; the other cells say what names stand for."""
    return [token.text for token in tokens_of(source, names_of([source, *more]))]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("model = constroi(30)", "rede=monta ( 30 )  # minha rede"),
        ("x = [1,\n     2,\n]", "y = [1, 2]"),
        ("taxa = 1e-3; n = 1_000", "lr = 0.001\nm = 1000.0"),
        ("opt = 'adam'", 'o = """adam"""'),
        ('print("Custo no teste:", f(x))', 'print("O custo foi de", f(x))'),
        ("def f(x):\n    '''Soma.'''\n    return x + 1", "def g(y):\n\n    return (y\n            + 1)"),
        ("(a, b), c = f((1, 2))", "((a, b), c) = f((1, 2,))"),
        ("%matplotlib inline\n!pip install keras\nx = 1", "x = 1"),
        ("import keras\nx = keras.layers.Dense(3)", "from keras.layers import Dense as D\nx = D(3)"),
        ("import tensorflow as tf\ny = tf.keras.layers.Dense(3)", "import keras\ny = keras.layers.Dense(3)"),
        ("import numpy as np\nnp.sqrt(2)", "from numpy import (\n    mean,\n    sqrt as raiz,\n)\nraiz(2)"),
        ("def f(passos): pass\nf(passos=3)", "def g(n): pass\ng(n=3)"),
        ("class A:\n    def __init__(self): self.oculta = 1", "class B:\n    def __init__(self): self.h = 1"),
    ],
)  # fmt: skip
def test_names_and_layout_do_not_count(one: str, other: str) -> None:
    """Own names, comments, docstrings, quotes, numbers' format, line ends, magics, and ways to import."""
    assert texts(one) == texts(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("model.fit(X)", "model.evaluate(X)"),
        ("from keras.layers import Dense\nDense(3)", "from keras.layers import Conv1D\nConv1D(3)"),
        ("import keras\nkeras.f(units=3)", "import keras\nkeras.f(epochs=3)"),
        ('f("relu")', 'f("tanh")'),
        ("f(30)", "f(300)"),
        ("a + b", "a - b"),
        ("for x in y: pass", "while x: pass"),
        ("x = sum(y)", "x = max(y)"),
    ],
)
def test_what_the_libraries_are_asked_counts(one: str, other: str) -> None:
    """Attributes, imported and built-in names, keyword arguments, short texts, values and operators."""
    assert texts(one) != texts(other)


def test_imports_of_other_cells_are_known() -> None:
    """A notebook's first cell may import for all."""
    assert texts("L.Dense(3)", "from keras import layers as L") == ["Dense", "(", "3", ")"]


def test_tokens_know_where_they_stand() -> None:
    """A token's place is that in the text as it was written."""
    source = 'x = keras.layers.Dense(30, # trinta\n activation="relu",)'
    tokens = tokens_of(source, names_of(["import keras", source]))
    assert [source[token.start : token.end] for token in tokens] == [
        "x", "=", "keras.layers.Dense", "(", "30", ",", "activation", "=", '"relu"', ")",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "broken", ["x = f(1", "print('oi", 'y = """nunca', "def f(:\n  x = 1)", "\t  a\n b = (", "$ ? é=", "x = 1_"]
)
def test_broken_code_is_read(broken: str) -> None:
    """Code that Python refuses has tokens like any other."""
    with pytest.raises(SyntaxError):
        compile(broken, "cell", "exec")
    assert texts(broken)


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=300)
    | st.text(alphabet="\"'\\\n#(){}[]=.,;%!f0x ", max_size=80)
)
def test_any_text_is_read(source: str) -> None:
    """No text makes the reader fail; tokens are in order and inside of it."""
    place = 0
    for token in tokens_of(source, names_of([source])):
        assert place <= token.start < token.end <= len(source)
        place = token.end


@pytest.mark.parametrize(
    "piece", ['"', "'''", '"""', "\\", '\\"', "(", ".a ", "self.a ", "1e", "import ", "0x", "f'"]
)
def test_no_text_takes_long(piece: str) -> None:
    """A cell of a hundred thousand characters is read in less than a second or two, whatever is in it."""
    source = piece * (100_000 // len(piece))
    begin = time.process_time()
    tokens_of(source, names_of([source]))
    assert time.process_time() - begin < 3
