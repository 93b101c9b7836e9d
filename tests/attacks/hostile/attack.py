"""What an attack is: what is handed in, what success would be, and what the honest part of it deserves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from nbformat import NotebookNode

if TYPE_CHECKING:
    from hostile.course import Lab

__all__ = ["MARK", "Attack", "Proof", "Weak"]

#: In the name of everything that an attack plants: must not be found anywhere on the host afterwards.
MARK = "attack-was-here"

#: Tries the attack against a build without the defence; true where it succeeds, as it must.
Weak = Callable[["Attack", "Lab"], bool]
#: Looks for success that no score shows; what it found, or ``None``.
Proof = Callable[["Attack", "Lab"], str | None]


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    Args:
        name: Also the student's.
        family: One of those in ``catalogue.FAMILIES``.
        success: What it would be.
        weak: The weakened build in which it succeeds.
        answers: The hostile cells, by nbgrader id; all others are right answers.
        earned: What the test cells deserve that are not worth full marks.
        review: Test cells that the attack makes impossible to judge, so that a person has to look.
        edit: Changes the notebook that is handed in.
        files: Further files of the submission.
        arrange: Changes the folder of the submission, when everybody has handed in.
        proof: Looks for success in what no score shows.
    """

    name: str
    family: str
    success: str
    weak: Weak
    answers: Mapping[str, str] = field(default_factory=dict)
    earned: Mapping[str, float | None] = field(default_factory=dict)
    review: frozenset[str] = frozenset()
    edit: Callable[[NotebookNode], None] | None = None
    files: Mapping[str, bytes] = field(default_factory=dict)
    arrange: Callable[[Path], None] | None = None
    proof: Proof | None = None
