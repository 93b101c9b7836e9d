"""A Keras model with branches as a list of calls, in one spelling for all the ways to write it.

Each call of a layer has the calls that it takes its inputs from; ``read_graph`` makes them of a model. What is
asked of a graph is asked of its paths: how many hidden layers lie on them, where outputs branch off, which layer
is called where.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from autograder.check.chain import TRANSPARENT, Step
from autograder.check.guard import StudentFailure
from autograder.messages import tr

__all__ = ["Call", "Graph", "Port", "Shape", "Which", "find_port"]

Shape = tuple[int | None, ...]
#: An input or output: its place, its shape or its name. A list: the first of these that is there.
Which = int | str | Shape | list[Any]
#: Nobody asks for a path with more hidden layers: they are not counted on.
_MAX_HIDDEN = 100


@dataclass(frozen=True)
class Call:
    """One call of a layer.

    Args:
        step: The layer, as a step of a chain.
        layer: The layer's number: two calls of one layer have the same.
        parents: The numbers of the calls whose results it takes; smaller than its own.
        parameters: How many numbers the layer's weights have.
    """

    step: Step
    layer: int
    parents: tuple[int, ...] = ()
    parameters: int = 0

    @property
    def weighted(self) -> bool:
        """Whether the layer computes with weights (normalisation does not count)."""
        return self.step.units is not None or (self.parameters > 0 and not self.passes)

    @property
    def passes(self) -> bool:
        """Whether the layer changes nothing of the task."""
        return self.step.kind in TRANSPARENT

    @property
    def nonlinear(self) -> bool:
        """Whether the layer applies a function that is not linear; of a layer of the student's own: yes."""
        return self.step.activation != "linear" and (self.weighted or self.step.activation is not None)


@dataclass(frozen=True)
class Port:
    """An input or output: the names it goes by, its shape without the batch, and its call."""

    names: tuple[str, ...]
    shape: tuple[int | None, ...]
    call: int

    def __str__(self) -> str:
        return f"{self.names[0] if self.names else '?'} {self.shape}"


@dataclass(frozen=True)
class Graph:
    """A model: its calls, parents first, and which of them are its inputs and outputs."""

    calls: tuple[Call, ...]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]

    def sources(self) -> list[frozenset[int]]:
        """For each call, the numbers of the inputs that reach it."""
        own = {port.call: frozenset({number}) for number, port in enumerate(self.inputs)}
        found: list[frozenset[int]] = []
        for number, call in enumerate(self.calls):
            reached = own.get(number, frozenset())
            found.append(reached.union(*(found[parent] for parent in call.parents)))
        return found

    def hidden(self, source: Port, target: Port) -> set[int]:
        """How many hidden layers lie on the paths from an input to an output: one number a kind of path.

        A hidden layer has weights and a nonlinear activation, its own or one that follows it, and another layer
        with weights comes after it. -1 stands for a path without any layer that has weights.
        """
        states: list[set[tuple[int, int]]] = []  # of each call: (hidden layers, the last layer's kind)
        for number, call in enumerate(self.calls):
            before = {(0, 0)} if number == source.call else {s for p in call.parents for s in states[p]}
            states.append({_after(call, *state) for state in before})
        return {count if kind else -1 for count, kind in states[target.call]}

    def last_hidden(self, target: Port) -> set[int]:
        """The numbers of the layers that an output's own layer takes its inputs from: the last hidden ones."""
        found: set[int] = set()
        # A call, whether the output's own layer is passed, and whether an activation is since.
        waiting = [(target.call, False, False)]
        seen = set(waiting)
        while waiting:
            number, passed, activated = waiting.pop()
            call = self.calls[number]
            if passed and call.weighted and (activated or call.nonlinear):
                found.add(call.layer)
                continue
            following = (passed or call.weighted, passed and not call.weighted and (activated or call.nonlinear))
            for parent in call.parents:
                state = (parent, *following)
                if state not in seen:
                    seen.add(state)
                    waiting.append(state)
        return found

    def output_activation(self, target: Port) -> str:
        """The function that an output ends with."""
        number = target.call
        while True:
            call = self.calls[number]
            if call.step.activation not in (None, "linear") or call.weighted or len(call.parents) != 1:
                return call.step.activation or "linear"
            number = call.parents[0]

    def folded(self) -> Iterator[tuple[int, Call]]:
        """The calls, a linear layer with the activation that follows all its results."""
        children: dict[int, list[int]] = {}
        for number, call in enumerate(self.calls):
            for parent in call.parents:
                children.setdefault(parent, []).append(number)
        for number, call in enumerate(self.calls):
            if call.step.activation == "linear" and call.weighted:
                names = self._activations_after(number, children)
                if len(names) == 1:
                    call = replace(call, step=replace(call.step, activation=names.pop()))
            yield number, call

    def _activations_after(self, number: int, children: Mapping[int, Sequence[int]]) -> set[str]:
        found: set[str] = set()
        waiting, seen = list(children.get(number, ())), set()
        if not waiting:
            return {"linear"}
        while waiting:
            following = waiting.pop()
            if following in seen:
                continue
            seen.add(following)
            call = self.calls[following]
            if call.step.kind == "Activation" and call.step.activation is not None:
                found.add(call.step.activation)
            elif call.passes and len(call.parents) == 1 and following in children:
                waiting.extend(children[following])
            else:
                found.add("linear")
        return found


def find_port(ports: Sequence[Port], which: Which) -> Port:
    """The input or output that is meant.

    Raises:
        StudentFailure: There is none, or there are several.
    """
    for one in which if isinstance(which, list) else [which]:
        if isinstance(one, int):
            found = list(ports[one : one + 1])
        elif isinstance(one, str):
            found = [port for port in ports if one in port.names]
        else:
            found = [port for port in ports if port.shape == tuple(one)]
        if len(found) == 1:
            return found[0]
    raise StudentFailure(
        ", ".join(map(str, ports)) or tr("none"),
        expected=tr("an input or output {which}, and only one", which=which),
    )


def _after(call: Call, count: int, kind: int) -> tuple[int, int]:
    """The state of a path behind a call: 0 no layer with weights yet, 1 a linear one last, 2 a nonlinear one."""
    if call.weighted:
        return min(count + (kind == 2), _MAX_HIDDEN), 2 if call.nonlinear else 1
    return (count, 2) if kind == 1 and call.nonlinear else (count, kind)
