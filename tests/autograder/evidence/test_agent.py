"""The agent in a kernel: values out, calls carried out, and nothing of a student's object brings it down."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.evidence.agent import Agent
from autograder.evidence.plain import Decoder, Encoder, read_arrays, write_arrays


class Kernel:
    """An agent over some names, and the documents that it writes."""

    def __init__(self, folder: Path, **names: Any) -> None:
        self.names = names
        self.folder = folder / "out"
        self.agent = Agent(names, str(self.folder))

    def ask(self, request: dict[str, Any], *buffers: bytes) -> dict[str, Any]:
        """Send a request."""
        return self.agent.answer(request, list(buffers))

    def document(self) -> dict[str, Any]:
        """The document of the last answer."""
        found: dict[str, Any] = json.loads((self.folder / "answer.json").read_bytes())
        return found

    def value(self, name: str = "value") -> Any:
        """A value of the last answer."""
        document, arrays = (self.folder / f"answer.{kind}" for kind in ("json", "npz"))
        return Decoder(document.read_bytes(), read_arrays(arrays.read_bytes())).root(name)

    def export(self) -> dict[str, Any]:
        """Have all names exported."""
        assert self.ask({"op": "export"}) == {"status": "ok"}
        return self.document()

    def node(self, name: str) -> Any:
        """The node of a name."""
        document = self.document()
        return document["nodes"][document["roots"][name]]

    def call(self, name: str, *args: Any, method: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """Call an object by its name."""
        encoder = Encoder()
        document = encoder.document({"args": encoder.add((args, kwargs))})
        request = {"op": "call", "token": self.node(name)["token"], "method": method}
        return self.ask(request, document, write_arrays(encoder.arrays))


def test_every_name_is_exported(tmp_path: Path) -> None:
    """A changed test finds what it needs; IPython's own names stay out."""
    kernel = Kernel(tmp_path, x=3, nome="ana", lista=[1, 2], _i3="x = 3", In=[], _minha=1, get_ipython=print)
    assert set(kernel.export()["roots"]) == {"x", "nome", "lista", "_minha"}
    assert kernel.value("lista") == [1, 2]


def test_large_arrays_stay_until_they_are_asked_for(tmp_path: Path) -> None:
    """A training set is not sent at every cell."""
    kernel = Kernel(tmp_path, X=np.arange(10**6))
    kernel.export()
    node = kernel.node("X")
    assert (node["k"], node["shape"]) == ("deferred", [10**6])
    assert kernel.ask({"op": "fetch", "token": node["token"]}) == {"status": "ok"}
    np.testing.assert_array_equal(kernel.value(), np.arange(10**6))


def test_calls_are_carried_out(tmp_path: Path) -> None:
    """Arrays in, arrays out; objects by their methods."""

    class Conta:
        def __init__(self) -> None:
            self.total = 2

        def soma(self, valor: int) -> int:
            self.total += valor
            return self.total

    kernel = Kernel(tmp_path, dobro=lambda X: 2 * X, conta=Conta(), Conta=Conta)
    kernel.export()
    assert kernel.call("dobro", np.arange(3))["status"] == "ok"
    np.testing.assert_array_equal(kernel.value(), [0, 2, 4])
    kernel.export()
    assert kernel.call("conta", 5, method="soma")["status"] == "ok"
    assert kernel.value() == 7
    kernel.export()
    assert kernel.ask({"op": "get", "token": kernel.node("conta")["token"], "name": "total"})["status"] == "ok"
    assert kernel.value() == 7


def test_exceptions_come_back_by_their_builtin_type(tmp_path: Path) -> None:
    """The judge knows no class of the student's."""

    class Meu(ValueError):
        pass

    class Mudo(KeyError):
        def __str__(self) -> str:
            raise RuntimeError

    def falha() -> None:
        raise Meu("não deu")

    def muda() -> None:
        raise Mudo

    def sai() -> None:
        raise SystemExit(3)

    def interrompe() -> None:
        raise KeyboardInterrupt

    kernel = Kernel(tmp_path, falha=falha, muda=muda, sai=sai, interrompe=interrompe)
    kernel.export()
    assert kernel.call("falha") == {"status": "raised", "type": "ValueError", "name": "Meu", "message": "não deu"}
    assert kernel.call("muda")["message"] == "?"
    assert kernel.call("sai")["type"] == "SystemExit"
    assert kernel.call("interrompe") == {"status": "interrupted"}
    # What the object does not have is the student's doing as well.
    assert kernel.call("falha", 0, method="__getitem__")["type"] == "AttributeError"


def test_an_object_that_cannot_be_looked_at_costs_only_itself(tmp_path: Path) -> None:
    """The other names are exported all the same."""

    class Veneno(dict):  # type: ignore[type-arg]
        @property
        def __class__(self) -> Any:
            raise RuntimeError("não")

    class Explode:
        def __getattribute__(self, name: str) -> Any:
            raise RuntimeError("não")

    kernel = Kernel(tmp_path, ruim=Explode(), veneno=Veneno(), bom=1)
    kernel.export()
    assert kernel.node("ruim")["k"] == "opaque"
    assert kernel.value("bom") == 1


def test_identities_tell_a_rebinding(tmp_path: Path) -> None:
    """The same object has the same number at the next export; a new one has another."""
    kernel = Kernel(tmp_path, a=[1], b=[2])
    first = kernel.export()["identities"]
    kernel.names["b"] = [2]
    second = kernel.export()["identities"]
    assert first["a"] == second["a"]
    assert first["b"] != second["b"]


def test_bad_requests_are_answered(tmp_path: Path) -> None:
    """A request that cannot be understood is said to be the grader's."""
    kernel = Kernel(tmp_path, x=1)
    for request in ({"op": "dance", "token": "t1"}, {"op": "fetch", "token": "t99"}, {}):
        assert kernel.ask(request)["status"] == "failed"


@pytest.mark.parametrize("name", ["answer.json", "answer.npz"])
def test_answers_replace_each_other(tmp_path: Path, name: str) -> None:
    """Nothing of the last answer is taken for the next."""
    kernel = Kernel(tmp_path, x=1)
    kernel.export()
    (kernel.folder / "forged").write_text("x")
    kernel.export()
    assert sorted(p.name for p in kernel.folder.iterdir()) == ["answer.json", "answer.npz"]
    assert (kernel.folder / name).stat().st_size > 0
