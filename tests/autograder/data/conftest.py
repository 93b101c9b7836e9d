"""Fixtures of the tests of ``autograder.data``."""

import pytest
from small_datasets import make_fashion, make_housing

from autograder.data.datasets import CaliforniaHousing, FashionMnist


@pytest.fixture
def fashion() -> FashionMnist:
    return make_fashion()


@pytest.fixture
def housing() -> CaliforniaHousing:
    return make_housing()
