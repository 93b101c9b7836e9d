"""Getting the datasets onto this machine: ``autograder data``."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from autograder.data.datasets import NAMES, CaliforniaHousing, Dataset, FashionMnist, Name, title, verify
from autograder.data.housing import CACHE_FILE, write_cache
from autograder.data.idx import FILES, write_fashion_mnist
from autograder.data.packages import SourceError
from autograder.data.sources import Source, keras_folder, sklearn_folder, sources
from autograder.data.store import DataStore, default_root
from autograder.errors import UsageError
from autograder.messages import tr

__all__ = ["ensure", "install"]

Progress = Callable[[str], None]


def ensure(
    root: Path | None = None,
    *,
    progress: Progress,
    choices: Callable[[Name], tuple[Source, ...]] = sources,
) -> DataStore:
    """Make sure that every dataset is on this machine and is the published one.

    Args:
        root: The cache folder; ``None`` for ``$AUTOGRADER_CACHE`` or the user's cache folder.
        progress: Called with a line of text before each step that may take a while.
        choices: Where each dataset may come from.

    Raises:
        UsageError: A dataset could not be had; says what was tried and how to mend it.
    """
    root = root if root is not None else default_root()
    store = DataStore(root)
    try:
        with store.lock():
            for name in NAMES:
                if not _is_there(store, name, progress):
                    store.save(_fetch(name, choices(name), store, progress))
                    progress(tr("{dataset}: verified and kept in {path}", dataset=title(name), path=store.root))
    except OSError as error:
        raise UsageError(
            tr("The cache folder {path} cannot be used: {reason}.", path=root, reason=error.strerror or error),
            tr("Set AUTOGRADER_CACHE to a folder that you may write to, with 200 MB free."),
        ) from error
    return store


def install(store: DataStore, *, progress: Progress) -> tuple[Path, ...]:
    """Put the official datasets where Keras and scikit-learn look for them, unless they are there.

    Notebooks that run outside the sandbox (an instructor's own JupyterLab) then need no network.

    Returns:
        The files that were written.

    Raises:
        UsageError: A dataset is not in ``store``, or a folder cannot be written to.
    """
    written: list[Path] = []
    targets: tuple[tuple[Name, Path, tuple[str, ...]], ...] = (
        ("fashion_mnist", keras_folder(), tuple(FILES.values())),
        ("california_housing", sklearn_folder(), (CACHE_FILE,)),
    )
    with store.lock():
        for name, folder, files in targets:
            missing = [file for file in files if not (folder / file).exists()]
            if not missing:
                continue
            progress(tr("{dataset}: copying to {path}", dataset=title(name), path=folder))
            try:
                folder.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryDirectory(dir=folder, prefix=".autograder-") as work:
                    _write(store.load(name), Path(work))
                    for file in missing:
                        (Path(work) / file).replace(folder / file)
                        written.append(folder / file)
            except OSError as error:
                reason = error.strerror or error
                raise UsageError(tr("{path} cannot be made: {reason}.", path=folder, reason=reason)) from error
    return tuple(written)


def _write(dataset: Dataset, folder: Path) -> None:
    """Write ``dataset`` to ``folder`` in the format that its library reads."""
    match dataset:
        case FashionMnist():
            write_fashion_mnist(folder, dataset)
        case CaliforniaHousing():
            write_cache(folder, dataset)


def _is_there(store: DataStore, name: Name, progress: Progress) -> bool:
    if not store.path(name).exists():
        return False
    try:
        store.load(name)
    except UsageError as error:
        progress(tr("{problem} It is removed and fetched again.", problem=error.what))
        store.discard(name)
        return False
    return True


def _fetch(name: Name, choices: tuple[Source, ...], store: DataStore, progress: Progress) -> Dataset:
    """Ask one source after the other until one delivers the published arrays."""
    tried: list[str] = []
    for source in choices:
        progress(tr("{dataset}: trying {source}", dataset=title(name), source=source.label))
        work = Path(tempfile.mkdtemp(dir=store.root, prefix=".fetch-"))
        try:
            return verify(source.fetch(work))
        except (SourceError, OSError, ValueError, UsageError) as error:
            tried.append(f"  - {source.label}: {str(error) or type(error).__name__}")
        finally:
            shutil.rmtree(work, ignore_errors=True)
    raise UsageError(
        tr("{dataset} could not be had. Tried:", dataset=title(name)) + "\n" + "\n".join(tried) + "\n",
        tr(
            "Run `autograder data` again with a network, or copy {path} from a machine where it worked.",
            path=store.path(name),
        ),
    )
