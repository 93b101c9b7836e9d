"""An invented class in a gradebook: as large as wanted, written in seconds.

Abilities, difficulties and readers are drawn; checks and their titles are those that the list's test cells call.
Some of each class are late, hand in less or nothing, end with an exception, or meet a grader that failed; and of
each notebook one check is drawn that has nothing to do with ability, and one that good students miss.
"""

import ast
import json
import math
import random
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from autograder.assignment import Assignment, Template, TemplateCell
from gradebook.records import Records

__all__ = ["invent"]

WHEN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_FIRST = (
    "Ana",
    "Beatriz",
    "Bruno",
    "Caio",
    "Daniela",
    "Eduardo",
    "Fernanda",
    "Gabriel",
    "Helena",
    "Igor",
    "Júlia",
    "Karina",
    "Lucas",
    "Marina",
    "Nícolas",
)
_LAST = (
    "Alves",
    "Barbosa",
    "Cardoso",
    "Dias",
    "Esteves",
    "Ferreira",
    "Gomes",
    "Lima",
    "Moura",
    "Nunes",
    "Oliveira",
    "Pereira",
    "Ramos",
    "Souza",
)
_EXCEPTIONS = (
    "A célula terminou com NameError: name 'model' is not defined.",
    'A célula terminou com ValueError: Input 0 of layer "dense" is incompatible with the layer.',
    "Esta célula usou mais tempo de CPU do que pode.",
)
_READERS = ("teresa", "tiago")


@dataclass
class _Check:
    """One check of a test cell, and how it goes."""

    title: str
    weight: float
    expected: str
    wrong: tuple[str, ...]
    hard: float
    tells: float
    metric: str | None = None
    threshold: float = 0.0
    passed: str = field(init=False)

    def __post_init__(self) -> None:
        self.passed = self._json(True, self.expected, None)

    def drawn(self, ability: float, drawn: random.Random) -> tuple[float, str]:
        """Credit, and the outcome as JSON."""
        margin = (
            self.tells * ability
            - self.hard
            + drawn.gauss(0, 0.5)
            + math.log(1 / (1 - drawn.random()) - 1 + 1e-9) / 2
        )
        if self.metric is None:
            if margin > 0:
                return 1.0, self.passed
            return 0.0, self._json(False, drawn.choice(self.wrong), None)
        if self.metric == "accuracy":
            start = math.log(self.threshold / (1 - self.threshold))
            value = 1 / (1 + math.exp(-start - 0.35 * margin))
        else:
            value = self.threshold * math.exp(-0.12 * margin)
        passed = (value >= self.threshold) if self.metric == "accuracy" else (value <= self.threshold)
        return float(passed), self._json(passed, f"{value:.3f}", value)

    def _json(self, passed: bool, actual: str, value: float | None) -> str:
        measure = None
        if value is not None:
            rises = self.metric == "accuracy"
            measure = {"metric": self.metric, "value": value, "threshold": self.threshold, "rises": rises}
        return json.dumps(
            {
                "title": self.title, "passed": passed, "credit": float(passed), "weight": self.weight,
                "expected": self.expected, "actual": actual, "hint": None, "error": None, "measure": measure,
            }
        )  # fmt: skip


def invent(course: Path, assignment: Assignment, students: int, *, checks: int = 12, seed: int = 0) -> None:
    """Write a class into ``gradebook.db`` of a course.

    Args:
        course: Its root.
        assignment: The list.
        students: How many are enrolled.
        checks: At most so many a notebook.
        seed: The same class for the same number.
    """
    path = course / "gradebook.db"
    with Records(f"sqlite:///{path}") as records:
        records.sync(assignment)
    drawn = random.Random(seed)  # noqa: S311
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA synchronous=OFF")
        _Class(database, assignment, checks, drawn).write(students)
    database.close()


