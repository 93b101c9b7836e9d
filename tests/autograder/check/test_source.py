"""Checks of the student's text: every way to write is one, and doubt is the student's benefit."""

import pytest

from autograder import check
from autograder.check.written import parsed, reading


def outcome_of(cells, function, *args, **kwargs):
    with check.collecting() as outcomes, reading([cells] if isinstance(cells, str) else cells):
        assert function(*args, **kwargs) is None
    (outcome,) = outcomes
    assert outcome.error is None
    return outcome


CALL = "    def call(self, X):\n        return X\n"


@pytest.mark.parametrize(
    "text",
    [
        f"import keras\nclass Rede(keras.Model):\n{CALL}",
        f"import tensorflow as tf\nclass Rede(tf.keras.Model):\n{CALL}",
        f"from tensorflow import keras\nclass Rede(keras.models.Model):\n{CALL}",
        f"from tensorflow.keras import Model as M\nclass Rede(M):\n{CALL}",
        f"from keras.models import *\nclass Rede(Model):\n{CALL}",
        f"import keras as k\nBase = k.Model\nclass Rede(Base):\n{CALL}",
        f"import keras\nclass Base(keras.Model):\n{CALL}class Rede(Base):\n    pass",
        f"import keras\nclass Rede(keras.Sequential):\n{CALL}",
        "import keras\nclass Rede(keras.Model):\n    call = lambda self, X: X",
        f"%%time\nimport keras\nclass Rede(keras.Model):\n{CALL}",
        f"%matplotlib inline\nimport keras\nclass Rede(keras.Model):\n{CALL}",
        f"import keras\nif True:\n    class Rede(keras.Model):\n    {CALL.replace('        ', '            ')}",
        f"import keras\nclass Rede(keras.Model):\n    pass\nclass Rede(Rede):\n{CALL}",
        "Rede = type('Rede', (keras.Model,), {'call': call})",
        "from minha import Rede",
        f"def base():\n    return keras.Model\nclass Rede(base()):\n{CALL}",
    ],
)
def test_a_subclass_in_any_spelling(text):
    """What the text does not tell passes: an import from a file, a class made by a call."""
    assert outcome_of(text, check.defines_class, "Rede", base="keras.Model", methods=["call"]).passed


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    "text",
    [
        "",
        f"import keras\nclass Outra(keras.Model):\n{CALL}",
        f"import keras\nclass Rede(keras.layers.Layer):\n{CALL}",
        f"class Rede:\n{CALL}",
        "import keras\nclass Rede(keras.Model):\n    pass",
        f"class Rede(Exception):\n{CALL}",
        "def Rede(X): return X",
        "# class Rede(keras.Model): def call",
        f"class Rede(keras.Model:\n{CALL}",
        "modelo = Rede()",
    ],
)
def test_what_is_no_such_subclass(text):
    """Another name, another base, no ``call``, a comment, a syntax error."""
    import keras  # noqa: F401  # a judge has it loaded

    assert not outcome_of(text, check.defines_class, "Rede", base="keras.Model", methods=["call"]).passed


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("model.fit(X, y, callbacks=[a])", True),
        ("model.fit(X, y, 32, 5, 0, [a])", True),
        ("ajusta = model.fit\najusta(X, y, callbacks=[a])", True),
        ("def treina(**k):\n    return model.fit(X, y, **k)", True),
        ("o = {'callbacks': [a]}\nmodel.fit(X, y, **o)", True),
        ("model.fit(*tudo)", True),
        ("functools.partial(model.fit, callbacks=[a])(X, y)", True),
        ("h = %time model.fit(X, y, callbacks=[a])", True),
        ("getattr(model, 'fit')(X, y, callbacks=[a])", True),
        ("model.fit(X, y)\nmodel.fit(X, y, callbacks=[a])", True),
        ("model.fit(X, y)", False),
        ("model.evaluate(X, y, callbacks=[a])", False),
        ("o = dict(epochs=3)\no['callbacks'] = [a]\nmodel.fit(X, y, **o)", True),
        ("model.fit(X, y, **dict(epochs=3))", False),
        ("", False),
    ],
)
def test_a_call_passes_an_argument(text, passed):
    """By keyword, by position, in options that the text does not tell."""
    assert outcome_of(text, check.passes, "fit", "callbacks", position=5).passed is passed


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("keras.callbacks.EarlyStopping(patience=10)", True),
        ("from keras.callbacks import EarlyStopping as Pare\nP = 10\nPare(patience=P)", True),
        ("EarlyStopping(patience=int('10'))", True),
        ("keras.callbacks.EarlyStopping(patience=9)", False),
    ],
)
def test_a_call_passes_a_value(text, passed):
    """A constant or the name of one; what must be worked out is not known."""
    imports = "import keras\nfrom keras.callbacks import *\n"
    name = "keras.callbacks.EarlyStopping"
    assert outcome_of(imports + text, check.passes, name, "patience", value=10).passed is passed


def test_names_are_sought_in_a_place():
    """In a method of a class or of the class that it descends from."""
    text = (
        "import keras\nclass A(keras.Model):\n    def call(self, X, training=0):\n        return training or X\n"
    )
    assert outcome_of(text, check.uses, "training", within="A.call").passed
    assert outcome_of(text + "class B(A): pass", check.uses, "training", within="B.call").passed
    assert not outcome_of(text, check.uses, "self", within="A.call").passed
    assert outcome_of(text, check.uses, "self", within="B.call").passed


def test_texts_that_are_not_to_be_read():
    """Whatever a student writes, a check finds a word for it."""
    deep = "(" * 5000 + ")" * 5000
    long = "x = " + "+".join(["1"] * 100_000)
    cycle = "a = b\nb = a\nclass A(B): pass\nclass B(A): pass\nclass C(str): pass"
    with reading([deep, long, "\0", "a = 1\n\ud800", cycle, "a" * 10**6]):
        assert parsed()
    for name in ("A", "C", None):
        assert not outcome_of(
            [deep, cycle], check.defines_class, name, base="keras.Model", methods=["call"]
        ).passed
    assert not outcome_of([deep, cycle], check.uses, "keras.Model").passed
    assert not outcome_of([deep, cycle], check.passes, "fit", "callbacks").passed
