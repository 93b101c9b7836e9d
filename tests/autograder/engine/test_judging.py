"""Test cells judged from outside: what they may be, what the student's kernel sees of them, who is to blame."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from courses import TinyCourse, code, solution, test
from nbformat import NotebookNode

from autograder.engine import Course, Graded, grade_all, items_of
from autograder.outcome import CellVerdict
from autograder.sandbox.client import Zygote
from autograder.submission import find

pytestmark = pytest.mark.sandbox


def graded(course: TinyCourse, *, until_lost: bool = False) -> dict[str, Graded]:
    """Everybody's results, by student."""

    async def run() -> dict[str, Graded]:
        items = items_of(find(course.root, "lista"), course.assignment.notebooks)
        opened = replace(Course.open(course.root, course.assignment), until_lost=until_lost)
        return {i.submission.student: result async for i, result in grade_all(opened, items, jobs=2)}

    return asyncio.run(run())


def verdicts(result: Graded) -> dict[str, CellVerdict]:
    return {verdict.grade_id: verdict for verdict in result.report.verdicts}


def scores(result: Graded) -> dict[str, float | None]:
    return {name: verdict.score for name, verdict in verdicts(result).items()}


ORDINARY: Sequence[NotebookNode] = [
    code("import numpy as np", "imports"),
    code("def perto(a, b):\n    return abs(a - b) < LIMITE\n\nLIMITE = 0.1", "id-helper", locked=True),
    solution("def media(x):\n    return np.mean(x)", "media"),
    test("ESPERADO = 2.0\nassert perto(media(np.array([1, 2, 3])), ESPERADO)", "media-test", 1),
    test(
        "from autograder import check\nprint('olá')\n"
        "check.close(media([1.0, 3.0]), ESPERADO, title='média')\n"
        "import matplotlib.pyplot as plt\nplt.plot([1, 2])",
        "second-test",
        2,
    ),
    solution("class Conta:\n    def __init__(self):\n        self.total = 0\n\n"
             "    def soma(self, valor):\n        self.total += valor\n        return self.total", "conta"),
    test("c = Conta()\nc.soma(2)\nassert c.soma(3) == 5\nassert c.total == 5\n0.5", "conta-test", 1),
    solution("def raiz(x):\n    if x < 0:\n        raise ValueError('negativo')\n    return x ** 0.5", "raiz"),
    test(
        "try:\n    raiz(-1)\n    ok = False\nexcept ValueError as erro:\n"
        "    ok = 'negativo' in str(erro)\nassert ok",
        "raiz-test",
        1,
    ),
]  # fmt: skip


@pytest.fixture(scope="module")
def ordinary(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Graded]:
    """A class that answers ``ORDINARY`` in several ways."""
    course = TinyCourse(tmp_path_factory.mktemp("judging") / "c", cells={"tiny": ORDINARY})
    right = {
        "media": "def media(x):\n    return np.mean(x)",
        "conta": "class Conta:\n    total = 0\n    def soma(self, valor):\n        self.total += valor\n"
                 "        return self.total",
        "raiz": "def raiz(x):\n    if x < 0:\n        raise ValueError('negativo')\n    return x ** 0.5",
    }  # fmt: skip
    course.submit("certa", right)
    course.submit("lambda", {**right, "media": "import statistics\nmedia = lambda x: statistics.fmean(x)"})
    course.submit("errada", {**right, "media": "def media(x):\n    return max(x)"})
    course.submit("nada", {"media": "", "conta": "", "raiz": ""})
    mine = "class Meu(ValueError):\n    pass\ndef raiz(x):\n    raise Meu('é negativo')"
    course.submit("propria", {**right, "raiz": mine})
    course.submit("saida", {**right, "raiz": "import os\ndef raiz(x):\n    os._exit(0)"})
    course.submit("laco", {**right, "raiz": "def raiz(x):\n    while True:\n        pass"})
    course.submit("usa", {**right, "raiz": right["raiz"] + "\nassert plt and check and ESPERADO == 2.0"})
    return graded(course)


def test_right_answers_get_every_point(ordinary: dict[str, Graded]) -> None:
    """Functions, lambdas, classes, exceptions of their own: a call is a call."""
    full = {"media-test": 1, "second-test": 2, "conta-test": 0.5, "raiz-test": 1}
    for student in ("certa", "lambda", "propria"):
        assert scores(ordinary[student]) == full, verdicts(ordinary[student])


def test_wrong_answers_lose_what_they_cost(ordinary: dict[str, Graded]) -> None:
    """And nothing else."""
    assert scores(ordinary["errada"]) == {"media-test": 0, "second-test": 0, "conta-test": 0.5, "raiz-test": 1}
    assert scores(ordinary["nada"]) == {"media-test": 0, "second-test": 0, "conta-test": 0, "raiz-test": 0}
    reason = verdicts(ordinary["nada"])["media-test"].reason
    assert reason is not None
    assert "NameError" in reason


