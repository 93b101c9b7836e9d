"""Feedback that goes out often and by itself: without numbers measured on held-out data, and without the class."""

from dataclasses import replace

from sample_course import Course, report
from test_feedback_pictures import LOGS, MIXED, OFF

from autograder.outcome import CellVerdict, Curve, Measure, Outcome
from gradebook.feedback.measured import without_measures
from gradebook.feedback.write import write_all
from gradebook.records import Records

MEASURED = Outcome(
    "Acurácia em dados nunca vistos", False, 0.5, expected="acurácia ≥ 85.0%", actual="acurácia = 81.7%",
    hint="Normalizou os pixels?", measure=Measure("accuracy", 0.817, 0.85, rises=True),
)  # fmt: skip
PLAIN = Outcome("Saída", False, 0.0, expected="linear", actual="sigmoid")


def graded(student: str = "ana") -> object:
    model, fit, *rest = report().verdicts
    verdicts = (replace(model, outcomes=(PLAIN,)), replace(fit, outcomes=(MEASURED,)), *rest)
    return report(student, verdicts=verdicts, exhibits=(MIXED, OFF, LOGS))


def test_no_measured_number_and_no_picture_of_one(course: Course, records: Records) -> None:
    """What was asked, the hint, points and what was not measured stay."""
    records.record(graded(), submitted_at=None)  # type: ignore[arg-type]
    texts = {}
    for measured in (True, False):
        pages = write_all(course.load(), course=course.root, db=course.db_url, measured=measured)
        texts[measured] = next(path.read_text() for _, path in pages)
    for secret in ("81.7%", "Shirt", "US$"):
        assert secret in texts[True]
        assert secret not in texts[False]
    for told in ("acurácia ≥ 85.0%", "Normalizou os pixels?", "50%", "sigmoid", "epoch_loss"):
        assert told in texts[False]


def test_only_pages_leave_it_out(course: Course, records: Records) -> None:
    """The gradebook keeps everything."""
    records.record(graded(), submitted_at=None)  # type: ignore[arg-type]
    (one,) = records.reports("lista")
    assert without_measures(one).report.verdicts[1].outcomes[0].measure is None
    (again,) = records.reports("lista")
    assert again.report.verdicts[1].outcomes[0] == MEASURED


def test_only_who_is_named_and_nothing_of_the_class(course: Course, records: Records) -> None:
    """Two pages with a band, before and after one more student was graded, would tell of that one."""
    for n in range(12):
        records.record(report(f"s{n}", curves=(Curve("loss", (1.0, 0.5 + n)),)), submitted_at=None)

    def pages(compare: bool) -> dict[str, str]:
        some = write_all(
            course.load(), course=course.root, db=course.db_url, students=["s3", "s7"], compare=compare
        )
        return {one.report.student: path.read_text() for one, path in some}

    assert set(pages(True)) == {"s3", "s7"}
    assert all("metade central" in text for text in pages(True).values())
    assert not any("metade central" in text for text in pages(False).values())


def test_a_verdict_without_checks_is_as_it_was(course: Course, records: Records) -> None:
    records.record(report(verdicts=(CellVerdict("essay", 2.0, None, manual=True),)), submitted_at=None)
    (one,) = records.reports("lista")
    assert without_measures(one) == one
