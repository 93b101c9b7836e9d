"""The judge: runs the test cells of one notebook in a sandbox of its own, on evidence.

Theory of operation
-------------------
Forked from the judge's zygote, which no student's code has ever run in, and isolated as a kernel is: no
network, no host files but a read-only folder of evidence and the held-out data. It listens on one Unix socket,
takes one connection (the engine's), and answers one message at a time (``frames``):

    engine → judge   {"op": "cell", …}   judge this cell; see ``engine.examine``
    judge → engine   {"op": "ask", "request": …} + arguments      pass on to the student's kernel, or to its record
                     {"op": "inspect", "path": …}                 have a file of the snapshot inspected
                     {"op": "done", "status": …, "outputs": […]}  the cell has ended
                     {"op": "failed", "why": …}                   the judge has a bug; it ends
    engine → judge   {"op": "answer", …}                          in reply to ask and inspect

Names that a cell binds hold for later cells. A judge that fails, hangs or answers nonsense is the grader's
failure; what the student's evidence makes of a test is the student's.
"""

import ast
import random
import shutil
import socket
import sys
import tempfile
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from autograder.check.recorder import CheckFailed, reporting_to
from autograder.check.written import reading
from autograder.errors import GraderError
from autograder.evidence.names import study, transformed
from autograder.evidence.plain import MAX_DOCUMENT, Malformed, read_arrays, write_arrays
from autograder.judge import frames
from autograder.judge.exhibits import MODEL_MIME, print_to_json
from autograder.judge.files import Files
from autograder.judge.namespace import Carried, Namespace
from autograder.judge.remote import KernelEnded, raised
from autograder.judge.seat import Seat, settle_in
from autograder.judge.tape import CELL, Tape
from autograder.judge.values import Arguments, Evidence, Models
from autograder.messages import tr

__all__ = ["SOCKET", "serve"]

#: Name of the judge's socket in its socket folder.
SOCKET = "judge"


def serve(spec: Seat) -> None:
    """Judge the cells of one notebook until the engine closes the connection. Called in the isolated process."""
    settle_in(spec)
    sys.addaudithook(_refuse_pickles)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(f"{spec.socket_folder}/{SOCKET}")
        listener.listen(1)
        _warm_up()  # the engine may connect meanwhile
        connection, _ = listener.accept()
    with connection:
        try:
            _answer_all(connection, _Judge(connection, Path(spec.inbox_folder)))
        except frames.Closed:
            return
        except Exception as error:  # a bug of the judge's: the engine is told, and makes it a review
            why = "".join(traceback.format_exception(error)[-3:])
            frames.send(connection, {"op": "failed", "why": why[:4000]})


def _answer_all(connection: socket.socket, judge: "_Judge") -> None:
    while True:
        message, _ = frames.receive(connection)
        frames.send(connection, {"op": "done", **judge.cell(message)})


def _warm_up() -> None:
    """Start TensorFlow's runtime, which takes a moment: most test cells look at a model."""
    keras = sys.modules.get("keras")
    if keras is not None:
        keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])(np.zeros((1, 1), "float32"))


def _refuse_pickles(event: str, _: tuple[Any, ...]) -> None:
    if event == "pickle.find_class":
        raise GraderError("The judge unpickles nothing.")


