"""The review page: a Jupyter server extension, beside formgrader in the grader's server.

Whoever may open that server may review; the hub says who somebody is. Answers have an alias instead of a name.
"""

import hashlib
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

from jupyter_server.base.handlers import APIHandler, JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web

from autograder.assignment import Assignment, load
from autograder.errors import AutograderError, UsageError
from autograder.notebook import grade_id_of
from gradebook.headings import notebook_title
from gradebook.records.database import Database
from gradebook.records.location import database_url
from gradebook.review.answer_text import as_html, read_answer
from gradebook.review.plan import Answer, Task
from gradebook.review.store import Mark, Reviews, rubrics_of

__all__ = ["alias"]

_STATIC = Path(__file__).parent / "static"
_LOGIN = re.compile(r"[\w.@-]{1,64}")
#: MathJax writes styles into its formulas; scripts come from files of ours alone.
_POLICY = (
    "default-src 'self'; img-src 'self' data:; font-src 'self' data:; style-src 'self' 'unsafe-inline'; "
    "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)


def alias(task: Task) -> str:
    """What an answer is called instead of its student's name; the same for every reader."""
    text = "\0".join((task.answer.notebook, task.answer.cell, task.answer.student))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


class _Course:
    """The course that a server serves."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._database: Database | None = None

    def lists(self) -> list[str]:
        """Assignments with a rubric."""
        return sorted(path.stem for path in (self.root / "assignments").glob("*.toml"))

    def assignment(self, name: str) -> Assignment:
        """One of them.

        Raises:
            UsageError: There is no such assignment.
        """
        if name not in self.lists():
            raise UsageError(f"The course has no assignment {name!r}.")
        return load(self.root, name)

    def reviews(self, assignment: Assignment) -> Reviews:
        """Its reviews."""
        if self._database is None:
            self._database = Database(database_url(self.root))
        return Reviews(self._database, assignment.name, rubrics_of(assignment))


class _Page(JupyterHandler):  # type: ignore[misc]
    """The page itself; all else comes from the API."""

    @web.authenticated
    def get(self) -> None:
        self.set_header("Content-Security-Policy", _POLICY)
        text = (_STATIC / "review.html").read_text(encoding="utf-8")
        base = self.base_url
        self.write(text.replace("{{base}}", base).replace("{{xsrf}}", self.xsrf_token.decode("utf-8")))


class _Api(APIHandler):  # type: ignore[misc]
    """What they share: the course, and errors as a line of text."""

    def initialize(self, course: _Course) -> None:
        self._course = course

    @property
    def reviewer(self) -> str:
        """Who asks, as the hub knows them."""
        return str(self.current_user.username)

    def opened(self, name: str) -> tuple[Assignment, Reviews]:
        """The assignment and its reviews."""
        assignment = self._course.assignment(name)
        return assignment, self._course.reviews(assignment)

    def task(self, reviews: Reviews, name: str) -> tuple[Task, Mark | None]:
        """The task of an alias, if it is who asks that has it.

        Raises:
            UsageError: It is not.
        """
        for task, mark in reviews.queue(self.reviewer):
            if alias(task) == name:
                return task, mark
        raise UsageError(f"{self.reviewer} does not read {name!r}.")

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """An error of ours says what to do; another only that it happened."""
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        if isinstance(error, AutograderError):
            self.set_status(400)
            self.finish(json.dumps({"message": str(error)}))
        else:
            super().write_error(status_code, **kwargs)


class _Queue(_Api):
    @web.authenticated
    def get(self) -> None:
        """Everything that who asks has to read, in an order that tells nothing."""
        lists = self._course.lists()
        wanted = self.get_argument("assignment", lists[0] if lists else "")
        assignment, reviews = self.opened(wanted)
        titles = {template.name: notebook_title(template) for template in assignment.notebooks}
        tasks = sorted(reviews.queue(self.reviewer), key=lambda found: (found[0].answer.notebook, alias(found[0])))
        self.finish(
            {
                "reviewer": self.reviewer,
                "assignment": wanted,
                "assignments": lists,
                "language": assignment.settings.language,
                "tasks": [
                    {
                        "id": alias(task), "notebook": task.answer.notebook, "cell": task.answer.cell,
                        "title": titles.get(task.answer.notebook, task.answer.notebook),
                        "second": task.second, "mark": _mark(mark),
                    }
                    for task, mark in tasks
                ],
            }
        )  # fmt: skip


class _AnswerText(_Api):
    @web.authenticated
    def get(self, assignment_name: str, name: str) -> None:
        """One answer with its rubric."""
        assignment, reviews = self.opened(assignment_name)
        task, mark = self.task(reviews, name)
        answer = task.answer
        path = self._course.root / "autograded" / answer.student / assignment.name / f"{answer.notebook}.ipynb"
        rubric = rubrics_of(assignment)[answer.notebook, answer.cell]
        text = reviews.text(answer)  # before the page is read: who marks an older text is told so
        self.finish(
            {
                "id": name,
                "text": text,
                "html": read_answer(path, answer.cell) or "",
                "question": _question(assignment, answer),
                "criteria": [
                    {"title": c.title, "levels": [{"points": v.points, "text": v.text} for v in c.levels]}
                    for c in rubric.criteria
                ],
                "phrases": reviews.phrases(answer.notebook, answer.cell),
                "mark": _mark(mark),
                "second": task.second,
            }
        )

    @web.authenticated
    def post(self, assignment_name: str, name: str) -> None:
        """Mark it."""
        _, reviews = self.opened(assignment_name)
        task, _ = self.task(reviews, name)
        body = self.get_json_body() or {}
        try:
            levels = [int(level) for level in body["levels"]]
            comment, keep = str(body.get("comment", "")), bool(body.get("keep") and body["comment"].strip())
            text = str(body["text"])
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise UsageError(f"That is no mark: {error}.") from error
        if len(comment) > 10_000:
            raise UsageError("A comment has up to 10,000 characters.", "Shorten it; nothing was saved.")
        if keep and len(comment.strip()) > 2000:
            raise UsageError("A kept comment has from 1 to 2,000 characters.", "Shorten it, or do not keep it.")
        score = reviews.mark(task.answer, self.reviewer, levels, comment, text=text)
        if keep:
            reviews.keep(task.answer.notebook, task.answer.cell, comment)
        self.finish({"score": score})


class _ProgressOfAll(_Api):
    @web.authenticated
    def get(self, assignment_name: str) -> None:
        """How far everybody is, how far two readers agree, and how many answers are nobody's."""
        _, reviews = self.opened(assignment_name)
        self.finish(reviews.overview().to_json())


class _Deal(_Api):
    @web.authenticated
    def post(self, assignment_name: str) -> None:
        """Deal the answers that are nobody's. Whoever comes in here has the grader's terminal anyway."""
        _, reviews = self.opened(assignment_name)
        body = self.get_json_body() or {}
        try:
            names = [name for name in map(str.strip, body["names"]) if name]
            double = float(body.get("double", 0.1))
        except (TypeError, KeyError, ValueError, AttributeError) as error:
            raise UsageError(f"Answers cannot be dealt so: {error}.") from error
        strange = [name for name in names if not _LOGIN.fullmatch(name)]
        if strange:
            raise UsageError(f"That is no login: {strange[0]!r}.", "Give logins with commas between them.")
        self.finish({"new": len(reviews.deal(names, double=double))})


def _mark(mark: Mark | None) -> dict[str, Any] | None:
    return None if mark is None else {"levels": list(mark.levels), "comment": mark.comment}


def _question(assignment: Assignment, answer: Answer) -> str:
    """The text that stands before the answer in the notebook."""
    cells = assignment.notebook(answer.notebook).notebook.cells
    for before, cell in pairwise(cells):
        if grade_id_of(cell) == answer.cell and before.cell_type == "markdown":
            return as_html(before.source)
    return ""


def _load_jupyter_server_extension(app: Any) -> None:
    base, course = app.web_app.settings["base_url"], _Course(Path(app.root_dir))
    handlers: list[Any] = [
        ("review", _Page),
        ("review/api/queue", _Queue, {"course": course}),
        ("review/api/answer/([^/]+)/([0-9a-f]{12})", _AnswerText, {"course": course}),
        ("review/api/progress/([^/]+)", _ProgressOfAll, {"course": course}),
        ("review/api/deal/([^/]+)", _Deal, {"course": course}),
        (r"review/static/(.*)", web.StaticFileHandler, {"path": str(_STATIC)}),
    ]
    app.web_app.add_handlers(".*$", [(url_path_join(base, path), *rest) for path, *rest in handlers])


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "gradebook.review.server"}]
