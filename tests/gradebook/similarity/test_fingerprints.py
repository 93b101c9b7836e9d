"""When answers are alike: disguise does not help, honest answers are not, and what was given never counts."""

import time
from dataclasses import replace

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from similar_class import GIVEN, SOURCES, answer, course, disguised, given, right_answers

from gradebook.similarity.answers import MAX_TEXT, Answer, Cell, Given
from gradebook.similarity.fingerprints import MIN_OWN, Likeness, prints_of
from gradebook.similarity.groups import Groups
from gradebook.similarity.survey import AT_LEAST

NOTEBOOKS = [template.name for template in course().notebooks]
OTHER = "\n".join(
    f"v{i} = np.linalg.norm(w{i} @ z) + {i}; print(sorted(v{i}, key=len), -v{i} ** {i})" for i in range(20)
)


def alike(one: Answer, other: Answer, given: Given = GIVEN) -> Likeness:
    """How alike two answers are, in a class of these two."""
    (found,) = prints_of([one, other], given).likenesses(-1)
    return found


def edited(source: str) -> str:
    """Laid out as another program would, with comments; names changed."""
    source = (
        source.replace("model", "rede")
        .replace("history =", "hist =")
        .replace("valores", "v")
        .replace("valor", "x")
    )
    source = (
        source.replace("(X_train, ", "(\n    X_train,  # treino\n    ").replace('"', "'").replace("1e-3", "0.001")
    )
    return "# minha versão\n\n" + source.replace(", metrics", ",\n    metrics")


@pytest.mark.parametrize(
    "sources",
    [
        SOURCES[::-1],
        tuple(edited(source) for source in SOURCES),
        tuple(disguised(source) for source in SOURCES),
        ("\n\n".join(SOURCES),),
    ],
    ids=["other order", "edited", "disguised", "one cell"],
)
def test_disguise_does_not_help(sources: tuple[str, ...]) -> None:
    """Names, layout, comments and the order of cells may change."""
    found = alike(answer("ana", *SOURCES), answer("bia", *sources))
    assert found.likeness > 0.97
    assert min(found.contained) > 0.95


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_disguised_answer_is_listed(notebook: str) -> None:
    """Each right answer of the bank that has enough of its own, renamed and laid out anew, among the others."""
    answers = [one for one in right_answers(notebook) if "%" not in "".join(cell.source for cell in one.cells)]
    copies = [
        Answer(f"{one.student}~", notebook, tuple(Cell(c.grade_id, disguised(c.source)) for c in one.cells))
        for one in answers
    ]
    prints = prints_of(answers + copies, given(notebook))
    enough = {one.student for place, one in enumerate(answers) if prints.own(place) >= 1.5 * MIN_OWN}
    listed = {found.students[0] for found in prints.likenesses(AT_LEAST)}
    assert enough
    assert enough <= listed


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_honest_answers_are_not_listed(notebook: str) -> None:
    """No two right answers to a notebook, the reference solution among them, come near the threshold."""
    found = prints_of(right_answers(notebook), given(notebook)).likenesses(-1)
    assert len(found) >= 28
    assert max(one.likeness for one in found) < AT_LEAST - 0.1


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_what_was_given_never_counts(notebook: str) -> None:
    """Two students who hand in the released notebook, all of its code in cells of their own, share nothing."""
    gave = given(notebook)
    found = alike(answer("ana", *gave.sources), answer("bia", *gave.sources), gave)
    assert found.weight == 0
    assert found.contained == (0, 0)


def test_given_lines_inside_of_an_answer_do_not_count() -> None:
    """A function's head that stood there, and the line to be replaced, are nobody's."""
    stub = "def prever(X):\n    # SEU CÓDIGO AQUI\n    pass"
    gave = Given((stub,), {"prever": stub})
    mine = stub.replace("pass", "return X.mean()")
    found = alike(
        Answer("ana", "ex01", (Cell("prever", mine),)), Answer("bia", "ex01", (Cell("prever", mine),)), gave
    )
    assert found.weight == 0


def test_what_most_of_the_class_writes_counts_little() -> None:
    """What an exercise dictates is shared by honest students; two of them are not alike for it."""
    students = [
        answer(f"s{i:02}", *SOURCES, "\n".join(f"a.m{i}_{j}(b, c={j}, d=[e.n{i}_{j}])" for j in range(20)))
        for i in range(12)
    ]
    pair = [one for one in prints_of(students, GIVEN).likenesses(-1) if one.students == ("s00", "s01")]
    alone = alike(students[0], students[1])
    assert pair[0].weight < alone.weight / 3
    assert pair[0].likeness < 0.5