class _Judge:
    def __init__(self, connection: socket.socket, blobs: Path) -> None:
        self._connection = connection
        self._blobs = blobs
        self._models = Models()
        self._carried = Carried()
        self._files = Files(blobs, self._inspect)

    def cell(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Judge one cell; the answer as JSON-ready data."""
        tape = Tape()
        np.random.seed(request["seed"])
        random.seed(request["seed"])
        try:
            with self._files.laid_out(request["files"]):
                status = self._run(request, tape)
        except KernelEnded as ended:
            status = {"status": ended.status, "limit": ended.limit}
        except GraderError as error:
            status = {"status": "grader", "why": str(error)}
        return {**status, "outputs": tape.outputs}

    def _run(self, request: Mapping[str, Any], tape: Tape) -> dict[str, Any]:
        source = request["source"]
        evidence = self._evidence(request)
        namespace = Namespace(evidence, self._carried.names(evidence))
        names = study(source)
        with tape.running(source), reporting_to(tape), reading(self._texts(request)):
            self._carried.define(request["helpers"], names.needs, namespace)
            try:
                value = _execute(transformed(source), namespace)
                tape.result(value)
            except (KernelEnded, GraderError):
                raise
            except KeyboardInterrupt:
                raise GraderError("The judge was interrupted.") from None
            except BaseException as error:  # whatever a test raises is what it says of the answer
                tape.exception(error)
                return {"status": "error", "raised": type(error).__name__}
            finally:
                tape.figures()
                for one in namespace.prints:
                    tape.publish(MODEL_MIME, print_to_json(one), None)
                self._carried.take(source, namespace, evidence, request.get("asked_for"))
        if tape.failed:
            summary = tr("Checks of this cell that did not pass: {count}.", count=tape.failed)
            tape.error(CheckFailed.__name__, summary, [f"CheckFailed: {summary}"])
        return {"status": "ok"}

    def _texts(self, request: Mapping[str, Any]) -> list[str]:
        """The student's code cells, as the engine took them from the notebook."""
        return [(self._blobs / digest).read_text(encoding="utf-8") for digest in request["cells"]]

    def _evidence(self, request: Mapping[str, Any]) -> Evidence | None:
        if request["document"] is None:
            return None
        try:
            return self._read(request["document"], request["arrays"])
        except Malformed:
            return None  # forged: then there are no values, and every test finds its names missing

    def _read(self, document: str, arrays: str) -> Evidence:
        path = self._blobs / document
        if path.stat().st_size > MAX_DOCUMENT:
            raise Malformed("a document that is too long")
        return Evidence(
            path.read_bytes(),
            read_arrays(self._blobs / arrays),
            channel=self,
            models=self._models,
        )

    # The channel to the student's kernel: see ``remote.Channel``.

    def call(self, token: str, method: str | None, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """Call an object of the kernel's."""
        encoder = Arguments()
        try:
            document = encoder.document({"args": encoder.add((args, dict(kwargs)))})
        except TypeError as error:  # the test's author has to know
            raise GraderError(str(error)) from error
        arrays = write_arrays(encoder.arrays)
        request = {"op": "call", "token": token, "method": method, "sizes": [len(document), len(arrays)]}
        return self._ask(request, document + arrays)

    def get(self, token: str, name: str) -> Any:
        """An attribute of an object of the kernel's."""
        return self._ask({"op": "get", "token": token, "name": name})

    def fetch(self, token: str) -> Any:
        """A large value of the kernel's."""
        return self._ask({"op": "fetch", "token": token})

    def _ask(self, request: Mapping[str, Any], payload: bytes = b"") -> Any:
        frames.send(self._connection, {"op": "ask", "request": request}, payload)
        answer, _ = frames.receive(self._connection)
        if answer["status"] == "ended":
            raise KernelEnded(answer["how"], answer["limit"])
        if answer["status"] == "raised":
            try:
                error = raised(answer)
            except Malformed as malformed:
                raise KernelEnded("error", None) from malformed
            raise error
        if answer["status"] != "ok":
            raise GraderError(str(answer.get("why")))
        return self._read(answer["document"], answer["arrays"]).root("value")

    def _inspect(self, path: str) -> tuple[Mapping[str, Any], Path | None]:
        frames.send(self._connection, {"op": "inspect", "path": path})
        answer, _ = frames.receive(self._connection)
        if answer["status"] == "failed":
            raise GraderError(str(answer.get("why")))
        if answer["status"] != "ok":
            return answer, None
        folder = Path(tempfile.mkdtemp())
        for name, digest in answer["files"].items():
            shutil.copyfile(self._blobs / digest, folder / name)
        return answer, folder


def _execute(source: str, namespace: Namespace) -> Any:
    """Run a cell; the value of its last expression, unless a semicolon follows it."""
    tree = ast.parse(source, CELL)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, CELL, "exec"), namespace)  # noqa: S102
    if not isinstance(last, ast.Expr):
        return None
    value = eval(compile(ast.Expression(last.value), CELL, "eval"), namespace)  # noqa: S307
    return None if source.rstrip().endswith(";") else value
