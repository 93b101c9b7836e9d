"""nbgrader's exchange among accounts that do not trust each other."""

import json
import os
import sysconfig
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.auth import Authenticator
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeCollect
from traitlets.config import Config

from autograder import nbgrader_exchange
from autograder.nbgrader_exchange import OwnedCollect, ReceiptSubmit
from autograder.receipt import RECEIPTS, receipt_of

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A course, its exchange with one released list, and a student's home."""
    monkeypatch.setattr(OwnedCollect, "_owner", lambda self, path: Path(path).name.split("+")[0])
    # A new gradebook: nbgrader runs `alembic`, wherever it is found.
    monkeypatch.setenv("PATH", f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}")
    for folder in ("course", "exchange/tp555/inbound", "exchange/tp555/outbound/lista", "home/tp555/lista"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "exchange").chmod(0o1777)
    (tmp_path / "exchange/tp555/outbound/lista/ex.ipynb").write_text("{}")
    (tmp_path / "home/tp555/lista/ex.ipynb").write_text('{"cells": []}')
    config = Config()
    config.CourseDirectory.root = str(tmp_path / "course")
    config.CourseDirectory.course_id = "tp555"
    config.CourseDirectory.assignment_id = "lista"
    config.CourseDirectory.db_url = f"sqlite:///{tmp_path / 'course' / 'gradebook.db'}"
    config.Exchange.root = str(tmp_path / "exchange")
    config.Exchange.path_includes_course = True
    config.Exchange.assignment_dir = str(tmp_path / "home")
    config.Exchange.cache = str(tmp_path / "home" / "cache")
    return config


def run(kind: type, config: Config) -> None:
    directory = CourseDirectory(config=config)
    kind(coursedir=directory, authenticator=Authenticator(config=config), config=config).start()


def hand_in(tmp_path: Path, name: str, files: dict[str, str], when: datetime = NOW) -> Path:
    """A folder in the inbox, as somebody may make it by hand."""
    stamp = when.strftime("%Y-%m-%d %H:%M:%S.%f UTC")
    folder = tmp_path / "exchange" / "tp555" / "inbound" / f"{name}+lista+{stamp}+x"
    folder.mkdir()
    for file, text in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)
    return folder


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders were last changed when their name says."""
    monkeypatch.setattr(OwnedCollect, "_when", lambda self, record, changed: record["timestamp"])


def collected(tmp_path: Path, student: str) -> dict[str, str]:
    folder = tmp_path / "course" / "submitted" / student / "lista"
    return {str(p.relative_to(folder)): p.read_text() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.skipif(os.geteuid() != 0, reason="gives a folder to a group it is not in")
def test_only_the_inbox_s_group_looks_into_a_submission(tmp_path: Path, config: Config) -> None:
    """Students' own groups are others; also of what nbgrader writes last."""
    inbox = tmp_path / "exchange/tp555/inbound"
    os.chown(inbox, -1, 12345)
    inbox.chmod(0o3733)
    (tmp_path / "home/tp555/lista/logs").mkdir()
    (tmp_path / "home/tp555/lista/logs/run.txt").write_text("1")
    run(ReceiptSubmit, config)
    (folder,) = inbox.iterdir()
    found = {str(p.relative_to(folder)): (p.stat().st_gid, p.stat().st_mode & 0o777) for p in folder.rglob("*")}
    files = ("ex.ipynb", "logs/run.txt", "timestamp.txt", "submission_secret.txt")
    assert found == {**dict.fromkeys(files, (12345, 0o640)), "logs": (12345, 0o750)}
    assert (folder.stat().st_gid, folder.stat().st_mode & 0o777) == (12345, 0o770)


