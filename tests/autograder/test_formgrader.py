"""What formgrader shows of a submission cannot act: its pages belong to the teacher who opens them."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell
from nbgrader.server_extensions.formgrader.handlers import template_path
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application

from autograder.formgrader import Exporter, Formgrader

SCRIPT = "<script>fetch('/roubo')</script>"
PICTURE = "<img src=x onerror=\"fetch('/roubo')\">"
LINK = "<a href=\"javascript:fetch('/roubo')\">veja</a>"
FRAME = "<iframe srcdoc=\"<script>fetch('/roubo')</script>\"></iframe>"
SVG = "<svg xmlns='http://www.w3.org/2000/svg' onload=\"fetch('/roubo')\"><script>fetch('/roubo')</script></svg>"
STYLE = "<style>body { background: url(/roubo) }</style><p style='position: fixed; top: 0'>por cima</p>"
FORM = "<form action='/roubo'><button>Resolve</button></form>"
POINTS = "<span class='full-credit'>/roubo</span> <span class='comment'></span>"  # nbgrader's script listens
HTML = (SCRIPT, PICTURE, LINK, FRAME, SVG, STYLE, FORM, POINTS)
NBGRADER = {"nbgrader": {"grade_id": "essay", "grade": True, "solution": True, "locked": False, "points": 2,
                         "schema_version": 3, "cell_type": "markdown", "task": False}}  # fmt: skip


def _notebook(cells: tuple[object, ...]) -> NotebookNode:
    """Also one that nbformat would refuse: what is read from a file may be."""
    notebook = new_notebook()
    notebook.cells = list(cells)
    return notebook


def page(*cells: object) -> str:
    """As formgrader makes it."""
    resources = {
        "base_url": "", "assignment_id": "lista", "notebook_id": "ex", "submission_id": "0", "index": 0,
        "total": 1, "student": "ana", "last_name": "Souza", "first_name": "Ana", "notebook_path": "x",
        "filename": "ex.ipynb",
    }  # fmt: skip
    exporter = Exporter(
        mathjax="/static/MathJax.js", template_name="formgrade", extra_template_basedirs=[template_path]
    )
    text, _ = exporter.from_notebook_node(_notebook(cells), resources=resources)
    return str(text)


def test_formulas_are_drawn_by_the_server_s_own_script() -> None:
    """In the only font that it brings."""
    text = page(new_markdown_cell("$x^2$"))
    assert re.findall(r'<script src="([^"]*)"></script>', text)[-1:] == ["/static/MathJax.js"]
    assert "https://" not in text.replace("https://www.w3.org", "")
    assert text.index("STIX-Web") < text.index("/static/MathJax.js")


def outputs(text: str) -> Iterator[object]:
    for kind in (
        "text/html",
        "text/markdown",
        "application/javascript",
        "image/svg+xml",
        "text/latex",
        "text/plain",
    ):
        yield new_output("display_data", {kind: text})
    for widget in ({}, text):
        yield new_output("display_data", {"application/vnd.jupyter.widget-view+json": widget})
    yield new_output("stream", text=text)
    yield new_output("error", ename=text, evalue=text, traceback=[text])
    for size in ({"width": text}, {"image/png": {"height": text}}, {text: text}):
        yield new_output("display_data", {"image/png": f'x" onerror="fetch(1)" {text}', text: text}, metadata=size)


class _Acts(HTMLParser):
    """Counts what could act: elements, handlers of events, addresses that are scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: Counter[str] = Counter()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "iframe", "form", "style", "svg", "object", "embed", "link", "base", "meta"):
            self.found[tag] += 1
        for name, value in attributes:
            if name == "class" and value in ("full-credit", "comment"):
                self.found[value] += 1
            leads = name in ("href", "src", "action") and not (value or "").startswith("data:image/")
            if name.startswith("on") or leads or (name == "style" and value):
                self.found[f"{name}={value}"] += 1


