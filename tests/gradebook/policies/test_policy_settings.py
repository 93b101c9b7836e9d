"""The file ``policies.toml``: what it says, and what is said of a wrong one."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from autograder.errors import UsageError
from gradebook.policies.settings import Policy, read_policy

NOTEBOOKS = ("n1", "n2")


def read(tmp_path: Path, text: str) -> Policy:
    (tmp_path / "policies.toml").write_text(text, encoding="utf-8")
    return read_policy(tmp_path, "lista12", NOTEBOOKS)


def test_without_the_file_points_are_added_up(tmp_path: Path) -> None:
    assert read_policy(tmp_path, "lista12", NOTEBOOKS) == Policy()


def test_a_list_says_what_differs_from_the_default(tmp_path: Path) -> None:
    policy = read(
        tmp_path,
        '[default]\nscale = 10\nlate = { lose = 0.1, grace = "1h 30min" }\n'
        '[lista12]\ndrop_lowest = 1\nextensions = { ana = "2d" }\n[lista11]\nsubmission = "last"\n',
    )
    assert (policy.scale, policy.drop_lowest) == (10, 1)
    assert policy.late is not None
    assert policy.late.grace == timedelta(hours=1, minutes=30)
    assert policy.extensions == {"ana": timedelta(days=2)}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("scale = 10", "scale stands before every table"),
        ("[lista12]\nscal = 10", "scal: Extra inputs"),
        ("[lista12]\nlate = { lose = 2 }", "late.lose"),
        ('[lista12]\nlate = { lose = 0.1, every = "one day" }', "'one day' is no duration"),
        ('[lista12]\nlate = { lose = 0.1, every = "0h" }', "longer than nothing"),
        ("[lista12]\nweights = { n9 = 2 }", "has no notebook n9"),
        ('[lista12]\nbonus = ["n2"]\ndrop_lowest = 1', "leaves no notebook"),
        ('[lista12]\ngroups = { a = ["ana"], b = ["ana"] }', "in two groups: ana"),
        ('[lista12]\nsubmission = "first"', "submission"),
        ("[lista12", "cannot be read"),
    ],
)
def test_a_wrong_file_is_told_what_and_where(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError, match=re.escape(told)):
        read(tmp_path, text)