def test_a_long_answer_of_most_is_listed_all_the_same() -> None:
    """Eight of ten with one long answer: no exercise dictates all of it."""
    students = [answer(f"s{i}", *(disguised(s) if i % 2 else s for s in SOURCES)) for i in range(8)]
    found = prints_of([*students, answer("x"), answer("y", OTHER)], GIVEN).likenesses(AT_LEAST)
    assert len(found) == 28
    assert all(one.same and one.likeness == 1 for one in found)


def test_a_group_counts_as_one_student() -> None:
    """What the four of one group have in common is not what the class has."""
    students = [answer(f"s{i}", SOURCES[0]) for i in range(4)] + [answer(f"x{i}", OTHER[i:]) for i in range(6)]
    together = Groups({"g": [f"s{i}" for i in range(4)]})
    assert prints_of(students, GIVEN).own(0) < prints_of(students, GIVEN, together).own(0)


def test_short_answers_are_not_listed() -> None:
    """Equal lines are no likeness where there are few of them."""
    short = "model.compile(loss='mse', optimizer='adam')\nhistory = model.fit(X, y, epochs=10)"
    found = alike(answer("ana", short), answer("bia", short))
    assert found.contained == (1, 1)
    assert found.likeness == 0


def test_a_short_common_part_is_no_likeness() -> None:
    """However low the threshold: long answers that share three lines are not listed."""
    one = "\n".join(f"a.m{i}(b, c={i}, d=[e.n{i}])" for i in range(20))
    other = "\n".join(f"f{i} = g.p{i}[{i}] - h.q{i}" for i in range(30))
    line = "model.compile(loss='mse', optimizer='adam', metrics=['mae'])"
    found = alike(answer("ana", one, line), answer("bia", other, line))
    assert min(found.contained) > 0.04
    assert found.likeness == 0


@pytest.mark.parametrize("sources", [(), ("",), ("# só um comentário",), ("x = 1",)])
def test_empty_answers_share_nothing(sources: tuple[str, ...]) -> None:
    """An empty notebook, or one with nothing in it, is like no other."""
    found = alike(answer("ana", *sources), answer("bia", *sources))
    assert (found.contained, found.likeness) == ((0, 0), 0)
    assert prints_of([answer("ana", *sources)], GIVEN).likenesses(-1) == []
    assert prints_of([], GIVEN).likenesses(-1) == []


def test_code_that_does_not_parse_is_compared() -> None:
    """A missing bracket costs what is around it."""
    broken = SOURCES[0].replace("load_data()", "load_data(").replace("[5000:]", "[5000:")
    assert alike(answer("ana", *SOURCES), answer("bia", broken, SOURCES[1])).likeness > 0.8


def test_marked_parts_are_those_in_both() -> None:
    """What is shown as common to two answers is, and what is not is left out."""
    prints = prints_of([answer("ana", *SOURCES), answer("bia", OTHER, edited(SOURCES[1]))], GIVEN)
    spans = prints.spans("ana", "bia")
    assert {span.cell for span in spans} == {1}
    text = "".join(SOURCES[1][span.start : span.end] for span in spans)
    assert "np.isclose(valor, valores.min())" in text
    assert all(SOURCES[1][: span.start].strip() or span.start == 0 for span in spans)
    assert {span.cell for span in prints.spans("bia", "ana")} == {1}


def test_a_huge_answer_takes_bounded_time() -> None:
    """A class with the longest answers that are compared takes seconds."""
    huge = "\n".join(f"x{i} = a.b{i}({i}, c=[{i}, 'd{i}'])" for i in range(30_000))[:MAX_TEXT]
    students = [answer("ana", huge), answer("bia", huge), *(answer(f"s{i}", *SOURCES) for i in range(30))]
    begin = time.process_time()
    prints = prints_of(students, GIVEN)
    prints.likenesses(AT_LEAST)
    assert prints.own(0) <= 10_000
    assert time.process_time() - begin < 6


_LINES = st.lists(
    st.sampled_from([line for source in (*SOURCES, OTHER) for line in source.splitlines() if line.strip()]),
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@drawn(_LINES, _LINES, _LINES)
def test_likeness_is_symmetric_and_bounded(one: list[str], other: list[str], third: list[str]) -> None:
    """In [0, 1], the same whoever is named first, and 1 of an answer with itself if it has anything of its own."""
    sources = ["\n".join(lines) for lines in (one, other, third)]
    first = [answer(name, source) for name, source in zip("abc", sources, strict=True)]
    found = {x.students: x for x in prints_of(first, GIVEN).likenesses(-1)}
    again = {x.students: x for x in prints_of(first[::-1], GIVEN).likenesses(-1)}
    assert found.keys() == again.keys()
    for students, x in found.items():
        assert again[students] == x
        assert all(0 <= part <= 1 for part in (*x.contained, x.likeness))
    twin = alike(first[0], replace(first[0], student="z"))
    assert twin.contained in ((1.0, 1.0), (0.0, 0.0))
    assert (twin.contained == (1.0, 1.0)) == (twin.weight > 0)
