"""What the audit of a notebook asks: how large its bank must be, and which mutants may live.

It is in ``exemplars/<list>/<notebook>/audit.toml``. A mutant may live that is a right answer after all::

    [minimum]
    accepted = 8

    [[survivor]]
    cell = "architecture"
    change = "drop layers.Dense(20, activation='relu')"
    reason = "One hidden layer is enough: the question asks for one or more."
"""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from autograder.errors import UsageError
from autograder.toml_file import read_toml

__all__ = ["FILE", "Minimum", "Rules", "Survivor", "load_rules"]

FILE = "audit.toml"


class Survivor(BaseModel):
    """A mutant that may live."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cell: str = Field(min_length=1, description="the solution cell that is changed")
    change: str = Field(min_length=1, description="the change, as the audit calls it")
    reason: str = Field(min_length=20, description="why the answer is right with it")

    @property
    def key(self) -> tuple[str, str]:
        """What a mutant is matched by."""
        return self.cell, self.change


class Minimum(BaseModel):
    """How many exemplars there must be."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accepted: int = Field(8, ge=0)
    rejected: int = Field(10, ge=0)
    crashing: int = Field(2, ge=0)


class Rules(BaseModel):
    """The file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cell_cpu: float = Field(25.0, gt=0, description="CPU seconds that a cell of a mutant may use")
    minimum: Minimum = Minimum()
    survivor: tuple[Survivor, ...] = ()


def load_rules(path: Path) -> Rules:
    """Read the file; a missing one asks what is usual, and lets no mutant live.

    Raises:
        UsageError: It is not TOML, a field is missing, or a mutant is declared twice.
    """
    found = read_toml(path, Rules)
    keys = [s.key for s in found.survivor]
    for key in keys:
        if keys.count(key) > 1:
            raise UsageError(f"{path} declares {key[1]!r} in {key[0]!r} twice.")
    return found