class _Class:
    def __init__(
        self, database: sqlite3.Connection, assignment: Assignment, checks: int, drawn: random.Random
    ) -> None:
        self._database, self._assignment, self._drawn = database, assignment, drawn
        self._checks = {t.name: _checks(t, checks, drawn) for t in assignment.notebooks}
        self._ids = dict(database.execute("SELECT name, id FROM notebook"))
        rows = database.execute(
            "SELECT n.name, b.name, b.type, b.id FROM base_cell b JOIN notebook n ON n.id = b.notebook_id"
        )
        self._cells: dict[tuple[str, str], dict[str, str]] = {}
        for notebook, name, kind, identity in rows:
            self._cells.setdefault((notebook, name), {})[kind] = identity
        (self._list,) = database.execute("SELECT id FROM assignment WHERE name = ?", (assignment.name,)).fetchone()
        self._rows: dict[str, list[tuple[Any, ...]]] = {}

    def write(self, students: int) -> None:
        """Draw everybody, and write them in batches."""
        for number in range(students):
            self._student(number)
            if number % 1000 == 999:
                self._flush()
        self._flush()

    def _flush(self) -> None:
        for table, rows in self._rows.items():
            marks = ", ".join("?" * len(rows[0]))
            self._database.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608
        self._database.commit()
        self._rows = {}

    def _add(self, table: str, *row: Any) -> None:
        self._rows.setdefault(table, []).append(row)

    def _student(self, number: int) -> None:
        drawn, login = self._drawn, f"aluno{number:05}"
        self._add("student", login, drawn.choice(_FIRST), drawn.choice(_LAST), f"{login}@example.edu", None)
        if drawn.random() < 0.04:
            return
        ability, diligence = drawn.gauss(0, 1), drawn.random() ** 0.35
        late = timedelta(hours=drawn.expovariate(1 / 20)) if drawn.random() < 0.08 else -timedelta(hours=3)
        when = (self._assignment.settings.due or WHEN).astimezone(UTC).replace(tzinfo=None) + late
        submission = f"{drawn.getrandbits(128):032x}"
        stamp = when.isoformat(" ", "microseconds")
        self._add("submitted_assignment", submission, self._list, login, stamp, None)
        for template in self._assignment.notebooks:
            status = "graded" if drawn.random() < diligence else "missing"
            if status == "graded" and drawn.random() < 0.005:
                status = "refused"
            self._notebook(template, login, submission, status, ability, stamp)

    def _notebook(
        self, template: Template, login: str, submission: str, status: str, ability: float, stamp: str
    ) -> None:
        drawn, name = self._drawn, template.name
        submitted = f"{drawn.getrandbits(128):032x}"
        self._add("submitted_notebook", submitted, submission, self._ids[name], 0, None)
        verdicts, digests = [], {}
        for cell in template.cells:
            if cell.graded:
                score, manual_score, verdict = self._cell(name, cell, status, ability)
                verdicts.append(verdict)
                waits = score is None and manual_score is None
                there = self._cells[name, cell.grade_id]
                identity = there.get("GradeCell") or there["TaskCell"]
                self._add(
                    "grade",
                    f"{drawn.getrandbits(128):032x}",
                    submitted,
                    identity,
                    score,
                    manual_score,
                    None,
                    waits,
                )
                if cell.manual and status == "graded":
                    digests[cell.grade_id] = f"{drawn.getrandbits(64):016x}"
                    self._review(name, cell, login, digests[cell.grade_id], ability, manual_score)
            for kind in {"SolutionCell", "TaskCell"} & self._cells.get((name, cell.grade_id), {}).keys():
                identity = self._cells[name, cell.grade_id][kind]
                self._add("comment", f"{drawn.getrandbits(128):032x}", submitted, identity, None, None)
        cpu = drawn.lognormvariate(3.0, 0.4) if status == "graded" else 0.0
        curves = [{"name": n, "values": [drawn.random() for _ in range(6)]} for n in ("loss", "val_loss")]
        sandbox = {"weakened": [], "in_kernel": [], "seconds": {"evidence": 0.4, "judge": 0.5, "asked": 2.3}}
        head = json.dumps(
            {"student": login, "assignment": self._assignment.name, "notebook": name, "status": status}
        )
        tail = json.dumps(
            {
                "error": "O JSON quebra na linha 3." if status == "refused" else None, "notices": [],
                "curves": curves if status == "graded" else [], "seconds": cpu * 0.7, "cpu_seconds": cpu,
                "sandbox": sandbox if status == "graded" else {}, "version": 1,
            }
        )  # fmt: skip
        report = f'{head[:-1]}, "verdicts": [{", ".join(verdicts)}], {tail[1:]}'
        recorded = "2026-11-22 10:00:00.000000"
        answers = json.dumps(digests)
        self._add("autograder_report", login, self._assignment.name, name, recorded, stamp, 0, report, answers)

    def _cell(
        self, notebook: str, cell: TemplateCell, status: str, ability: float
    ) -> tuple[float | None, float | None, str]:
        """Automatic score, manual score, and the verdict as JSON."""
        drawn, outcomes, reason, review = self._drawn, "", None, False
        score: float | None = 0.0
        manual_score = None
        if cell.manual and status == "graded":
            score = None
            if drawn.random() < 0.7:
                manual_score = (
                    cell.points * round(max(0.0, min(1.0, 0.6 + 0.25 * ability + drawn.gauss(0, 0.2))) * 4) / 4
                )
        elif status == "graded":
            checks = self._checks[notebook][cell.grade_id]
            crashed = drawn.random() < 0.03
            found = [
                check.drawn(ability, drawn)
                for check in checks[: drawn.randrange(len(checks)) if crashed else None]
            ]
            outcomes = ", ".join(text for _, text in found)
            earned = sum(check.weight * credit for check, (credit, _) in zip(checks, found, strict=False))
            score = round(cell.points * earned / sum(check.weight for check in checks), 6)
            if crashed:
                reason = drawn.choice(_EXCEPTIONS)
            elif drawn.random() < 0.0005:
                score, review, reason = None, True, "O corretor falhou: [Errno 28] No space left on device."
        verdict = (
            f'{{"grade_id": {json.dumps(cell.grade_id)}, "max_score": {cell.points}, '
            f'"score": {json.dumps(score)}, '
            f'"needs_review": {json.dumps(review)}, "manual": {json.dumps(cell.manual)}, '
            f'"outcomes": [{outcomes}], "reason": {json.dumps(reason)}}}'
        )
        return score, manual_score, verdict

    def _review(
        self, notebook: str, cell: TemplateCell, login: str, digest: str, ability: float, given: float | None
    ) -> None:
        drawn, rubric = self._drawn, self._assignment.settings.rubrics.get(notebook, {}).get(cell.grade_id)
        if rubric is None:
            return
        first = drawn.randrange(2)
        for second in (False, True)[: 2 if drawn.random() < 0.1 else 1]:
            reader = _READERS[first ^ second]
            key = (self._assignment.name, notebook, cell.grade_id, login, reader)
            self._add("autograder_review_task", *key, second)
            if given is not None:
                levels = [
                    min(len(c.levels) - 1, max(0, round((1 - given / cell.points) * 2 + drawn.gauss(0, 0.35))))
                    for c in rubric.criteria
                ]
                self._add(
                    "autograder_review_mark", *key, second, digest, json.dumps(levels), "", "2026-11-23 10:00:00"
                )


