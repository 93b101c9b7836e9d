"""Files of a student's as the judge has them: it reads in them what the student's own kernel would."""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import check
from autograder.check.guard import StudentFailure
from autograder.check.stored import read_stored
from autograder.evidence.inspect import Refused, inspect_file
from autograder.judge.files import Files

pytestmark = pytest.mark.tensorflow

NAMES = ("m.h5", "m.keras", "m.weights.h5", "without.h5")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``model.save`` and ``model.save_weights`` left."""
    import keras

    folder = tmp_path_factory.mktemp("student")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(12), keras.layers.Dense(1)])
    model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(0.005))
    model.fit(np.ones((8, 3)), np.ones(8), verbose=0)
    for name in ("m.keras", "m.h5"):
        model.save(folder / name)
    model.save_weights(folder / "m.weights.h5")
    model.save(folder / "without.h5", include_optimizer=False)
    return folder


def judge_of(folder: Path, scratch: Path) -> tuple[Files, dict[str, Any]]:
    """The files as a judge gets them, inspected in this process."""

    def inspect(name: str) -> tuple[dict[str, Any], Path | None]:
        out = scratch / f"{name}-read"
        out.mkdir(exist_ok=True)
        try:
            inspect_file(folder / name).to_files(out)
        except Refused as refused:
            return {"status": "refused", "message": refused.message}, None
        return {"status": "ok"}, out

    listed = {
        path.name: (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
        for path in folder.iterdir()
    }
    return Files(folder, inspect), listed


@pytest.mark.parametrize("name", NAMES)
def test_judge_and_kernel_read_the_same(folder: Path, tmp_path: Path, name: str) -> None:
    """One by the inspector's answer, one by h5py."""
    own = read_stored(folder / name)
    files, listed = judge_of(folder, tmp_path)
    with files.laid_out(listed):
        judged = read_stored(Path(name))
    assert (judged.kind, judged.steps) == (own.kind, own.steps)
    assert dict(judged.optimizer or {}) == dict(own.optimizer or {})
    for one, other in ((judged.weights, own.weights), (judged.state, own.state)):
        assert sorted(a.shape for a in one) == sorted(a.shape for a in other)
        assert sorted(float(a.sum()) for a in one) == sorted(float(a.sum()) for a in other)
    assert [a.shape for a in judged.state] == [a.shape for a in own.state]


def test_the_checks_of_files_pass_in_the_judge(folder: Path, tmp_path: Path) -> None:
    """Nothing but the inspector opens one there."""
    import keras

    model = keras.models.load_model(folder / "m.keras")
    files, listed = judge_of(folder, tmp_path)
    with files.laid_out(listed), check.collecting() as outcomes:
        check.h5_optimizer("m.h5", model, optimizer="adam", hyperparameters={"learning_rate": 0.005}, steps=1)
        check.keras_round_trip("m.keras", model, optimizer="adam", steps=1)
        check.weights_round_trip("m.weights.h5", model)
    assert [(o.passed, o.error) for o in outcomes] == [(True, None)] * 3


def test_a_file_that_is_refused_is_the_students_failure(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "student").mkdir()
    (tmp_path / "student" / "m.keras").write_bytes(b"PK\x03\x04 no archive")
    files, listed = judge_of(tmp_path / "student", tmp_path)
    with files.laid_out(listed), pytest.raises(StudentFailure):
        read_stored(Path("m.keras"))
