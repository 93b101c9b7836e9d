"""Where submissions run: sanitise, run in a sandbox, judge; several at once on this machine."""

from autograder.engine.course import Course
from autograder.engine.grading import Graded
from autograder.engine.item import Item, items_of
from autograder.engine.local import grade_all

__all__ = ["Course", "Graded", "Item", "grade_all", "items_of"]
