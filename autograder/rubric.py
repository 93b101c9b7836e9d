"""How a person marks an answer: criteria, each with levels from best to worst.

Kept in ``assignments/<list>.toml``, where teachers read and change it beside the notebooks::

    [[rubrics.03_api_funcional.essay.criteria]]
    title = "Para que servem duas saídas"
    levels = [
        { points = 1.0, text = "Regularização, com um exemplo" },
        { points = 0.5, text = "Regularização, sem exemplo" },
        { points = 0.0, text = "Outra coisa, ou nada" },
    ]
"""

from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

__all__ = ["Criterion", "Level", "Rubric"]


class Level(BaseModel):
    """What an answer of this level says, and what it earns."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    points: float = Field(ge=0, allow_inf_nan=False)
    text: str = Field(min_length=1)


def _from_best_to_nothing(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    points = [level.points for level in levels]
    if any(later >= earlier for earlier, later in pairwise(points)) or points[-1] != 0:
        raise ValueError(f"levels go from the best down to 0 points, each below the one before (here: {points})")
    return levels


class Criterion(BaseModel):
    """One thing that is looked for in an answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str = Field(min_length=1)
    levels: Annotated[tuple[Level, ...], Field(min_length=2), AfterValidator(_from_best_to_nothing)]

    @property
    def points(self) -> float:
        """What the best level earns."""
        return self.levels[0].points


class Rubric(BaseModel):
    """The criteria of one question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    criteria: tuple[Criterion, ...] = Field(min_length=1)

    @property
    def points(self) -> float:
        """What an answer of the best level in every criterion earns."""
        return sum(criterion.points for criterion in self.criteria)
