"""A class of twelve, whose figures can be worked out by hand."""

from datetime import UTC, datetime, timedelta

from sample_course import Course, report

from autograder.outcome import CellVerdict, Measure, NotebookReport, Outcome
from gradebook.records import Records, Student

__all__ = ["DUE", "MSE", "PASSED", "SECOND", "students", "write_class"]

DUE = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
#: By student: who passes the first test (of 3 points), the score of the second (of 4), and the error there.
PASSED = (1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 0, 0)
SECOND = (4.0, 4.0, 3.0, 3.0, 4.0, 2.0, 2.0, 1.0, 1.0, 0.0, 0.0, 0.0)
MSE = (0.30, 0.35, 0.50, 0.505, 0.40, 0.51, 0.55, 0.60, 0.70, 0.9, 1.2, 25.0)


def students() -> list[str]:
    """Their logins."""
    return [f"s{number:02}" for number in range(len(PASSED))]


def one(number: int) -> NotebookReport:
    """What the grader found of one of them."""
    measure = Measure("mse", MSE[number], 0.5, rises=False)
    passed = MSE[number] <= 0.5
    first = Outcome(
        "Três camadas densas", bool(PASSED[number]), float(PASSED[number]), expected="três",
        actual="três" if PASSED[number] else ("duas" if number % 2 else "nenhuma"),
    )  # fmt: skip
    second = Outcome("MSE de 0,5 ou menos", passed, float(passed), measure=measure)
    verdicts = (
        CellVerdict("test_model", 3.0, 3.0 * PASSED[number], outcomes=(first,)),
        CellVerdict("test_fit", 4.0, SECOND[number], outcomes=(second,)),
        CellVerdict("essay", 2.0, None, manual=True),
        CellVerdict("task", 1.0, None, manual=True),
    )
    return report(students()[number], verdicts=verdicts, seconds=float(number + 1), cpu_seconds=2.0 * (number + 1))


def write_class(course: Course, records: Records) -> None:
    """Record all of them; the last is an hour late, and ``zero`` handed in nothing."""
    records.enrol([Student("zero", "Zero", "à Esquerda")])
    for number in range(len(PASSED)):
        late = timedelta(hours=1) if number == len(PASSED) - 1 else -timedelta(hours=1)
        records.record(one(number), submitted_at=DUE + late)
