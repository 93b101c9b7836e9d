"""The demo class: submissions from the exemplar bank, graded for real, with feedback. What ``make demo`` runs.

The students' notebooks are built here and then graded as any class is: nothing below knows a score.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from autograder.assignment import Assignment, load
from autograder.errors import UsageError
from autograder.exemplar import load as load_exemplar
from autograder.exemplar import submission
from autograder.grade import Options, grade
from autograder.notebook import write
from autograder.terminal import err, out
from gradebook.feedback.write import write_all
from gradebook.records import Records
from gradebook.report.write import read_report, write_report
from gradebook.report.write import render as render_report

__all__ = ["run_demo"]

_ASSIGNMENT = "lista12"
_BASICS, _ONE, _TWO, _GRAPH, _CLASSES, _SAVING, _CALLBACKS, _BOARDS, _SEARCH, _GUIDES = (
    "00_tensorflow_basico",
    "01_classificador_sequencial",
    "02_regressor_sequencial",
    "03_api_funcional",
    "04_api_de_subclasses",
    "05_salvando_e_restaurando",
    "06_callbacks",
    "07_tensorboard",
    "08_otimizacao_hiperparametrica",
    "09_diretrizes",
)
_IN_TIME, _LATE = "2026-11-20 18:30:00.000000 UTC", "2026-11-21 09:12:00.000000 UTC"
_SETTINGS = """# The demo class: a due date that one student missed, and a shorter leash for the endless loop.
due = 2026-11-20T23:59:00-03:00
{settings}
"""
_POLICIES = """# What becomes of points: docs/data.md says what may stand here.
[default]
scale = 10
late = { lose = 0.1, every = "1d", grace = "15min" }

