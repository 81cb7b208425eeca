"""The forms of the kiosk: one or two fields on a page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.ui.fields import MultipleFileField, MultipleFileInput
from miasto.modules.contact_centre.forms import MOST_TEXT, PHONE

OFF = {"autocomplete": "off", "spellcheck": "false", "hide_optional": True}


class PlaceForm(forms.Form):
    """An address to look for."""

    place = forms.CharField(
        label=_("Ulica i numer albo nazwa miejsca"), max_length=200, required=False, widget=forms.TextInput(attrs=OFF)
    )


class WordsForm(forms.Form):
    """What is wrong."""

    description = forms.CharField(
        label=_("Napisz, co się dzieje"),
        help_text=_("Nie podawaj tu nazwisk ani telefonów."),
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
        error_messages={"required": _("Napisz, co się dzieje.")},
    )


class PhotoForm(forms.Form):
    """A photo by the device's camera, or a file where it has none."""

    photos = MultipleFileField(
        label=_("Zdjęcie, jeśli pomoże"),
        help_text=_("Usuwamy z niego ukryte dane. Inni zobaczą je dopiero po sprawdzeniu."),
        required=False,
        widget=MultipleFileInput(attrs={"accept": "image/*", "capture": "environment", "hide_optional": True}),
    )


class ContactForm(forms.Form):
    """How to reach the person; nothing is required."""

    email = forms.EmailField(
        label=_("Adres e-mail"),
        required=False,
        widget=forms.EmailInput(attrs=OFF),
        error_messages={"invalid": _("Wpisz adres e-mail w całości, na przykład jan@przyklad.pl.")},
    )
    phone = forms.CharField(
        label=_("Telefon"),
        max_length=20,
        required=False,
        validators=[PHONE],
        widget=forms.TextInput(attrs={**OFF, "inputmode": "tel"}),
    )


class NumberForm(forms.Form):
    """The number of a case."""

    numer = forms.CharField(
        label=_("Numer sprawy"), max_length=24, widget=forms.TextInput(attrs={**OFF, "autocapitalize": "characters"})
    )


class GuideForm(forms.Form):
    """A question to the guide."""

    q = forms.CharField(label=_("Co chcesz załatwić?"), max_length=200, widget=forms.TextInput(attrs=OFF))
