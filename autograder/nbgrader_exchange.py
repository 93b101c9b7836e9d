"""nbgrader's exchange on a machine with many accounts, without trust in any of them.

nbgrader believes the name and the time that a submission's folder bears, and follows links in it as the grader.
Here who handed in is who owns the folder; when, is when its last file was changed; and nothing but files is
collected.
A student gets a receipt.
"""

import errno
import os
import pwd
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any

from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseAssignment, ExchangeSubmit
from traitlets import Dict as TraitDict

from autograder.lock import hold
from autograder.receipt import OURS, RECEIPTS, receipt_of

__all__ = ["OwnedCollect", "ReceiptSubmit", "StickyRelease", "last_change"]

#: From the time in a folder's name to its last file: copying takes its time.
_COPYING = timedelta(minutes=2)
_FORMAT = "%Y-%m-%d %H:%M:%S.%f UTC"
_MAX_FILES = 10_000
_MAX_DEPTH = 20
_BLOCK = 2**20
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW
_SECRET = "submission_secret.txt"  # noqa: S105  (a name)


class ReceiptSubmit(ExchangeSubmit):  # type: ignore[misc]
    """Hands in, and leaves a receipt beside the folder that was handed in."""

    def copy_files(self) -> None:
        """As nbgrader does it; then the receipt, of what really went out."""
        super().copy_files()
        handed_in = Path(self.inbound_path) / self.assignment_filename
        try:
            _close(handed_in)
            self._leave_receipt(handed_in)
        except BaseException:  # a full disk, say: half a submission would count
            shutil.rmtree(handed_in, ignore_errors=True)
            shutil.rmtree(Path(self.cache_path) / handed_in.name.rpartition("+")[0], ignore_errors=True)
            raise

    def _leave_receipt(self, handed_in: Path) -> None:
        receipt = receipt_of(
            handed_in, course=self.coursedir.course_id, assignment=self.coursedir.assignment_id,
            student=self.assignment_filename.split("+")[0], timestamp=self.timestamp,
        )  # fmt: skip
        folder = Path(self.src_path).parent / "recibos"
        folder.mkdir(exist_ok=True)
        when = self.timestamp.partition(".")[0].replace(":", "h", 1).replace(":", "m")
        file = folder / f"{self.coursedir.assignment_id} {when}.txt"
        file.write_text(
            f"Recibo de entrega: {receipt.course}, {receipt.assignment}\n"
            f"Entregue por {receipt.student} em {receipt.timestamp}\n\n"
            f"Código: {receipt.digest}\n\n"
            + "".join(f"{digest}  {name}\n" for name, digest in sorted(receipt.files.items())),
            encoding="utf-8",
        )
        self.log.info("Receipt: %s (%s)", file, receipt.digest[:16])


class StickyRelease(ExchangeReleaseAssignment):  # type: ignore[misc]
    """Releases; in the exchange's open folders nobody may rename or remove what is another's.

    What is put into the inbox belongs to the inbox's group, which is the grader's.
    """

    def copy_files(self) -> None:
        """As nbgrader does it."""
        super().copy_files()
        root, inbox = Path(self.root), Path(self.inbound_path)
        root.chmod(root.stat().st_mode | stat.S_ISVTX)
        inbox.chmod(inbox.stat().st_mode | stat.S_ISVTX | stat.S_ISGID)


