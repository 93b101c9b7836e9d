"""A new exercise passes both audits as it is, in both languages: whoever starts with it starts from green."""

import pytest

from autograder.audit.bank import audit_bank
from autograder.audit.fates import Store
from autograder.audit.mutants import audit_mutants
from autograder.new import scaffold

pytestmark = [pytest.mark.tensorflow, pytest.mark.sandbox, pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.mark.parametrize("language", ["pt_BR", pytest.param("en", marks=pytest.mark.audit)])
def test_the_exemplars_of_a_new_exercise_get_what_they_declare(tmp_path, language):
    course = tmp_path / "course"
    scaffold(course, "lista", "01_exercise", language=language)
    bank = audit_bank(course, "lista", store=Store(tmp_path / "fates"))
    assert [(g.exemplar.name, g.deviations) for g in bank.graded if g.deviations] == []
    assert (bank.good, len(bank.graded)) == (True, 8)


@pytest.mark.audit
@pytest.mark.parametrize("language", ["pt_BR", "en"])
def test_the_tests_of_a_new_exercise_notice_every_mutant_but_the_declared(tmp_path, language):
    course = tmp_path / "course"
    scaffold(course, "lista", "01_exercise", language=language)
    (mutants,) = audit_mutants(course, "lista", store=Store(tmp_path / "fates"))
    assert mutants.problems == ()
    assert len(mutants.results) > 25
