"""Evidence on disk: whole or not at all, and what was changed is not believed."""

import errno
import hashlib
import os
import shutil
from pathlib import Path

import pytest

from autograder.errors import GraderError, UsageError, stop_on_full_disk
from autograder.evidence.bundle import END, Bundle, Record, Reply, request_key


def put(bundle: Bundle, content: bytes) -> str:
    digest = hashlib.sha256(content).hexdigest()
    (bundle.blobs / digest).write_bytes(content)
    return digest


def filled(root: Path) -> Bundle:
    bundle = Bundle.new(root)
    document, arrays, answer = (put(bundle, text) for text in (b"document", b"arrays", b"answer"))
    record = Record(("a", "b"), document, arrays, {"modelo.h5": (put(bundle, b"file"), 4)})
    record.requests["key"] = [Reply({"status": "ok"}, answer, arrays)]
    bundle.records = {"test": record, END: Record(("a", "b"), ended={"how": "dead", "limit": "memory"})}
    bundle.facts = {"notebook": "abc"}
    bundle.results = {"test": {"status": "ok", "outputs": [], "key": "k"}}
    put(bundle, b"left over from a request that was not kept")
    return bundle


def test_a_bundle_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Records, requests, results and facts; what no record names is not kept."""
    bundle = filled(tmp_path / "evidence")
    bundle.settle(tmp_path / "evidence" / "lista" / "ana" / "01")
    back = Bundle.read(tmp_path / "evidence" / "lista" / "ana" / "01")
    assert back is not None
    assert back.records == bundle.records
    assert (back.facts, back.results) == (bundle.facts, bundle.results)
    assert len(list(back.blobs.iterdir())) == 4
    assert back.content(back.records["test"].files["modelo.h5"][0]) == b"file"


def test_only_its_owner_may_look(tmp_path: Path) -> None:
    """Students may have accounts on the machine that grades."""
    filled(tmp_path / "evidence")
    assert (tmp_path / "evidence").stat().st_mode & 0o077 == 0


def test_a_new_bundle_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    """And leaves nothing beside it."""
    place = tmp_path / "evidence" / "lista" / "ana" / "01"
    filled(tmp_path / "evidence").settle(place)
    second = filled(tmp_path / "evidence")
    second.facts = {"notebook": "second"}
    second.settle(place)
    back = Bundle.read(place)
    assert back is not None
    assert back.facts == {"notebook": "second"}
    assert [p.name for p in place.parent.iterdir()] == ["01"]
    assert [p.name for p in (tmp_path / "evidence").iterdir()] == ["lista"]


def test_where_the_disk_fails_the_old_bundle_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where half of the new one had been copied, as from one file system to another."""
    place = tmp_path / "evidence" / "lista" / "ana" / "tiny"
    first = Bundle.new(tmp_path / "evidence")
    first.facts = {"notebook": "first"}
    first.settle(place)

    def half(source: Path, target: Path) -> None:
        target.mkdir()
        (target / "manifest.json").write_text("{")
        raise shutil.Error([(str(source), str(target), os.strerror(errno.ENOSPC))])

    second = Bundle.new(tmp_path / "evidence")
    monkeypatch.setattr(shutil, "move", half)
    with pytest.raises(GraderError) as failed:
        second.settle(place)
    with pytest.raises(UsageError, match="The disk is full"):
        stop_on_full_disk(failed.value)
    kept = Bundle.read(place)
    assert kept is not None
    assert kept.facts == {"notebook": "first"}
    assert [path.name for path in place.parent.iterdir()] == ["tiny"]


def test_a_run_that_was_killed_leaves_the_old_bundle(tmp_path: Path) -> None:
    """What was not settled can be discarded."""
    place = tmp_path / "evidence" / "lista" / "ana" / "01"
    filled(tmp_path / "evidence").settle(place)
    filled(tmp_path / "evidence").discard()
    assert Bundle.read(place) is not None
    assert [p.name for p in (tmp_path / "evidence").iterdir()] == ["lista"]


def test_evidence_that_was_changed_on_disk_is_not_believed(tmp_path: Path) -> None:
    """Its digest is its name."""
    bundle = filled(tmp_path / "evidence")
    digest = bundle.records["test"].document
    assert digest is not None
    (bundle.blobs / digest).write_bytes(b"another document")
    with pytest.raises(GraderError, match="changed"):
        bundle.content(digest)
    with pytest.raises(GraderError, match="missing"):
        bundle.content("0" * 64)


@pytest.mark.parametrize("text", ["", "{", '{"version": 99}'])
def test_no_manifest_means_no_bundle(tmp_path: Path, text: str) -> None:
    """So the notebook is graded again."""
    (tmp_path / "manifest.json").write_text(text)
    assert Bundle.read(tmp_path) is None
    assert Bundle.read(tmp_path / "nowhere") is None


def test_requests_are_told_apart_by_all_they_say() -> None:
    """Operation, target and arguments."""
    one = request_key({"op": "call", "token": "t1"}, b"args")
    assert one == request_key({"token": "t1", "op": "call"}, b"args")
    assert (
        len(
            {
                one,
                request_key({"op": "call", "token": "t2"}, b"args"),
                request_key({"op": "call", "token": "t1"}, b""),
            }
        )
        == 3
    )


def test_what_a_killed_run_left_goes_after_a_day(tmp_path: Path) -> None:
    """Not sooner: another run may be at work."""
    old, recent = filled(tmp_path / "evidence"), filled(tmp_path / "evidence")
    os.utime(old.folder, (0, 0))
    filled(tmp_path / "evidence")
    assert not old.folder.exists()
    assert recent.folder.exists()
