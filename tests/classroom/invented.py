"""A class with invented scores of list #12, for tests of what pages look like; nothing is run."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.assignment import Assignment, Template, load
from autograder.exhibit import Board, Confusion, Diagram, Residuals, Series, Sketch
from autograder.outcome import CellVerdict, Curve, Measure, NotebookReport, Outcome
from gradebook.records import Records, Student

__all__ = ["LIST", "build"]

ROOT = Path(__file__).resolve().parents[2]
LIST = "lista12"
DUE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
NAMES = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
ASKED = Sketch(("entrada (28, 28)", "Flatten", "Dense(relu)+", "Dense(10, softmax)"), ((0, 1), (1, 2), (2, 3)))
OWN = Sketch(("entrada (28, 28)", "Flatten", "Dense(10, sigmoid)"), ((0, 1), (1, 2)))


def build(course: Path, students: int, *, policies: str = "") -> str:
    """Grade a class without running anything; the URL of its gradebook.

    Args:
        course: An empty folder.
        students: How many.
        policies: The text of ``policies.toml``.
    """
    for part in ("assignments", "release", "nbgrader_config.py"):
        (course / part).symlink_to(ROOT / part)
    if policies:
        (course / "policies.toml").write_text(policies, encoding="utf-8")
    url = f"sqlite:///{course / 'gradebook.db'}"
    draw = random.Random(12)
    assignment = load(course, LIST)
    with Records(url) as records:
        records.sync(assignment)
        people = [Student(f"aluna{n:02}", "Ana <b>", f"Sobrenome {n}") for n in range(students)]
        records.enrol(people)
        for person in people:
            skill = draw.random()
            when = DUE + timedelta(hours=draw.choice((-30, -2, -2, 5, 40)))
            for template in assignment.notebooks:
                if draw.random() < 0.9:
                    records.record(_report(person.id, assignment, template, skill, draw), submitted_at=when)
    return url


def _report(
    student: str, assignment: Assignment, template: Template, skill: float, draw: random.Random
) -> NotebookReport:
    verdicts = []
    tests = [cell.grade_id for cell in template.cells if cell.is_test]
    for cell in template.cells:
        if cell.manual:
            verdicts.append(CellVerdict(cell.grade_id, cell.points, None, manual=True))
        elif cell.graded:
            value = min(1.0, max(0.0, draw.gauss(0.45 + 0.5 * skill, 0.15)))
            passed = value >= 0.6
            outcomes = (
                Outcome("A arquitetura é a pedida", passed, float(passed), expected="Dense(10, softmax)",
                        actual="Dense(10, sigmoid)", hint="Que ativação dá probabilidades?"),
                Outcome("Acurácia de 60% ou mais", passed, float(passed), expected="acurácia ≥ 60.0%",
                        actual=f"acurácia = {100 * value:.1f}%",
                        measure=Measure("accuracy", value, 0.6, True)),
            )  # fmt: skip
            verdicts.append(CellVerdict(cell.grade_id, cell.points, cell.points * passed, outcomes=outcomes))
    epochs = draw.randint(4, 12)
    falling = tuple((0.9 - 0.3 * skill) / (1 + n) ** 0.4 for n in range(epochs))
    exhibits = (
        Diagram("A arquitetura é a pedida", OWN, ASKED, False, tests[0]),
        Confusion("Acurácia", NAMES, tuple(_row(n, skill, draw) for n in range(10)), tests[-1]),
        Residuals("MSE", "100 000 US$", tuple(-1.2 + 0.1 * n for n in range(25)),
                  tuple(draw.randint(0, 80) for _ in range(24)), tuple((1.0 + n, 0.2 - 0.1 * n) for n in range(5)),
                  tests[-1]),
        Board("my_logs", tuple(
            Series(f"run_{run}/{part}: epoch_loss", tuple(range(epochs)), tuple(v * run for v in falling))
            for run in (1, 2) for part in ("train", "validation")
        ), tests[-1]),
    )  # fmt: skip
    return NotebookReport(
        student, assignment.name, template.name, "graded", tuple(verdicts),
        curves=(Curve("loss", falling), Curve("val_loss", tuple(v * 1.1 for v in falling))),
        exhibits=exhibits, seconds=20 + 10 * skill, cpu_seconds=15 + 10 * skill, sandbox={"weakened": []},
    )  # fmt: skip


def _row(own: int, skill: float, draw: random.Random) -> tuple[int, ...]:
    counts = [draw.randint(0, 6) for _ in range(10)]
    counts[own] = int(60 + 40 * skill)
    return tuple(counts)
