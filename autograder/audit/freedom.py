"""What a question leaves free: to change that makes another right answer, and no mutant.

Cosmetics are free always. How to train (optimizer, learning rate, units of hidden layers, ...) is free unless the
text of the notebook names what the reference solution uses. An example (“por exemplo”) asks for nothing.
"""

import ast
import re

from autograder.assignment import Template
from autograder.notebook import grade_id_of

__all__ = ["COSMETIC", "RANGES", "SPACES", "TUNING", "Prose", "called", "is_cosmetic", "seeds"]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Keyword arguments that change how things look, or the draw.
COSMETIC = _words("""
    verbose batch_size random_state seed label labels title color c alpha figsize legend grid
    linestyle linewidth marker xlabel ylabel cmap dpi file end sep n_jobs buffer_size histogram_freq
    project_name study_name overwrite
""")
#: Keyword arguments that tune: free unless the text names them or what they are given.
TUNING = _words("""
    optimizer learning_rate lr momentum nesterov rate units kernel_initializer bias_initializer
    kernel_regularizer beta_1 beta_2 rho decay n_iter cv test_size train_size name start_from_epoch
    min_delta factor min_lr validation_split stratify shuffle error_score refit sampler
""")
#: Calls that span a range to search in: its ends are free unless the text names them.
SPACES = _words("Int Float Choice suggest_int suggest_float suggest_categorical Integer Continuous Categorical")
#: Calls that make the values of a grid or of a distribution: free in what a search is given.
RANGES = _words("randint uniform loguniform linspace logspace geomspace arange range")
_SHOWS = frozenset(["print", "display", "summary", "show", "plot_model"])
_PLOTS = _words("""
    title xlabel ylabel legend grid tight_layout figure show set_title set_xlabel set_ylabel suptitle
    axis xlim ylim set_xlim set_ylim subplots_adjust set gca
""")
_SEEDS = frozenset(["set_random_seed", "set_seed", "seed", "default_rng", "RandomState"])
_EXAMPLE = r"por exemplo|p\. ?ex\.|for example|for instance|e\.g\."


class Prose:
    """The text of a notebook, as far as it asks for something."""

    def __init__(self, template: Template) -> None:
        answers = {c.grade_id for c in template.cells if c.solution}
        cells = [c for c in template.notebook.cells if c.cell_type == "markdown"]
        texts = [cell.source for cell in cells if grade_id_of(cell) not in answers]
        text = "\n".join(texts).lower()
        text = re.sub(rf"\([^()]*(?:{_EXAMPLE})[^()]*\)", " ", text)
        sentences = re.split(r"(?<=[.;:!?])\s|\n", text)
        text = "\n".join(s for s in sentences if not re.search(_EXAMPLE, s))
        self._text = re.sub(r"\S+ (?:ou|or) \S+", " ", text)  # one of two is asked, not this one

    def asks(self, *words: object) -> bool:
        """Whether the text has one of the words."""
        return any(re.search(rf"(?<![\w.,]){re.escape(str(w).lower())}(?![\w]|[.,]\d)", self._text) for w in words)

    def asks_units(self, units: object) -> bool:
        """Whether the text has this number of neurons."""
        return re.search(rf"\b{units}\b[\s*`]+(?:neur|unid|unit|nod)", self._text) is not None


def is_cosmetic(statement: ast.stmt) -> bool:
    """Whether a statement only shows something, sets a seed or imports."""
    if isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
        return True
    if not isinstance(statement, ast.Expr):
        return False
    value = statement.value
    if not isinstance(value, ast.Call):
        return True  # a docstring, or a value to look at
    name = called(value)
    return name in _SHOWS | _SEEDS or (name in _PLOTS and isinstance(value.func, ast.Attribute))


def called(call: ast.AST) -> str:
    """The last part of the name of what is called."""
    func = call.func if isinstance(call, ast.Call) else call
    if isinstance(func, ast.Attribute):
        return func.attr
    return func.id if isinstance(func, ast.Name) else ""


def seeds(call: ast.Call) -> bool:
    """Whether a call only sets a seed."""
    return called(call) in _SEEDS
