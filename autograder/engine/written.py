"""The text that a student wrote, by place: tests may ask about it.

It is taken from the notebook that was handed in, never from the kernel, where student code could change it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from autograder.assignment import Template
from autograder.notebook import grade_id_of
from autograder.sanitise import Sanitised

__all__ = ["Written", "written_in"]


@dataclass(frozen=True)
class Written:
    """The code cells of a notebook that are the student's.

    Args:
        cells: Their texts by position.
        position: Where each of the instructor's cells is, by nbgrader id.
    """

    cells: Mapping[int, str] = field(default_factory=dict)
    position: Mapping[str, int] = field(default_factory=dict)

    def before(self, identity: str | None) -> tuple[str, ...]:
        """The texts before one of the instructor's cells, in order; all of them for ``None``."""
        end = None if identity is None else self.position[identity]
        return tuple(text for place, text in sorted(self.cells.items()) if end is None or place < end)


def written_in(clean: Sanitised, template: Template) -> Written:
    """The student's part of a notebook: answers, cells of their own, and imports that they may edit."""
    cells: dict[int, str] = {}
    for place, cell in enumerate(clean.notebook.cells):
        known = template.by_id.get(grade_id_of(cell) or "")
        if cell.cell_type == "code" and not (known is not None and known.locked):
            cells[place] = cell.source
    return Written(cells, clean.position)
