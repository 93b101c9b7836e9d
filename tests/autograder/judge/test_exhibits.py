"""What may be relied on of exhibits and prints of models, on their way from a judged cell to a report."""

import json
from hashlib import sha256

import numpy as np
from nbformat import from_dict

from autograder.check.chain import Chain, Step
from autograder.check.drawn import draw_chain
from autograder.check.mistakes import confusion, residuals, show_errors
from autograder.check.recorder import EXHIBIT_MIME, collecting, reporting_to, show
from autograder.exhibit import Board, Confusion, Series
from autograder.holdout import fashion_mnist
from autograder.judge.exhibits import MODEL_MIME, exhibits_of, models_of, print_of, print_to_json
from autograder.judge.tape import Tape

PAIR = Confusion("Acurácia", ("a", "b"), ((3, 1), (0, 4)))


def published(*pairs: tuple[str, object]) -> object:
    """A cell with these outputs."""
    outputs = [{"output_type": "display_data", "metadata": {}, "data": {mime: data}} for mime, data in pairs]
    return from_dict({"outputs": outputs})


def test_what_checks_show_reaches_the_report_once() -> None:
    """The same thing shown by two checks is kept once, with its cell; nonsense is left out."""
    tape = Tape()
    with reporting_to(tape):
        show(PAIR)
        show(PAIR)
    cell = from_dict({"outputs": tape.outputs})
    (found,) = exhibits_of([("test", cell), ("test", published((EXHIBIT_MIME, {"kind": "Confusion"})))])
    assert found == Confusion(PAIR.title, PAIR.classes, PAIR.counts, "test")


def test_what_is_shown_takes_no_outcomes_place() -> None:
    """A flood of exhibits ends; lines for people are kept beside it."""
    tape = Tape()
    with reporting_to(tape):
        for _ in range(500):
            show(PAIR)
        for number in range(150):
            tape.publish("text/x-ours", {"number": number}, "a line")
    assert sum("text/x-ours" in output["data"] for output in tape.outputs) == 150
    assert len(tape.outputs) < 250


def test_names_of_any_length_are_cut_before_they_are_handed_on() -> None:
    """Names of classes are the student's: long ones would not fit a message, and the judge would have failed."""
    tape = Tape()
    with reporting_to(tape):
        draw_chain("Rede", Chain((Step("A" * 1_000_000),) * 10, (8,)), ["Dense"], (8,), fits=False)
        show(Board("logs", (Series("t" * 1_000_000, (0, 2**63), (0.0, 1.0)),)))  # a step that no page draws
    assert len(tape.outputs) == 1
    assert len(json.dumps(tape.outputs)) < 10_000


def test_a_long_architecture_is_not_drawn() -> None:
    """A test may ask for more layers than a drawing has; its check goes on."""
    tape = Tape()
    with reporting_to(tape):
        draw_chain("Rede", Chain((Step("Dense"),), (8,)), ["Dense"] * 100, (8,), fits=False)
    assert tape.outputs == []


def test_answers_that_are_no_class_get_no_matrix() -> None:
    """Who answers 1000 for all examples but one would read that one's label in the matrix."""
    truth = np.arange(1000) % 10
    answers = np.full(1000, 3, dtype=np.int16)
    tape = Tape()
    with reporting_to(tape):
        show_errors(fashion_mnist(), "accuracy", answers, truth, "Acurácia")
        answers[1:] = 1000
        show_errors(fashion_mnist(), "accuracy", answers, truth, "Acurácia")
    assert len(tape.outputs) == 1


def test_outside_the_judge_nothing_is_shown() -> None:
    """A student's own JupyterLab, and tests that collect outcomes, get no exhibit."""
    tape = Tape()
    show(PAIR)
    with reporting_to(tape), collecting():
        show(PAIR)
    assert tape.outputs == []


def test_prints_tell_models_apart() -> None:
    """The same weights have the same digest; almost the same point the same way; others do not."""
    draw = np.random.default_rng(0)
    weights = [draw.normal(size=(784, 100)), draw.normal(size=100)]
    one, same = print_of("model", weights), print_of("other", [w.copy() for w in weights])
    near, far = (
        print_of("near", [w + 0.001 for w in weights]),
        print_of("far", [draw.normal(size=(784, 100)), weights[1]]),
    )
    assert one is not None
    assert same is not None
    assert near is not None
    assert far is not None
    assert one.digest == same.digest != near.digest
    assert np.dot(one.sketch, near.sketch) > 0.999
    assert abs(np.dot(one.sketch, far.sketch)) < 0.6
    assert one.parameters == 78500
    assert models_of([("t", published((MODEL_MIME, print_to_json(one)), (MODEL_MIME, {})))]) == (one,)


def test_models_without_sound_weights_have_no_print() -> None:
    """No weights, only zeros, or numbers that are none."""
    assert print_of("m", []) is None
    assert print_of("m", [np.zeros(3)]) is None
    assert print_of("m", [np.array([1.0, np.nan])]) is None
    assert print_of("m", [np.array([1.0]), np.array([1e300])]) is None
    assert print_of("m", [np.array([1.0]), np.array(["a word"])]) is None


def test_a_print_is_of_all_weights_together() -> None:
    """Pieces in which they are read, and arrays in which they come, change nothing but the last digit."""
    weights = np.random.default_rng(0).normal(size=600_000).astype("<f4")
    one, other = print_of("m", [weights]), print_of("m", np.split(weights, [7, 300_001]))
    assert one is not None
    assert other is not None
    assert one.digest == other.digest == sha256(weights.tobytes()).hexdigest()
    assert one.parameters == other.parameters == 600_000
    assert np.allclose(one.sketch, other.sketch, atol=2e-5)


def test_a_confusion_matrix_by_hand() -> None:
    """Rows are the right classes, columns the answers; an answer that is no class is left out."""
    data = fashion_mnist(classes=(5, 6))
    found = confusion(data, np.array([0, 1, 1, 1, 7]), np.array([0, 0, 1, 1, 1]), "Pares")
    assert found == Confusion("Pares", ("Sandal", "Shirt"), ((1, 1), (0, 2)))


def test_residuals_by_hand() -> None:
    """Prediction minus truth; bands run from small targets to large ones; extremes are in the outermost bins."""
    truth = np.arange(100.0)
    off = np.where(truth < 50, 1.0, -1.0)
    off[99] = -1000.0
    found = residuals(truth + off, truth, "MSE", "US$")
    assert sum(found.counts) == 100
    assert found.bands[0] == (19.0, 1.0)
    assert found.bands[3] == (79.0, -1.0)
    assert sum(found.counts[:12]) == 50
