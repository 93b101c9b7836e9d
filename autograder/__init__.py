"""Auto-graded deep-learning exercises: warm sandboxed kernels, strict scoring, nbgrader underneath.

In a test cell: ``from autograder import check, holdout``. In a course's ``nbgrader_config.py``::

    import autograder
    autograder.configure(c)
"""

from typing import Any

__all__ = ["configure"]


def configure(config: Any, **settings: Any) -> None:
    """Make ``nbgrader autograde`` and formgrader use the sandboxed kernel and the strict scoring.

    Args:
        config: The ``c`` of an ``nbgrader_config.py``.
        settings: Traits of ``autograder.nbgrader_bridge.SandboxExecute``: ``cell_cpu``, ``notebook_cpu``,
            ``memory``, ``threads``, ``course``, ``allow_weak_sandbox``.
    """
    from autograder.nbgrader_bridge import configure as bridge

    bridge(config, **settings)