def test_a_receipt_that_anybody_can_check(tmp_path: Path, config: Config) -> None:
    """It is of what lies in the inbox, and `sha256sum` gives its lines."""
    run(ReceiptSubmit, config)
    (folder,) = (tmp_path / "exchange/tp555/inbound").iterdir()
    (receipt,) = (tmp_path / "home/tp555/recibos").iterdir()
    student, _, stamp, _ = folder.name.split("+")
    found = receipt_of(folder, course="tp555", assignment="lista", student=student, timestamp=stamp)
    assert list(found.files) == ["ex.ipynb"]
    assert f"Código: {found.digest}\n" in receipt.read_text()
    assert f"{found.files['ex.ipynb']}  ex.ipynb\n" in receipt.read_text()


@pytest.mark.usefixtures("at_once")
def test_what_was_handed_in_is_collected_with_its_receipt(tmp_path: Path, config: Config) -> None:
    folder = hand_in(tmp_path, "ana", {"ex.ipynb": "1", "dados/a.csv": "2"})
    run(OwnedCollect, config)
    files = collected(tmp_path, "ana")
    assert (files["ex.ipynb"], files["dados/a.csv"]) == ("1", "2")
    (line,) = (tmp_path / "course" / RECEIPTS).read_text().splitlines()
    mine = receipt_of(folder, course="tp555", assignment="lista", student="ana", timestamp="")
    assert (json.loads(line)["student"], json.loads(line)["digest"]) == ("ana", mine.digest)


