"""Jupyter's and nbgrader's settings for each role: folders ``etc/<role>``, named by ``JUPYTER_CONFIG_PATH``."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hub.settings import Settings

__all__ = ["GRADER", "STUDENT", "TEACHER", "config_files", "write"]

STUDENT, TEACHER, GRADER = "student", "teacher", "grader"

#: nbgrader's pages, as extensions of the server and of JupyterLab.
_SERVER = "nbgrader.server_extensions."
_LAB = "@jupyter/nbgrader:"
_PAGES = {
    STUDENT: ("assignment_list", "validate_assignment"),
    TEACHER: ("assignment_list", "validate_assignment", "course_list"),
    GRADER: ("formgrader",),  # validating would run a student's notebook as the grader
}
_LAB_PAGES = {
    "assignment_list": "assignment-list",
    "validate_assignment": "validate-assignment",
    "course_list": "course-list",
    "formgrader": "formgrader",
    "create_assignment": "create-assignment",
}


def config_files(settings: Settings, role: str, numbers: Mapping[str, int] | None = None) -> dict[str, str]:
    """The files of one role by name.

    Args:
        settings: The hub's.
        role: ``STUDENT``, ``TEACHER`` or ``GRADER``.
        numbers: uid by login, for a grader on a machine where people have no accounts.
    """
    pages = _PAGES[role]
    extensions = {f"{_SERVER}{page}": page in pages for page in _LAB_PAGES if page != "create_assignment"}
    lab_pages = {*pages, "create_assignment"} if role == GRADER else set(pages)
    disabled = {f"{_LAB}{name}": page not in lab_pages for page, name in _LAB_PAGES.items()}
    # Nobody needs news from a server that has no network, and an update is the operator's to make.
    disabled["@jupyterlab/apputils-extension:announcements"] = True
    if role == GRADER:  # ours takes the place of nbgrader's own
        extensions |= {
            f"{_SERVER}formgrader": False,
            "autograder.formgrader": True,
            "gradebook.review.server": True,
            "jupyter_server_mathjax": True,
        }
    else:
        extensions["hub.home"] = True
    server: dict[str, Any] = {
        # A login shell would take the environment's programs out of PATH again.
        "ServerApp": {"jpserver_extensions": extensions, "terminado_settings": {"shell_command": ["/bin/bash"]}},
        # The sandbox's kernel is for grading: started by hand it only confuses.
        "KernelSpecManager": {"allowed_kernelspecs": ["python3"]},
    }
    return {
        "jupyter_server_config.json": _json(server),
        "labconfig/page_config.json": _json({"disabledExtensions": {k: v for k, v in disabled.items() if v}}),
        "labconfig/default_setting_overrides.json": _json(
            {"@jupyterlab/translation-extension:plugin": {"locale": settings.course.language}}
        ),
        "nbgrader_config.py": _nbgrader(settings, role, numbers or {}),
    }


def write(settings: Settings, folder: Path, numbers: Mapping[str, int] | None = None) -> None:
    """Write the files of every role, each below ``folder/<role>``.

    Args:
        settings: The hub's.
        folder: Where.
        numbers: As for ``config_files``.
    """
    for role in _PAGES:
        for name, text in config_files(settings, role, numbers).items():
            path = folder / role / name
            path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            _replace(path, text)


def _nbgrader(settings: Settings, role: str, numbers: Mapping[str, int]) -> str:
    lines = [
        "c = get_config()",
        f"c.CourseDirectory.course_id = {settings.course.id!r}",
        f"c.Exchange.root = {str(settings.folder('exchange'))!r}",
        "c.Exchange.path_includes_course = True",
    ]
    if role == GRADER:
        # Who may come in here was decided by the hub; the grader itself is nobody whom the hub knows.
        lines += [
            f"c.CourseDirectory.root = {str(settings.folder('course'))!r}",
            "c.ExchangeFactory.collect = 'autograder.nbgrader_exchange.OwnedCollect'",
            "c.ExchangeFactory.release_assignment = 'autograder.nbgrader_exchange.StickyRelease'",
        ]
        if numbers:
            lines.append(f"c.OwnedCollect.numbers = {dict(numbers)!r}")
    else:
        lines += [
            "import os",
            "c.Authenticator.plugin_class = 'nbgrader.auth.JupyterHubAuthPlugin'",
            # In a container nobody has an account by which nbgrader would know them.
            "c.CourseDirectory.student_id = os.environ.get('JUPYTERHUB_USER', '*')",
            "c.ExchangeFactory.submit = 'autograder.nbgrader_exchange.ReceiptSubmit'",
        ]
    return "\n".join(lines) + "\n"


def _json(value: Any) -> str:
    return json.dumps(value, indent=2) + "\n"


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}")
    partial.write_text(text, encoding="utf-8")
    partial.chmod(0o644)
    partial.replace(path)
