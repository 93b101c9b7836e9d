"""Which notebook is next: the longest, of those for which there is memory; and nothing waits for ever."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.engine import admission
from autograder.engine.admission import Past, Queue, Used, free_memory
from autograder.engine.item import Item

GIB = 2**30
LIMIT = 6 * GIB


def item(student: str, notebook: str) -> Item:
    submission, template = SimpleNamespace(student=student), SimpleNamespace(name=notebook)
    return Item(submission, template)  # type: ignore[arg-type]  # all that the queue looks at


def drained(queue: Queue) -> list[str]:
    """Names in the order in which one worker gets them."""
    names = []
    while (taken := queue.take()) is not None:
        names.append(taken.name)
        queue.done(taken, None)
    return names


def test_the_longest_is_first() -> None:
    past = Past([Used("x", "short", 2.0, GIB), Used("x", "long", 30.0, GIB), Used("bia", "short", 50.0, GIB)])
    items = [item(who, name) for who in ("ana", "bia") for name in ("short", "long")]
    queue = Queue(items, past, 100 * GIB, LIMIT)
    # Bia's own took longer than others' did; of equal ones the first named is first.
    assert drained(queue) == ["bia/short", "ana/long", "bia/long", "ana/short"]


def test_of_an_unknown_exercise_one_is_tried_before_all_others() -> None:
    past = Past([Used("x", "known", 60.0, GIB)])
    queue = Queue([item(who, name) for who in "ab" for name in ("known", "new")], past, 100 * GIB, LIMIT)
    taken = [queue.take() for _ in range(3)]
    assert [t.name for t in taken if t] == ["a/new", "a/known", "b/known"]
    assert taken[0] is not None
    queue.done(taken[0], Used("a", "new", 90.0, GIB))
    assert past.usual("new") == 90.0


def test_memory_is_what_others_used_or_else_the_limit() -> None:
    past = Past([Used("x", "seen", 1.0, GIB), Used("y", "seen", 1.0, 2 * GIB)])
    beside = past.memory(item("z", "unseen"), LIMIT) - LIMIT
    assert 0 < beside < GIB
    assert past.memory(item("z", "seen"), LIMIT) == beside + int(2.5 * GIB)
    past.learn(Used("w", "seen", 1.0, 60 * GIB))
    assert past.memory(item("z", "seen"), LIMIT) == beside + LIMIT


def test_what_does_not_fit_waits_and_smaller_ones_pass_for_a_while() -> None:
    past = Past([Used("x", "big", 100.0, 3 * GIB), Used("x", "small", 1.0, GIB // 4)])
    items = [item("ana", "big"), item("bia", "big"), *(item(f"s{n}", "small") for n in range(100))]
    queue = Queue(items, past, 6 * GIB, LIMIT)
    first = queue.take()
    assert first is not None
    assert first.name == "ana/big"
    passed = []
    while (small := queue.take()) is not None:
        passed.append(small.name)
        queue.done(small, None)
    assert all(name.endswith("small") for name in passed)
    assert 0 < len(passed) < 100  # then it is the big one's turn, whoever else waits
    queue.done(first, None)
    second = queue.take()
    assert second is not None
    assert second.name == "bia/big"


def test_one_that_needs_more_than_there_is_runs_alone() -> None:
    queue = Queue([item("ana", "a"), item("bia", "a")], Past(), GIB, LIMIT)
    first = queue.take()
    assert first is not None
    assert queue.take() is None
    queue.done(first, None)
    assert queue.take() is not None


@settings(max_examples=200)
@given(
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=30),
    memory=st.integers(1, 100),
    workers=st.integers(1, 6),
    seed=st.randoms(use_true_random=False),
)
def test_memory_is_never_promised_twice_and_everything_is_done(
    sizes: list[int], memory: int, workers: int, seed: "object"
) -> None:
    past = Past([Used("x", f"n{size}", float(size), size * GIB // 4) for size in sizes])
    queue = Queue([item(f"s{n}", f"n{size}") for n, size in enumerate(sizes)], past, memory * GIB, LIMIT)
    running: list[Item] = []
    done = 0
    while len(queue) or running:
        while len(running) < workers and (taken := queue.take()) is not None:
            running.append(taken)
        assert running  # something always goes on
        needed = sum(past.memory(r, LIMIT) for r in running)
        assert needed <= memory * GIB or len(running) == 1
        ended = running.pop(seed.randrange(len(running)))  # type: ignore[attr-defined]
        queue.done(ended, None)
        done += 1
    assert done == len(sizes)


@pytest.mark.parametrize(
    ("limit", "used", "droppable"),
    [
        ("memory.max", "memory.current", "inactive_file"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ],
)
def test_free_memory_is_what_the_container_has_left(
    limit: str, used: str, droppable: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlimited, small, gone = (tmp_path / name for name in ("unlimited", "small", "gone"))
    for group, allowed in ((unlimited, "max"), (small, f"{300 * 2**20}")):
        group.mkdir()
        (group / limit).write_text(f"{allowed}\n")
        (group / used).write_text(f"{220 * 2**20}\n")
        (group / "memory.stat").write_text(f"anon 1\n{droppable} {20 * 2**20}\n")
    monkeypatch.setattr(admission, "_groups", lambda: [unlimited, gone])
    assert free_memory() > 300 * 2**20
    monkeypatch.setattr(admission, "_groups", lambda: [unlimited, small, gone])
    assert free_memory() == int(100 * 2**20 * 0.9)
    (small / used).write_text(f"{400 * 2**20}\n")
    assert free_memory() == 0
