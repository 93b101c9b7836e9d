"""The command ``gradebook review``."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.assignment import load
from gradebook.arguments import AsJson, AssignmentName, Course, Db
from gradebook.records.database import Database
from gradebook.records.location import database_url
from gradebook.review.store import Reviews, rubrics_of

__all__ = ["review"]


def review(
    assignment: AssignmentName,
    deal: Annotated[
        str | None, typer.Option(metavar="NAMES", help="Deal unread answers among these people: teresa,tiago.")
    ] = None,
    double: Annotated[float, typer.Option(min=0, max=1, help="Share that two people read, when dealing.")] = 0.1,
    course: Course = Path(),
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Who reads which essays, how far they are, and how far two readers agree."""
    source = load(course, assignment)
    database = Database(database_url(course, db))
    try:
        reviews = Reviews(database, assignment, rubrics_of(source))
        if deal is not None:
            new = reviews.deal([name.strip() for name in deal.split(",") if name.strip()], double=double)
            Console(stderr=True).print(f"{len(new)} new readings dealt.", highlight=False)
        found = reviews.overview()
    finally:
        database.close()
    if as_json:
        sys.stdout.write(json.dumps(found.to_json(), ensure_ascii=True, indent=2) + "\n")
        return
    out = Console()
    table = Table("reader", "question", "done", box=None)
    for row in found.progress:
        table.add_row(row.reviewer, f"{row.notebook} {row.cell}", f"{row.done} of {row.tasks}")
    if found.progress:
        out.print(table)
    pairs = Table("question", "criterion", "pairs", "alike", "kappa", box=None)
    for (notebook, cell, title), found_pairs in found.agreement.items():
        kappa = "–" if found_pairs.kappa is None else f"{found_pairs.kappa:.2f}"
        pairs.add_row(
            f"{notebook} {cell}", escape(title), str(found_pairs.pairs), f"{found_pairs.same:.0%}", kappa
        )
    if found.agreement:
        out.print(pairs)
    if found.undealt:
        hint = f"gradebook review {assignment} --deal NAME,NAME"
        out.print(f"{found.undealt} answers are nobody's: {hint}", highlight=False)
