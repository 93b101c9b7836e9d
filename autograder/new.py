"""Start an exercise: a small complete one to change, with its settings, rubric and exemplars.

::

    assignments/<list>/<notebook>.ipynb       text, solution, visible and hidden tests, an essay
    assignments/<list>.toml                   limits, and how the essay is marked
    exemplars/<list>/<notebook>/…             right and wrong answers with the points they must get, and which
                                              changes of the solution are right answers still
    nbgrader_config.py                        only where there is none

Its exemplars get what they declare as it is, so whatever fails later is due to a change.
"""

import re
import shutil
from pathlib import Path

from autograder.assignment import load
from autograder.errors import UsageError
from autograder.messages import LANGUAGES

__all__ = ["scaffold"]

_TEMPLATES = Path(__file__).parent / "scaffold"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_CONFIG = '''"""nbgrader's view of this course. The folder that holds this file is the course root."""

from pathlib import Path

import autograder

c = get_config()  # noqa: F821  (given by traitlets)

c.CourseDirectory.course_id = "course"
c.CourseDirectory.source_directory = "assignments"

# What students find where a solution was. It does not raise: "Run All" goes on to the end.
c.ClearSolutions.code_stub = {{"python": '# {code}\\nprint("{said}")'}}
c.ClearSolutions.text_stub = "*{text}*"

# `nbgrader autograde` and formgrader: sandboxed warm kernels and strict scoring.
autograder.configure(c, course=str(Path(__file__).parent))
'''
_STUBS = {
    "pt_BR": ("SEU CÓDIGO AQUI", "Esta célula ainda não foi respondida.", "SUA RESPOSTA AQUI"),
    "en": ("YOUR CODE HERE", "This cell has not been answered yet.", "YOUR ANSWER HERE"),
}


def scaffold(course: Path, name: str, notebook: str, *, language: str = "pt_BR") -> list[Path]:
    """Write the files of a new exercise; an existing list gets one more notebook.

    Args:
        course: The course root.
        name: The list.
        notebook: The notebook's name, without ``.ipynb``.
        language: ``pt_BR`` or ``en``: that of the text and, in a new list, of its reports.

    Returns:
        What was written.

    Raises:
        UsageError: A name cannot be used, or the exercise is there already; nothing was written.
    """
    if language not in LANGUAGES:
        raise UsageError(f"No exercise in {language!r}.", f"There are: {', '.join(LANGUAGES)}.")
    for what in (name, notebook):
        if not _NAME.fullmatch(what):
            raise UsageError(
                f"{what!r} cannot be the name of a list or notebook.",
                "Letters, digits, '.', '-' and '_'; nbgrader and file names take nothing else.",
            )
    template = _TEMPLATES / language
    source = course / "assignments" / name / f"{notebook}.ipynb"
    settings = course / "assignments" / f"{name}.toml"
    exemplars = course / "exemplars" / name / notebook
    for path in (source, exemplars):
        if path.exists():
            raise UsageError(f"{path} is there already.", "Choose another name for the notebook.")
    if source.parent.is_dir():
        load(course, name)  # a list that cannot be read is mended first
    written = [source, settings]
    source.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(template / "exercise.ipynb", source)
    if not settings.exists():
        shutil.copyfile(template / "settings.toml", settings)
    rubric = (template / "rubric.toml").read_text(encoding="utf-8").replace("NOTEBOOK", f'"{notebook}"')
    with settings.open("a", encoding="utf-8") as out:
        out.write("\n" + rubric)
    shutil.copytree(template / "exemplars", exemplars)
    written += sorted(path for path in exemplars.rglob("*") if path.is_file())
    config = course / "nbgrader_config.py"
    if not config.exists():
        code, said, text = _STUBS[language]
        config.write_text(_CONFIG.format(code=code, said=said, text=text), encoding="utf-8")
        written.append(config)
    return written
