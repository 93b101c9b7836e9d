"""A small cluster on this machine's loopback: a scheduler and two workers, each a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from clusters import Cluster

from autograder.sandbox.client import Zygote


@pytest.fixture(scope="session")
def warm(runtime: Path, zygote: Zygote) -> None:
    """Both zygotes run, so that no worker has to wait for TensorFlow."""
    Zygote.connect("judge")


@pytest.fixture(scope="module")
def cluster(warm: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Two workers that share the tests' zygotes."""
    with Cluster(tmp_path_factory.mktemp("cluster")) as running:
        running.start("ana-lia", "beto")
        yield running
