"""The table of scores fits a terminal of 80 columns, also for a list of ten notebooks."""

from types import SimpleNamespace as Fake

import pytest
from rich.console import Console

from autograder import result
from autograder.result import Result


def shown(monkeypatch: pytest.MonkeyPatch, notebooks: int) -> str:
    names = [f"{n:02}_exercicio" for n in range(notebooks)]
    templates = {name: Fake(name=name, max_score=10.0) for name in names}
    assignment = Fake(
        notebooks=list(templates.values()),
        notebook=templates.__getitem__,
        settings=Fake(title="Lista"),
        name="lista",
    )
    graded = []
    for student in ("ana", "guilherme"):
        for name in names:
            report = Fake(student=student, notebook=name, status="graded", needs_review=False, error=None)
            report.cpu_seconds, report.verdicts = 1.0, []
            if (student, name) == ("guilherme", names[-1]):
                failed = Fake(outcomes=[], needs_review=False, manual=False, grade_id="treino")
                failed.reason = "Esta célula falhou."
                report.verdicts.append(failed)
            graded.append(Fake(report=report, score=7.25, max_score=10.0, pending=2.0, late_seconds=None))
    console = Console(width=80, record=True)
    monkeypatch.setattr(result, "out", console)
    Result(assignment, tuple(graded)).show()  # type: ignore[arg-type]
    return console.export_text()


@pytest.mark.parametrize("notebooks", [2, 10])
def test_every_score_and_note_is_there_in_80_columns(monkeypatch: pytest.MonkeyPatch, notebooks: int) -> None:
    text = shown(monkeypatch, notebooks)
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("7.25+") == 2 * notebooks
    assert f"{7.25 * notebooks:g}" in text
    assert "…" not in text
    assert "Esta célula falhou." in " ".join(text.split())


def test_many_notebooks_say_their_points_once(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "10 points each" in shown(monkeypatch, 10)
    assert "00 /10" in shown(monkeypatch, 2)
