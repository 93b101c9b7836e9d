"""What a test cell calls: each check adds one outcome, and a failed one does not end the cell.

    from autograder import check, holdout

    check.sequential(model, input_shape=(28, 28), layers=["Flatten", "Dense(relu)+", "Dense(10, softmax)"])
    check.compiled(model, loss="sparse_categorical_crossentropy")
    check.accuracy(prever, holdout.fashion_mnist(), at_least=0.85, hint="Normalizou os pixels?")

Every check takes ``weight``, ``hint`` and ``title`` and returns ``None``. Importing this imports no TensorFlow.
Imported in a notebook, it also explains names that are missing in a test cell.
"""

from autograder.check.architecture import classifier_output, sequential
from autograder.check.compilation import compiled
from autograder.check.general import close, defined, equal, scaled_between, that
from autograder.check.missing import explain_missing_names
from autograder.check.performance import accuracy, mae, mse
from autograder.check.plots import plotted
from autograder.check.recorder import CheckFailed, collecting, record, running_shell
from autograder.check.saving import h5_round_trip, reloaded, same_predictions
from autograder.check.search import search, tuned
from autograder.check.search_table import search_table
from autograder.check.training import trained

__all__ = [
    "CheckFailed",
    "accuracy",
    "classifier_output",
    "close",
    "collecting",
    "compiled",
    "defined",
    "equal",
    "h5_round_trip",
    "mae",
    "mse",
    "plotted",
    "record",
    "reloaded",
    "same_predictions",
    "scaled_between",
    "search",
    "search_table",
    "sequential",
    "that",
    "trained",
    "tuned",
]

explain_missing_names(running_shell())
