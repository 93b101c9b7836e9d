"""What ``autograder audit`` does."""

import json
from collections.abc import Sequence
from pathlib import Path

from autograder.audit import report as reports
from autograder.audit.bank import audit_bank
from autograder.audit.fates import Store
from autograder.audit.mutants import audit_mutants

__all__ = ["audit"]


def audit(
    root: Path,
    name: str,
    *,
    notebooks: Sequence[str],
    patterns: Sequence[str],
    of_bank: bool,
    of_mutants: bool,
    fresh: bool,
    jobs: int,
    report: Path | None,
    as_json: bool,
) -> bool:
    """Audit, print, write the report; whether all is as it must be.

    Raises:
        UsageError: Course, bank or host is not ready.
    """
    store = Store(fresh=fresh)
    rows: dict[str, object] = {}
    sections: list[str] = []
    good = True
    if of_bank:
        bank = audit_bank(root, name, notebooks=notebooks, patterns=patterns, jobs=jobs, store=store)
        good = bank.good
        rows["bank"], rows["lacking"] = reports.bank_json(bank), bank.lacking
        sections.append(reports.bank_section(bank))
        if not as_json:
            reports.show_bank(bank)
    if of_mutants:
        mutants = audit_mutants(root, name, notebooks=notebooks, patterns=patterns, jobs=jobs, store=store)
        good = good and not any(n.problems for n in mutants)
        rows["mutants"] = reports.mutants_json(mutants)
        rows["problems"] = {n.notebook: n.problems for n in mutants}
        sections.append(reports.mutants_section(mutants))
        if not as_json:
            reports.show_mutants(mutants)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    if report is not None:
        reports.write_report(report, sections, name)
    return good
