"""nbgrader's view of this course. The folder that holds this file is the course root."""

from pathlib import Path

import autograder

c = get_config()  # type: ignore[name-defined]  # noqa: F821  (given by traitlets)

c.CourseDirectory.course_id = "tp555"
c.CourseDirectory.source_directory = "assignments"
c.CourseDirectory.solution_directory = "solutions"

# What students find where a solution was. It does not raise: "Run All" goes on to the end.
c.ClearSolutions.code_stub = {"python": '# SEU CÓDIGO AQUI\nprint("Esta célula ainda não foi respondida.")'}
c.ClearSolutions.text_stub = "*SUA RESPOSTA AQUI*"

# `nbgrader autograde` and formgrader: sandboxed warm kernels and strict scoring.
autograder.configure(c, course=str(Path(__file__).parent))
