"""The words in which a test cell asks for an architecture.

A list of specs is matched against a chain of layers as a regular expression is against letters:

===========================  ==================================================================
``"Flatten"``                that layer
``"Dense"``                  that layer, with any number of units and any activation
``"Dense(relu)"``            … with this activation (``linear``: none)
``"Dense(300, relu)"``       … and so many units
``"Dense(10, softmax|linear)"``  one of these
``"Dense(nonlinear)"``       any activation but ``linear``
``"Dense(nonlinear)+"``      one or more of these; ``*`` any number, ``?`` one or none
``"..."``                    any layers, or none
===========================  ==================================================================
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from autograder.check.chain import Step

__all__ = ["LayerSpec", "matches", "parse"]

_SPEC = re.compile(r"(?P<kind>[A-Za-z]\w*)(\((?P<given>[^()]*)\))?(?P<repeat>[+*?]?)")


@dataclass(frozen=True)
class LayerSpec:
    """One parsed spec. ``kind`` ``None`` stands for any layer; empty alternatives for anything."""

    kind: str | None
    units: frozenset[int] = frozenset()
    activations: frozenset[str] = frozenset()
    least: int = 1
    most: int | None = 1

    def accepts(self, step: Step) -> bool:
        """Whether one step is what the spec asks for."""
        if self.kind is None:
            return True
        if step.kind != self.kind or (self.units and step.units not in self.units):
            return False
        if not self.activations or step.activation in self.activations:
            return True
        return "nonlinear" in self.activations and step.activation not in (None, "linear")


def parse(text: str) -> LayerSpec:
    """Read one spec.

    Raises:
        ValueError: It is not of the language above: a mistake of the test's author.

    Example:
        >>> parse("Dense(10, softmax)").units
        frozenset({10})
    """
    text = text.strip()
    if text == "...":
        return LayerSpec(None, least=0, most=None)
    found = _SPEC.fullmatch(text)
    if found is None:
        raise ValueError(f"not a layer spec: {text!r}")
    units: set[int] = set()
    activations: set[str] = set()
    for part in (found["given"] or "").split(","):
        words = {word.strip() for word in part.split("|")} - {""}
        numbers = {int(word) for word in words if word.isdigit()}
        if numbers and len(numbers) != len(words):
            raise ValueError(f"units and activations are mixed in {text!r}")
        units |= numbers
        activations |= words if not numbers else set()
    least = 0 if found["repeat"] in ("*", "?") and found["repeat"] else 1
    most = None if found["repeat"] in ("+", "*") and found["repeat"] else 1
    return LayerSpec(found["kind"], frozenset(units), frozenset(activations), least, most)


def matches(specs: Sequence[LayerSpec], steps: Sequence[Step]) -> bool:
    """Whether the steps are, from the first to the last, what the specs ask for."""
    if not specs:
        return not steps
    first, rest = specs[0], specs[1:]
    most = len(steps) if first.most is None else min(first.most, len(steps))
    for count in range(most + 1):
        if count and not first.accepts(steps[count - 1]):
            return False
        if count >= first.least and matches(rest, steps[count:]):
            return True
    return False
