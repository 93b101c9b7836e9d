"""Who is told how a run goes on."""

from typing import Protocol

from autograder.engine.item import Item

__all__ = ["Observer", "Silent"]


class Observer(Protocol):
    """Told how a run goes on; called in the event loop, so answers at once."""

    def began(self, item: Item, worker: str) -> None:
        """A worker has taken ``item``; also when it is tried again."""

    def cell(self, item: Item) -> None:
        """A cell of it has run."""

    def retried(self, item: Item, why: str) -> None:
        """It will be tried again, since the grader failed and not the answer."""


class Silent:
    """Tells nobody."""

    def began(self, item: Item, worker: str) -> None:
        """Nothing."""

    def cell(self, item: Item) -> None:
        """Nothing."""

    def retried(self, item: Item, why: str) -> None:
        """Nothing."""
