"""Forms of the report's path and of the public register."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from miasto.kernel.cases import selectors as cases
from miasto.kernel.core.city import city
from miasto.kernel.ui.fields import LongSelect, MultipleFileField
from miasto.kernel.ui.questions import question_field
from miasto.modules.contact_centre.models import LANGUAGES

MOST_TEXT = city().limit("report_text", 4000)
PHONE = RegexValidator(r"^[+]?[0-9 ()/-]{7,20}$", _("Wpisz numer telefonu, na przykład 600 100 200."))


class WhatForm(forms.Form):
    """What is wrong, in the writer's own words, with photos and the category."""

    description = forms.CharField(
        label=_("Napisz własnymi słowami, co się dzieje"),
        help_text=_(
            "Na przykład: „Od tygodnia nie świeci latarnia przy przejściu dla pieszych”. Nie podawaj tu nazwisk ani telefonów."
        ),
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4, "label_class": "govuk-label--m"}),
        error_messages={
            "required": _("Napisz, co się dzieje."),
            "max_length": _("Opis może mieć najwyżej %(limit_value)d znaków, a ma %(show_value)d."),
        },
    )
    category = forms.IntegerField(
        error_messages={
            "required": _("Wybierz, czego dotyczy zgłoszenie."),
            "invalid": _("Wybierz, czego dotyczy zgłoszenie."),
        }
    )
    photos = MultipleFileField(label=_("Zdjęcia"), required=False)


class PlaceForm(forms.Form):
    """Where it is: an address to look for, or a point."""

    place = forms.CharField(
        label=_("Adres, ulica lub nazwa miejsca"),
        help_text=_("Na przykład: Sienkiewicza 20, park, przystanek."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "hide_optional": True}),
    )
    lon = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)


class ContactForm(forms.Form):
    """Who may be told of the outcome; everything is optional."""

    email = forms.EmailField(
        label=_("Adres e-mail"),
        help_text=_("Na ten adres wyślemy numer zgłoszenia, odpowiedź i wiadomość o rozwiązaniu."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"invalid": _("Wpisz adres e-mail w całości, na przykład jan@przyklad.pl.")},
    )
    name = forms.CharField(
        label=_("Imię i nazwisko"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=_("Telefon"),
        help_text=_("Zadzwonimy tylko wtedy, gdy czegoś nie da się ustalić inaczej."),
        max_length=20,
        required=False,
        validators=[PHONE],
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    language = forms.ChoiceField(label=_("Język wiadomości"), choices=LANGUAGES, widget=forms.RadioSelect)
    together = forms.CharField(
        label=_("Adresy e-mail osób, które zgłaszają tę sprawę z Tobą"),
        help_text=_("Każdy w osobnym wierszu. Wyślemy im zaproszenie; publicznie podamy tylko liczbę osób."),
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "autocomplete": "off"}),
    )

    def clean_together(self) -> str:
        """The text as it was typed, once every word of it is an address."""
        cases.addresses(self.cleaned_data["together"])
        return str(self.cleaned_data["together"])


class JoinForm(forms.Form):
    """An address to be told of a report that somebody joins; optional."""

    email = forms.EmailField(
        label=_("Adres e-mail"),
        help_text=_("Na ten adres napiszemy, co dzieje się ze sprawą. Możesz go nie podawać."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"}),
        error_messages={"invalid": _("Wpisz adres e-mail w całości, na przykład jan@przyklad.pl.")},
    )


class QuestionsForm(forms.Form):
    """The questions of the chosen category."""

    def __init__(self, *args: Any, questions: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, prefix="q", **kwargs)
        for question in questions:
            self.fields[question.key] = question_field(question)

    def answers(self) -> dict[str, str]:
        """The answers that were given, as texts by question."""
        return {key: str(value) for key, value in self.cleaned_data.items() if value not in (None, "")}


class RegisterForm(forms.Form):
    """The filters of the public register; their names are seen in the address, so they are Polish."""

    PERIODS = (("", _("cały czas")), ("7", _("ostatnie 7 dni")), ("30", _("ostatnie 30 dni")), ("90", _("ostatnie 3 miesiące")))
    szukaj = forms.CharField(label=_("Ulica, numer lub temat"), max_length=100, required=False)
    kategoria = forms.ChoiceField(label=_("Kategoria"), required=False, widget=LongSelect)
    obszar = forms.ChoiceField(label=_("Dzielnica lub osiedle"), required=False, widget=LongSelect)
    etap = forms.ChoiceField(label=_("Etap"), required=False)
    okres = forms.ChoiceField(label=_("Zgłoszone"), required=False, choices=PERIODS)
    kolejnosc = forms.ChoiceField(
        label=_("Kolejność"),
        required=False,
        choices=(("", _("najnowsze")), ("supported", _("dotyczące największej liczby osób"))),
    )

    def __init__(self, *args: Any, categories: Any, districts: Any, stages: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kategoria"].choices = [("", _("wszystkie")), *categories]
        self.fields["obszar"].choices = [("", _("całe miasto")), *((str(area.pk), area.name) for area in districts)]
        self.fields["etap"].choices = [("", _("każdy")), *((stage.key, stage.name) for stage in stages)]
        for field in self.fields.values():
            field.widget.attrs["hide_optional"] = True
