"""The course that is attacked, and what grading it left behind."""

import asyncio
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from courses import TinyCourse, code, solution, test, text
from nbformat import NotebookNode

from autograder.engine import Course, Graded, grade_all, items_of
from autograder.submission import find
from hostile.attack import MARK, Attack

__all__ = ["CANARIES", "CELLS", "FULL", "HONEST", "RIGHT", "Lab", "build", "grade", "scores"]

#: In what student code must never see; any of them in an output is a leak.
CANARIES = {
    "hidden test": "CANARIO_DO_TESTE",
    "gradebook": "canario-do-gradebook",
    "other student": "canario-da-colega",
    "host": "canario-do-hospedeiro",
    "environment": "canary-in-the-environment",
}

CELLS: Sequence[NotebookNode] = [
    text("# Lista\n\nResponda.", "intro"),
    code("import math\nimport numpy as np", "imports"),
    code("def confere(valor):\n    return valor * 2 == 84", "id-helper", locked=True),
    solution("antes = [n * n for n in range(10)]", "antes"),
    test("assert antes[3] == 9\nassert len(antes) == 10", "antes-test", 1),
    solution("resposta = 42", "resposta"),
    test(
        "### BEGIN HIDDEN TESTS\nCANARIO_DO_TESTE = 42\nassert resposta == CANARIO_DO_TESTE\n### END HIDDEN TESTS",
        "resposta-test",
        2,
    ),
    solution("chave = 42", "chave"),
    test("assert confere(chave)", "chave-test", 1),
    solution("def media(x):\n    return np.mean(x)", "media"),
    test(
        "from autograder import check\nLIMITE = 0.01\ncheck.close(media([1.0, 3.0]), 2.0, title='média')\n"
        "### BEGIN HIDDEN TESTS\ncheck.close(media([1.0, 2.0, 6.0]), 3.0, title='outra média')\n"
        "### END HIDDEN TESTS",
        "media-test",
        2,
    ),
    solution("pi = 3.1416", "pi"),
    test("assert np.allclose(pi, math.pi, atol=LIMITE)", "pi-test", 1),
    solution("quadrados = [0, 1, 4, 9]", "quadrados"),
    test(
        "### BEGIN HIDDEN TESTS\ncertos = sum(q == n * n for n, q in enumerate(quadrados))\ncertos / 2\n"
        "### END HIDDEN TESTS",
        "quadrados-test",
        2,
    ),
    solution("import json\njson.dump({'total': 7}, open('resultado.json', 'w'))", "arquivo"),
    test("import json\nassert json.load(open('resultado.json'))['total'] == 7", "arquivo-test", 1),
    solution("depois = sorted([3, 1, 2])", "depois"),
    test("assert depois == [1, 2, 3]", "depois-test", 1),
    text("Uma resposta modelo.", "id-essay", grade=True, solution=True, points=1),
]

RIGHT = {
    "antes": "antes = [n * n for n in range(10)]",
    "resposta": "resposta = 42",
    "chave": "chave = 42",
    "media": "def media(x):\n    return np.mean(x)",
    "pi": "pi = 3.14159",
    "quadrados": "quadrados = [0, 1, 4, 9]",
    "arquivo": "import json\nwith open('resultado.json', 'w') as saida:\n    json.dump({'total': 7}, saida)",
    "depois": "depois = sorted([3, 1, 2])",
    "essay": "Porque sim.",
}
FULL: Mapping[str, float] = {
    "antes-test": 1, "resposta-test": 2, "chave-test": 1, "media-test": 2, "pi-test": 1, "quadrados-test": 2,
    "arquivo-test": 1, "depois-test": 1,
}  # fmt: skip
#: What an attack from the second answer on can reach.
AFTER_THE_FIRST = tuple(name for name in FULL if name != "antes-test")
#: Bystanders: graded among the attacks, first, in the middle and last.
HONEST = ("aa-honesta", "mm-honesta", "zz-honesta")
_SETTINGS = """
[limits]
cell_cpu = 2
notebook_cpu = 12
wall_factor = 3
memory = 1500
disk = 256
processes = 64
open_files = 256
output = 1
"""


@dataclass
class Lab:
    """A graded class: hostile and honest submissions, and the host afterwards.

    Args:
        course: The course.
        results: By student.
        survivors: Command lines of marked processes that outlived the grading.
        planted: Marked files on the host.
        growth: Bytes by which the grader had grown at its peak.
    """

    course: TinyCourse
    results: Mapping[str, Graded]
    survivors: Sequence[str]
    planted: Sequence[str]
    growth: int = 0

    def shown(self, student: str) -> str:
        """All that a grader shows of a student: outputs of every cell, and the report."""
        graded = self.results[student]
        texts = [json.dumps(graded.report.to_json())]
        if graded.notebook is not None:
            texts += [
                json.dumps(cell.outputs)
                for cell in graded.notebook.cells
                if cell.cell_type == "code" and not cell.metadata.get("nbgrader", {}).get("grade")
            ]
        return "\n".join(texts)


def build(root: Path, attacks: Sequence[Attack]) -> TinyCourse:
    """A course with every attack handed in, canaries planted, and three honest students."""
    course = TinyCourse(root, settings=_SETTINGS, cells={"tiny": CELLS})
    (root / "gradebook.db").write_text(CANARIES["gradebook"])
    for student in HONEST:
        course.submit(student, {**RIGHT, "essay": CANARIES["other student"]})
        (course.folder(student) / "anotacoes.txt").write_text(CANARIES["other student"])
    for attack in attacks:
        course.submit(attack.name, {**RIGHT, **attack.answers}, edit=attack.edit)
        for name, content in attack.files.items():
            path = course.folder(attack.name) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    for attack in attacks:
        if attack.arrange is not None:
            attack.arrange(course.folder(attack.name))
    return course


def grade(course: TinyCourse, *, jobs: int = 2) -> Lab:
    """Grade everybody at once, then look at the host."""

    async def run() -> dict[str, Graded]:
        items = items_of(find(course.root, "lista"), course.assignment.notebooks)
        opened = Course.open(course.root, course.assignment)
        return {i.submission.student: graded async for i, graded in grade_all(opened, items, jobs=jobs)}

    results = asyncio.run(run())
    return Lab(course, results, _survivors(), _planted())


def _survivors() -> list[str]:
    lines = [" ".join(p.info["cmdline"] or ()) for p in psutil.process_iter(["cmdline"])]
    return [line for line in lines if MARK in line and "pytest" not in line]


def _planted() -> list[str]:
    places = ["/tmp", "/dev/shm", "/var/tmp", "/run", str(Path.home()), shutil.os.path.dirname(os.__file__)]
    return [
        f"{place}/{name}" for place in places if os.path.isdir(place) for name in os.listdir(place) if MARK in name
    ]


def scores(graded: Graded) -> dict[str, float | None]:
    """The score of each test cell."""
    return {v.grade_id: v.score for v in graded.report.verdicts if not v.manual}
