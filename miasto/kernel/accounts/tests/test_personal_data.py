"""What a declaration of personal data must say."""

import pytest

from miasto.kernel.core.module import Module
from miasto.kernel.core.registry import ContractError, Registry, registry
from miasto.kernel.spec.accounts import PersonalData

WORDS = {"purpose": "Żeby wiedzieć, gdzie są szczury.", "retention": "Rok."}


def declared(**words):
    spec = PersonalData(key="rats.people", name="Zgłaszający", export=lambda one: [], erase=lambda one: 0, **words)
    return Registry([("miasto.modules.rats", Module(slug="rats", name="", summary="", provides=(spec,)))])


@pytest.mark.parametrize("name", WORDS)
def test_personal_data_without_a_purpose_or_a_term_are_refused_at_the_door(name):
    assert declared(**WORDS).has(PersonalData, "rats.people")
    with pytest.raises(ContractError, match=f"{name} is empty"):
        declared(**{**WORDS, name: " "})


def test_everything_that_is_held_says_why_and_how_long():
    specs = registry().all(PersonalData)
    assert len(specs) > 10
    assert [spec.key for spec in specs if not (str(spec.purpose).endswith(".") and str(spec.retention).endswith("."))] == []
