"""Telephone numbers as people and exchanges write them."""

import pytest

from miasto.modules.contact_centre.phone.numbers import e164, shown


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("600 100 200", "+48600100200"),
        ("600-100-200", "+48600100200"),
        ("+48 600 100 200", "+48600100200"),
        ("0048600100200", "+48600100200"),
        ("48600100200", "+48600100200"),
        ("(41) 367 60 00", "+48413676000"),
        ("041 367 60 00", "+48413676000"),
        ("+49 30 1234567", "+49301234567"),
        ("", ""),
        ("anonymous", ""),
        ("<unknown>", ""),
    ],
)
def test_a_number_is_kept_the_same_however_it_is_written(written, kept):
    assert e164(written) == kept


@pytest.mark.parametrize("wrong", ["112", "60010020", "600 100 2000", "telefon 600", "+48 60 100", "٦٠٠١٠٠٢٠٠"])
def test_what_can_be_no_number_is_refused_with_words(wrong):
    with pytest.raises(ValueError, match=r"(?i)numer"):
        e164(wrong)


def test_numbers_are_read_aloud_in_groups():
    assert shown("+48600100200") == "600 100 200"
    assert shown("+48413676000") == "41 367 60 00"
    assert shown("+49301234567") == "+49301234567"
    assert shown("") == ""