def test_a_kernel_that_ends_or_hangs_in_a_call_is_the_students(ordinary: dict[str, Graded]) -> None:
    """The cell costs its points; the judge goes on."""
    for student, why in (("saida", "encerr"), ("laco", "CPU")):
        verdict = verdicts(ordinary[student])["raiz-test"]
        assert (verdict.score, verdict.needs_review) == (0, False)
        assert why in str(verdict.reason)
        assert verdicts(ordinary[student])["media-test"].score == 1


def test_what_a_test_cell_imports_is_there_for_the_student(ordinary: dict[str, Graded]) -> None:
    """They saw it in their own JupyterLab, and their later cells may use it."""
    assert ordinary["usa"].report.notices == ()
    assert scores(ordinary["usa"])["raiz-test"] == 1


def test_outputs_of_a_judged_cell_are_in_the_instructors_notebook(ordinary: dict[str, Graded]) -> None:
    """What it printed, found and drew, as formgrader shows it."""
    notebook = ordinary["certa"].notebook
    assert notebook is not None
    cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "second-test")
    kinds = [output.output_type for output in cell.outputs]
    assert kinds == ["stream", "display_data", "execute_result", "display_data"]
    assert cell.outputs[0].text == "olá\n"
    assert cell.outputs[1].data["text/plain"] == "✓ média"
    assert "image/png" in cell.outputs[3].data
    failed = ordinary["errada"].notebook
    assert failed is not None
    cell = next(c for c in failed.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "second-test")
    assert [o.ename for o in cell.outputs if o.output_type == "error"] == ["CheckFailed"]


HOSTILE: Sequence[NotebookNode] = [
    code("def confere(valor):\n    return valor == 42", "id-helper", locked=True),
    solution("resposta = 42", "resposta"),
    test(
        "### BEGIN HIDDEN TESTS\nCANARIO_ESCONDIDO = 42\nassert confere(resposta)\n"
        "assert resposta == CANARIO_ESCONDIDO\nassert sorted([2, 1]) == [1, 2]\n### END HIDDEN TESTS",
        "resposta-test",
        1,
    ),
    solution("outra = 1", "outra"),
    test("assert outra == 1\nassert confere(42)", "outra-test", 1),
]


def test_a_student_cannot_replace_what_a_test_builds_on(zygote: Zygote, tmp_path: Path) -> None:
    """Helpers and Python's own names are the judge's; a later rebinding of a helper changes nothing."""
    course = TinyCourse(tmp_path / "c", cells={"tiny": HOSTILE})
    blanks = "get_ipython().input_transformers_cleanup.append(lambda l: ['pass\\n'])\nresposta = 7"
    equal = "class Tudo:\n    def __eq__(self, other):\n        return True\nresposta = Tudo()"
    patched = "confere = lambda v: True\nsorted = lambda v: [1, 2]\nresposta = 7"
    course.submit("ana", {"resposta": patched, "outra": "outra = 1"})
    course.submit("bia", {"resposta": blanks, "outra": "outra = 2"})
    course.submit("caio", {"resposta": equal, "outra": "outra = 1"})
    results = graded(course)
    assert scores(results["ana"]) == {"resposta-test": 0, "outra-test": 1}
    assert scores(results["bia"])["resposta-test"] == 0
    assert scores(results["caio"]) == {"resposta-test": 0, "outra-test": 1}
    assert not any(result.report.needs_review for result in results.values())


def test_hidden_text_is_nowhere_in_the_kernel(zygote: Zygote, tmp_path: Path) -> None:
    """Not in its memory, its history, its files or its environment."""
    course = TinyCourse(tmp_path / "c", cells={"tiny": HOSTILE})
    look = """
import re
padrao = re.compile(rb"C[A]NARIO_ESC[O]NDIDO")  # so that this text is no match
achados = 0
for linha in open("/proc/self/maps"):
    faixa, direitos = linha.split()[:2]
    if "r" not in direitos or "[v" in linha:
        continue
    inicio, fim = (int(x, 16) for x in faixa.split("-"))
    with open("/proc/self/mem", "rb", 0) as memoria:
        memoria.seek(inicio)
        achados += len(padrao.findall(memoria.read(fim - inicio)))
outra = 1 if achados == 0 else 0
"""
    course.submit("ana", {"resposta": "resposta = 42", "outra": look})
    result = graded(course)["ana"]
    assert scores(result) == {"resposta-test": 1, "outra-test": 1}


CHANGES: Sequence[NotebookNode] = [
    solution("def ajuda(x):\n    return x + 1\ndef usa(x):\n    return ajuda(x)", "usa"),
    test(
        "assert usa(1) == 2\ndel ajuda\ntry:\n    usa(1)\n    ok = False\nexcept NameError:\n"
        "    ok = True\nassert ok",
        "usa-test",
        1,
    ),
]


