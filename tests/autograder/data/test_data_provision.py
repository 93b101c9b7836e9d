"""``ensure``: sources in order, nothing believed without its checksum, a clear end when all fail."""

import threading

import numpy as np
import pytest

from autograder import data
from autograder.data import datasets, provision, sources
from autograder.data.datasets import arrays, digest
from autograder.data.packages import SourceError, run, unpack_debian_package
from autograder.data.sources import Source
from autograder.data.store import DataStore, default_root
from autograder.errors import UsageError
from autograder.messages import using_language


@pytest.fixture(autouse=True)
def _english():
    with using_language("en"):
        yield


@pytest.fixture
def published(monkeypatch, fashion, housing):
    """Two small datasets that count as the published ones."""
    known = {dataset.name: dataset for dataset in (fashion, housing)}
    monkeypatch.setattr(datasets, "CHECKSUMS", {name: digest(found) for name, found in known.items()})
    return known


def failing(work):
    raise SourceError("no network")


def test_the_first_source_that_delivers_is_used(tmp_path, published):
    """Later sources are not asked, and what was delivered can be loaded."""
    asked = []

    def choices(name):
        def deliver(work):
            asked.append(name)
            assert work.is_dir()
            return published[name]

        return Source("first", failing), Source("second", deliver), Source("third", failing)

    lines = []
    store = data.ensure(tmp_path, progress=lines.append, choices=choices)
    assert asked == ["fashion_mnist", "california_housing"]
    np.testing.assert_array_equal(store.load("fashion_mnist").X_test, published["fashion_mnist"].X_test)
    assert any("first" in line for line in lines)
    assert not any("third" in line for line in lines)
    data.ensure(tmp_path, progress=lines.append, choices=choices)
    assert len(asked) == 2, "a second run reuses what is there"
    assert not list(tmp_path.glob(".fetch-*"))


def test_official_arrays_are_readable_by_their_owner_alone(tmp_path, published):
    """A sandbox that runs as another user cannot read what the view leaves out."""
    store = data.ensure(tmp_path, progress=str, choices=lambda name: (Source("s", lambda w: published[name]),))
    for name in published:
        assert store.path(name).stat().st_mode & 0o077 == 0
        assert store.path(name).parent.stat().st_mode & 0o077 == 0
        assert not any(array.flags.writeable for array in arrays(store.load(name)).values())


def test_wrong_arrays_are_not_believed(tmp_path, published, housing):
    """One bit off is another dataset: the next source is tried, and in the end the message says so."""
    y = housing.y.copy()
    y[3] = np.nextafter(y[3], 9)
    wrong = datasets.CaliforniaHousing(housing.X, y)

    def choices(name):
        return (Source("s", lambda work: wrong if name == "california_housing" else published[name]),)

    with pytest.raises(UsageError, match="not the published arrays"):
        data.ensure(tmp_path, progress=str, choices=choices)
    assert not DataStore(tmp_path).path("california_housing").exists()
    with pytest.raises(UsageError, match="autograder data"):
        DataStore(tmp_path).load("california_housing")


def test_a_damaged_cache_file_is_fetched_again(tmp_path, published):
    """Whatever happened to the file, the next run mends it; until then loading is an error."""
    fetched = []

    def choices(name):
        return (Source("s", lambda work: fetched.append(name) or published[name]),)

    store = data.ensure(tmp_path, progress=str, choices=choices)
    whole = store.path("fashion_mnist").read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for damaged in (b"", whole[:-50], bytes(flipped)):
        store.path("fashion_mnist").write_bytes(damaged)
        with pytest.raises(UsageError, match=r"fashion_mnist\.npz"):
            store.load("fashion_mnist")
        lines = []
        data.ensure(tmp_path, progress=lines.append, choices=choices)
        assert any("removed" in line for line in lines)
        assert store.path("fashion_mnist").read_bytes() == whole


def test_when_every_source_fails_the_message_says_what_was_tried(tmp_path):
    """Each source with its reason, and two ways to mend it."""

    def broken(work):
        raise ValueError("not an idx file")

    def choices(name):
        return Source("the cache", failing), Source("the download", broken)

    with pytest.raises(UsageError) as caught:
        data.ensure(tmp_path, progress=str, choices=choices)
    text = str(caught.value)
    for part in ("Fashion-MNIST", "the cache: no network", "the download: not an idx", "copy", str(tmp_path)):
        assert part in text


def test_commands_that_start_together_fetch_once(tmp_path, published):
    """The second one waits for the first, then finds everything there."""
    fetched = []

    def choices(name):
        return (Source("s", lambda work: fetched.append(name) or published[name]),)

    threads = [
        threading.Thread(target=lambda: data.ensure(tmp_path, progress=str, choices=choices)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(fetched) == ["california_housing", "fashion_mnist"]


def test_a_cache_folder_that_cannot_be_used_is_a_clear_error(tmp_path):
    """The message names the variable to set."""
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="AUTOGRADER_CACHE"):
        data.ensure(tmp_path / "file", progress=str)


def test_the_cache_folder_follows_the_environment(tmp_path):
    """``AUTOGRADER_CACHE`` first, then the desktop's convention."""
    assert default_root({"AUTOGRADER_CACHE": str(tmp_path)}) == tmp_path
    assert default_root({"XDG_CACHE_HOME": str(tmp_path)}) == tmp_path / "tp555-autograder"
    assert default_root({}).parts[-2:] == (".cache", "tp555-autograder")


def test_install_puts_the_official_files_where_the_libraries_look(tmp_path, published, monkeypatch):
    """And leaves alone what is there already."""
    monkeypatch.setattr(provision, "keras_folder", lambda: tmp_path / "keras")
    monkeypatch.setattr(provision, "sklearn_folder", lambda: tmp_path / "sklearn")
    (tmp_path / "keras").mkdir()
    (tmp_path / "keras" / "t10k-labels-idx1-ubyte.gz").write_text("mine")
    store = data.ensure(tmp_path, progress=str, choices=lambda name: (Source("s", lambda w: published[name]),))
    written = data.install(store, progress=str)
    assert len(written) == 4
    assert (tmp_path / "keras" / "t10k-labels-idx1-ubyte.gz").read_text() == "mine"
    assert {path.name for path in (tmp_path / "sklearn").iterdir()} == {"cal_housing_py3.pkz"}
    assert data.install(store, progress=str) == ()


def test_a_client_that_fails_hangs_or_is_missing_is_a_failed_source(tmp_path):
    """Its last words are the reason."""
    with pytest.raises(SourceError, match="last words"):
        run(["sh", "-c", "echo first; echo last words >&2; exit 3"], cwd=tmp_path)
    with pytest.raises(SourceError, match="longer than"):
        run(["sleep", "30"], cwd=tmp_path, timeout=0.2)
    with pytest.raises(SourceError, match="not installed"):
        run(["no-such-program-here"], cwd=tmp_path)


def test_a_machine_without_apt_goes_on_to_the_next_source(tmp_path, monkeypatch):
    """Nothing is assumed about the distribution."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SourceError, match="apt-get"):
        unpack_debian_package("anything", tmp_path / "work")


def test_the_libraries_caches_are_looked_at_first():
    """Whoever has the data already downloads nothing."""
    with using_language("en"):
        assert "cache" in sources.sources("fashion_mnist")[0].label
        assert "cache" in sources.sources("california_housing")[0].label
