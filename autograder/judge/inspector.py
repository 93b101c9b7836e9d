"""The inspector: opens one file that a student made, in a sandbox that holds nothing else, and says what is in it.

Theory of operation: forked from the judge's zygote and isolated as a kernel is; it sees the one file,
read-only. It takes one request on its socket, writes what it found where a kernel puts its answers, and from
there the porter copies it. A file that takes it down, or over a limit, is refused: no honest file does.
"""

import socket
from pathlib import Path

from autograder.evidence.inspect import inspect_file
from autograder.evidence.refusal import Refused
from autograder.judge import frames
from autograder.judge.seat import Seat, settle_in

__all__ = ["serve"]


def serve(spec: Seat) -> None:
    """Inspect one file. Called in the isolated process."""
    settle_in(spec)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(f"{spec.socket_folder}/inspector")
        listener.listen(1)
        connection, _ = listener.accept()
    with connection:
        request, _ = frames.receive(connection)
        out = Path(spec.answers_folder) / "out"
        out.mkdir()
        try:
            inspect_file(Path(request["path"])).to_files(out)
            answer = {"status": "ok"}
        except Refused as refused:
            answer = {"status": "refused", "code": refused.code, "message": refused.message}
        frames.send(connection, answer)
        connection.recv(1)  # until the engine has what it came for
