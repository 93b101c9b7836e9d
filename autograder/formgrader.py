"""Formgrader with this project behind its buttons, in a server that stays awake meanwhile.

nbgrader does all that a button asks for inside the server's only thread; a class that is graded so leaves
everybody with a white page. Here each button starts the command that an instructor would type, and the answer is
sent when it has ended. The pages and their scripts are nbgrader's own.
"""

import asyncio
import json
import os
import re
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jupyter_server.utils import url_path_join as ujoin
from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbgrader.server_extensions.formgrader.apihandlers import GradeHandler, check_notebook_dir, check_xsrf
from nbgrader.server_extensions.formgrader.base import BaseApiHandler, BaseHandler
from nbgrader.server_extensions.formgrader.formgrader import FormgradeExtension
from nbgrader.server_extensions.formgrader.handlers import static_path
from tornado import web
from traitlets import Bool, Unicode

from gradebook.records.triggers import caused_by
from gradebook.review.answer_text import harmless

__all__ = ["Exporter", "Formgrader"]

_MATHJAX = "static/jupyter_server_mathjax/MathJax.js?config=TeX-AMS-MML_HTMLorMML-full,Safe"
#: Its font is the one that the server brings; a formula makes no link, whatever "safe" addresses it names.
_FONT = (
    '<script>window.MathJax = {"HTML-CSS": {availableFonts: [], preferredFont: null, imageFont: null, '
    'webFont: "STIX-Web"}, Safe: {allow: {URLs: "none"}}}</script>'
)
#: Pages with names in their addresses, and what a name may be made of there: no quote, no bracket, no ampersand.
_PAGES = "manage_submissions|gradebook|manage_students|submissions|api"
_FINE = "[A-Za-z0-9._~@+-]|%20|%[89A-Fa-f][0-9A-Fa-f]"
#: Beside nbgrader's pages, in the list of pages.
_REVIEW = """
$(function () {
    $("ul.nav-stacked").append($("<li>").append($("<a>").attr("href", base_url + "/review").text("Essay review")));
});
"""
#: From one submission to another.
_WAYS = "(?:next_incorrect|prev_incorrect|next|prev)"
#: Kinds of output that a page shows.
_SHOWN = frozenset(
    ("text/plain", "text/html", "text/markdown", "text/latex", "image/png", "image/jpeg", "image/svg+xml")
)
_TAIL = 20_000  # characters of a log that a page shows

#: What each button runs, and the exit codes that are no failure. ``{0}`` is the list, ``{1}`` the student.
_BUTTONS: dict[str, tuple[tuple[str, ...], tuple[int, ...]]] = {
    r"assignment/([^/]+)/assign": (("autograder", "release", "{0}"), (0,)),
    r"assignment/([^/]+)/release": (("nbgrader", "release_assignment", "{0}", "--force"), (0,)),
    r"assignment/([^/]+)/collect": (("nbgrader", "collect", "{0}", "--update"), (0,)),
    r"assignment/([^/]+)/generate_feedback": (("gradebook", "feedback", "{0}", "--json"), (0,)),
    r"assignment/([^/]+)/release_feedback": (("nbgrader", "release_feedback", "{0}"), (0,)),
    r"assignment/([^/]+)/([^/]+)/generate_feedback": (
        ("gradebook", "feedback", "{0}", "--student", "{1}", "--json"), (0,),
    ),
    r"assignment/([^/]+)/([^/]+)/release_feedback": (
        ("nbgrader", "release_feedback", "{0}", "--student", "{1}"), (0,),
    ),
    # 1: something waits for a review that is the grader's fault; the page shows which.
    r"submission/([^/]+)/([^/]+)/autograde": (
        ("autograder", "grade", "{0}", "--student", "{1}"), (0, 1),
    ),
}  # fmt: skip


