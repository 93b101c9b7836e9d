"""The file ``policies.toml`` at the root of a course: what becomes of the points of each list.

[default]                 # every list; a list of its own table says only what differs
scale = 10
late = { lose = 0.1, every = "1d", grace = "15min", most = 0.5 }

[lista12]
drop_lowest = 1
bonus = ["09_diretrizes"]
weights = { 08_otimizacao_hiperparametrica = 2 }
extensions = { ana = "2d" }
groups = { dupla1 = ["bruno", "caio"] }
"""

import re
import tomllib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from autograder.errors import UsageError

__all__ = ["FILE", "Late", "Policy", "read_policy"]

FILE = "policies.toml"
_UNITS = {"d": 86400, "h": 3600, "min": 60}


def _duration(value: object) -> timedelta:
    """``"2d"``, ``"36h"``, ``"1d 12h"`` or ``"15min"``."""
    parts = re.findall(r"(\d+)\s*(d|h|min)\b", value) if isinstance(value, str) else []
    if not parts or re.sub(r"(\d+)\s*(d|h|min)\b", "", str(value)).strip():
        raise ValueError(f'{value!r} is no duration: write "2d", "36h" or "15min"')
    return timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))


Duration = Annotated[timedelta, BeforeValidator(_duration)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Late(_Part):
    """What is lost by handing in late.

    Args:
        lose: Share of the points that each begun period costs.
        every: A period.
        grace: This late is in time.
        most: The largest share that is lost.
        none_after: Later than this nothing counts.
    """

    lose: float = Field(ge=0, le=1)
    every: Duration = timedelta(days=1)
    grace: Duration = timedelta(0)
    most: float = Field(1.0, ge=0, le=1)
    none_after: Duration | None = None

    @field_validator("every")
    @classmethod
    def _some(cls, value: timedelta) -> timedelta:
        if not value:
            raise ValueError("a period is longer than nothing")
        return value


class Policy(_Part):
    """What becomes of the points of one list.

    Args:
        submission: Which one counts: the last, or the one with most points after what lateness costs.
        late: What is lost by handing in late; ``None`` for nothing.
        drop_lowest: How many notebooks are left out of each student's total: those without which it is highest.
        weights: By notebook; 1 where nothing is said.
        bonus: Notebooks whose points are added, and not asked for.
        extensions: More time, by student.
        groups: Students who hand in together, by the group's name.
        scale: What full points are called; ``None`` for the sum of the points.
    """

    submission: Literal["last", "best"] = "last"
    late: Late | None = None
    drop_lowest: int = Field(0, ge=0)
    weights: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    bonus: tuple[str, ...] = ()
    extensions: dict[str, Duration] = Field(default_factory=dict)
    groups: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    scale: float | None = Field(None, gt=0)

    @field_validator("groups")
    @classmethod
    def _once(cls, groups: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        members = [student for group in groups.values() for student in group]
        twice = sorted({student for student in members if members.count(student) > 1})
        if twice:
            raise ValueError(f"in two groups: {', '.join(twice)}")
        return groups


def read_policy(course: Path, assignment: str, notebooks: Sequence[str]) -> Policy:
    """What the course's ``policies.toml`` says of a list; without the file, plain sums.

    Args:
        course: Root of the course.
        assignment: The list.
        notebooks: Its notebooks: names that are none of them are refused.

    Raises:
        UsageError: The file cannot be used; says which field, and why.
    """
    path = course / FILE
    try:
        tables: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Policy()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
    wrong = [name for name, table in tables.items() if not isinstance(table, dict)]
    if wrong:
        raise UsageError(
            f"{path}: {', '.join(wrong)} stands before every table.", f"Put it below [default] or [{assignment}]."
        )
    try:
        policy = Policy.model_validate({**tables.get("default", {}), **tables.get(assignment, {})})
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise UsageError(f"{path}, of {assignment}: " + "; ".join(lines)) from error
    strange = sorted({*policy.weights, *policy.bonus} - set(notebooks))
    if strange:
        raise UsageError(
            f"{path}: {assignment} has no notebook {', '.join(strange)}.", f"It has: {', '.join(notebooks)}."
        )
    if policy.drop_lowest >= len(set(notebooks) - set(policy.bonus)):
        raise UsageError(f"{path}: drop_lowest = {policy.drop_lowest} leaves no notebook of {assignment}.")
    return policy