[lista12]
drop_lowest = 1
bonus = ["09_diretrizes"]
"""
_ESSAY = {
    _BASICS: "A fita registra as operações; na função decorada, o Python só é executado ao traçar o grafo.",
    _ONE: (
        "O custo de treinamento e o de validação caem juntos até a última época, então não há sobreajuste. "
        "O modelo confunde *Shirt* com *T-shirt/top*: a `Flatten` perde a vizinhança entre os pixels, e as duas "
        "silhuetas são parecidas. Uma rede convolucional ajudaria."
    ),
    _TWO: (
        "A saída de um regressor pode ser qualquer número, por isso a identidade. As estatísticas vêm só do "
        "treinamento para que nada da validação vaze para o modelo."
    ),
    _GRAPH: "O caminho curto guarda as relações simples; a saída auxiliar leva o gradiente às camadas de baixo.",
    _CLASSES: "A subclasse permite laços e desvios, mas o `summary` não mostra como as camadas se ligam.",
    _SAVING: "Sem o estado do Adam, as médias recomeçam de zero e os primeiros passos são outros.",
    _CALLBACKS: "Restaurei os pesos da melhor época; depois dela o custo de validação só subiu.",
    _BOARDS: "A taxa maior desce mais depressa no começo e oscila no fim, como se vê nas duas curvas.",
    _SEARCH: "Com o mesmo orçamento, a busca aleatória chegou perto da grade; o XGBoost foi o mais rápido.",
    _GUIDES: "Com o mesmo número de parâmetros, as duas redes empataram; as camadas reaproveitadas já sabem ver.",
}


@dataclass(frozen=True)
class _Student:
    """A student of the demo class.

    Args:
        answers: The exemplar handed in for each notebook, as ``verdict/name``.
        broken: Notebooks that are cut off in the middle.
        late: Handed in after the due date.
    """

    answers: Mapping[str, str]
    broken: tuple[str, ...] = ()
    late: bool = False
    essay: bool = field(default=True)


#: Correct in different styles, wrong each in its own way, and what else arrives on a deadline's night.
_CLASS: Mapping[str, _Student] = {
    "ana": _Student({_ONE: "accepted/lista_de_camadas", _TWO: "accepted/estilo_da_aula"}),
    "beatriz": _Student({_ONE: "accepted/objetos_e_logits", _TWO: "accepted/camada_normalization"}),
    "bruno": _Student({_BASICS: "accepted/estilo_da_aula", _TWO: "accepted/api_funcional"}),
    "caio": _Student({_TWO: "accepted/add", _GRAPH: "accepted/dicionarios"}, late=True),
    "daniela": _Student({_TWO: "rejected/sem_escala", _CLASSES: "accepted/estilo_da_aula"}),
    "eduardo": _Student({_TWO: "accepted/alvo_escalonado", _SAVING: "accepted/estilo_da_aula"}, essay=False),
    "fernanda": _Student({_ONE: "rejected/sem_softmax", _TWO: "rejected/prever_sem_escala"}),
    "gabriel": _Student({_TWO: "rejected/saida_sigmoide", _BOARDS: "accepted/estilo_da_aula"}),
    "helena": _Student({_ONE: "rejected/salvou_antes"}),
    "igor": _Student({_TWO: "accepted/softplus_e_objetos", _GRAPH: "rejected/pesos_trocados"}),
    "julia": _Student({_TWO: "rejected/sem_camada_oculta", _SAVING: "rejected/esqueceu_o_estado"}),
    "karina": _Student({_TWO: "crashing/sintaxe"}),
    "lucas": _Student({_ONE: "crashing/laco_infinito"}),
    "marina": _Student({_BOARDS: "crashing/os_exit"}),
    "nicolas": _Student({_BASICS: "rejected/sinal_trocado", _TWO: "accepted/add"}, broken=(_TWO,)),
    "otavio": _Student({}),
    "paula": _Student({_TWO: "rejected/custo_errado", _CALLBACKS: "rejected/sem_restaurar"}),
    "rafael": _Student({_SEARCH: "accepted/estilo_da_aula"}),
    "sofia": _Student({_TWO: "accepted/lista_de_camadas", _GUIDES: "accepted/estilo_da_aula"}),
    "tiago": _Student({_TWO: "accepted/ativacoes_separadas", _CLASSES: "rejected/ruido_sempre"}),
}


def run_demo(repository: Path, course: Path) -> None:
    """Build the class at ``course``, grade it, write feedback, say what to open.

    Raises:
        UsageError: ``repository`` is not this project's, or ``course`` is something else than a demo class.
    """
    _build(repository, course)
    db = f"sqlite:///{course / 'gradebook.db'}"
    with Records(db) as records:
        records.enrol(_CLASS)
        result = grade(course, _ASSIGNMENT, records, Options(jobs=2))
        result.show()
        assignment = load(course, _ASSIGNMENT)
    pages = list(write_all(assignment, course=course, db=db))
    report = render_report(read_report(assignment, course=course, url=db), assignment)
    write_report(report, assignment, course=course)
    _say_what_to_open(_relative(course), len(pages))


def _say_what_to_open(where: Path, pages: int) -> None:
    out.print("\nOpen next:", style="bold")
    for text, student, notebook in (
        ("full marks, in a style of its own", "beatriz", _ONE),
        ("one defect, and what it cost", "helena", _ONE),
        ("an endless loop", "lucas", _ONE),
        ("a whole list, handed in late, and how its grade came about", "caio", "index"),
    ):
        path = where / "feedback" / student / _ASSIGNMENT / f"{notebook}.html"
        out.print(f"  {text}:\n    {path}", highlight=False, soft_wrap=True)
    path = where / "reports" / f"{_ASSIGNMENT}.html"
    out.print(f"  what the class did not understand:\n    {path}", highlight=False, soft_wrap=True)
    out.print(f"{pages} reports in {where / 'feedback'}, scores in {where / 'gradebook.db'}.", highlight=False)
    out.print(
        f"Essays wait in formgrader: cd {where} && ../.venv/bin/jupyter lab", highlight=False, soft_wrap=True
    )


def _relative(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _build(repository: Path, course: Path) -> None:
    source = repository / "assignments" / _ASSIGNMENT
    if not source.is_dir():
        raise UsageError(f"{source} does not exist.", "Run the demo from the root of the repository.")
    marker = course / ".demo-class"
    if course.exists() and any(course.iterdir()) and not marker.exists():
        raise UsageError(f"{course} is not empty and no demo class.", "Choose another folder with --course.")
    course.mkdir(parents=True, exist_ok=True)
    marker.touch()
    for name in ("submitted", "autograded", "feedback", "assignments", "release", "reports"):
        shutil.rmtree(course / name, ignore_errors=True)
    for suffix in ("", "-wal", "-shm"):
        (course / f"gradebook.db{suffix}").unlink(missing_ok=True)
    (course / "policies.toml").write_text(_POLICIES, encoding="utf-8")
    shutil.copytree(source, course / "assignments" / _ASSIGNMENT)
    shutil.copytree(repository / "release" / _ASSIGNMENT, course / "release" / _ASSIGNMENT)
    shutil.copy(repository / "nbgrader_config.py", course)
    settings = (repository / "assignments" / f"{_ASSIGNMENT}.toml").read_text(encoding="utf-8")
    settings = settings.replace("cell_cpu = 120", "cell_cpu = 40")
    (course / "assignments" / f"{_ASSIGNMENT}.toml").write_text(
        _SETTINGS.format(settings=settings), encoding="utf-8"
    )
    assignment = load(course, _ASSIGNMENT)
    for name, student in _CLASS.items():
        _hand_in(repository, course, assignment, name, student)
    err.print(f"Demo class of {len(_CLASS)} students in {_relative(course)}", highlight=False)


def _hand_in(repository: Path, course: Path, assignment: Assignment, name: str, student: _Student) -> None:
    folder = course / "submitted" / name / _ASSIGNMENT
    for notebook, answer in student.answers.items():
        exemplar = load_exemplar(repository / "exemplars" / _ASSIGNMENT / notebook / f"{answer}.py")
        released = nbformat.read(course / "release" / _ASSIGNMENT / f"{notebook}.ipynb", as_version=4)
        filled = submission(exemplar, assignment.notebook(notebook).notebook, released)
        stub = next(c for c in released.cells if c.metadata.get("nbgrader", {}).get("grade_id") == "essay")
        for cell in filled.cells:
            if cell.metadata.get("nbgrader", {}).get("grade_id") == "essay":
                cell.source = _ESSAY[notebook] if student.essay else stub.source
        path = folder / f"{notebook}.ipynb"
        write(filled, path)
        if notebook in student.broken:
            text = path.read_text(encoding="utf-8")
            path.write_text(text[: len(text) // 2], encoding="utf-8")
    if student.answers:
        (folder / "timestamp.txt").write_text(_LATE if student.late else _IN_TIME)
