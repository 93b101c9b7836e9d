"""What a process of the judge's knows of the sandbox it is in."""

import os
import tempfile
from collections.abc import Mapping
from typing import Protocol

from autograder import messages

__all__ = ["Seat", "settle_in"]


class Seat(Protocol):
    """The part of ``sandbox.spec.SandboxSpec`` that matters inside."""

    @property
    def env(self) -> Mapping[str, str]:
        """Environment variables."""

    @property
    def language(self) -> str:
        """What checks speak."""

    @property
    def home(self) -> str:
        """The home directory."""

    @property
    def temporary(self) -> str:
        """The folder for temporary files."""

    @property
    def socket_folder(self) -> str:
        """Where to open the socket."""

    @property
    def inbox_folder(self) -> str:
        """The read-only folder that the engine fills."""

    @property
    def answers_folder(self) -> str:
        """Where files are put that shall come out."""


def settle_in(seat: Seat) -> None:
    """Forget what the zygote found in its environment, and take what belongs to this sandbox."""
    os.environ.clear()
    os.environ.update(
        {
            "HOME": seat.home,
            "TMPDIR": seat.temporary,
            "MPLCONFIGDIR": f"{seat.temporary}/matplotlib",
            "PATH": "/usr/bin:/bin",
            **seat.env,
        }
    )
    tempfile.tempdir = None  # found again where TMPDIR says
    messages.speak(seat.language)
