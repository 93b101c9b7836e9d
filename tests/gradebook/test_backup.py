"""What may be relied on about backups: whole, private, checked; and restoring loses nothing, whatever fails."""

import io
import json
import os
import sqlite3
import stat
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sample_course import Course, report
from test_gradebook_cli import Command, gradebook

from autograder.errors import UsageError
from gradebook.backup.pack import write_backup
from gradebook.backup.unpack import restore
from gradebook.records import Records

__all__ = ["gradebook"]  # a fixture

TIME = datetime(2026, 11, 20, 11, tzinfo=UTC)
FILES = {
    "submitted/ana/lista/ex01.ipynb": b"{}",
    "submitted/ana/lista/çã\udcff \n.txt": b"odd name",
    "submitted/ana/lista/..\\a\\b.txt": b"no separator here",
    "autograded/ana/lista/ex01.ipynb": b"[]",
    "feedback/ana/lista/ex01.html": b"<html>",
    "evidence/lista/ana/ex01/blobs/ab": bytes(range(256)) * 9000,
    "policies.toml": b"[default]\nscale = 10\n",
    ".holdout-key": b"00ff",
    "receipts.jsonl": b'{"student": "ana"}\n',
}


@pytest.fixture
def whole(course: Course, records: Records) -> Course:
    """A course with something in each place."""
    records.record(report(), submitted_at=TIME)
    for name, content in FILES.items():
        path = course.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (course.root / ".holdout-key").chmod(0o600)
    return course


def content(root: Path) -> dict[str, bytes | str]:
    """Every file below ``root`` but the database's, whose reading changes it, and the sources."""
    return {
        path.relative_to(root).as_posix(): str(path.readlink()) if path.is_symlink() else path.read_bytes()
        for path in sorted(root.rglob("*"))
        if (path.is_symlink() or path.is_file())
        and not path.name.startswith("gradebook.db")
        and "assignments" not in path.parts
    }