class _Button(BaseApiHandler):  # type: ignore[misc]
    """Answers as nbgrader's own handlers do: ``{"success": …, "log": …, "error": …}``."""

    #: One command at a time: they write into the same folders, and the gradebook has one writer.
    turn = asyncio.Lock()

    def initialize(self, command: Sequence[str], fine: Sequence[int]) -> None:
        self._command, self._fine = command, fine

    @web.authenticated
    @check_xsrf  # type: ignore[untyped-decorator]
    @check_notebook_dir  # type: ignore[untyped-decorator]
    async def post(self, *names: str) -> None:
        """Run the command and tell how it ended."""
        if any(name.startswith("-") for name in names):
            raise web.HTTPError(400, "a name cannot begin with a dash")
        program, *words = (word.format(*names) for word in self._command)
        async with self.turn:
            process = await asyncio.create_subprocess_exec(
                Path(sysconfig.get_path("scripts")) / program, *words,
                cwd=self.coursedir.root, env={**os.environ, "NO_COLOR": "1", "TERM": "dumb", "COLUMNS": "100"},
                stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
            try:
                said, _ = await process.communicate()
            finally:
                if process.returncode is None:
                    process.terminate()
        log = said.decode("utf-8", "replace")[-_TAIL:]
        # What the pages read next was written by another process.
        self.gradebook.db.expire_all()
        fine = process.returncode in self._fine
        self.write(json.dumps({"success": fine, "log": log, **({} if fine else {"error": log})}))


class _Grade(GradeHandler):  # type: ignore[misc]
    """nbgrader's own, which tells the gradebook's history who gave the points."""

    @web.authenticated
    def put(self, grade_id: str) -> None:
        """Change a score."""
        with caused_by(self.gradebook.db.registry(), str(self.current_user.username), "by hand"):
            super().put(grade_id)


class _Front(BaseHandler):  # type: ignore[misc]
    """Formgrader's first page. nbgrader's own runs the configuration of any folder that the address names."""

    @web.authenticated
    def get(self) -> None:
        """Go where it would lead."""
        self.redirect(f"{self.base_url}/formgrader/manage_assignments")


class _Strange(BaseHandler):  # type: ignore[misc]
    """For addresses with names that are none: nbgrader writes them into its pages' scripts as they come."""

    @web.authenticated
    def prepare(self) -> None:
        """Whatever the method."""
        raise web.HTTPError(404)


class _Links(BaseHandler):  # type: ignore[misc]
    """nbgrader's script that makes links, with the server's own address in them, and one to the review page.

    Outside of JupyterLab's frame, which today's hubs leave blank, they lead to the top of the site.
    """

    @web.authenticated
    def get(self) -> None:
        """Send it."""
        text = (Path(static_path) / "js" / "utils.js").read_text(encoding="utf-8")
        self.set_header("Content-Type", "text/javascript; charset=utf-8")
        self.finish(re.sub(r'"(/(?:notebooks|edit|tree)/)"', r'base_url + "\1"', text) + _REVIEW)


class Exporter(HTMLExporter):  # type: ignore[misc]
    """Submissions as pages of the grader's server, in which nothing of a student's can act.

    A script in an answer would be the teacher's, with all that the grader may do; nbgrader shows HTML as it comes.
    Formulas are drawn by the server's own MathJax: there may be no network.
    """

    mathjax = Unicode(help="Where it is.")
    sanitize_html = Bool(True, help="No output runs a script.")

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """nbconvert's, but for what cleans."""
        yield from super().default_filters()
        yield ("clean_html", harmless)

    @pass_context
    def markdown2html(self, context: Any, source: str) -> str:
        """Rendered, then cleaned: Markdown lets HTML through."""
        return harmless(super().markdown2html(context, source))

    def from_notebook_node(self, nb: NotebookNode, *args: Any, **kwargs: Any) -> tuple[str, dict[str, Any]]:
        """As nbconvert does it, without what its templates write into a tag as it comes."""
        nb = deepcopy(nb)
        nb.metadata = {k: v for k, v in nb.metadata.items() if k == "kernelspec"}
        for cell in nb.cells:
            cell.metadata = {k: v for k, v in cell.metadata.items() if k == "nbgrader"}
            for output in cell.get("outputs", []):
                if "data" in output:
                    output.data = {k: v for k, v in output.data.items() if k in _SHOWN and isinstance(v, str)}
                    output.metadata = _sizes(output.metadata)
        text, resources = super().from_notebook_node(nb, *args, **kwargs)
        ours = f'{_FONT}<script src="{self.mathjax}"></script>'
        return re.sub(r'<script src="https:[^"]*/mathjax/[^"]*">\s*</script>', ours, text, flags=re.I), resources


def _sizes(metadata: Mapping[str, Any]) -> NotebookNode:
    """Of what an output says of itself, its size alone: nbconvert writes that into the picture's tag unquoted."""
    found = NotebookNode()
    for name, value in metadata.items():
        if isinstance(value, Mapping):
            found[name] = _sizes(value)
        elif name in ("width", "height") and type(value) in (int, float):
            found[name] = value
    return found


class Formgrader(FormgradeExtension):  # type: ignore[misc]
    """nbgrader's extension with other handlers for what takes long."""

    def init_tornado_settings(self, webapp: Any) -> None:
        """With an exporter that asks for nothing outside."""
        super().init_tornado_settings(webapp)
        url = ujoin(webapp.settings["base_url"], _MATHJAX)
        webapp.settings["nbgrader_exporter"] = Exporter(config=self.config, mathjax=url)

    def init_handlers(self, webapp: Any) -> None:
        """Ours come first: Tornado takes the first that fits."""
        base = webapp.settings["base_url"].rstrip("/")
        webapp.add_handlers(
            ".*$",
            [
                (f"{base}/formgrader/?", _Front),
                (f"{base}/formgrader/(?:{_PAGES})/(?!(?:{_FINE}|/)*$).*", _Strange),
                # Files of a submission, a page with a script among them, as pages of this server.
                (f"{base}/formgrader/submissions/(?!components/)[^/]+/(?!{_WAYS}/?$).+", _Strange),
                (f"{base}/formgrader/static/js/utils.js", _Links),
                (f"{base}/formgrader/api/grade/([^/]+)", _Grade),
            ],
        )
        webapp.add_handlers(
            ".*$",
            [
                (f"{base}/formgrader/api/{pattern}", _Button, {"command": command, "fine": fine})
                for pattern, (command, fine) in _BUTTONS.items()
            ],
        )
        super().init_handlers(webapp)


def _load_jupyter_server_extension(app: Any) -> None:
    formgrader = Formgrader(parent=app)
    formgrader.root_dir = app.root_dir
    formgrader.log = app.log
    formgrader.initialize([])
    formgrader.init_tornado_settings(app.web_app)
    formgrader.init_handlers(app.web_app)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": "autograder.formgrader"}]
