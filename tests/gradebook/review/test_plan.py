"""Dealing answers among reviewers."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradebook.review.plan import Answer, Task, deal

PEOPLE = ["teresa", "tiago", "vera"]


def answers(count, notebook="01", cell="essay"):
    return [Answer(notebook, cell, f"s{n}") for n in range(count)]


@given(
    count=st.integers(0, 40),
    people=st.integers(1, 5),
    double=st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    then=st.integers(0, 20),
)
def test_everybody_reads_the_same_share_and_nothing_moves(count, people, double, then):
    reviewers = [f"r{n}" for n in range(people)]
    early = deal(answers(count), reviewers, double=double)
    late = deal(answers(count + then), reviewers, double=double, before=early)
    tasks = [*early, *late]
    first = [task for task in tasks if not task.second]
    assert sorted(task.answer for task in first) == sorted(answers(count + then))
    share = Counter(task.reviewer for task in first)
    assert max(share.values(), default=0) - min((share[name] for name in reviewers), default=0) <= 1
    readers = {task.answer: task.reviewer for task in first}
    second = [task for task in tasks if task.second]
    assert all(task.reviewer != readers[task.answer] for task in second)
    assert len({task.answer for task in second}) == len(second)
    if people > 1:
        assert len(second) >= double * (count + then)
    else:
        assert second == []


def test_each_question_is_dealt_on_its_own():
    tasks = deal([*answers(30), *answers(30, "02")], PEOPLE, double=0.1)
    for notebook in ("01", "02"):
        ours = [task for task in tasks if task.answer.notebook == notebook]
        assert Counter(task.reviewer for task in ours if not task.second) == dict.fromkeys(PEOPLE, 10)
        assert sum(task.second for task in ours) == 3


def test_who_leaves_keeps_what_they_had():
    early = deal(answers(9), PEOPLE, double=0)
    late = deal(answers(12), ["teresa", "tiago"], double=0, before=early)
    assert len(late) == 3
    assert {task.reviewer for task in late} == {"teresa", "tiago"}


@pytest.mark.parametrize(("reviewers", "double"), [([], 0.1), (["a", "a"], 0.1), (["a"], -0.1), (["a"], 1.1)])
def test_what_is_no_plan(reviewers, double):
    with pytest.raises(ValueError, match="must be"):
        deal(answers(1), reviewers, double=double)


def test_a_task_tells_what_it_is():
    (task,) = deal(answers(1), ["teresa"])
    assert task == Task(Answer("01", "essay", "s0"), "teresa", second=False)
