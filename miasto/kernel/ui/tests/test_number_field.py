"""What people type into a field of a number."""

import pytest
from django.core.exceptions import ValidationError

from miasto.kernel.ui.fields import NumberField
from miasto.kernel.ui.templatetags.ui import number


@pytest.mark.parametrize(
    ("typed", "value"), [("−12,5", -12.5), ("-5", -5), ("–5", -5), ("12.5", 12.5), ("12\u00a0345,5", 12345.5), (" 7 ", 7)]
)
def test_a_number_copied_from_a_page_is_taken(typed, value):
    assert NumberField().clean(typed) == value


@pytest.mark.parametrize("typed", ["", "dużo", "1,2,3", "nan", "inf", "--5"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(ValidationError):
        NumberField().clean(typed)


def test_the_filter_of_pages_writes_whole_numbers_whole_and_nothing_as_a_dash():
    assert [number(one) for one in (None, 5, 5.0, -3, 12345)] == ["–", "5", "5,0", "−3", "12\u00a0345"]