class OwnedCollect(ExchangeCollect):  # type: ignore[misc]
    """Collects what each account handed in under its own name."""

    numbers = TraitDict(
        help="uid by login, where people have no account on this machine: their servers are containers."
    ).tag(config=True)
    #: The folders that may be collected, if not all: into the others somebody may still write.
    only: frozenset[str] | None = None

    def init_src(self) -> None:
        """Choose what to collect; what bears another's name, or one that is none, is left where it is."""
        self.failed: dict[str, str] = {}  # why, by the folder's name
        super().init_src()
        chosen: list[dict[str, Any]] = self.src_records  # type: ignore[has-type]
        self.src_records = [
            record for record in chosen if record["filename"] not in self.failed and self._may(record["filename"])
        ]
        for name, why in self.failed.items():
            self.log.error("Not collected: %s: %s", name, why)

    def _path_to_record(self, path: str) -> dict[str, Any]:
        name = Path(path).name
        nobodys: dict[str, Any] = {"username": name, "filename": name, "timestamp": datetime(1970, 1, 1)}
        if not self._may(name):
            return nobodys
        try:
            record: dict[str, Any] = super()._path_to_record(path)
            owner = self._owner(path)
            if self.check_owner and owner != record["username"]:
                raise ValueError(f"it belongs to {owner}")
            record["timestamp"] = self._when(record, _changed(path))
        except Exception as error:  # whatever a student may have put there, the others are collected
            record = nobodys  # it takes nobody's place
            self.failed[name] = str(error) or type(error).__name__
        return record

    def _may(self, name: str) -> bool:
        return self.only is None or name in self.only

    def _owner(self, path: str) -> str:
        """Whose folder it is; with ``numbers``, no account of this machine is anybody's."""
        uid = os.lstat(path).st_uid
        if self.numbers:
            return next((login for login, number in self.numbers.items() if number == uid), f"uid {uid}")
        try:
            return pwd.getpwuid(uid).pw_name
        except KeyError:
            return f"uid {uid}"

    def _when(self, record: dict[str, Any], changed: datetime) -> datetime:
        """When it was handed in: the time in its name, unless something was changed long after."""
        claimed: datetime = record["timestamp"]
        if changed <= claimed or changed - claimed <= _COPYING:
            return claimed
        self.log.warning(
            "%s was changed at %s: this counts, not the time in its name", record["filename"], changed
        )
        return changed

    def copy_files(self) -> None:
        """Copy what is new; of a submission that cannot be copied, what was collected before stays.

        Two who collect at once would write into the same folders: the second one waits.
        """
        who = "a collector"
        with hold(Path(self.coursedir.root), self.coursedir.assignment_id, "collecting", who, say=self.log.info):
            self._copy_files()

    def _copy_files(self) -> None:
        for record in self.src_records:
            student = record["username"]
            target = Path(
                self.coursedir.format_path(
                    self.coursedir.submitted_directory, student, self.coursedir.assignment_id
                )
            )
            old = _beside(target, "old")
            if old.is_dir() and not os.path.lexists(target):
                old.rename(target)  # a collector was ended between its two renames
            if target.is_dir():
                known = self.coursedir.get_existing_timestamp(str(target))
                newer = self.update and (known is None or record["timestamp"] > known)
                if not newer and not (self.before_duedate and record["timestamp"] != known):
                    self.log.info("Nothing newer to collect: %s %s", student, self.coursedir.assignment_id)
                    continue
            self.log.info("Collecting submission: %s %s", student, self.coursedir.assignment_id)
            try:
                self._collect(record, target)
            except Exception as error:  # as above
                self.failed[record["filename"]] = str(error)
                self.log.error("Not collected: %s: %s", record["filename"], error)

    def _collect(self, record: dict[str, Any], target: Path) -> None:
        """Copy one submission beside the one before, and put it in its place when it is whole."""
        partial, old = _beside(target, "partial"), _beside(target, "old")
        for rest in (partial, old):
            shutil.rmtree(rest, ignore_errors=True)
        try:
            source = Path(self.inbound_path) / record["filename"]
            changed = _copy(source, partial, limit=1000 * self.coursedir.max_dir_size)
            timestamp = self._when(record, changed).strftime(_FORMAT)
            (partial / "timestamp.txt").write_text(timestamp)
            (partial / _SECRET).write_text(_secret(source))
            receipt = receipt_of(
                partial, course=self.coursedir.course_id, assignment=self.coursedir.assignment_id,
                student=record["username"], timestamp=timestamp,
            )  # fmt: skip
            if target.exists():
                target.rename(old)
            partial.rename(target)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
            if old.is_dir() and not os.path.lexists(target):
                old.rename(target)
        shutil.rmtree(old, ignore_errors=True)
        with (Path(self.coursedir.root) / RECEIPTS).open("a", encoding="utf-8") as file:
            file.write(receipt.to_json() + "\n")


def last_change(submission: Path) -> datetime:
    """When anything in a folder was changed last, UTC without a zone: no account can set it.

    Raises:
        ValueError: There is absurdly much in it, or nested absurdly deep.
        OSError: It cannot be read, or is no folder.
    """
    return _changed(submission)


def _beside(target: Path, word: str) -> Path:
    return target.with_name(f".{target.name}.{word}")


