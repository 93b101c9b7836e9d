"""Which data a text trains with: told apart only where it says so."""

import pytest

from autograder.check.fed import refuse_other_data
from autograder.check.guard import StudentFailure
from autograder.check.recorder import collecting
from autograder.check.training import trained
from autograder.check.written import reading

SPLITS = {"x": "X_train", "y": "y_train", "validation_data": ("X_valid", "y_valid")}


@pytest.mark.parametrize(
    "text",
    [
        "busca.search(X_train, y_train, validation_data=(X_valid, y_valid))",
        "busca.search(x=X_train, y=y_train, validation_data=[X_valid, y_valid])",
        "dados = (X_valid, y_valid)\nbusca.search(X_train, y_train, validation_data=dados)",
        "busca.search(X[:600], y[:600], validation_data=(X[600:], y[600:]))",
        "busca.search(**argumentos)",
        "busca.search(conjunto.batch(32))",
        "executa(busca, X_valid)",  # no such call: the text does not tell
        "outra.search(X_valid, y_valid)",
        "busca.search(X_valid, y_valid)\nbusca.search(X_train, y_train)",
        "X_train, X_valid = X_valid, X_train\nbusca.search(X_train, y_train)",
        "y_train = y_tr\nbusca.search(X_train, y_train, validation_split=0.1, validation_data=(X_valid, y_valid))",
        "busca.search(X_inteiro, y_inteiro, validation_split=0.1)",
        "busca.search(y_valid)\nbusca.search(X_train, outro(y_train))",  # as a scaler's fit: one argument
        "def f(X, y):\n    busca.search(X, y)\nf(X_train, y_train)\nX = X_valid",
        "for X, y in [(X_train, y_train)]:\n    busca.search(X, y)\nX = X_valid",
        "busca.search(X_train[::2], y_train[::2])",
        "def f(:",
    ],
)
def test_the_right_data_and_what_the_text_does_not_tell(text):
    """All ways of writing."""
    with reading([text]):
        refuse_other_data({"busca.search": SPLITS})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("busca.search(X_valid, y_valid, validation_data=(X_valid, y_valid))", "busca.search(x=X_valid)"),
        (
            "busca.search(X_train, y_train, validation_data=(X_train, y_train))",
            "busca.search(validation_data=(X_train, y_train))",
        ),
        ("busca.search(y_train, X_train, validation_data=(X_valid, y_valid))", "busca.search(x=y_train)"),
        ("X = X_valid\nbusca.search(X, y_train)", "busca.search(x=X_valid)"),
        ("busca.search(X_train)\nbusca.search(X_valid, y_valid)", "busca.search(x=X_valid)"),  # as a scaler's fit
        ("busca.search(X_train, y_train, validation_split=0.1)", "busca.search(validation_split=0.1)"),
        ("busca.search(X_train, y_train[::-1])", "busca.search(y=y_train[::-1])"),
    ],
)
def test_other_data(text, told):
    """Another split, or inputs for targets."""
    with reading([text]), pytest.raises(StudentFailure) as refused:
        refuse_other_data({"busca.search": SPLITS})
    assert told in str(refused.value)


def test_several_calls_and_nobody_who_knows_the_text():
    """Each call has its own data; outside of a notebook nothing is refused."""
    asked = {"fit": {"x": "X_train", "y": "y_train"}, "evaluate": {"x": "X_valid", "y": "y_valid"}}
    refuse_other_data(asked)
    with reading(["m.fit(X_train, y_train)\nm.evaluate(X_valid, y_valid)"]):
        refuse_other_data(asked)
    for text in (
        "m.fit(X_train, y_train)\nm.evaluate(X_train, y_train)",
        "def f():\n    m.evaluate(X_train, y_train)\n    X_valid",
    ):
        with reading([text]):  # out of curiosity
            refuse_other_data(asked)
    for text in ("m.fit(X_train, y_train)\n    m.evaluate(X_train, y_train)", "m.fit(X_train, y_train[::-1])"):
        with reading([f"def f():\n    {text}"]), pytest.raises(StudentFailure):
            refuse_other_data(asked)


@pytest.mark.parametrize(("given", "passed"), [("X_train, y_train", True), ("X_valid, y_valid", False)])
def test_a_history_of_a_training_on_other_data(given, passed):
    """Which the numbers do not show."""
    with collecting() as outcomes, reading([f"model.fit({given})"]):
        trained({"loss": [0.9, 0.5]}, data={"model.fit": SPLITS})
    assert outcomes[0].passed is passed


def test_other_variables_can_be_named():
    """Under an empty name; they are no calls of their own."""
    data = {"rede.fit": {"x": "X_few", "y": "y_few"}, "": {"x": "X_train", "y": "y_train"}}
    with reading(["outra.fit(X_valid, y_valid)\nrede.fit(X_few, y_few)"]):
        refuse_other_data(data)
    with reading(["rede.fit(X_train, y_train)"]), pytest.raises(StudentFailure, match="x=X_train"):
        refuse_other_data(data)