@pytest.mark.usefixtures("at_once")
def test_nobody_hands_in_for_another(tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither alone nor in the place of what the other handed in."""
    hand_in(tmp_path, "ana", {"ex.ipynb": "de ana"})
    forged = hand_in(tmp_path, "ana", {"ex.ipynb": "de bia"}, NOW + timedelta(hours=1))
    hand_in(tmp_path, "caio", {"ex.ipynb": "de bia"})
    monkeypatch.setattr(
        OwnedCollect,
        "_owner",
        lambda self, path: "bia" if path == str(forged) or "caio" in path else Path(path).name.split("+")[0],
    )
    run(OwnedCollect, config)
    assert collected(tmp_path, "ana")["ex.ipynb"] == "de ana"
    assert not (tmp_path / "course" / "submitted" / "caio").exists()


def test_a_time_in_the_past_does_not_help(tmp_path: Path, config: Config) -> None:
    """The name says last week, the file system today; what counts is the later one."""
    hand_in(tmp_path, "ana", {"ex.ipynb": "1", "timestamp.txt": "2020-01-01 00:00:00 UTC"})
    before = datetime.now(UTC).replace(tzinfo=None)
    run(OwnedCollect, config)
    said = collected(tmp_path, "ana")["timestamp.txt"]
    when = datetime.strptime(said, "%Y-%m-%d %H:%M:%S.%f UTC")
    assert before - timedelta(minutes=1) < when


def test_no_account_can_set_the_time_that_counts(tmp_path: Path) -> None:
    """`touch` changes what a file says of itself, and not when that was changed."""
    folder = tmp_path / "f"
    folder.mkdir()
    (folder / "a").write_text("1")
    os.utime(folder / "a", (0, 0))
    os.utime(folder, (0, 0))
    age = datetime.now(UTC).replace(tzinfo=None) - nbgrader_exchange._changed(str(folder))
    assert timedelta(0) <= age + timedelta(seconds=1) < timedelta(minutes=1)


@pytest.mark.usefixtures("at_once")
def test_links_and_what_is_no_file_stay_behind(tmp_path: Path, config: Config) -> None:
    """nbgrader copies what a link points to, as the grader: hidden tests, say."""
    secret = tmp_path / "course" / "secret.txt"
    secret.write_text("hidden test")
    folder = hand_in(tmp_path, "ana", {"ex.ipynb": "1"})
    (folder / "a.txt").symlink_to(secret)
    (folder / "b").symlink_to(secret.parent)
    os.mkfifo(folder / "c")
    run(OwnedCollect, config)
    assert set(collected(tmp_path, "ana")) == {"ex.ipynb", "timestamp.txt", "submission_secret.txt"}


@pytest.mark.usefixtures("at_once")
def test_nbgrader_alone_follows_the_link(tmp_path: Path, config: Config) -> None:
    """So the test above tests something."""
    secret = tmp_path / "course" / "secret.txt"
    secret.write_text("hidden test")
    (hand_in(tmp_path, "ana", {"ex.ipynb": "1"}) / "a.txt").symlink_to(secret)
    run(ExchangeCollect, config)
    assert collected(tmp_path, "ana")["a.txt"] == "hidden test"


def too_much(folder: Path) -> None:
    (folder / "x.bin").write_bytes(bytes(3_000_000))


def not_a_folder(folder: Path) -> None:
    (folder / "ex.ipynb").unlink()
    folder.rmdir()
    folder.write_text("a file")


def no_date(folder: Path) -> None:
    folder.rename(folder.with_name("ana+lista+tomorrow"))


def a_folder_for_the_time(folder: Path) -> None:
    (folder / "ex.ipynb").unlink()
    for name in ("timestamp.txt", "submission_secret.txt"):
        (folder / name / "x").mkdir(parents=True)
    (folder / "big").write_bytes(bytes(3_000_000))


def end_of_time(folder: Path) -> None:
    folder.rename(folder.with_name("ana+lista+9999-12-31 23:59:59 UTC+x"))


def no_number(folder: Path) -> None:
    folder.rename(folder.with_name(f"ana+lista+{'9' * 40}m+x"))


def abyss(folder: Path) -> None:
    here = folder
    for _ in range(30):
        here /= "d"
        here.mkdir()


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    "spoil", [too_much, not_a_folder, no_date, a_folder_for_the_time, end_of_time, no_number, abyss]
)
def test_one_bad_folder_spoils_no_other(tmp_path: Path, config: Config, spoil: Callable[[Path], None]) -> None:
    config.CourseDirectory.max_dir_size = 2000
    spoil(hand_in(tmp_path, "ana", {"ex.ipynb": "1"}))
    hand_in(tmp_path, "bia", {"ex.ipynb": "2"})
    run(OwnedCollect, config)
    assert collected(tmp_path, "bia")["ex.ipynb"] == "2"
    if spoil is not end_of_time:  # it names a time, and is a submission otherwise
        assert not (tmp_path / "course" / "submitted" / "ana" / "lista").exists()


@pytest.mark.usefixtures("at_once")
def test_what_was_collected_stays_when_the_next_cannot_be(tmp_path: Path, config: Config) -> None:
    config.CourseDirectory.max_dir_size = 2000
    config.ExchangeCollect.update = True
    hand_in(tmp_path, "ana", {"ex.ipynb": "1"})
    run(OwnedCollect, config)
    too_much(hand_in(tmp_path, "ana", {"ex.ipynb": "2"}, NOW + timedelta(hours=1)))
    run(OwnedCollect, config)
    assert collected(tmp_path, "ana")["ex.ipynb"] == "1"
    assert [path.name for path in (tmp_path / "course" / "submitted" / "ana").iterdir()] == ["lista"]


def test_a_change_while_collecting_counts(tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    """Handed in early; the files are exchanged in the moment that the grader has looked at the time."""
    folder = hand_in(tmp_path, "ana", {"ex.ipynb": "early"}, datetime.now(UTC))
    look = nbgrader_exchange._changed

    def looked(path: str) -> datetime:
        seen = look(path) - timedelta(days=7)  # as if it had lain there since
        (folder / "ex.ipynb").write_text("late")
        return seen

    monkeypatch.setattr(nbgrader_exchange, "_changed", looked)
    monkeypatch.setattr(nbgrader_exchange, "_COPYING", timedelta(seconds=-1))
    run(OwnedCollect, config)
    found = collected(tmp_path, "ana")
    when = datetime.strptime(found["timestamp.txt"], "%Y-%m-%d %H:%M:%S.%f UTC")
    assert found["ex.ipynb"] == "late"
    assert datetime.now(UTC).replace(tzinfo=None) - when < timedelta(minutes=1)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("secret", "kept"), [("0123456789abcdef", True), (None, False), ("é" * 20, False), ("a" * 5000, False)]
)
def test_feedback_has_a_secret_for_everybody(
    tmp_path: Path, config: Config, secret: str | None, kept: bool
) -> None:
    """nbgrader cannot release anybody's feedback where one is missing, or no text."""
    hand_in(tmp_path, "ana", {"ex.ipynb": "1"} | ({} if secret is None else {"submission_secret.txt": secret}))
    run(OwnedCollect, config)
    found = collected(tmp_path, "ana")["submission_secret.txt"]
    assert (found == secret) is kept
    assert found.isascii()
    assert 16 <= len(found) <= 128


@pytest.mark.usefixtures("at_once")
def test_the_last_one_counts(tmp_path: Path, config: Config) -> None:
    hand_in(tmp_path, "ana", {"ex.ipynb": "1"})
    run(OwnedCollect, config)
    time.sleep(0.01)
    hand_in(tmp_path, "ana", {"ex.ipynb": "2"}, NOW + timedelta(hours=1))
    config.ExchangeCollect.update = True
    run(OwnedCollect, config)
    assert collected(tmp_path, "ana")["ex.ipynb"] == "2"
    assert len((tmp_path / "course" / RECEIPTS).read_text().splitlines()) == 2


def test_a_number_stands_for_somebody_without_an_account(
    tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Servers in containers: this machine knows their numbers and nothing else of them."""
    monkeypatch.undo()
    monkeypatch.setenv("PATH", f"{sysconfig.get_path('scripts')}:{os.environ['PATH']}")
    hand_in(tmp_path, "ana", {"ex.ipynb": "{}"})
    hand_in(tmp_path, "bruno", {"ex.ipynb": "{}"})
    config.OwnedCollect.numbers = {"ana": os.geteuid(), "bruno": 4_000_000}
    config.ExchangeCollect.check_owner = True
    run(OwnedCollect, config)
    assert [path.name for path in (tmp_path / "course" / "submitted").iterdir()] == ["ana"]


@pytest.mark.usefixtures("at_once")
def test_what_is_still_being_written_is_left_as_if_it_were_not_there(tmp_path: Path, config: Config) -> None:
    """Neither collected nor in the way of what came before it."""
    whole = hand_in(tmp_path, "ana", {"ex.ipynb": "1"})
    hand_in(tmp_path, "ana", {"ex.ipynb": "2"}, NOW + timedelta(hours=1))
    directory = CourseDirectory(config=config)
    tool = OwnedCollect(coursedir=directory, authenticator=Authenticator(config=config), config=config)
    tool.only = frozenset({whole.name})
    tool.start()
    assert (collected(tmp_path, "ana")["ex.ipynb"], tool.failed) == ("1", {})


@pytest.mark.usefixtures("at_once")
def test_a_collector_that_was_killed_between_its_renames_loses_nothing(tmp_path: Path, config: Config) -> None:
    """What it had moved aside is put back, also where nothing newer can be collected."""
    folder = hand_in(tmp_path, "ana", {"ex.ipynb": "1"})
    run(OwnedCollect, config)
    there = tmp_path / "course" / "submitted" / "ana" / "lista"
    there.rename(there.with_name(".lista.old"))
    config.CourseDirectory.max_dir_size = 2000
    config.ExchangeCollect.update = True
    too_much(folder)
    run(OwnedCollect, config)
    assert collected(tmp_path, "ana")["ex.ipynb"] == "1"


@pytest.mark.usefixtures("at_once")
def test_one_that_is_interrupted_there_puts_it_back_itself(
    tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    hand_in(tmp_path, "ana", {"ex.ipynb": "1"})
    run(OwnedCollect, config)
    hand_in(tmp_path, "ana", {"ex.ipynb": "2"}, NOW + timedelta(hours=1))
    config.ExchangeCollect.update = True
    rename = Path.rename

    def interrupted(self: Path, to: Path) -> Path:
        if self.name == ".lista.partial":
            raise KeyboardInterrupt
        return rename(self, to)

    with monkeypatch.context() as context:
        context.setattr(Path, "rename", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(OwnedCollect, config)
    assert collected(tmp_path, "ana")["ex.ipynb"] == "1"