def test_what_comes_back_is_what_was_there(whole: Course, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Into a new course: each file, the records, and who may read the key and the evidence."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    archive = elsewhere / "backup.tar.gz"
    manifest = write_backup(whole.root, whole.db_url, archive)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert set(manifest.members) == {*FILES, "gradebook.db"}
    assert [p.name for p in elsewhere.iterdir()] == ["backup.tar.gz"]
    restored = restore(archive, elsewhere / "course")
    assert restored.aside is None
    assert content(elsewhere / "course") == FILES
    with Records(f"sqlite:///{elsewhere}/course/gradebook.db") as there, Records(whole.db_url) as here:
        assert there.reports("lista") == here.reports("lista")
        assert there.history() == here.history()
    modes = [stat.S_IMODE((elsewhere / "course" / name).stat().st_mode) for name in (".holdout-key", "evidence")]
    assert modes == [0o600, 0o700]


def test_a_backup_is_of_one_state_while_others_write(whole: Course, tmp_path: Path) -> None:
    """What is in the write-ahead log is in it; what is not committed is not."""
    writer = sqlite3.connect(whole.root / "gradebook.db", isolation_level=None)
    writer.execute("INSERT INTO student (id) VALUES ('committed')")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO student (id) VALUES ('uncommitted')")
    write_backup(whole.root, whole.db_url, tmp_path / "b.tar.gz")
    writer.execute("ROLLBACK")
    writer.close()
    restore(tmp_path / "b.tar.gz", tmp_path / "new")
    with Records(f"sqlite:///{tmp_path}/new/gradebook.db") as records:
        assert records.students() == ("ana", "committed")


def test_links_and_pipes_are_left_out_and_named(whole: Course, tmp_path: Path) -> None:
    """A student's link to somebody's file is not followed, nor does a pipe block."""
    folder = whole.root / "submitted" / "ana" / "lista"
    (folder / "link.txt").symlink_to("/etc/passwd")
    (folder / "folder").symlink_to("/etc")
    os.mkfifo(folder / "pipe")
    manifest = write_backup(whole.root, whole.db_url, tmp_path / "b.tar.gz")
    assert sorted(manifest.skipped) == [f"submitted/ana/lista/{name}" for name in ("folder", "link.txt", "pipe")]
    assert set(manifest.members) == {*FILES, "gradebook.db"}


def test_a_folder_that_cannot_be_read_makes_no_backup(
    whole: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup is whole or is none: what is missing would be noticed when it is needed."""
    (whole.root / "submitted/ana/closed").mkdir()
    opened = os.open

    def closed(path: str, *arguments: int, **where: int) -> int:
        if path == "closed":
            raise PermissionError(13, "Permission denied", path)
        return opened(path, *arguments, **where)

    monkeypatch.setattr(os, "open", closed)
    archive = tmp_path / "b" / "b.tar.gz"
    with pytest.raises(UsageError, match="Permission denied: 'closed'"):
        write_backup(whole.root, whole.db_url, archive)
    assert list(archive.parent.iterdir()) == []


def test_a_folder_of_the_course_may_lie_elsewhere(whole: Course, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Large evidence does; the operator's link at the course's root is followed."""
    storage = tmp_path_factory.mktemp("storage")
    (whole.root / "evidence").rename(storage / "evidence")
    (whole.root / "evidence").symlink_to(storage / "evidence")
    manifest = write_backup(whole.root, whole.db_url, storage / "b.tar.gz")
    assert set(manifest.members) == {*FILES, "gradebook.db"}


def test_without_evidence_the_evidence_stays_as_it_is(whole: Course, tmp_path: Path) -> None:
    """A restore replaces only what the backup speaks for; there, also what came later goes aside."""
    archive = tmp_path / "backups" / "b.tar.gz"
    write_backup(whole.root, whole.db_url, archive, evidence=False)
    (whole.root / "evidence/lista/ana/ex01/blobs/ab").write_bytes(b"newer")
    (whole.root / "feedback/ana/lista/ex01.html").write_bytes(b"newer")
    (whole.root / "feedback/ana/lista/ex02.html").write_bytes(b"new")
    aside = restore(archive, whole.root, force=True).aside
    assert aside is not None
    assert (whole.root / "evidence/lista/ana/ex01/blobs/ab").read_bytes() == b"newer"
    assert content(whole.root / "feedback") == {"ana/lista/ex01.html": b"<html>"}
    assert content(aside / "feedback") == {"ana/lista/ex01.html": b"newer", "ana/lista/ex02.html": b"new"}
    with Records(f"sqlite:///{aside}/gradebook.db") as records:
        assert records.students() == ("ana",)


def test_a_course_with_files_is_not_replaced_unless_that_is_said(whole: Course, tmp_path: Path) -> None:
    write_backup(whole.root, whole.db_url, tmp_path / "backups" / "b.tar.gz")
    before = content(whole.root)
    with pytest.raises(
        UsageError, match=r"has gradebook.db, policies.toml, .holdout-key, receipts.jsonl, submitted"
    ):
        restore(tmp_path / "backups" / "b.tar.gz", whole.root)
    assert content(whole.root) == before


@pytest.mark.parametrize("fails_at", range(0, 14, 2))
def test_a_restore_that_fails_changes_nothing(
    whole: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails_at: int
) -> None:
    """Wherever between its renames: also when it is interrupted."""
    archive = tmp_path / "backups" / "b.tar.gz"
    write_backup(whole.root, whole.db_url, archive)
    (whole.root / "feedback/ana/lista/ex01.html").write_bytes(b"newer")
    before = content(whole.root)
    count = 0
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        nonlocal count
        count += 1
        if count == fails_at + 1:
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(KeyboardInterrupt):
        restore(archive, whole.root, force=True)
    monkeypatch.undo()
    assert content(whole.root) == before
    with Records(whole.db_url) as records:
        assert records.students() == ("ana",)


def rewritten(archive: Path, change: Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes]]) -> None:
    """The archive with its members changed."""
    with tarfile.open(archive) as tar:
        members = [(entry, tar.extractfile(entry).read()) for entry in tar]  # type: ignore[union-attr]
    with tarfile.open(archive, "w:gz") as tar:
        for entry, data in (change(entry, data) for entry, data in members):
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))


