"""Notebooks are spread over cards without giving more than there is, and everybody's turn comes."""

import asyncio
import os
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.assignment import Limits
from autograder.engine.here import machine_here, share_at
from autograder.engine.places import (
    Card,
    Machine,
    Place,
    Places,
    Plan,
    gpus_wanted,
    plan,
)
from autograder.errors import GraderError, UsageError
from autograder.sandbox import gpu_doctor
from autograder.sandbox.gpu import Gpu


def card(number: int, free: int = 40000, memory: int = 40960, **more: Any) -> Gpu:
    name = f"GPU-{number}"
    return Gpu(name, "A100", memory, free, name, number, number, f"0000:{number:02x}:00.0", "1", **more)


def machine(*gpus: Gpu, cores: int = 16, no_gpu: str | None = None) -> Machine:
    return Machine(cores, gpus, no_gpu)


REQUIRED = Limits(gpu="required")
SHARED = Limits(gpu="required", gpu_memory=10000)
OPTIONAL = Limits(gpu="if there", gpu_memory=10000)


def test_without_a_gpu_asked_for_nothing_changes() -> None:
    made = plan(machine(card(0), cores=8), Limits(), jobs=4)
    assert made == Plan("local", 4, 2)
    assert Places(made).acquire() == Place("local", None, None, 2)


def test_bounds_on_how_many_run_at_once() -> None:
    assert plan(machine(cores=1), Limits()).at_once == 2
    assert plan(machine(cores=2), Limits()).at_once == 3
    assert plan(machine(cores=4), Limits()).at_once == 5
    assert plan(machine(cores=4), Limits(), jobs=2).at_once == 2
    assert plan(machine(card(0), card(1)), REQUIRED).at_once == 2
    assert plan(machine(card(0), card(1)), SHARED).at_once == 8
    assert plan(machine(card(0), card(1)), SHARED, gpus=1).at_once == 4
    assert plan(machine(card(0), card(1)), SHARED, jobs=3).at_once == 3


def test_threads_are_the_cores_shared_out() -> None:
    assert plan(machine(cores=9), Limits(), jobs=2).threads == 4
    assert plan(machine(cores=9), Limits(), jobs=2, threads=1).threads == 1


def test_a_whole_card_each() -> None:
    places = Places(plan(machine(card(0), card(1)), REQUIRED))
    first, second = places.acquire(), places.acquire()
    assert first is not None
    assert second is not None
    assert {first.gpu, second.gpu} == {"GPU-0", "GPU-1"}
    assert first.gpu_memory is None
    assert places.acquire() is None


def test_seats_count_also_where_a_plan_has_fewer_than_it_says() -> None:
    places = Places(Plan("local", 5, 1, (Card("GPU-0", 2, 1000),)))
    assert [place is not None for place in (places.acquire(), places.acquire(), places.acquire())] == [
        True, True, False,
    ]  # fmt: skip


