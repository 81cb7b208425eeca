"""What the form renderer draws, read as a browser would: by labels, identifiers and attributes."""

import re

import pytest
from django import forms

from miasto.kernel.ui.fields import DateParts, LongSelect, MultipleFileField
from miasto.kernel.ui.templatetags.ui import error_summary


class Visit(forms.Form):
    name = forms.CharField(
        label="Imię", help_text="Jak w dokumencie.", widget=forms.TextInput(attrs={"class": "govuk-input--width-10"})
    )
    note = forms.CharField(label="Uwagi", required=False, max_length=200, widget=forms.Textarea)
    way = forms.ChoiceField(
        label="Sposób",
        choices=[("mail", "E-mail"), ("phone", "Telefon")],
        widget=forms.RadioSelect(attrs={"group_class": "ui-choices", "legend_class": "govuk-fieldset__legend--m"}),
    )
    phone = forms.CharField(label="Numer", required=False)
    day = forms.DateField(label="Dzień wizyty", widget=DateParts)
    agree = forms.BooleanField(label="Zgadzam się")
    photos = MultipleFileField(label="Zdjęcia", required=False)
    conditional = {"way": {"phone": ("phone",)}}
    option_hints = {"way": {"mail": "Szybciej"}}


def group(form, name):
    return form[name].as_field_group()


def ids(html):
    return re.findall(r'\bid="([^"]+)"', html)


def test_a_field_has_its_label_and_its_hint_describes_it():
    html = group(Visit(), "name")
    assert '<label class="govuk-label " for="id_name">Imię' in html
    assert 'id="id_name_helptext">Jak w dokumencie.' in html
    assert 'aria-describedby="id_name_helptext"' in html
    assert 'class="govuk-input govuk-input--width-10"' in html


def test_an_error_is_marked_in_words_and_attributes():
    html = group(Visit({}), "name")
    assert 'govuk-visually-hidden">Błąd:</span>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert "govuk-input--error" in html


def test_only_the_optional_fields_say_so():
    form = Visit()
    assert "(nieobowiązkowe)" in group(form, "note")
    assert "(nieobowiązkowe)" not in group(form, "name")


def test_choices_stand_in_a_fieldset_with_a_legend_and_each_has_its_label():
    html = group(Visit(), "way")
    assert html.count("<fieldset") == 1
    assert 'govuk-fieldset__legend--m">Sposób' in html
    assert 'for="id_way_0">E-mail' in html
    assert html.count('class="govuk-radios__input"') == 2
    assert 'govuk-radios__hint">Szybciej' in html


def test_a_conditional_field_is_drawn_once_under_its_answer():
    html = str(Visit())
    assert html.count('name="phone"') == 1
    assert html.index('value="phone"') < html.index('data-conditional-for="id_way_1"') < html.index('name="phone"')


def test_what_only_steers_the_drawing_does_not_reach_the_page():
    assert "group_class" not in str(Visit())
    assert "legend_class=" not in str(Visit())


def test_no_identifier_is_used_twice_on_a_whole_form():
    found = ids(str(Visit({})))
    assert len(found) == len(set(found))


def test_a_text_area_with_a_limit_is_counted_and_described_by_the_count():
    html = group(Visit(), "note")
    assert 'data-maxlength="200"' in html
    assert 'aria-describedby="id_note-info"' in html
    assert "govuk-js-character-count" in html


@pytest.mark.parametrize(
    ("day", "month", "year", "valid"), [("5", "3", "2026", True), ("40", "13", "2026", False), ("5", "", "2026", False)]
)
def test_a_date_in_three_parts_is_a_date_or_an_error(day, month, year, valid):
    form = Visit({"day_0": day, "day_1": month, "day_2": year})
    assert ("day" not in form.errors) is valid
    html = group(form, "day")
    assert [part in html for part in (f'value="{day}"', f'value="{year}"')] == [True, True]


def test_a_date_given_in_the_beginning_is_shown_in_its_parts():
    html = group(Visit(initial={"day": "2026-03-05"}), "day")
    assert re.findall(r'value="(\d+)"', html) == ["5", "3", "2026"]


def test_a_single_checkbox_has_its_label_beside_it():
    assert re.search(
        r'<input[^>]*govuk-checkboxes__input[^>]*>\s*<label[^>]*for="id_agree">Zgadzam się', group(Visit(), "agree")
    )


def test_the_field_for_several_files_lets_several_be_chosen():
    assert re.search(r'<input[^>]*type="file"[^>]*\bmultiple\b', group(Visit(), "photos"))


def test_each_error_of_the_summary_leads_to_a_control_that_exists():
    form = Visit({})
    errors = error_summary(form)["errors"]
    assert {target for target, _message in errors} == {"id_name", "id_way_0", "id_day_0", "id_agree"}
    assert {target for target, _message in errors} <= set(ids(str(form)))


def test_the_summary_names_the_field_where_the_words_are_general():
    assert ("id_name", "Imię: to pole jest wymagane.") in error_summary(Visit({}))["errors"]


def test_text_of_people_is_escaped():
    html = group(Visit({"name": '"><script>alert(1)</script>'}), "name")
    assert "<script>" not in html


def test_a_long_select_draws_groups_escapes_labels_and_marks_the_choice():
    class Filter(forms.Form):
        place = forms.ChoiceField(widget=LongSelect, choices=[("", "all"), ("North", [("a", "A & B"), ("c", "<C>")])])

    drawn = str(Filter({"place": "c"})["place"])
    assert '<option value="">all</option><optgroup label="North">' in drawn
    assert '<option value="a">A &amp; B</option><option value="c" selected>&lt;C&gt;</option></optgroup>' in drawn
    assert drawn.count("selected") == 1
