"""The operators: each looks at one node of a solution's syntax tree and proposes what to put in its place.

What they propose is a defect unless the question leaves it free (``freedom``).
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import cast

from autograder.audit.freedom import COSMETIC, RANGES, SPACES, TUNING, Prose, called, seeds

__all__ = ["OPERATORS", "Context", "Operator"]


@dataclass(frozen=True)
class Context:
    """What an operator knows beside its node.

    Args:
        prose: The text of the notebook.
        names: All names of the reference solution.
        parents: The node above each node.
    """

    prose: Prose
    names: frozenset[str]
    parents: dict[ast.AST, ast.AST]

    def keyword(self, node: ast.AST) -> str:
        """The keyword argument that ``node`` is the value of, or is an item of the value of."""
        above = self.parents.get(node)
        while isinstance(above, ast.List | ast.Tuple | ast.UnaryOp):
            node, above = above, self.parents.get(above)
        return (above.arg or "") if isinstance(above, ast.keyword) else ""

    def free(self, word: str, *values: object) -> bool:
        """Whether a keyword argument may be anything."""
        return word in COSMETIC or (word in TUNING and not self.prose.asks(word, *values))


#: Proposes nodes to put in the place of the one it is given.
Operator = Callable[[ast.AST, Context], Iterator[ast.AST]]
#: The operators on expressions by name; statements are dropped, and decorators, by ``mutate``.
OPERATORS: dict[str, Operator] = {}
_LOSSES = {
    "mse": "mae", "mean_squared_error": "mean_absolute_error", "mae": "mse", "mean_absolute_error": "mse",
    "sparse_categorical_crossentropy": "categorical_crossentropy", "binary_crossentropy": "mse",
    "categorical_crossentropy": "sparse_categorical_crossentropy", "huber": "mse",
}  # fmt: skip
_METRICS = {
    "accuracy": "mae", "mae": "mse", "mse": "mae", "mean_absolute_error": "mse", "mean_squared_error": "mae",
    "rmse": "mae", "RootMeanSquaredError": "MeanAbsoluteError", "sparse_categorical_accuracy": "mae",
}  # fmt: skip
_OBJECTS = {
    "MeanSquaredError": "MeanAbsoluteError", "MeanAbsoluteError": "MeanSquaredError", "Huber": "MeanSquaredError",
    "BinaryCrossentropy": "MeanSquaredError", "RootMeanSquaredError": "MeanAbsoluteError",
}  # fmt: skip
_OPTIMIZERS = {"adam": "sgd", "sgd": "adam", "rmsprop": "sgd", "nadam": "sgd", "Adam": "SGD", "SGD": "Adam",
               "Nadam": "SGD", "RMSprop": "SGD"}  # fmt: skip
_ACTIVATIONS = {"softmax": "sigmoid", "sigmoid": "tanh", "relu": "tanh", "tanh": "relu", "elu": "relu",
                "selu": "relu", "softplus": "tanh", "leaky_relu": "relu"}  # fmt: skip
_FUNCTIONS = {
    "mean": "sum", "sum": "mean", "reduce_mean": "reduce_sum", "reduce_sum": "reduce_mean", "min": "max",
    "max": "min", "argmax": "argmin", "argmin": "argmax", "std": "var", "sqrt": "square", "square": "abs",
    "maximum": "minimum", "minimum": "maximum", "abs": "square", "idxmin": "idxmax", "idxmax": "idxmin",
}  # fmt: skip
_OUTPUTS = ("softmax", "sigmoid")
_SPLITS = {"train": "valid", "valid": "train", "test": "train", "val": "train"}
_UNWRAPPED = frozenset(
    ["transform", "inverse_transform", "sqrt", "log", "exp", "abs", "square", "expand_dims", "squeeze", "round"]
)
_ARITHMETIC: dict[type, type] = {
    ast.Div: ast.Mult,
    ast.Mult: ast.Div,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Pow: ast.Mult,
}
_COMPARED: dict[type, type] = {
    ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.Gt, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


def _operator(function: Operator) -> Operator:
    OPERATORS[function.__name__.strip("_")] = function
    return function


def _with(node: ast.AST, **changes: object) -> ast.AST:
    made = copy.copy(node)
    for name, value in changes.items():
        setattr(made, name, value)
    return made


def _text(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


@_operator
def _argument(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Drop a keyword argument."""
    if isinstance(node, ast.Call) and not seeds(node) and called(node) != "print":
        for index, keyword in enumerate(node.keywords):
            values = [ast.unparse(keyword.value).strip("\"'")]
            if isinstance(keyword.value, ast.Call):
                values = [called(keyword.value)]
            if keyword.arg and not context.free(keyword.arg, *values):
                yield _with(node, keywords=node.keywords[:index] + node.keywords[index + 1 :])


