"""Which files that students handed in are the same."""

import hashlib
import os
from pathlib import Path

import pytest

import gradebook.similarity.files as files_module
from gradebook.similarity.files import same_files

MODEL = b"\x89HDF" + bytes(range(256))
RUN = "events.out.tfevents.1764354000.lab-7.example.4242"


class Class:
    """Submissions in a folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folders: dict[str, Path] = {}

    def put(self, student: str, name: str, content: bytes = MODEL) -> Path:
        """A file of a submission."""
        folder = self.folders.setdefault(student, self.root / student)
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path


@pytest.fixture
def handed_in(tmp_path: Path) -> Class:
    """A class whose four have nothing in common."""
    made = Class(tmp_path)
    for place, student in enumerate(("ana", "bia", "caio", "davi")):
        made.put(student, "modelo.h5", MODEL + bytes([place]))
    return made


def test_equal_files_are_found_under_any_name(handed_in: Class) -> None:
    """The digest tells, in every folder of the submission; the rest of the class is not named."""
    handed_in.put("ana", "pesos/melhor.weights.h5")
    handed_in.put("caio", "meu.h5")
    (same,), partly = same_files(handed_in.folders)
    assert (same.kind, same.mark) == ("content", hashlib.sha256(MODEL).hexdigest())
    assert [(file.student, file.name, file.size) for file in same.files] == [
        ("ana", "pesos/melhor.weights.h5", 260),
        ("caio", "meu.h5", 260),
    ]
    assert same.students == ("ana", "caio")
    assert partly == []


def test_what_says_nothing_is_left_out(handed_in: Class, tmp_path: Path) -> None:
    """Notebooks, nbgrader's own files, empty and tiny ones, what the course gave, and what many have."""
    given = tmp_path / "release"
    given.mkdir()
    (given / "dados.csv").write_bytes(b"x" * 500)
    for student in ("ana", "bia"):
        handed_in.put(student, "01.ipynb", b"n" * 500)
        handed_in.put(student, "timestamp.txt", b"t" * 100)
        handed_in.put(student, "vazio.txt", b"")
        handed_in.put(student, "um.txt", b"1\n")
        handed_in.put(student, "copia.csv", b"x" * 500)
    for number in range(7):
        handed_in.put(f"s{number}", "do_livro.csv", b"y" * 500)
    assert same_files(handed_in.folders, [given]) == ([], [])


def test_logs_of_one_run_are_found_though_they_differ(handed_in: Class) -> None:
    """The name of an event log says when, where and by which process it was begun."""
    handed_in.put("ana", f"logs/train/{RUN}.0.v2", b"a" * 100)
    handed_in.put("bia", f"meus/validation/{RUN}.1.v2", b"b" * 200)
    handed_in.put("caio", f"logs/{RUN.replace('4242', '4243')}.0.v2", b"c" * 300)
    handed_in.put("davi", f"logs/{RUN.replace('354000', '354001')}.0.v2", b"d" * 400)
    (same,), _ = same_files(handed_in.folders)
    assert (same.kind, same.students, same.mark) == ("run", ("ana", "bia"), "1764354000 lab-7.example 4242")


def test_a_copied_log_is_one_finding(handed_in: Class) -> None:
    """Equal bytes say more than equal names: the second is not said again."""
    for student in ("ana", "bia"):
        handed_in.put(student, f"logs/{RUN}.0.v2", b"a" * 100)
    assert [same.kind for same in same_files(handed_in.folders)[0]] == ["content"]


def test_links_are_not_followed(handed_in: Class, tmp_path: Path) -> None:
    """Neither to a file, nor into a folder, nor does a pipe make the command wait."""
    secret = tmp_path / ("outside" * 12)  # a link's size is the length of where it points
    secret.mkdir()
    (secret / "x.h5").write_bytes(MODEL)
    handed_in.put("ana", "x.h5")
    (handed_in.folders["bia"] / "x.h5").symlink_to(secret / "x.h5")
    (handed_in.folders["caio"] / "x.h5").symlink_to(secret / "x.h5")
    (handed_in.folders["caio"] / "folder").symlink_to(secret)
    os.mkfifo(handed_in.folders["davi"] / "x.h5")
    assert same_files(handed_in.folders) == ([], [])


def test_bounds_are_said(handed_in: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who has more, deeper or larger files than are looked at is named; the others are compared all the same."""
    monkeypatch.setattr(files_module, "_MAX_FILES", 3)
    monkeypatch.setattr(files_module, "_MAX_BYTES", 1000)
    monkeypatch.setattr(files_module, "_MAX_DEPTH", 2)
    for number in range(4):
        handed_in.put("ana", f"{number}.bin", bytes([number]) * 100)
    for student in ("bia", "caio"):
        handed_in.put(student, "grande.h5", b"x" * 2000)
        handed_in.put(student, "igual.h5")
    handed_in.put("davi", "a/b/c/d.h5")
    found, partly = same_files(handed_in.folders)
    assert [same.students for same in found] == [("bia", "caio")]
    assert partly == ["ana", "bia", "caio", "davi"]


def test_only_what_may_be_equal_is_read(handed_in: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of a size that nobody else has costs nothing."""
    opened: list[str] = []
    real = os.open

    def watched(path: Path, *flags: int) -> int:
        opened.append(Path(path).name)
        return real(path, *flags)

    handed_in.put("ana", "unico.h5", b"x" * 999)
    handed_in.put("ana", "a.h5")
    handed_in.put("bia", "b.h5")
    monkeypatch.setattr(os, "open", watched)
    same_files(handed_in.folders)
    assert {"a.h5", "b.h5"} <= set(opened)
    assert "unico.h5" not in opened
