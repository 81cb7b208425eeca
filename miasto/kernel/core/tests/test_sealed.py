"""A sealed secret opens under its purpose and key, survives a change of the key, and opens under nothing else."""

import pytest

from miasto.kernel.core.sealed import Sealer, Unreadable

ONE, OTHER = Sealer("trial.one"), Sealer("trial.other")


@pytest.fixture(autouse=True)
def key(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "yesterday", []


def test_what_is_sealed_does_not_show_and_opens_again():
    stored = ONE.seal("tajne")
    assert "tajne" not in stored
    assert ONE.unseal(stored) == "tajne"


def test_another_purpose_and_another_key_open_nothing(settings):
    stored = ONE.seal("tajne")
    with pytest.raises(Unreadable):
        OTHER.unseal(stored)
    settings.SECRET_KEY = "today"
    with pytest.raises(Unreadable):
        ONE.unseal(stored)
    assert ONE.renewed(stored) == stored


def test_a_former_key_opens_and_its_secret_moves_under_the_present_one(settings):
    stored = ONE.seal("tajne")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "today", ["yesterday"]
    fresh = ONE.renewed(stored)
    assert fresh != stored
    assert ONE.renewed(fresh) == fresh
    settings.SECRET_KEY_FALLBACKS = []
    assert ONE.unseal(fresh) == "tajne"
