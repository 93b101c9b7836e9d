"""The student's files as a test cell sees them: names and texts as they are, models and logs as the inspector
read them.

The working directory of a cell has every file of the snapshot. Texts are there with their content. Files whose
formats are read by large parsers (HDF5, zip archives of models, pickles, event files) are there in name and
size only: nothing in the judge's process opens them. Who asks for the model in one is given what the inspector
made of it.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.check.boardlog import reading_logs_with
from autograder.check.guard import StudentFailure
from autograder.check.lite import reading_lite_with
from autograder.check.saving import class_names, reading_with
from autograder.check.stored import Stored, stored_archive, stored_h5, stored_with, weights_of
from autograder.errors import GraderError
from autograder.evidence.inspect import Inspection
from autograder.evidence.refusal import Refused
from autograder.judge.rebuild import rebuild_inspected
from autograder.messages import tr

__all__ = ["Files", "Inspect"]

_PARSED = (".h5", ".hdf5", ".keras", ".tflite", ".pkl", ".pickle", ".joblib", ".pb", ".zip", ".npz", ".onnx")
#: Asks the engine for what is in a file: the reply, and a folder with the inspection where there is one.
Inspect = Callable[[str], tuple[Mapping[str, Any], Path | None]]


class StoredWeights:
    """A saved model whose layers only the student's kernel knows: its weights, and nothing to run."""

    def __init__(self, weights: list[Any]) -> None:
        self._weights = weights

    def get_weights(self) -> list[Any]:
        """The arrays in the file's order."""
        return self._weights