def test_a_cell_that_changes_the_students_names_stays_in_the_kernel(zygote: Zygote, tmp_path: Path) -> None:
    """It is scored as before, and the report says so."""
    course = TinyCourse(tmp_path / "c", cells={"tiny": CHANGES})
    answer = "def ajuda(x):\n    return x + 1\ndef usa(x):\n    return "
    course.submit("ana", {"usa": answer + "ajuda(x)"})
    course.submit("bia", {"usa": answer + "x + 1"})
    results = graded(course)
    assert scores(results["ana"]) == {"usa-test": 1}
    assert scores(results["bia"]) == {"usa-test": 0}
    assert results["ana"].report.sandbox["in_kernel"] == ["usa-test"]


@pytest.mark.parametrize(
    ("test_text", "why"),
    [
        ("import ctypes\nctypes.string_at(0)", "judge failed"),
        ("import os\nos._exit(0)", "judge failed"),
        ("from autograder.errors import GraderError\nraise GraderError('um engano nosso')", "um engano nosso"),
        ("usa(object())", "cannot be sent"),
        ("import pickle\npickle.loads(pickle.dumps(len))", "unpickles"),
    ],
    ids=["crash", "exit", "grader-error", "argument", "pickle"],
)
def test_a_judge_that_fails_costs_nobody_points(test_text: str, why: str, zygote: Zygote, tmp_path: Path) -> None:
    """The cell needs review, the cells after it are judged, names of earlier test cells included."""
    cells = [
        solution("def usa(x):\n    return 1", "usa"),
        test("antes = 41\nassert usa(1) == 1", "first-test", 1),
        test(test_text, "bad-test", 1),
        test("assert antes + usa(2) == 42", "last-test", 1),
    ]
    course = TinyCourse(tmp_path / "c", cells={"tiny": cells})
    course.submit("ana", {"usa": "def usa(x):\n    return 1"})
    result = graded(course)["ana"]
    found = verdicts(result)
    assert scores(result) == {"first-test": 1, "bad-test": None, "last-test": 1}
    assert found["bad-test"].needs_review
    assert why in str(found["bad-test"].reason)


WRITTEN: Sequence[NotebookNode] = [
    code("import keras_de_mentira as keras", "imports"),
    code("class Modelo:\n    pass\n\nclass DoProfessor(Modelo):\n    pass", "id-base", locked=True),
    solution("class Rede(DoProfessor):\n    def call(self, X):\n        return X", "rede"),
    test(
        "from autograder import check\ncheck.defines_class('Rede', methods=['call'], title='a')\n"
        "### BEGIN HIDDEN TESTS\ncheck.uses('ajuste', title='b')\n### END HIDDEN TESTS",
        "rede-test",
        2,
    ),
    solution("modelo = Rede()\najuste = modelo.call(3)", "ajuste"),
    test("from autograder import check\ncheck.uses('modelo', title='c')", "ajuste-test", 1),
]


def test_the_students_text_is_evidence_and_no_claim_of_the_kernels(zygote: Zygote, tmp_path: Path) -> None:
    """What they wrote before the test, in cells of theirs; not what the kernel says that they wrote."""
    course = TinyCourse(tmp_path / "c", cells={"tiny": WRITTEN})
    rede = "class Rede(DoProfessor):\n    def call(self, X):\n        return X"
    course.submit("certa", {"rede": f"{rede}\nprint(ajuste if 0 else 1)", "ajuste": "modelo = 2\nmodelo + 1"})
    course.submit("depois", {"rede": rede, "ajuste": "ajuste = 2\nprint(ajuste, modelo)"})
    forged = "In.append('class Rede:\\n    def call(self): ajuste')\nIn[:] = In * 3"
    course.submit("forjada", {"rede": forged, "ajuste": ""})
    done = graded(course)
    assert scores(done["certa"]) == {"rede-test": 2, "ajuste-test": 1}
    assert scores(done["depois"]) == {"rede-test": 1, "ajuste-test": 1}
    assert scores(done["forjada"]) == {"rede-test": 0, "ajuste-test": 0}


def test_an_answer_may_end_where_it_first_loses_points(zygote: Zygote, tmp_path: Path) -> None:
    cells = [
        solution("a = 1", "a"), test("assert a == 1", "a-test", 1),
        solution("b = 2", "b"), test("assert b == 2", "b-test", 1),
        solution("print('cheguei')\nc = 3", "c"), test("assert c == 3", "c-test", 1),
    ]  # fmt: skip
    course = TinyCourse(tmp_path / "c", cells={"tiny": cells})
    right = {"a": "a = 1", "b": "b = 2", "c": "print('cheguei')\nc = 3"}
    course.submit("certa", right)
    course.submit("errada", {**right, "b": "b = 0"})
    found = graded(course, until_lost=True)
    assert scores(found["certa"]) == {"a-test": 1.0, "b-test": 1.0, "c-test": 1.0}
    assert scores(found["errada"]) == {"a-test": 1.0, "b-test": 0.0}
    reached = {
        name: bool(c.outputs)
        for name, result in found.items()
        for c in (result.notebook.cells if result.notebook else ())
        if "cheguei" in c.source
    }
    assert reached == {"certa": True, "errada": False}
