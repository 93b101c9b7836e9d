"""What code a graded notebook can reach."""

from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.audit.closure import code_digest, words_of

FILES = {
    "__init__.py": "",
    "cli.py": "print('people')",
    "engine/run.py": "from autograder.check.base import note",
    "check/__init__.py": "from autograder.check.one import first\nfrom autograder.check.two import second\n[]\n",
    "check/base.py": "def note(): ...",
    "check/inner.py": "def inner(): return 'inner'",
    "check/one.py": "from autograder.check import inner\n\ndef first(): return tr('first says')",
    "check/two.py": "def second(): return tr('second says')",
    "check/three.py": "def third(): ...",
    "locale/pt_BR/LC_MESSAGES/autograder.po": "".join(
        f'msgid "{id}"\nmsgstr "{text}"\n\n'
        for id, text in [("first says", "um"), ("second says", "dois"), ("nobody says", "nada")]
    ),
}
NAMES_FIRST = words_of(["check.first(model)  # and no other"])


@pytest.fixture
def digest_with(tmp_path: Path) -> Callable[..., str]:
    """The digest for a notebook that names the first check, with some files changed."""

    def made(words: frozenset[str] = NAMES_FIRST, **changed: str) -> str:
        made.count += 1
        package = tmp_path / str(made.count) / "autograder"
        for name, text in FILES.items():
            path = package / name
            path.parent.mkdir(parents=True, exist_ok=True)
            stem = (
                name.removesuffix(".py").removesuffix(".po").rpartition("/")[2]
                if "check/__" not in name
                else "front"
            )
            path.write_text(changed.get(stem, text))
        return code_digest(words, package)

    made.count = 0
    return made


@pytest.mark.parametrize(
    ("stem", "counts"),
    [
        ("cli", False),
        ("run", True),
        ("base", True),
        ("one", True),
        ("inner", True),
        ("two", False),
        ("three", False),
    ],
)
def test_code_counts_that_the_notebook_can_reach(digest_with, stem, counts):
    text = next(text for name, text in FILES.items() if name.endswith(f"{stem}.py"))
    assert (digest_with() != digest_with(**{stem: text + "\ndef more(): ..."})) == counts


def test_what_the_front_does_counts_but_not_what_else_it_exports(digest_with):
    front = FILES["check/__init__.py"]
    known = digest_with()
    assert digest_with(front=front + "from autograder.check.three import third\n__all__ = ['third']\n") == known
    assert digest_with(front=front + "first.limit = 2\n") != known
    assert digest_with(front=front.replace("import first", "import other as first")) != known
    assert (
        digest_with(three=FILES["check/three.py"] + "\nraise ImportError") != known
    )  # it is imported all the same


def test_a_translation_counts_with_the_code_that_says_it(digest_with):
    catalogue = FILES["locale/pt_BR/LC_MESSAGES/autograder.po"]
    known = digest_with()
    assert digest_with(autograder=catalogue.replace("dois", "2")) == known
    assert digest_with(autograder=catalogue.replace('"um"', '"1"')) != known
    assert digest_with(autograder=catalogue.replace("nada", "0")) != known  # nobody is known to say it: it counts


def test_a_module_counts_that_is_named_itself(digest_with):
    words = words_of(["from autograder.check.three import third"])
    assert digest_with(words) != digest_with(words, three="x = 1")