class Files:
    """The snapshot of a student's working directory.

    Args:
        blobs: Folder with the files' contents, by digest.
        inspect: Asks for an inspection of a file, by its path in the snapshot.
    """

    def __init__(self, blobs: Path, inspect: Inspect) -> None:
        self._blobs = blobs
        self._inspect = inspect
        self._listed: Mapping[str, Any] = {}
        self._folder = Path(tempfile.mkdtemp(prefix="work-"))

    @contextmanager
    def laid_out(self, listed: Mapping[str, Any]) -> Iterator[None]:
        """Be in the working directory inside the block.

        Args:
            listed: Digest and size of each file, by relative path.
        """
        self._listed = listed
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        for name, (digest, size) in listed.items():
            self._place(folder / name, str(digest), int(size))
        before = Path.cwd()
        os.chdir(folder)
        try:
            with (
                reading_with(self.read_model),
                stored_with(self.stored),
                reading_lite_with(self.read_lite),
                reading_logs_with(self.read_log),
                _keras_reads(self.load_model),
            ):
                yield
        finally:
            os.chdir(before)
            shutil.rmtree(folder)

    def _place(self, path: Path, digest: str, size: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix in _PARSED or "tfevents" in path.name:
            with path.open("wb") as empty:
                empty.truncate(size)
        else:
            path.symlink_to(self._blobs / digest)

    def inspection(self, path: Path) -> Inspection:
        """What is in a file.

        Raises:
            StudentFailure: It is no sound file of its kind.
        """
        name = os.path.relpath(path)
        if name not in self._listed:
            raise StudentFailure(tr("no file {name}", name=path.name))
        reply, folder = self._inspect(name)
        if reply["status"] == "refused":
            raise StudentFailure(str(reply["message"]))
        if folder is None:
            raise GraderError(f"{name} could not be inspected.")
        try:
            return Inspection.from_files(folder)
        except Refused as refused:
            raise GraderError(f"The inspector's answer on {name} cannot be read: {refused}") from refused

    def stored(self, path: Path) -> Stored:
        """What a model file holds, as numbers and settings.

        Raises:
            StudentFailure: It is no sound model file.
        """
        return _stored(self.inspection(path))

    def read_log(self, path: Path) -> Mapping[str, Any]:
        """What is in an event file.

        Raises:
            StudentFailure: It is none.
        """
        found = self.inspection(path)
        if found.kind != "tfevents":
            raise StudentFailure(tr("{name} is no TensorBoard log", name=path.name))
        return found.data

    def load_model(self, path: Any, *_: Any, **__: Any) -> Any:
        """Stands in for ``keras.models.load_model``: the model in a file, uncompiled."""
        if not Path(path).is_file():
            raise ValueError(
                f"File not found: filepath={path}. Please ensure the file is an accessible model file."
            )
        return self.read_model(Path(path), None)

    def read_model(self, path: Path, model: Any) -> Any:
        """The whole model in a file.

        Args:
            path: In the working directory.
            model: The live model, for files with layers that are the student's own.

        Raises:
            StudentFailure: The file holds no whole model.
        """
        found = self.inspection(path)
        if path.suffix in (".h5", ".hdf5") and found.kind == "keras":
            raise StudentFailure(
                tr("{name} is not in HDF5 format", name=path.name), hint=tr("Let model.save write the file.")
            )
        if found.kind in ("h5-weights", "weights.h5"):
            raise StudentFailure(
                tr("{name} holds weights only, no architecture", name=path.name),
                hint=tr("Use model.save, not model.save_weights."),
            )
        try:
            return rebuild_inspected(found)
        except Refused as refused:
            if model is None or refused.code not in _OWN_LAYERS:
                raise StudentFailure(str(refused)) from refused
            return _weights_of(found, model)

    def read_lite(self, path: Path) -> Sequence[bytes]:
        """The buffers of a file of TensorFlow Lite.

        Raises:
            StudentFailure: It is none.
        """
        found = self.inspection(path)
        if found.kind != "tflite":
            raise StudentFailure(tr("{name} is no file of TensorFlow Lite", name=path.name))
        return [array.tobytes() for array in found.arrays.values()]


def _stored(found: Inspection) -> Stored:
    """What an inspection says of weights and of the optimizer."""
    data, arrays = found.data, found.arrays
    if found.kind in ("h5", "h5-weights"):
        weights = [array for name, array in arrays.items() if name.startswith(("layer/", "top/"))]
        if found.kind == "h5-weights":
            return Stored(found.kind, tuple(weights))
        state = [arrays[f"optimizer/{number}"] for number in range(len(data.get("optimizer_weights", [])))]
        return stored_h5(data.get("model_config"), data.get("training_config"), weights, state)
    variables = {entry["name"]: arrays[f"variable/{n}"] for n, entry in enumerate(data.get("variables", []))}
    if found.kind == "keras":
        return stored_archive(data.get("config"), variables)
    return Stored(found.kind, weights_of(variables))


#: Codes of refusals that mean: a class or function that is not Keras' own.
_OWN_LAYERS = frozenset({"not-allowed", "custom", "lambda", "graph"})


def _weights_of(found: Inspection, model: Any) -> StoredWeights:
    if found.kind != "h5":
        raise GraderError(
            "A file in Keras' own format holds layers of the student's; only a person can compare them."
        )
    stored, wanted = found.data["model_config"], model.get_config()
    ours, theirs = class_names(stored.get("config", stored)), class_names(wanted)
    if ours != theirs:
        raise StudentFailure(", ".join(ours), expected=", ".join(theirs))
    layers = found.data.get("layers", [])
    return StoredWeights(
        [found.arrays[f"layer/{i}/{j}"] for i, layer in enumerate(layers) for j in range(len(layer["weights"]))]
    )


@contextmanager
def _keras_reads(load: Callable[..., Any]) -> Iterator[None]:
    """Have Keras' ``load_model`` ask the inspector: what tests write as in any notebook."""
    import h5py
    import keras

    def refuse(*_: Any, **__: Any) -> Any:
        raise GraderError(
            "A test cell opens a student's model file itself; use check.* or keras.models.load_model."
        )

    places = [(module, "load_model", load) for module in (keras.models, keras.saving, keras.src.saving.saving_api)]
    places.append((h5py, "File", refuse))
    kept = [(module, name, getattr(module, name)) for module, name, _ in places]
    for module, name, replacement in places:
        setattr(module, name, replacement)
    try:
        yield
    finally:
        for module, name, original in kept:
            setattr(module, name, original)
