"""Forms of the register of petitions: its filters, and what staff note of opinions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.ui.fields import DateParts
from miasto.modules.contact_centre.petitions import selectors
from miasto.modules.contact_centre.petitions.services import BODY_MOST, GIST_MOST


class RegisterForm(forms.Form):
    """The filters of the register; their names are seen in the address."""

    stan = forms.ChoiceField(
        label=_("Pokaż"),
        choices=(("", _("wszystkie petycje")), ("otwarte", _("rozpatrywane")), ("zalatwione", _("załatwione"))),
        required=False,
    )
    rok = forms.ChoiceField(label=_("Rok złożenia"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rok"].choices = [("", _("każdy")), *((str(year), str(year)) for year in selectors.filed_years())]
        for field in self.fields.values():
            field.widget.attrs["hide_optional"] = True


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=DateParts,
        initial=clock.today,
        error_messages={"required": _("Podaj datę."), "invalid": _("Podaj prawdziwą datę.")},
    )


class AskForm(forms.Form):
    """Whose opinion was asked."""

    body = forms.CharField(
        label=_("Kogo poproszono o opinię"),
        help_text=_("Na przykład Miejska Komisja Urbanistyczna. Zobaczą to wszyscy, więc bez nazwisk."),
        max_length=BODY_MOST,
        error_messages={"required": _("Napisz, kogo poproszono o opinię.")},
    )
    asked_on = _day(_("Kiedy poproszono"))


class ReceivedForm(forms.Form):
    """What an opinion says."""

    received_on = _day(_("Kiedy przyszła"))
    gist = forms.CharField(
        label=_("Co mówi opinia"),
        help_text=_("W kilku słowach. Zobaczą to wszyscy."),
        max_length=GIST_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Napisz, co mówi opinia.")},
    )