@pytest.mark.parametrize("html", HTML)
def test_nothing_of_an_answer_acts(html: str) -> None:
    plain = page(new_markdown_cell("ola", metadata=NBGRADER), new_code_cell("1"))
    code = new_code_cell(html, outputs=list(outputs(html)))
    code.metadata.update(tags=[html], name=html, collapsed=html)
    hostile = page(
        new_markdown_cell(html), new_markdown_cell(html, metadata=NBGRADER), new_raw_cell(html), code
    )  # fmt: skip
    assert _Acts(hostile).found - _Acts(plain).found == {}
    assert "/roubo" in hostile  # it was shown, as text


def test_what_is_harmless_is_shown() -> None:
    frame = "<table><thead><tr><th>mse</th></tr></thead><tbody><tr><td>0.35</td></tr></tbody></table>"
    text = page(
        new_markdown_cell("## Título\n\n**forte** e $x < y$", metadata=NBGRADER),
        new_code_cell("df", outputs=[new_output("execute_result", {"text/html": frame, "text/plain": "mse"})]),
        new_code_cell("fig", outputs=[new_output("display_data", {"image/png": "iVBORw0KGgo="})]),
    )
    assert "<strong>forte</strong>" in text
    assert "<th>mse</th>" in text
    assert "data:image/png;base64,iVBORw0KGgo=" in text
    assert "$x &lt; y$" in text


@pytest.fixture(scope="module")
def answering() -> Callable[[str], str]:
    """The handler for an address of formgrader's, by name."""
    app = Application(base_url="/")
    Formgrader().init_handlers(app)

    def ask(path: str) -> str:
        line = RequestStartLine("GET", path, "HTTP/1.1")
        connection = SimpleNamespace(context=None, set_close_callback=lambda _: None)
        request = HTTPServerRequest(start_line=line, headers=HTTPHeaders({"Host": "x"}), connection=connection)
        return str(app.find_handler(request).handler_class.__name__)

    return ask


@pytest.mark.parametrize("path", ["", "/", "/?path=/tmp/x"])
def test_no_configuration_comes_from_an_address(answering: Callable[[str], str], path: str) -> None:
    """nbgrader's own first page runs the nbgrader_config.py of any folder that a link names."""
    assert answering(f"/formgrader{path}") == "_Front"


@pytest.mark.parametrize(
    "part", ["%22%3Balert(1)%2F%2F", "%3Cscript%3E", "a%27b", "a&b", "a%00", "..%2f..%2fx", "%5c", "a%0ab"]
)
@pytest.mark.parametrize(
    "page", ["manage_submissions", "gradebook", "gradebook/lista", "manage_students", "submissions", "api/x"]
)
def test_a_name_that_is_none_reaches_no_page(answering: Callable[[str], str], page: str, part: str) -> None:
    assert answering(f"/formgrader/{page}/{part}") == "_Strange"


@pytest.mark.parametrize(
    "path", ["0123abcd/evil.html", "0123abcd//srv/course/submitted/ana/lista12/evil.html", "0123abcd/x/next"]
)
def test_no_file_of_a_submission_is_a_page_of_the_server(answering: Callable[[str], str], path: str) -> None:
    """nbgrader sends any file of the course's folder, as what its name says."""
    assert answering(f"/formgrader/submissions/{path}") == "_Strange"


@pytest.mark.parametrize(
    ("path", "handler"),
    [
        ("submissions/components/x/y.js", "StaticFileHandler"),
        ("manage_submissions/lista12", "ManageSubmissionsHandler"),
        ("manage_submissions/lista%2012/", "ManageSubmissionsHandler"),
        ("gradebook/lista12/02_regressor", "GradebookNotebookSubmissionsHandler"),
        ("manage_students/jos%C3%A9@x.edu", "ManageStudentsAssignmentsHandler"),
        ("submissions/0123abcd/", "SubmissionHandler"),
        ("submissions/0123abcd/next?index=1", "SubmissionNavigationHandler"),
        ("api/assignment/lista12/assign", "_Button"),
        ("api/submission/lista12/ana/autograde", "_Button"),
        ("api/status", "StatusHandler"),
        ("api/grade/0123abcd", "_Grade"),
    ],
)
def test_names_reach_their_pages(answering: Callable[[str], str], path: str, handler: str) -> None:
    assert answering(f"/formgrader/{path}") == handler