@pytest.mark.parametrize(
    "name",
    [
        "../outside.txt", "/tmp/outside.txt", "submitted/../../outside.txt", "submitted/./x",
        "assignments/lista/x", "submitted", "gradebook.db/x", "nbgrader_config.py", "submitted//x",
        "manifest.json",
    ],
)  # fmt: skip
def test_a_strange_archive_writes_nothing_outside(whole: Course, tmp_path: Path, name: str) -> None:
    """Whatever its members are called; not even when the list names them, too."""
    archive = tmp_path / "b" / "b.tar.gz"
    write_backup(whole.root, whole.db_url, archive)

    def change(entry: tarfile.TarInfo, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
        if entry.name == "feedback/ana/lista/ex01.html":
            entry.name = name
        if entry.name == "manifest.json" and name != "manifest.json":
            data = data.replace(b"feedback/ana/lista/ex01.html", name.encode())
        return entry, data

    rewritten(archive, change)
    before = content(tmp_path)
    with pytest.raises(UsageError):
        restore(archive, tmp_path / "course" / "new")
    (tmp_path / "course" / "new").rmdir()
    assert content(tmp_path) == before


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.DIRTYPE])
def test_an_archive_with_anything_but_files_is_refused(whole: Course, tmp_path: Path, kind: bytes) -> None:
    archive = tmp_path / "b" / "b.tar.gz"
    write_backup(whole.root, whole.db_url, archive)
    with tarfile.open(archive) as tar:
        listed = tar.extractfile("manifest.json")
        assert listed is not None
        data = listed.read()
    with tarfile.open(archive, "w:gz") as tar:
        link = tarfile.TarInfo("submitted/ana")
        link.type, link.linkname = kind, "/etc"
        tar.addfile(link)
        entry = tarfile.TarInfo("manifest.json")
        entry.size = len(data)
        tar.addfile(entry, io.BytesIO(data))
    with pytest.raises(UsageError, match="submitted/ana"):
        restore(archive, tmp_path / "new")
    assert list((tmp_path / "new").iterdir()) == []


def test_a_damaged_backup_is_refused(whole: Course, tmp_path: Path) -> None:
    """Cut off, no archive at all, a changed file, a missing one, a database that is none; nothing is unpacked."""
    archive = tmp_path / "b" / "b.tar.gz"
    write_backup(whole.root, whole.db_url, archive)
    sound = archive.read_bytes()

    def changed(entry: tarfile.TarInfo, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
        return entry, b"{ }" if entry.name.startswith("submitted/ana/lista/ex01") else data

    def renamed(entry: tarfile.TarInfo, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
        entry.name = entry.name.replace("ex01.html", "ex02.html")
        return entry, data

    def versioned(entry: tarfile.TarInfo, data: bytes) -> tuple[tarfile.TarInfo, bytes]:
        return entry, data.replace(b'"version": 1', b'"version": 2') if entry.name == "manifest.json" else data

    for spoil, message in (
        (lambda: archive.write_bytes(sound[: len(sound) // 2]), "damaged"),
        (lambda: archive.write_bytes(sound[:-40]), "damaged"),
        (lambda: archive.write_bytes(b"no archive"), "damaged"),
        (lambda: rewritten(archive, changed), "submitted/ana/lista/ex01.ipynb is not as it was written"),
        (lambda: rewritten(archive, renamed), "ex01.html is not as it was written"),
        (lambda: rewritten(archive, versioned), "of version 2"),
        (archive.unlink, "There is no backup"),
    ):
        archive.write_bytes(sound)
        spoil()
        with pytest.raises(UsageError, match=message):
            restore(archive, tmp_path / "new")
        assert list((tmp_path / "new").iterdir()) == []


def test_the_commands(whole: Course, tmp_path: Path, gradebook: Command) -> None:
    """The path on standard output; where it does not work, why."""
    root = ("--course", str(whole.root))
    status, out, err = gradebook("backup", *root)
    archive = Path(out.strip())
    assert status == 0
    assert archive.parent == whole.root / "backups"
    assert "holdout key" in err
    with tarfile.open(archive) as tar:
        listed = tar.extractfile("manifest.json")
        assert listed is not None
        assert json.loads(listed.read())["version"] == 1
    status, out, _ = gradebook("restore", str(archive), "--force", *root)
    assert (status, out.splitlines()[0][:8]) == (0, "Restored")
    inside = str(whole.root / "feedback" / "b.tar.gz")
    for arguments, message in (
        (["backup", "--to", str(archive)], "is there already"),
        (["backup", "--to", inside], "lies in a folder that is backed up"),
        (["backup", "--to", f"{tmp_path}/x", "--db", "mysql://localhost/x"], "SQLite or PostgreSQL"),
        (["restore", str(archive), "--force", "--db", f"sqlite:///{tmp_path}/x.db"], "into the course's folder"),
        (["restore", str(archive)], "already"),
        (["restore", str(tmp_path / "none")], "There is no backup"),
    ):
        status, out, err = gradebook(*arguments, *root)
        assert (status, out) == (2, "")
        assert message in " ".join(err.split())
