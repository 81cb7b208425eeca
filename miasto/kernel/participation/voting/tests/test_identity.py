"""Whoever types a name differently is still one voter; two people are two."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miasto.kernel.participation.voting.identity import account_text, identity_text

ANNA = {"given_name": "Anna", "family_name": "Żak-Nowak", "born": date(1980, 2, 3), "place": "ul. Łąkowa 5/3"}
NAMES = st.text("aąbcćdeęfghijklłmnńoóprsśtuwyzźżäöüßéčřABCĄŻŁ", min_size=1, max_size=10)


def same(**typed):
    return identity_text(**{**ANNA, **typed}) == identity_text(**ANNA)


@pytest.mark.parametrize(
    "typed",
    [
        {"given_name": " ANNA "},
        {"given_name": "Anna Maria"},
        {"family_name": "zak nowak"},
        {"family_name": "Nowak – Żak"},
        {"place": "UL.  Lakowa 5 / 3"},
    ],
)
def test_the_same_person_typed_otherwise_is_the_same_voter(typed):
    assert same(**typed)


@pytest.mark.parametrize(
    "other",
    [
        {"given_name": "Hanna"},
        {"family_name": "Żak"},
        {"born": date(1980, 3, 2)},
        {"place": "ul. Łąkowa 5/4"},
        {"place": "ul. Łąkowa 53"},
    ],
)
def test_another_person_is_another_voter(other):
    assert not same(**other)


@pytest.mark.parametrize("empty", [{"given_name": " "}, {"family_name": "-"}, {"place": ""}])
def test_a_person_without_a_part_is_refused(empty):
    with pytest.raises(ValueError, match="first name"):
        same(**empty)


@given(NAMES, NAMES)
def test_letters_case_never_matters_and_parts_cannot_run_into_each_other(first, family):
    text = identity_text(given_name=first, family_name=family, born=date(2000, 1, 1), place="Polna 1")
    assert text.count("|") == 3
    assert text == identity_text(given_name=first.lower(), family_name=family.title(), born=date(2000, 1, 1), place="POLNA 1")


def test_an_account_never_looks_like_a_person():
    assert account_text("x").count("|") == 1
