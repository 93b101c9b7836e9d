"""The mutants that may live: changes of a reference solution that are right answers after all.

They are declared in ``exemplars/<list>/<notebook>/survivors.toml``, each with its reason::

    [[survivor]]
    cell = "architecture"
    change = "drop layers.Dense(20, activation='relu')"
    reason = "One hidden layer is enough: the question asks for one or more."
"""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from autograder.errors import UsageError

__all__ = ["FILE", "Survivor", "Survivors", "load_survivors"]

FILE = "survivors.toml"


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


class Survivors(BaseModel):
    """The file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cell_cpu: float = Field(25.0, gt=0, description="CPU seconds that a cell of a mutant may use")
    survivor: tuple[Survivor, ...] = ()


def load_survivors(path: Path) -> Survivors:
    """Read the file; a missing one declares none.

    Raises:
        UsageError: It is not TOML, a field is missing, or a mutant is declared twice.
    """
    if not path.exists():
        return Survivors()
    try:
        found = Survivors.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path}: {where}: {first['msg']}.", f"Got {first['input']!r}.") from error
    keys = [s.key for s in found.survivor]
    for key in keys:
        if keys.count(key) > 1:
            raise UsageError(f"{path} declares {key[1]!r} in {key[0]!r} twice.")
    return found
