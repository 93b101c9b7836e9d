"""Where submissions run: sanitise, run in a sandbox, judge; several at once on this machine."""

from autograder.engine.admission import Past, Used
from autograder.engine.course import Course
from autograder.engine.grading import Graded
from autograder.engine.item import Item, items_of
from autograder.engine.local import grade_all
from autograder.engine.observer import Observer, Silent
from autograder.engine.ran_on import RanOn, ran_on, recorded

__all__ = [
    "Course",
    "Graded",
    "Item",
    "Observer",
    "Past",
    "RanOn",
    "Silent",
    "Used",
    "grade_all",
    "items_of",
    "ran_on",
    "recorded",
]