@_operator
def _element(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Drop an element of a list: a layer, a metric, a callback, an output."""
    if isinstance(node, ast.List) and isinstance(node.ctx, ast.Load) and not context.free(context.keyword(node)):
        for index in range(len(node.elts)):
            yield _with(node, elts=node.elts[:index] + node.elts[index + 1 :])


@_operator
def _loss(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Another loss."""
    if (text := _text(node)) in _LOSSES and context.keyword(node) == "loss":
        yield ast.Constant(_LOSSES[text or ""])
    elif _is_called(node, context):
        yield from _renamed(node, _OBJECTS)


@_operator
def _metric(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Another metric."""
    if (text := _text(node)) in _METRICS and context.keyword(node) in ("metrics", "weighted_metrics"):
        yield ast.Constant(_METRICS[text or ""])


@_operator
def _optimizer(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Another optimizer, where the text names the one."""
    if (text := _text(node)) in _OPTIMIZERS and context.keyword(node) == "optimizer" and context.prose.asks(text):
        yield ast.Constant(_OPTIMIZERS[text or ""])
    elif _is_called(node, context) and context.prose.asks(called(node)):
        yield from _renamed(node, _OPTIMIZERS)


@_operator
def _activation(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Another activation: of an output, or where the text names the one."""
    text = _text(node)
    given = text in _ACTIVATIONS and context.keyword(node) == "activation"
    if given and text and (text in _OUTPUTS or context.prose.asks(text)):
        yield ast.Constant(_ACTIVATIONS[text])


@_operator
def _number(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Another number: one epoch, one more of what is counted, ten times a factor, a rate that diverges."""
    if not isinstance(node, ast.Constant) or type(node.value) not in (int, float):
        return
    value: int | float = node.value  # type: ignore[assignment]  # as its type says
    word = context.keyword(node)
    above = context.parents.get(node)
    if _spans(node, context) and not context.prose.asks(value):
        return
    if isinstance(above, ast.UnaryOp):
        call = context.parents.get(above)
        while isinstance(call, ast.Tuple | ast.List):
            call = context.parents.get(call)
        if isinstance(call, ast.Call) and called(call) == "reshape":
            return  # NumPy takes any negative number for the size that is left
    if isinstance(above, ast.Call) and node in above.args:
        if seeds(above):
            return
        if called(above) == "Dense" and node is above.args[0]:
            hidden = any(
                k.arg == "activation" and _text(k.value) not in ("softmax", "sigmoid") for k in above.keywords
            )
            if hidden and not context.prose.asks_units(value):
                return
        elif called(above) in ("Dropout", "GaussianNoise", "range", "subplots", "arange"):
            return
        elif called(above).lower() in {name.lower() for name in _OPTIMIZERS}:
            word = "learning_rate"
    if word in ("learning_rate", "lr"):
        yield ast.Constant(value * 1000)
    elif word == "epochs":
        if value > 1:
            yield ast.Constant(1)
    elif word == "patience":
        if context.prose.asks(value):
            yield ast.Constant(value + 1)
    elif word in ("axis", "keepdims"):
        yield ast.Constant(0 if value else 1)
    elif not context.free(word, value):
        if isinstance(value, int):
            yield ast.Constant(value + 1)
        else:
            yield ast.Constant(value * 10)


@_operator
def _flag(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """The other truth value; one given by keyword is dropped instead."""
    if isinstance(node, ast.Constant) and isinstance(node.value, bool) and not context.keyword(node):
        yield ast.Constant(not node.value)


@_operator
def _arithmetic(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """The opposite operation."""
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC and not _texts(node):
        yield _with(node, op=_ARITHMETIC[type(node.op)]())


@_operator
def _operand(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """One operand of two: a factor, an offset, a scale is forgotten."""
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC and not _texts(node):
        yield node.left
    if (
        isinstance(node, ast.UnaryOp)
        and isinstance(node.op, ast.USub)
        and not isinstance(node.operand, ast.Constant)
    ):
        yield node.operand


@_operator
def _swap(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Two operands, arguments or targets the other way round."""
    if (
        isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Sub | ast.Div | ast.Pow | ast.MatMult)
        and not _texts(node)
        and not (isinstance(node.op, ast.Sub) and _sign_is_lost(context.parents.get(node)))
    ):
        yield _with(node, left=node.right, right=node.left)
    elif (
        isinstance(node, ast.Call)
        and len(node.args) >= 2
        and all(isinstance(a, ast.Name | ast.Attribute) for a in node.args[:2])
    ):
        yield _with(node, args=[node.args[1], node.args[0], *node.args[2:]])
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Store) and len(node.elts) >= 2:
        pairs = 4 if len(node.elts) == 4 else 2  # the four of ``train_test_split`` are two pairs
        swapped = [node.elts[i ^ 1] for i in range(pairs)]
        yield _with(node, elts=[*swapped, *node.elts[pairs:]])


@_operator
def _compare(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """The opposite comparison."""
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARED:
        yield _with(node, ops=[_COMPARED[type(node.ops[0])]()])


@_operator
def _condition(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """A condition that is no comparison, negated."""
    above = context.parents.get(node)
    tested = isinstance(above, ast.If | ast.While | ast.IfExp) and above.test is node
    if tested and not isinstance(node, ast.Compare | ast.Constant):
        yield ast.UnaryOp(ast.Not(), cast(ast.expr, node))
    if isinstance(node, ast.BoolOp):
        yield _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())


@_operator
def _labels(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Labels that belong to other examples."""
    if isinstance(node, ast.Call) and called(node) == "fit":
        backwards = ast.Slice(None, None, ast.UnaryOp(ast.USub(), ast.Constant(1)))
        if len(node.args) >= 2 and isinstance(node.args[1], ast.Name):
            shuffled = ast.Subscript(node.args[1], backwards, ast.Load())
            yield _with(node, args=[node.args[0], shuffled, *node.args[2:]])
        for index, keyword in enumerate(node.keywords):
            if keyword.arg == "y":
                shuffled = ast.Subscript(keyword.value, backwards, ast.Load())
                changed = ast.keyword("y", shuffled)
                yield _with(node, keywords=[*node.keywords[:index], changed, *node.keywords[index + 1 :]])


@_operator
def _split(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Data of another split: validated on what it was trained with, fitted to what it must not see."""
    if isinstance(node, ast.Call) and called(node) not in ("train_test_split", "len"):
        field, items = "args", node.args
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load):
        above = context.parents.get(node)
        if isinstance(above, ast.Assign):
            return
        field, items = "elts", node.elts
    else:
        return
    moved = [_in_another_split(item, context) for item in items]
    if any(new is not old for new, old in zip(moved, items, strict=True)):
        yield _with(node, **{field: moved})


def _in_another_split(item: ast.expr, context: Context) -> ast.expr:
    """The name of the same thing in another split; anything else as it is."""
    if isinstance(item, ast.Name):
        for split, other in _SPLITS.items():
            name = item.id.replace(f"_{split}", f"_{other}")
            if name != item.id and name in context.names:
                return ast.Name(name, item.ctx)
    return item


@_operator
def _unwrap(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """What a function is given, in place of what it gives."""
    if isinstance(node, ast.Call) and called(node) in _UNWRAPPED and node.args:
        yield node.args[0]


@_operator
def _function(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """A function that is easily taken for this one."""
    if _is_called(node, context):
        yield from _renamed(node, _FUNCTIONS)


@_operator
def _path(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Another folder; without one, another file: names inside a folder are often free."""
    text = _text(node)
    if text and context.keyword(node) not in COSMETIC and " " not in text and _looks_like_a_path(text):
        start = len(text) - len(text.lstrip("./"))
        yield ast.Constant(f"{text[:start]}outro_{text[start:]}")


@_operator
def _monitor(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """What is watched: the training's value for the validation's."""
    text = _text(node)
    if text and text.startswith("val_") and len(text) > 4:
        yield ast.Constant(text.removeprefix("val_"))


@_operator
def _returned(node: ast.AST, context: Context) -> Iterator[ast.AST]:
    """Nothing is returned."""
    if isinstance(context.parents.get(node), ast.Return):
        yield ast.Constant(None)


def _spans(node: ast.AST, context: Context) -> bool:
    """Whether it is an end of a range to search in, or one of the values in a grid."""
    above, through = context.parents.get(node), False
    while above is not None:
        if isinstance(above, ast.Call):
            if called(above) in SPACES:
                return True
            if called(above) not in RANGES:
                return through and called(above).endswith("SearchCV")
        through = through or isinstance(above, ast.Dict)
        if isinstance(above, ast.stmt):
            return False
        above = context.parents.get(above)
    return False


def _sign_is_lost(above: ast.AST | None) -> bool:
    """Whether it is the same for a number and its negative: then the sides of a difference do not matter."""
    if isinstance(above, ast.BinOp):
        return isinstance(above.op, ast.Pow) and isinstance(above.right, ast.Constant) and above.right.value == 2
    return isinstance(above, ast.Call) and called(above) in ("square", "abs", "absolute", "norm")


def _is_called(node: ast.AST, context: Context) -> bool:
    above = context.parents.get(node)
    return isinstance(above, ast.Call) and above.func is node


def _renamed(node: ast.AST, names: dict[str, str]) -> Iterator[ast.AST]:
    if (name := called(node)) in names:
        yield _with(node, **{"attr" if isinstance(node, ast.Attribute) else "id": names[name]})


def _texts(node: ast.BinOp) -> bool:
    """Whether it joins strings or builds a path."""
    return any(
        isinstance(x, ast.JoinedStr | ast.List | ast.Tuple) or isinstance(getattr(x, "value", None), str)
        for x in (node.left, node.right)
    )


def _looks_like_a_path(text: str) -> bool:
    stem, dot, suffix = text.rpartition(".")
    return bool(stem and dot and suffix.isalnum() and 1 < len(suffix) <= 7 and not suffix.isdigit()) or "/" in text
