"""TensorBoard logs as checks see them: by a reader that gives plain data, as in the judge."""

import shutil

import pytest

from autograder.check import logged_histograms, logged_images, tensorboard
from autograder.check.boardlog import reading_logs_with
from autograder.check.guard import StudentFailure
from autograder.check.recorder import collecting

HISTORY = {"loss": [0.9, 0.5, 0.4], "val_loss": [0.8, 0.6, 0.5]}
OTHER = {"loss": [2.0, 1.9, 1.8], "val_loss": [2.1, 2.0, 1.9]}


def log(*, graph=False, images=(), histograms=(), **curves):
    """A log as a reader gives it: scalars by tag, from step 0."""
    return {
        "scalars": {tag: [[step, 1.0, v] for step, v in enumerate(values)] for tag, values in curves.items()},
        "histograms": {"kernel": [{"step": s, "min": low, "max": high} for s, low, high in histograms]},
        "images": {"scope/samples": list(images)} if images else {},
        "graph": graph,
    }


def run_of(history):
    return {"train": log(epoch_loss=history["loss"]), "validation": log(epoch_loss=history["val_loss"])}


@pytest.fixture
def board(tmp_path):
    """Lays out logs by path, and checks them."""

    def outcome(logs, check, *args, **options):
        shutil.rmtree(tmp_path / "my_logs", ignore_errors=True)
        files = {}
        for name, content in logs.items():
            path = tmp_path / "my_logs" / name / f"events.out.tfevents.{len(files)}.v2"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
            files[path] = content

        def read(path):
            if files[path] is None:
                raise StudentFailure("damaged")
            return files[path]

        with collecting() as outcomes, reading_logs_with(read):
            check(tmp_path / "my_logs", *args, **options)
        assert outcomes[0].error is None
        return outcomes[0]

    return outcome


def laid_out(**runs):
    return {f"{run}/{part}": content for run, parts in runs.items() for part, content in parts.items()}


def test_a_run_is_the_one_with_the_curves_of_the_history(board):
    """Whatever it is called, and whatever else is there."""
    logs = laid_out(a=run_of(OTHER), b=run_of(HISTORY)) | {"b/imagens": None}
    assert board(logs, tensorboard, HISTORY).passed


def test_logs_of_another_training_are_none(board):
    """A folder copied from elsewhere, say."""
    found = board(laid_out(a=run_of(OTHER)), tensorboard, HISTORY)
    assert not found.passed
    assert "a" in found.actual


def test_validation_has_to_be_logged_too(board):
    """Unless only the training curve is asked for."""
    logs = {"a/train": log(epoch_loss=HISTORY["loss"])}
    assert not board(logs, tensorboard, HISTORY).passed
    assert board(logs, tensorboard, HISTORY, series=["loss"]).passed


def test_the_folder_of_all_logs_is_no_run(board):
    """A run has a subfolder of its own."""
    assert not board(run_of(HISTORY), tensorboard, HISTORY).passed


def test_two_trainings_in_one_folder_are_told(board):
    """A second event file in the same folder; in two folders all is well."""
    both = laid_out(a=run_of(HISTORY)) | laid_out(a={"train/x": log(), "validation/x": log()})
    both["a/train"] = log(epoch_loss=HISTORY["loss"], again=OTHER["loss"])
    both["a/validation"] = log(epoch_loss=HISTORY["val_loss"], again=OTHER["val_loss"])
    assert not board(both, tensorboard, OTHER, apart_from=HISTORY).passed
    apart = laid_out(a=run_of(HISTORY), b=run_of(OTHER))
    assert board(apart, tensorboard, OTHER, apart_from=HISTORY).passed
    assert board(laid_out(b=run_of(OTHER)), tensorboard, OTHER, apart_from=HISTORY).passed


def test_points_all_at_one_step_are_no_curve(board):
    """Somebody forgot step=epoch."""
    flat = log(epoch_loss=HISTORY["loss"])
    flat["scalars"]["epoch_loss"] = [[0, 1.0, v] for v in HISTORY["loss"]]
    assert not board({"a": flat}, tensorboard, HISTORY, series=["loss"]).passed


def test_a_history_that_diverged_is_compared_too(board):
    """What is no number is written as such, and read as none."""
    logs = {"a": log(epoch_loss=[1.0, None, None])}
    assert board(logs, tensorboard, {"loss": [1.0, float("nan"), float("inf")]}, series=["loss"]).passed


def test_the_graph_is_asked_for_when_wanted(board):
    """Keras writes it unless told not to."""
    logs = {"a": log(epoch_loss=HISTORY["loss"])}
    assert not board(logs, tensorboard, HISTORY, series=["loss"], graph=True).passed
    logs = {"b": log(epoch_loss=HISTORY["loss"], graph=True)}
    assert board(logs, tensorboard, HISTORY, series=["loss"], graph=True).passed


@pytest.mark.parametrize("history", [3, {}, {"loss": "abc"}, {"loss": []}])
def test_what_is_no_history_fails(board, history):
    """No check breaks because of an answer."""
    assert not board({"a": log()}, tensorboard, history).passed


def test_no_log_at_all_is_told(board):
    """The hint says which callback."""
    for check, args in ((tensorboard, (HISTORY,)), (logged_images, ("samples",))):
        options = {"at_least": 1} if check is logged_images else {}
        found = board({}, check, *args, **options)
        assert not found.passed
        assert "my_logs" in found.actual


class Model:
    """Has one kernel, from -1 to 2."""

    def get_weights(self):
        """As Keras' does."""
        return [[[-1.0, 2.0]], [0.0]]


@pytest.mark.parametrize(
    ("histograms", "passed"),
    [
        ([(0, -0.5, 1.0), (1, -1.0, 2.0)], True),
        ([(0, -1.0, 2.0), (1, -3.0, 2.5)], True),  # the weights of an earlier epoch were restored
        ([(0, -0.5, 1.0), (1, -1.0, 1.9)], False),  # another model's
        ([(1, -1.0, 2.0)], False),  # too few
        ([(1, -1.0, 2.0), (1, None, None)], False),
    ],
)
def test_histograms_are_those_of_the_model(board, histograms, passed):
    """In as many steps, and one of them spans what the kernel spans."""
    logs = {"a/train": log(histograms=histograms)}
    assert board(logs, logged_histograms, [Model()], steps_at_least=2).passed is passed


def test_what_has_no_kernels_has_no_histograms(board):
    """No check breaks because of an answer."""
    assert not board({"a": log()}, logged_histograms, [None], steps_at_least=1).passed


@pytest.mark.parametrize(
    ("images", "passed"),
    [
        ([{"step": 0, "height": 28, "width": 28, "count": 5}], True),
        ([{"step": 0, "height": 28, "width": 28, "count": 3}], False),
        ([{"step": 0, "height": 28, "width": 28, "count": 3}] * 2, True),
        ([{"step": s, "height": 28, "width": 28, "count": 3} for s in range(5)], False),
        ([{"step": 0, "height": 1, "width": 784, "count": 5}], False),
        ([], False),
    ],
)
def test_images_are_counted_in_one_step(board, images, passed):
    """Of the size that is asked for, under the tag with any scope before it."""
    logs = {"imagens": log(images=images)}
    assert board(logs, logged_images, "samples", at_least=5, size=(28, 28)).passed is passed
