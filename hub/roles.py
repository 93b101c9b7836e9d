"""Who may do what on the hub: groups, and the scopes that nbgrader's pages and the grader's server need.

Pure functions of settings and roster, so that tests can ask them anything.
"""

from collections.abc import Sequence
from typing import Any

from hub.roster import Member
from hub.settings import Settings

__all__ = ["formgrader", "groups", "roles", "user_scopes"]


def groups(settings: Settings, roster: Sequence[Member]) -> dict[str, dict[str, list[str]]]:
    """JupyterHub's groups, as nbgrader names them: who takes part, and who may open formgrader."""
    course = settings.course.id
    students = [member.id for member in roster if member.role == "student"]
    graders = [member.id for member in roster if member.role != "student"]
    return {
        f"nbgrader-{course}": {"users": students},
        f"formgrade-{course}": {"users": graders},
        f"instructors-{course}": {"users": [member.id for member in roster if member.role == "instructor"]},
    }


def roles(settings: Settings) -> list[dict[str, Any]]:
    """Teachers may open the grader's server, which may see who is in which group; nobody is an admin by role."""
    course = settings.course.id
    return [
        {
            "name": f"formgrade-{course}",
            "description": "Opens formgrader and the review pages",
            "scopes": [f"access:services!service={course}", "list:services", f"read:services!service={course}"],
            "groups": [f"formgrade-{course}"],
        },
        {
            "name": f"{course}-service",
            "description": "Formgrader sees who belongs to the course",
            "scopes": [
                "list:users",
                "read:users:groups",
                "read:users:name",
                f"read:groups!group=nbgrader-{course}",
            ],
            "services": [course],
        },
    ]


def user_scopes() -> list[str]:
    """What the token of a user's own server may do: nbgrader's course list asks the hub as the user."""
    return [
        "access:servers!server",
        "users:activity!user",
        "read:users:groups!user",
        "read:users:name!user",
        "list:services",
        "read:services",
    ]


def formgrader(settings: Settings, command: Sequence[str], environment: dict[str, str]) -> dict[str, Any]:
    """The grader's server, shared by all teachers, as a service that the hub starts.

    Args:
        settings: The hub's.
        command: What starts it.
        environment: Its environment, beside what the hub adds.
    """
    course = settings.course
    return {
        "name": course.id,
        "url": f"http://127.0.0.1:{course.port}",
        # As the grader from its first instruction, with the one right that a port below 1024 needs.
        "command": [
            "setpriv", f"--reuid={course.grader}", f"--regid={course.grader}", "--clear-groups", "--no-new-privs",
            "--bounding-set=-all,+net_bind_service", "--inh-caps=-all,+net_bind_service",
            "--ambient-caps=-all,+net_bind_service", *command,
        ],
        "cwd": str(settings.folder("course")),
        "environment": environment,
        "oauth_no_confirm": True,
        "oauth_client_allowed_scopes": [f"access:services!service={course.id}", "read:users:groups!user"],
        "display": True,
    }  # fmt: skip
