"""What the audits found, as tables on a terminal and as a page of Markdown that can be kept in git."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from rich.markup import escape

from autograder.audit.bank import REFERENCE, BankResult, short
from autograder.audit.mutants import NotebookMutants
from autograder.exemplar import Verdict
from autograder.terminal import out, table

__all__ = [
    "bank_json",
    "bank_section",
    "mutants_json",
    "mutants_section",
    "show_bank",
    "show_mutants",
    "write_report",
]

_VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


def show_bank(result: BankResult) -> None:
    """The matrix, then every deviation."""
    heads = (("notebook", "fold"), ("reference", "right"), *((verdict, "right") for verdict in _VERDICTS))
    out.print(table("The bank: as declared / all", heads, _matrix(result)))
    for graded in result.graded:
        if graded.deviations:
            out.print(f"[bold red]NOT[/] {escape(short(graded.exemplar))}", highlight=False, soft_wrap=True)
            for line in graded.deviations:
                out.print(f"    {escape(line)}", highlight=False, soft_wrap=True)
    for line in result.lacking:
        out.print(f"[bold red]too few[/] {escape(line)}", highlight=False, soft_wrap=True)
    seconds = sum(g.fate.cpu_seconds for g in result.graded)
    good = sum(not g.deviations for g in result.graded)
    out.print(f"{good} of {len(result.graded)} as declared; {seconds:.0f} s CPU.", highlight=False)


def bank_json(result: BankResult) -> list[dict[str, object]]:
    """For machines: a row an exemplar."""
    return [
        {
            "notebook": g.exemplar.notebook, "verdict": g.exemplar.verdict, "name": g.exemplar.name,
            "scores": dict(g.fate.scores), "declared": g.exemplar.expected(g.points),
            "deviations": list(g.deviations), "cpu_seconds": g.fate.cpu_seconds,
        }
        for g in result.graded
    ]  # fmt: skip


def write_report(path: Path, sections: Sequence[str], name: str) -> None:
    """Write the page; nothing in it depends on when, where or how fast it was found out."""
    head = f"# The audit of {name}\n\nWritten by `autograder audit {name}`; see [authoring](authoring.md).\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([head, *sections]).rstrip() + "\n", encoding="utf-8")


def bank_section(result: BankResult) -> str:
    """The bank as Markdown."""
    heads = ["Notebook", "Reference", *(v.capitalize() for v in _VERDICTS)]
    lines = [
        "## The bank",
        "",
        "Graded as declared, of all there are.",
        "",
        *_markdown(heads, _matrix(result)),
        "",
    ]
    rows = [
        [
            g.exemplar.notebook[:2], g.exemplar.verdict, f"`{g.exemplar.name}`", g.exemplar.title,
            ", ".join(f"{cell} −{lost:g}" for cell, lost in g.lost.items()) or "—",
            "differs" if g.deviations else "as declared",
        ]
        for g in result.graded
        if g.exemplar.name != REFERENCE
    ]  # fmt: skip
    lines += _markdown(["", "Verdict", "Exemplar", "Title", "Points lost", ""], rows)
    return "\n".join(lines) + "\n"


def _matrix(result: BankResult) -> list[list[str]]:
    return [
        [notebook, *(_share(result, notebook, verdict) for verdict in (REFERENCE, *_VERDICTS))]
        for notebook in result.notebooks
    ]


def _share(result: BankResult, notebook: str, verdict: str) -> str:
    ours = [
        not g.deviations
        for g in result.graded
        if g.exemplar.notebook == notebook
        and (REFERENCE if g.exemplar.name == REFERENCE else g.exemplar.verdict) == verdict
    ]
    return f"{sum(ours)}/{len(ours)}"


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *([cell.replace("|", "\\|") for cell in row] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def show_mutants(found: Sequence[NotebookMutants]) -> None:
    """The matrix by operator and notebook, then every problem."""
    heads, rows = _operators(found)
    out.print(table("Mutants: died / made", [(h, "right" if i else "left") for i, h in enumerate(heads)], rows))
    for notebook in found:
        for line in notebook.problems:
            out.print(f"[bold red]NOT[/] {notebook.notebook[:2]} {escape(line)}", highlight=False, soft_wrap=True)
    for n in found:
        made, lived = len(n.results), sum(r.lived for r in n.results)
        declared = sum(r.declared is not None for r in n.results)
        seconds = sum(r.fate.cpu_seconds for r in n.results)
        line = f"{made} made, {made - lived} died, {lived} lived, {declared} declared; {seconds:.0f} s CPU."
        out.print(f"{n.notebook}: {line}", highlight=False, soft_wrap=True)


def mutants_json(found: Sequence[NotebookMutants]) -> list[dict[str, object]]:
    """For machines: a row a mutant."""
    return [
        {
            "notebook": n.notebook, "cell": r.mutant.cell, "operator": r.mutant.operator,
            "change": r.mutant.change,
            "lived": r.lived, "declared": r.declared is not None, "scores": dict(r.fate.scores),
            "cpu_seconds": r.fate.cpu_seconds,
        }
        for n in found
        for r in n.results
    ]  # fmt: skip


def mutants_section(found: Sequence[NotebookMutants]) -> str:
    """The mutants as Markdown."""
    heads, rows = _operators(found)
    lines = [
        "## Mutants of the reference solutions",
        "",
        "Died, of all that were made.",
        "",
        *_markdown(heads, rows),
    ]
    survivors = [
        [
            n.notebook[:2],
            r.mutant.cell,
            f"`{r.mutant.change}`",
            r.declared.reason if r.declared else "**not declared**",
        ]
        for n in found
        for r in n.results
        if r.lived
    ]
    lines += ["", "Those that live:", "", *_markdown(["", "Cell", "Change", "Why it is right"], survivors)]
    return "\n".join(lines) + "\n"


def _operators(found: Sequence[NotebookMutants]) -> tuple[list[str], list[list[str]]]:
    """Headings and rows: operators, all of them, and how many of the living are declared."""
    operators = sorted({r.mutant.operator for n in found for r in n.results})
    rows = [[operator, *(_died(n, operator) for n in found)] for operator in operators]
    rows.append(["all", *(_died(n, None) for n in found)])
    declared = [sum(r.declared is not None for r in n.results) for n in found]
    lived = [sum(r.lived for r in n.results) for n in found]
    rows.append(["lived", *map(str, lived)])
    rows.append(["declared", *map(str, declared)])
    return ["operator", *(n.notebook[:2] for n in found)], rows


def _died(found: NotebookMutants, operator: str | None) -> str:
    ours = [not r.lived for r in found.results if operator in (None, r.mutant.operator)]
    return f"{sum(ours)}/{len(ours)}" if ours else ""
