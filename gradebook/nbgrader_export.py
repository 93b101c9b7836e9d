"""The exports as plugins of nbgrader: ``nbgrader export --exporter=gradebook.nbgrader_export.Moodle``."""

from pathlib import Path
from typing import Any

from nbgrader.plugins import ExportPlugin

from autograder.errors import UsageError
from gradebook.exports.formats import write_export
from gradebook.frames import grades

__all__ = ["Canvas", "Csv", "Json", "Moodle", "Xlsx"]


class _Export(ExportPlugin):  # type: ignore[misc]
    """One list, after the course's ``policies.toml``."""

    _format = ""

    def export(self, gradebook: Any) -> None:
        """Write ``--to``, or ``exports/<list>`` of the course.

        Args:
            gradebook: nbgrader's, open.

        Raises:
            UsageError: Students were chosen, or not exactly one list where the course has several.
        """
        if self.student:
            raise UsageError("These exports are of the whole class.", "Leave --student out.")
        names = [str(name) for name in self.assignment] or [one.name for one in gradebook.assignments]
        if len(names) != 1:
            known = ", ".join(names) or "none"
            raise UsageError(f"One list at a time; there are: {known}.", "Say --assignment \"['lista12']\".")
        course = Path(self.parent.coursedir.root)
        found = grades(names[0], course=course, db=self.parent.coursedir.db_url)
        target = write_export(found, self._format, course, Path(self.to) if self.to else None)
        self.log.info("Grades of %s: %s", names[0], target)


class Csv(_Export):
    """For spreadsheets."""

    _format = "csv"


class Xlsx(_Export):
    """A workbook."""

    _format = "xlsx"


class Json(_Export):
    """For programs."""

    _format = "json"


class Moodle(_Export):
    """For Moodle's import of grades."""

    _format = "moodle"


class Canvas(_Export):
    """For Canvas's import of grades."""

    _format = "canvas"
