"""The check of where a model was created: under which strategy of ``tf.distribute``."""

from collections.abc import Iterable
from typing import Any

from autograder.check.guard import Finding, StudentFailure, conclude, student_code
from autograder.messages import tr

__all__ = ["distributed"]


def distributed(
    model: Any,
    *,
    strategy: str | Iterable[str] | None = None,
    replicas: int | None = None,
    title: str | None = None,
    hint: str | None = None,
    weight: float = 1.0,
) -> None:
    """Check that a Keras model was created inside ``strategy.scope()``.

    Args:
        model: The student's model.
        strategy: Name of the strategy's class; several names mean any of them; any strategy when ``None``.
        replicas: How many copies of the model work at once; any number when ``None``.
        title: What is checked, as the student reads it.
        hint: How to mend it.
        weight: The check's share of the cell's points.

    Example:
        >>> import keras
        >>> from autograder.check.recorder import collecting
        >>> model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
        >>> with collecting() as outcomes:
        ...     distributed(model)
        >>> outcomes[0].actual
        'um modelo criado sem estratégia'
    """
    names = (strategy,) if isinstance(strategy, str) else tuple(strategy or ())

    def body() -> Finding:
        import keras

        expected = tr("a model created inside strategy.scope()")
        if names:
            expected += f" ({tr(' or ').join(names)})"
        if replicas is not None:
            expected += ", " + tr("{count} replicas", count=replicas)
        if not isinstance(model, keras.Model):
            raise StudentFailure(tr("an object of type {type}", type=type(model).__name__), expected=expected)
        name, count = _strategy(model)
        if name is None:
            return Finding(False, expected, tr("a model created without a strategy"))
        found = f"{name}, " + tr("{count} replicas", count=count)
        return Finding((not names or name in names) and replicas in (None, count), expected, found)

    conclude(body, title=title or tr("Model of a distribution strategy"), weight=weight, hint=hint)


def _strategy(model: Any) -> tuple[str | None, int]:
    """Class and replicas of a model's strategy; ``None`` for TensorFlow's default."""
    told = getattr(model, "__dict__", {}).get("_autograder_strategy", False)  # set where the model is evidence
    with student_code():
        if told is not False:
            return (str(told["name"])[:80], int(told["replicas"])) if isinstance(told, dict) else (None, 1)
        found = getattr(model, "distribute_strategy", None)
        if found is None or type(found).__name__ == "_DefaultDistributionStrategy":
            return None, 1
        return type(found).__name__, int(found.num_replicas_in_sync)