def _checks(template: Template, most: int, drawn: random.Random) -> dict[str, list[_Check]]:
    """What the test cells of a notebook call; at least one check a cell, at most ``most`` in all."""
    calls = {cell.grade_id: list(_calls(cell.source)) for cell in template.cells if cell.is_test}
    left = most - len(calls)
    found: dict[str, list[_Check]] = {}
    for cell, there in calls.items():
        own = there[: 1 + max(0, min(left, len(there) - 1))] or [{}]
        left -= len(own) - 1
        found[cell] = [_check(number, given, drawn) for number, given in enumerate(own, start=1)]
    everything = [check for checks in found.values() for check in checks if check.metric is None]
    for check, tells, hard in zip(
        drawn.sample(everything, min(2, len(everything))), (0.0, -0.5), (0.3, 0.4), strict=False
    ):
        check.tells, check.hard = tells, hard
    return found


def _check(number: int, given: dict[str, Any], drawn: random.Random) -> _Check:
    title = str(given.get("title") or f"Verificação {number}")
    expected = str(given.get("expected") or title[:1].lower() + title[1:])
    threshold = given.get("at_least") or given.get("at_most")
    metric = None
    if isinstance(threshold, float):
        metric = "accuracy" if "at_least" in given else "mse"
    wrong = tuple(
        str(text) for text in ("nenhum", "Dense(10, softmax)", "a variável não existe", "forma (None, 1)")
    )
    hard, tells = drawn.gauss(-1.0, 0.9), drawn.uniform(0.5, 1.4)
    weight = given.get("weight", 1.0)
    return _Check(
        title, float(weight) if isinstance(weight, (int, float)) else 1.0, expected,
        tuple(drawn.sample(wrong, 3)), hard, tells, metric, threshold if metric else 0.0,
    )  # fmt: skip


def _calls(source: str) -> Iterator[dict[str, Any]]:
    """The literal arguments of each call of a check, in order."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a cell magic
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            base = node.func.value
            if isinstance(base, ast.Name) and base.id == "check":
                given = {
                    k.arg: k.value.value for k in node.keywords if k.arg and isinstance(k.value, ast.Constant)
                }
                for argument in node.args[1:2]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        given.setdefault("title", argument.value)
                yield given
