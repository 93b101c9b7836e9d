"""Who is told how a run goes on: a progress bar, say."""

from typing import Protocol

from autograder.engine.item import Item

__all__ = ["Observer", "Silent"]


class Observer(Protocol):
    """Told how a run goes on."""

    def began(self, item: Item, worker: str) -> None:
        """``worker`` has begun with ``item``."""

    def cell(self, item: Item) -> None:
        """A cell of it has run."""

    def retried(self, item: Item, why: str) -> None:
        """It begins anew, for a reason that is not the student's."""


class Silent:
    """An observer that does nothing."""

    def began(self, item: Item, worker: str) -> None:
        """Nothing."""

    def cell(self, item: Item) -> None:
        """Nothing."""

    def retried(self, item: Item, why: str) -> None:
        """Nothing."""