def test_a_card_that_takes_one_process_gets_one_notebook() -> None:
    assert plan(machine(card(0, exclusive=True), card(1)), SHARED).cards == (
        Card("GPU-0", 1, 10000), Card("GPU-1", 4, 10000),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("there", "limits", "gpus", "said"),
    [
        (machine(), REQUIRED, None, "local has no GPU"),
        (machine(card(0)), REQUIRED, 0, "--gpus none"),
        (machine(card(0), no_gpu="no libcuda"), REQUIRED, None, "no libcuda"),
        (machine(card(0, 500, 8192)), SHARED, None, "the largest on local, A100, has 8192"),
        (machine(card(0, 500), card(1, 9999)), SHARED, None, "is 9999: others use it"),
    ],
)
def test_what_cannot_be_given_is_refused_and_if_optional_left_out(
    there: Machine, limits: Limits, gpus: int | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        plan(there, limits, gpus=gpus)
    optional = Limits(gpu="if there", gpu_memory=limits.gpu_memory)
    made = plan(there, optional, gpus=gpus)
    assert made.cards == ()
    assert said in made.note
    assert made.at_once == 20


def found(*problems: str | None, **more: Any) -> gpu_doctor.Report:
    """A report on cards of which some have problems."""
    cards = tuple(gpu_doctor.Card(card(number), (), problem) for number, problem in enumerate(problems))
    usual: dict[str, Any] = {
        "problem": None, "library": None, "obstacle": None, "tensorflow": "tensorflow-cpu", "uses_gpu": True,
    }  # fmt: skip
    return gpu_doctor.Report(cards, **{**usual, **more})


@pytest.mark.parametrize(
    ("report", "weakened", "gpus", "why"),
    [
        (found(None, None), False, 2, None),
        (found("closed", None), False, 1, None),
        (found("closed"), False, 0, "closed"),
        (found(problem="It hangs."), False, 0, "It hangs."),
        (found(), False, 0, None),
        (found(None, obstacle="no libcuda"), False, 1, "no libcuda"),
        (found(None, uses_gpu=False), False, 1, "tensorflow-cpu"),
        (found(None, uses_gpu=None), False, 1, None),
        (found(None), True, 1, "kernels here run without namespaces"),
    ],
)
def test_this_machine_has_the_gpus_that_a_notebook_could_use(
    monkeypatch: pytest.MonkeyPatch, report: gpu_doctor.Report, weakened: bool, gpus: int, why: str | None
) -> None:
    asked: list[str | None] = []
    monkeypatch.setattr(gpu_doctor, "report", lambda visible: asked.append(visible) or report)
    this = machine_here(REQUIRED, visible="0,1", weakened=weakened)
    assert (len(this.gpus), this.no_gpu) == (gpus, why)
    assert asked == ["0,1"]
    if why is not None:
        with pytest.raises(UsageError, match=why):
            plan(this, REQUIRED)
    assert machine_here(Limits(), visible=None) == Machine(len(os.sched_getaffinity(0)))
    assert len(asked) == 1


def test_the_option_of_the_command_line() -> None:
    assert [gpus_wanted(text) for text in (None, "none", "0", "3")] == [None, 0, 0, 3]
    for text in ("-1", "two", "", "²"):
        with pytest.raises(UsageError, match="neither"):
            gpus_wanted(text)


def test_what_was_not_handed_out_is_not_taken_back() -> None:
    places = Places(plan(machine(card(0)), REQUIRED))
    place = places.acquire()
    assert place is not None
    places.release(place)
    with pytest.raises(ValueError, match="not handed out"):
        places.release(place)


FREE = st.lists(st.integers(0, 50000), min_size=1, max_size=5)
STEPS = st.lists(st.booleans(), max_size=120)


@given(
    FREE, st.integers(1024, 30000), st.sampled_from(["required", "if there"]), st.integers(1, 40), STEPS, st.data()
)
def test_no_card_is_ever_given_more_than_it_has(
    free: list[int], memory: int, gpu: Any, jobs: int, steps: list[bool], data: st.DataObject
) -> None:
    """Whatever is taken and given back in whatever order; each notebook has one card, in the end all is back."""
    cards = [card(number, size, max(size, 1)) for number, size in enumerate(free)]
    limits = Limits(gpu=gpu, gpu_memory=memory)
    fits = max(free) >= memory
    if not fits and gpu == "required":
        with pytest.raises(UsageError):
            plan(machine(*cards, cores=64), limits, jobs=jobs)
        return
    made = plan(machine(*cards, cores=64), limits, jobs=jobs)
    places, out = Places(made), []
    seats = sum(size // memory for size in free)
    for take in steps:
        if take:
            place = places.acquire()
            expected = len(out) < min(jobs, seats if fits else jobs, 2**20 // limits.memory)
            assert (place is not None) == expected
            if place is not None:
                out.append(place)
        elif out:
            places.release(out.pop(data.draw(st.integers(0, len(out) - 1))))
        used = Counter(place.gpu for place in out)
        for one in cards:
            assert used[one.identity] * memory <= one.free
        assert (used[None] == len(out)) != (fits and bool(out))
    for place in out:
        places.release(place)
    assert places.taken == 0


@given(st.integers(1, 6), st.integers(1, 60))
def test_equal_cards_are_loaded_equally(cards: int, notebooks: int) -> None:
    places = Places(plan(machine(*map(card, range(cards)), cores=64), SHARED))
    taken = [place for _ in range(notebooks) if (place := places.acquire()) is not None]
    load = Counter(place.gpu for place in taken)
    assert max(load.values()) - min(load[f"GPU-{number}"] for number in range(cards)) <= 1


def test_cards_take_turns_when_one_notebook_runs_at_a_time() -> None:
    places = Places(plan(machine(card(0), card(1), card(2)), REQUIRED, jobs=1))
    turns = []
    for _ in range(6):
        place = places.acquire()
        assert place is not None
        turns.append(place.gpu)
        places.release(place)
    assert Counter(turns) == {"GPU-0": 2, "GPU-1": 2, "GPU-2": 2}


def test_a_place_without_a_gpu_asks_for_nothing() -> None:
    assert asyncio.run(share_at(None)) == {}
    assert asyncio.run(share_at(Place("local"))) == {}


def test_a_gpu_that_is_not_here_is_the_graders_failure() -> None:
    with pytest.raises(GraderError, match="local has no GPU GPU-elsewhere"):
        asyncio.run(share_at(Place("local", "GPU-elsewhere")))
