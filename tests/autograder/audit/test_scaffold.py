"""A new exercise passes both audits as it is, in both languages: whoever starts with it starts from green."""

import pytest

from autograder.audit.bank import audit_bank
from autograder.audit.fates import Store
from autograder.audit.mutants import audit_mutants
from autograder.new import scaffold

pytestmark = [pytest.mark.tensorflow, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize("language", ["pt_BR", "en"])
def test_a_new_exercise_passes_its_audits(tmp_path, language):
    """Its exemplars get what they declare, and its tests notice every mutant but the declared."""
    course = tmp_path / "course"
    scaffold(course, "lista", "01_exercise", language=language)
    store = Store(tmp_path / "fates")
    bank = audit_bank(course, "lista", notebooks=["01"], store=store)
    assert [(g.exemplar.name, g.deviations) for g in bank.graded if g.deviations] == []
    assert len(bank.graded) == 7
    (mutants,) = audit_mutants(course, "lista", store=store)
    assert mutants.problems == ()
    assert len(mutants.results) > 25
