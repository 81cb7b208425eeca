"""Numbers as people read them."""

import pytest
from django.utils import translation

from miasto.kernel.core.numbers import trimmed, written


@pytest.mark.parametrize(
    ("value", "decimals", "told"),
    [
        (-12.25, 1, "−12,3"),
        (-0.04, 1, "0,0"),
        (0.0, 1, "0,0"),
        (1013.2, 0, "1013"),
        (12345.6, 1, "12\u00a0345,6"),
        (-1234567, 0, "−1\u00a0234\u00a0567"),
        (9999.96, 1, "10\u00a0000,0"),
        (1.25e18, 1, "1,2\u00a0×\u00a010¹⁸"),
        (-3e300, 2, "−3,00\u00a0×\u00a010³⁰⁰"),
        (5e-324, 10, "0,0000000000"),
    ],
)
def test_a_number_is_written_as_a_reader_of_polish_expects_it(value, decimals, told):
    assert written(value, decimals) == told


def test_zeros_at_the_end_of_a_threshold_are_left_out():
    shown = [trimmed(value) for value in (150.0, 12.5, 0.25, -40.0, 0.0, 100, 1200.0, 2e20)]
    assert shown == ["150", "12,5", "0,25", "−40", "0", "100", "1200", "2,00\u00a0×\u00a010²⁰"]


def test_english_has_its_own_signs():
    with translation.override("en"):
        assert (written(-12345.67, 2), trimmed(0.5)) == ("−12,345.67", "0.5")
