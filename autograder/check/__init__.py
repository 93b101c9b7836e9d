"""What a test cell calls: each check adds one outcome, and a failed one does not end the cell.

    from autograder import check, holdout

    check.sequential(model, input_shape=(28, 28), layers=["Flatten", "Dense(relu)+", "Dense(10, softmax)"])
    check.compiled(model, loss="sparse_categorical_crossentropy")
    check.accuracy(prever, holdout.fashion_mnist(), at_least=0.85, hint="Normalizou os pixels?")

Every check takes ``weight``, ``hint`` and ``title`` and returns ``None``. Importing this imports no TensorFlow.
Imported in a notebook, it also explains names that are missing in a test cell.
"""

from autograder.check.alike import trained_alike
from autograder.check.architecture import classifier_output, sequential
from autograder.check.boards import logged_histograms, logged_images, tensorboard
from autograder.check.callbacks import best_checkpoint, best_weights
from autograder.check.columns import depends_on, same_columns
from autograder.check.compilation import compiled
from autograder.check.distribution import distributed
from autograder.check.epochs import validated
from autograder.check.functional import functional, paths, reaches, same_hidden
from autograder.check.functions import answers, graph_function, tensor
from autograder.check.general import close, defined, equal, scaled_between, that
from autograder.check.lite import tflite
from autograder.check.missing import explain_missing_names
from autograder.check.optimizer_state import h5_optimizer, optimizer
from autograder.check.performance import accuracy, mae, mse
from autograder.check.plots import plotted
from autograder.check.recorder import CheckFailed, collecting, record, running_shell
from autograder.check.resuming import resumed
from autograder.check.reuse import reused_layers
from autograder.check.saving import h5_round_trip, reloaded, same_predictions
from autograder.check.search import search, tuned
from autograder.check.search_table import search_table
from autograder.check.sharing import parameters, shared_layer
from autograder.check.size import funnel, same_size
from autograder.check.source import defines_class, passes, uses
from autograder.check.splits import same_preparation, same_scale
from autograder.check.stopping import overfitted, stopped_early
from autograder.check.subclassing import computes, contains, instance, subclass
from autograder.check.training import trained
from autograder.check.weights_file import keras_round_trip, weights_round_trip

__all__ = [
    "CheckFailed",
    "accuracy",
    "answers",
    "best_checkpoint",
    "best_weights",
    "classifier_output",
    "close",
    "collecting",
    "compiled",
    "computes",
    "contains",
    "defined",
    "defines_class",
    "depends_on",
    "distributed",
    "equal",
    "functional",
    "funnel",
    "graph_function",
    "h5_optimizer",
    "h5_round_trip",
    "instance",
    "keras_round_trip",
    "logged_histograms",
    "logged_images",
    "mae",
    "mse",
    "optimizer",
    "overfitted",
    "parameters",
    "passes",
    "paths",
    "plotted",
    "reaches",
    "record",
    "reloaded",
    "resumed",
    "reused_layers",
    "same_columns",
    "same_hidden",
    "same_predictions",
    "same_preparation",
    "same_scale",
    "same_size",
    "scaled_between",
    "search",
    "search_table",
    "sequential",
    "shared_layer",
    "stopped_early",
    "subclass",
    "tensor",
    "tensorboard",
    "tflite",
    "that",
    "trained",
    "trained_alike",
    "tuned",
    "uses",
    "validated",
    "weights_round_trip",
]

explain_missing_names(running_shell())