def _close(submission: Path) -> None:
    """Only who handed it in and the inbox's group may look into it, even if its name becomes known.

    nbgrader opens it to everybody, and takes the group's mark from its folders too early: files that it writes
    later get the student's group, out of which only a new file in a marked folder can take them.
    """
    inbox = submission.parent
    mode, group = inbox.stat().st_mode, inbox.stat().st_gid
    if not mode & stat.S_ISGID:
        return  # an inbox that nobody prepared
    marked = inbox / f".{secrets.token_hex(8)}"
    marked.mkdir(mode=0o700)
    try:
        for root, folders, files in os.walk(submission):
            for path in (Path(root, name) for name in files):
                if path.stat().st_gid != group:
                    shutil.copyfile(path, marked / path.name)
                    (marked / path.name).replace(path)
                path.chmod(0o640)
            for name in folders:
                Path(root, name).chmod(0o750)
        submission.chmod(0o770)  # who collects may remove it
    finally:
        shutil.rmtree(marked)


def _folders(path: str | Path) -> Iterator[tuple[PurePosixPath, int, list[str]]]:
    """A folder and all below it, open, with the names of what is no folder; no link is followed.

    Raises:
        ValueError: There is absurdly much, or it is nested absurdly deep.
        OSError: A folder cannot be read.
    """
    waiting, seen = [PurePosixPath()], 0
    while waiting:
        place = waiting.pop()
        if len(place.parts) > _MAX_DEPTH:
            raise ValueError(f"folders in folders, more than {_MAX_DEPTH} deep")
        folder = _opened(path, place)
        try:
            files = []
            with os.scandir(folder) as entries:
                for entry in entries:
                    seen += 1
                    if seen > _MAX_FILES:
                        raise ValueError(f"more than {_MAX_FILES} files")
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(place / entry.name)
                    else:
                        files.append(entry.name)
            yield place, folder, files
        finally:
            os.close(folder)


def _opened(path: str | Path, place: PurePosixPath) -> int:
    """Open a folder one level at a time, so that none of them is a link."""
    folder = os.open(path, _FOLDER)
    for part in place.parts:
        try:
            inner = os.open(part, _FOLDER, dir_fd=folder)
        finally:
            os.close(folder)
        folder = inner
    return folder


def _changed(path: str | Path) -> datetime:
    """The last change of anything in a folder: no account can set it."""
    last = 0.0
    for _, folder, names in _folders(path):
        last = max([last, os.fstat(folder).st_ctime, *(os.lstat(n, dir_fd=folder).st_ctime for n in names)])
    return _utc(last)


def _copy(source: Path, target: Path, *, limit: int) -> datetime:
    """Copy the regular files of a folder that its owner may change meanwhile; when it was changed last.

    Each file's time is taken when it has been read, so that what is copied is never newer than the time.

    Raises:
        ValueError: It holds more than ``limit`` bytes, or absurdly many files.
        OSError: Something cannot be read.
    """
    left, last = limit, 0.0
    for place, folder, names in _folders(source):
        (target / place).mkdir(parents=True)
        for name in names:
            if not place.parts and name in OURS:
                continue
            try:
                descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
            except OSError as error:
                if error.errno in (errno.ELOOP, errno.ENXIO):
                    continue  # a link, a socket
                raise
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    continue
                with (target / place / name).open("xb") as copy:
                    while block := file.read(min(_BLOCK, left + 1)):
                        left -= len(block)
                        if left < 0:
                            raise ValueError(f"more than {limit / 1e6:.0f} MB")
                        copy.write(block)
                last = max(last, os.fstat(descriptor).st_ctime)
        last = max(last, os.fstat(folder).st_ctime)
    return _utc(last)


def _secret(source: Path) -> str:
    """By which a student finds their feedback; who took it away gets a new one, which nobody knows."""
    folder = os.open(source, _FOLDER)
    try:
        descriptor = os.open(_SECRET, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        with os.fdopen(descriptor, "rb") as file:
            text = file.read(200).decode("ascii") if stat.S_ISREG(os.fstat(descriptor).st_mode) else ""
    except (OSError, UnicodeDecodeError):
        text = ""
    finally:
        os.close(folder)
    return text if re.fullmatch(r"[\w-]{16,128}\s*", text) else secrets.token_hex(32)


def _utc(seconds: float) -> datetime:
    """As nbgrader writes times: in UTC, without a zone."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
