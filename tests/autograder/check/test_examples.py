"""The examples in the docstrings of the checks are true."""

import doctest
import importlib
from pathlib import Path

import pytest

import autograder
from autograder import check

PACKAGE = Path(autograder.__file__).parent
#: Modules with examples, as ``check.saving``; those that need TensorFlow say so in their examples.
MODULES = sorted(
    ".".join(path.relative_to(PACKAGE).with_suffix("").parts)
    for path in (*PACKAGE.glob("check/*.py"), PACKAGE / "holdout.py")
    if ">>> " in path.read_text(encoding="utf-8") and path.stem != "__init__"
)
HEAVY = ("import keras", "import tensorflow", "keras_tuner", "optuna")


def heavy(name: str) -> bool:
    text = (PACKAGE / f"{name.replace('.', '/')}.py").read_text(encoding="utf-8")
    return any(f">>> {word}" in text or f">>> from {word}" in text for word in HEAVY)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.tensorflow] if heavy(n) else []) for n in MODULES]
)
def test_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    failures, tried = doctest.testmod(importlib.import_module(f"autograder.{name}"))
    assert tried > 0
    assert failures == 0


def test_every_public_check_has_an_example():
    """Whoever writes a test cell finds one to copy."""
    for name in set(check.__all__) - {"CheckFailed", "record"}:
        assert ">>> " in (getattr(check, name).__doc__ or ""), name
