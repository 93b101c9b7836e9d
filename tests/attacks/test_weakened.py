"""Each attack is a real one: it succeeds against a build without the defence."""

import pytest
from hostile.attack import Attack
from hostile.catalogue import ATTACKS
from hostile.course import Lab, build

from autograder.sandbox.client import Zygote

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]


@pytest.fixture(scope="module")
def lab(zygote: Zygote, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """The class, handed in and not graded."""
    return Lab(build(tmp_path_factory.mktemp("weakened") / "c", ATTACKS), {}, (), ())


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack_succeeds_without_the_defence(attack: Attack, lab: Lab) -> None:
    """Stock nbgrader, a process without a sandbox, or ours with one layer taken out."""
    assert attack.weak(attack, lab)
