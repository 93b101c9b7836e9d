"""The examples in the docstrings of the checks are true."""

import doctest
import importlib

import pytest


def run_examples(name):
    module = importlib.import_module(f"autograder.{name}")
    failures, tried = doctest.testmod(module)
    assert tried > 0
    assert failures == 0


@pytest.mark.parametrize(
    "name",
    [
        "check.general",
        "check.layerspec",
        "check.losses",
        "check.performance",
        "check.recorder",
        "check.training",
        "holdout",
    ],
)
def test_examples_without_keras(name):
    """Each public check has one."""
    run_examples(name)


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    "name",
    [
        "check.alike",
        "check.architecture",
        "check.compilation",
        "check.reuse",
        "check.saving",
        "check.size",
        "check.stopping",
    ],
)
def test_examples_with_keras(name, tmp_path, monkeypatch):
    """Each public check has one."""
    monkeypatch.chdir(tmp_path)
    run_examples(name)


def test_every_public_check_has_an_example():
    """Whoever writes a test cell finds one to copy."""
    from autograder import check

    for name in set(check.__all__) - {"CheckFailed", "record"}:
        assert ">>>" in (getattr(check, name).__doc__ or ""), name
