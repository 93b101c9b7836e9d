"""The check of a training history, with fakes in Keras's shape."""

from types import SimpleNamespace

import pandas as pd
import pytest

from autograder import check

GOOD = {"loss": [0.9, 0.5, 0.4], "val_loss": [0.8, 0.6, 0.5], "acc": [0.6, 0.7, 0.8]}


def record(series):
    """A ``keras.callbacks.History``."""
    return SimpleNamespace(history=series, epoch=list(range(len(series["loss"]))))


def outcome_of(history, **kwargs):
    with check.collecting() as outcomes:
        check.trained(history, **kwargs)
    (outcome,) = outcomes
    assert outcome.error is None
    return outcome


@pytest.mark.parametrize("history", [record(GOOD), GOOD, pd.DataFrame(GOOD)])
def test_a_history_a_dict_and_a_dataframe_are_the_same(history):
    """Lectures make a DataFrame of it."""
    assert outcome_of(history, epochs_at_least=3, metrics=("loss", "val_loss", "accuracy")).passed


@pytest.mark.parametrize("history", [None, 3, "loss", {"loss": 0.3}, {"loss": "0.3"}, {"loss": [None]}, []])
def test_what_is_no_history_fails(history):
    """Whatever its type."""
    assert not outcome_of(history).passed


def test_missing_series_and_epochs_are_named():
    """Expected and actual tell the difference."""
    assert outcome_of(GOOD, metrics=("val_accuracy",)).actual == "loss, val_loss, acc"
    short = outcome_of(GOOD, epochs_at_least=5)
    assert (short.expected, short.actual) == ("5 época(s) ou mais", "3 época(s)")


def test_improvement_is_asked_of_some_epoch_after_the_first():
    """A last epoch that is a little worse is no failure; a loss that only grows is."""
    assert outcome_of({"loss": [1.0, 0.5, 0.6]}).passed
    assert not outcome_of({"loss": [1.0, 1.1]}).passed
    assert outcome_of({"loss": [1.0, 1.1]}, improved=None).passed
    assert outcome_of({"loss": [1.0]}).passed
    assert outcome_of({"accuracy": [0.5, 0.6]}, metrics="accuracy", improved="accuracy").passed
    assert not outcome_of({"accuracy": [0.5, 0.4]}, metrics="accuracy", improved="accuracy").passed


def test_a_diverged_training_fails_with_a_hint():
    """NaN is not better than anything."""
    outcome = outcome_of({"loss": [1.0, float("nan")]})
    assert not outcome.passed
    assert "escalone" in outcome.hint


def trained_model(series=GOOD, iterations=30):
    return SimpleNamespace(
        history=record(series) if series else None, optimizer=SimpleNamespace(iterations=iterations)
    )


def test_a_dict_must_be_that_of_the_models_last_training():
    """Invented numbers are contradicted by the model's own record."""
    assert outcome_of(GOOD, model=trained_model()).passed
    assert outcome_of(record(GOOD), model=trained_model()).passed
    assert not outcome_of({"loss": [3.0, 2.0, 1.0]}, model=trained_model()).passed


def test_a_model_that_was_never_trained_has_no_history():
    """Its optimizer made no step."""
    assert not outcome_of(GOOD, model=trained_model(None, 0)).passed


def test_a_model_loaded_back_from_its_best_epoch_is_given_the_benefit():
    """``ModelCheckpoint`` and ``load_model`` leave a model without a record."""
    assert outcome_of(record(GOOD), model=trained_model(None, 0)).passed
    assert outcome_of(GOOD, model=SimpleNamespace(optimizer=None)).passed


def test_curves_are_published_up_to_where_they_diverge(monkeypatch):
    """JSON has no NaN."""
    from autograder.check import training

    seen = []
    monkeypatch.setattr(training, "publish", lambda mime, data, text: seen.append((mime, data)))
    outcome_of({"loss": [1.0, 0.5, float("inf"), 2.0]}, improved=None)
    assert seen == [("application/vnd.autograder.curves+json", {"loss": [1.0, 0.5]})]
