"""What must hold while Keras builds a model out of a student's config: few variables, nothing global changed."""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from autograder.evidence.refusal import Refused
from autograder.messages import printable, tr

__all__ = ["keras_decides", "limited_variables", "unchanged_globals"]

#: Elements that no stored weight accounts for: the states of random generators.
SLACK = 4096
_patching = threading.RLock()


@contextmanager
def keras_decides() -> Iterator[None]:
    """Around one call into Keras with a student's values: whatever it raises, it will not have them.

    Raises:
        Refused: With code ``"rebuild"``.
    """
    try:
        yield
    except Refused:
        raise
    except Exception as error:
        reason = printable(f"{type(error).__name__}: {error}", 200)
        raise Refused("rebuild", tr("Keras cannot build this model: {reason}", reason=reason)) from error


@contextmanager
def limited_variables(elements: int) -> Iterator[None]:
    """Refuse variables of more than ``elements`` numbers in all, before they are allocated.

    Values are about to be put in, so floats start as zeros here, which is faster than drawing them. Keras catches
    exceptions of ``build`` in places; so an excess is remembered and raised at the end of the block as well.

    Raises:
        Refused: With code ``"weights"``.
    """
    from keras.src.backend.common.variables import Variable

    original = Variable.__init__
    allowed = elements + SLACK
    used = 0

    def counted(self: Any, initializer: Any, shape: Any = None, dtype: Any = None, **options: Any) -> None:
        nonlocal used
        made = isinstance(initializer, str) or callable(initializer)
        used += _elements(shape if made else np.shape(initializer))
        if used > allowed:
            raise _excess()
        if made and (dtype is None or "float" in str(dtype)):
            initializer = _zeros
        original(self, initializer, shape=shape, dtype=dtype, **options)

    with _patching:
        Variable.__init__ = counted
        try:
            yield
        except Exception as error:
            if used > allowed:
                raise _excess() from error
            raise
        finally:
            Variable.__init__ = original
        if used > allowed:
            raise _excess()


def _excess() -> Refused:
    return Refused("weights", tr("The architecture has more weights than were stored."))


@contextmanager
def unchanged_globals() -> Iterator[None]:
    """Keras' global settings are afterwards what they were before, and no custom class is known inside.

    Raises:
        Refused: With code ``"global-state"``: something changed one. It is as before all the same.
    """
    import keras
    from keras.src.backend.common import global_state
    from keras.src.saving import object_registration

    registries = (object_registration.GLOBAL_CUSTOM_OBJECTS, object_registration.GLOBAL_CUSTOM_NAMES)
    kept = [dict(registry) for registry in registries]
    unsafe = global_state.get_global_attribute("safe_mode_saving")
    policy = keras.config.dtype_policy()
    before = _settings()
    for registry in registries:
        registry.clear()
    try:
        with keras.saving.custom_object_scope({}):
            yield
    finally:
        changed = _settings() != before or any(registries)
        for registry, content in zip(registries, kept, strict=True):
            registry.clear()
            registry.update(content)
        keras.config.set_dtype_policy(policy)
        keras.config.set_floatx(before[1])
        keras.config.set_epsilon(before[2])
        keras.config.set_image_data_format(before[3])
        global_state.set_global_attribute("safe_mode_saving", unsafe)
    if changed:
        raise Refused("global-state", tr("The model changes settings of Keras."))


def _settings() -> tuple[Any, ...]:
    import keras

    config = keras.config
    return (
        config.dtype_policy().name,
        config.floatx(),
        config.epsilon(),
        config.image_data_format(),
        config.backend(),
    )


def _elements(shape: Any) -> int:
    return math.prod(int(size) for size in shape if size is not None) if shape is not None else 1


def _zeros(shape: Any, dtype: Any = None) -> Any:
    import keras

    return keras.ops.zeros(shape, dtype=dtype)
