"""Nothing secret is where student code can see it: looked for from outside, in everything that the sandbox has.

Canaries are planted in a hidden test, and pieces of the held-out data are taken as they are. The test then reads,
as root, the kernel's memory, the files of its mount namespace, environments, argument lists and all messages
sent to it.
"""

import asyncio
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from courses import TinyCourse, code, solution, test
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.session import Session

from autograder import data
from autograder.data.draw import HELD_OUT, SPARED, _draw, replaced
from autograder.engine import Course, grade_all, items_of
from autograder.outcome import NotebookReport
from autograder.sandbox.client import Zygote
from autograder.sandbox.live import Live
from autograder.submission import find

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.tensorflow,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="reads another user's memory"),
]

#: Bytes of a piece of held-out data, and pieces of each array.
_PIECE, _PIECES = 64, 3
_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/proc", "/sys", "/dev")


def pieces(array: np.ndarray, public: bytes) -> Iterator[bytes]:
    """Some slices of an array, as they lie in memory, that are in no public data and not all the same byte."""
    content = np.ascontiguousarray(array).tobytes()
    step = max(8, len(content) // 4000 // 8 * 8)
    found = 0
    for start in range(0, len(content) - _PIECE, step):
        piece = content[start : start + _PIECE]
        if len(set(piece)) > 8 and piece not in public:
            yield piece
            found += 1
            if found == _PIECES:
                return


def secrets_of(root: Path) -> dict[str, list[bytes]]:
    """What no kernel may see: inputs (until they are asked for), labels, and which rows they are."""
    images, houses = data.holdout(root, "fashion_mnist"), data.holdout(root, "california_housing")
    shown, key = _public(root), data.holdout_key(root)
    drawn = [
        _draw(key, data.load(name), HELD_OUT, SPARED).rows for name in ("fashion_mnist", "california_housing")
    ]
    wanted = {
        "inputs": [*pieces(images.X, shown["images"]), *pieces(houses.X, shown["houses"])],
        "labels": [*pieces(images.y, shown["labels"]), *pieces(houses.y, shown["values"])],
        "rows": [piece for rows in drawn for kind in ("<i8", "<i4") for piece in pieces(rows.astype(kind), b"")],
    }
    assert all(len(found) >= _PIECES for found in wanted.values()), {k: len(v) for k, v in wanted.items()}
    return wanted


def _public(root: Path) -> dict[str, bytes]:
    """The public view as a kernel has it in memory."""
    key = data.holdout_key(root)
    images, houses = replaced(key, data.load("fashion_mnist")), replaced(key, data.load("california_housing"))
    return {
        "images": images.X_train.tobytes() + images.X_test.tobytes(),
        "labels": images.y_train.tobytes() + images.y_test.tobytes(),
        "houses": np.ascontiguousarray(houses.X).tobytes(),
        "values": np.ascontiguousarray(houses.y).tobytes(),
    }


class Search:
    """Looks for many texts at once: hundreds of megabytes, a dozen texts, a second instead of twenty.

    Wherever a text begins, one of eight windows of eight bytes in it lies on a multiple of eight. Those windows
    are looked up in a table by a hash; only what the table lets pass is compared.

    Args:
        needles: The texts, of 15 bytes or more.
    """

    _SHIFT, _FACTOR = np.uint64(44), np.uint64(0x9E3779B97F4A7C15)

    def __init__(self, needles: Sequence[bytes]) -> None:
        self._windows: dict[int, list[tuple[bytes, int]]] = {}
        for needle in needles:
            # Zeros and other common words would let too much pass: take windows with many different bytes.
            start = max(range(len(needle) - 14), key=lambda at: min(len(set(w)) for w in _windows(needle, at)))
            for offset, window in enumerate(_windows(needle, start), start):
                self._windows.setdefault(int.from_bytes(window, "little"), []).append((needle, offset))
        self._table = np.zeros(1 << 20, bool)
        self._table[self._hash(np.array(list(self._windows), np.uint64))] = True

    def _hash(self, words: np.ndarray) -> np.ndarray:
        return (words * self._FACTOR) >> self._SHIFT

    def found(self, content: bytes) -> list[bytes]:
        """Which of the texts are in ``content``."""
        padded = np.frombuffer(content + bytes(-len(content) % 8), np.uint64)
        seen = set()
        for begin in range(0, len(padded), 1 << 20):
            words = padded[begin : begin + (1 << 20)]
            for at in np.flatnonzero(self._table[self._hash(words)]):
                for needle, offset in self._windows.get(int(words[at]), ()):
                    if content.startswith(needle, max(0, 8 * (begin + int(at)) - offset)):
                        seen.add(needle)
        return sorted(seen)


def _windows(needle: bytes, start: int) -> list[bytes]:
    return [needle[at : at + 8] for at in range(start, start + 8)]


@given(
    st.lists(st.binary(min_size=15, max_size=70), min_size=1, max_size=5),
    st.binary(max_size=40),
    st.binary(max_size=40),
    st.integers(0, 4),
)
def test_the_search_finds_what_python_finds(needles: list[bytes], before: bytes, after: bytes, which: int) -> None:
    content = before + needles[which % len(needles)] + after
    search = Search(needles)
    for text in (content, before + after, content[1:], content[:-1]):
        assert search.found(text) == sorted({needle for needle in needles if needle in text})


class Seen:
    """Everything that a kernel can see at one moment.

    Args:
        pid: Its process.
        messages: What was sent to it.
    """

    def __init__(self, pid: int, messages: Sequence[bytes]) -> None:
        self.pid = pid
        self.messages = messages

    def find(self, needles: Sequence[bytes]) -> list[tuple[str, bytes]]:
        """Where any of ``needles`` is."""
        search = Search(needles)
        return [(where, needle) for where, content in self._parts() for needle in search.found(content)]

    def _parts(self) -> Iterator[tuple[str, bytes]]:
        tree = [psutil.Process(self.pid), *psutil.Process(self.pid).children(recursive=True)]
        for process in tree:
            yield from self._memory(process.pid)
            for name in ("environ", "cmdline"):
                yield f"{name} of {process.pid}", Path(f"/proc/{process.pid}/{name}").read_bytes()
        yield from self._files()
        yield "messages", b"\0".join(self.messages)

    @staticmethod
    def _memory(pid: int) -> Iterator[tuple[str, bytes]]:
        maps = Path(f"/proc/{pid}/maps").read_text().splitlines()
        with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
            for line in maps:
                area, rights, *_ = line.split()
                library = ".so" in line
                if "r" not in rights or line.endswith(("[vvar]", "[vsyscall]", "[vvar_vclock]")) or library:
                    continue
                start, end = (int(address, 16) for address in area.split("-"))
                memory.seek(start)
                yield f"memory {line}", memory.read(end - start)

    def _files(self) -> Iterator[tuple[str, bytes]]:
        root = f"/proc/{self.pid}/root"
        system = (*_SYSTEM, *_python_roots())
        for folder, folders, files in os.walk(root):
            inside = folder.removeprefix(root)
            folders[:] = [name for name in folders if f"{inside}/{name}" not in system]
            for name in files:
                path = Path(folder, name)
                if path.is_file() and not path.is_symlink():
                    yield f"file {inside}/{name}", path.read_bytes()
                yield "names of files", os.fsencode(f"{inside}/{name}")


def _python_roots() -> tuple[str, ...]:
    from autograder.sandbox.isolate import python_roots

    return python_roots()


@pytest.fixture(scope="module")
def spied(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Grade one submission, looking around its kernel at every step."""
    canary = f"CANARY-{secrets.token_hex(16)}"
    hidden = f"### BEGIN HIDDEN TESTS\n# {canary}\nassert '{canary}'\n%s\n### END HIDDEN TESTS"
    cells = [
        code(
            f"def ajuda(x):\n    return x\n### BEGIN HIDDEN TESTS\n# {canary}\n### END HIDDEN TESTS",
            "id-h",
            locked=True,
        ),
        solution("pass", "dados"),
        test("assert len(X) > 0\n" + hidden % "assert ajuda(1) == 1", "dados-test", 1),
        solution("def prever(X):\n    return X", "prever"),
        test(
            "from autograder import check, holdout\n"
            "check.accuracy(classe, holdout.fashion_mnist(), at_least=0.0)\n"
            "check.mse(valor, holdout.california_housing(), at_most=1e9)\n" + hidden % "",
            "prever-test",
            1,
        ),
    ]
    settings = "[limits]\ncell_cpu = 60\nnotebook_cpu = 120\nwall_factor = 10\n"
    course = TinyCourse(tmp_path_factory.mktemp("secrets") / "c", cells={"tiny": cells}, settings=settings)
    course.submit(
        "ana",
        {
            "dados": "import keras\nfrom sklearn.datasets import fetch_california_housing\n"
            "(X, y), (X_test, y_test) = keras.datasets.fashion_mnist.load_data()\n"
            "casas = fetch_california_housing()\nmarca = 'MARCA-' + 'DEIXADA-PELO-ALUNO'",
            "prever": "import numpy as np\nvistas = []\n"
            "def classe(X):\n    vistas.append(X)\n    return np.zeros(len(X), int)\n"
            "def valor(X):\n    return np.zeros(len(X))",
        },
    )
    needles = secrets_of(course.root)
    found: dict[str, Any] = {"before": [], "after": [], "control": [], "inputs": []}
    calls = 0
    messages: list[bytes] = []
    request, send = Live.request, Session.send

    def recording(self: Session, stream: Any, message: Any, *args: Any, **kwargs: Any) -> Any:
        messages.append(repr(message).encode())
        messages.extend(bytes(part) for part in kwargs.get("buffers") or ())
        return send(self, stream, message, *args, **kwargs)

    async def looking(self: Live, content: Mapping[str, Any], buffers: Sequence[bytes] = ()) -> dict[str, Any]:
        nonlocal calls
        calls += content["op"] == "call"
        if calls <= 1:
            seen = Seen(_kernel(zygote), messages)
            found["before"] += seen.find(
                [canary.encode(), *needles["inputs"], *needles["labels"], *needles["rows"]]
            )
            found["control"] += seen.find([b"MARCA-DEIXADA-PELO-ALUNO"])
        answer = await request(self, content, buffers)
        if calls == 1:
            seen = Seen(_kernel(zygote), messages)
            found["after"] += seen.find([canary.encode(), *needles["labels"], *needles["rows"]])
            found["inputs"] += seen.find(needles["inputs"])
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Live, "request", looking)
        patch.setattr(Session, "send", recording)
        found["report"] = asyncio.run(_grade(course))
    return found


async def _grade(course: TinyCourse) -> NotebookReport:
    items = items_of(find(course.root, "lista"), course.assignment.notebooks)
    opened = Course.open(course.root, course.assignment)
    async for _, graded in grade_all(opened, items, jobs=1):
        return graded.report
    raise AssertionError("nothing was graded")


def _kernel(zygote: Zygote) -> int:
    """The pid of the one kernel that runs."""
    answer = zygote.ping()
    assert answer is not None
    keepers = psutil.Process(answer["pid"]).children()
    found = [child.pid for keeper in keepers for child in keeper.children() if child.uids().real >= 60600]
    assert len(found) == 1
    return found[0]


def test_the_search_finds_what_is_there(spied: dict[str, Any]) -> None:
    """A mark that the student's own code made in memory; and the submission was graded as it deserves."""
    assert spied["control"]
    assert spied["report"].score == 2, spied["report"]


def test_no_canary_and_no_held_out_data_before_the_last_cell_has_run(spied: dict[str, Any]) -> None:
    """No text of a hidden test, no inputs, no labels, no row numbers: anywhere."""
    assert spied["before"] == []


def test_labels_and_hidden_texts_never_come(spied: dict[str, Any]) -> None:
    """Not even when the student's function is called with the held-out inputs, which are then there to be seen."""
    assert spied["inputs"]
    assert spied["after"] == []
