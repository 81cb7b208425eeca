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


class TransferForm(forms.Form):
    """The competent body, and which part of the petition goes there."""

    body = forms.CharField(
        label=_("Komu przekazujesz petycję"),
        help_text=_("Nazwa urzędu albo instytucji. Zobaczą ją wszyscy."),
        max_length=BODY_MOST,
        error_messages={"required": _("Wpisz nazwę urzędu albo instytucji.")},
    )
    gist = forms.CharField(
        label=_("Która część petycji do niego należy"),
        help_text=_("Zostaw puste, jeśli cała. Wtedy sprawa kończy się u nas."),
        required=False,
        max_length=GIST_MOST,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class JointForm(forms.Form):
    """Petitions on the same matter that are considered together."""

    subject = forms.CharField(label=_("W jakiej sprawie są te petycje"), help_text=_("Zobaczą to wszyscy."), max_length=200)
    wait_until = forms.DateField(label=_("Do kiedy czekamy na dalsze petycje"), widget=DateParts)
    petitions = forms.MultipleChoiceField(
        label=_("Petycje w tej samej sprawie"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Zaznacz co najmniej dwie petycje w tej samej sprawie.")},
    )

    def __init__(self, *args: Any, others: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["petitions"].choices = [(row.number, f"{row.number} {row.title}".strip()) for row in others]


class AddForm(forms.Form):
    """To which petitions another one is added."""

    multiple = forms.ChoiceField(label=_("Dołącz do rozpatrywanych łącznie"))

    def __init__(self, *args: Any, multiples: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["multiple"].choices = [(str(one.pk), one.subject) for one in multiples]


class SettleForm(forms.Form):
    """One answer to all petitions that are considered together."""

    manner = forms.ChoiceField(
        label=_("Jak załatwiasz te petycje"),
        widget=forms.RadioSelect,
        choices=[("grant", _("uwzględniam")), ("partly", _("uwzględniam częściowo")), ("decline", _("nie uwzględniam"))],
        error_messages={"required": _("Wybierz sposób załatwienia.")},
    )
    answer = forms.CharField(
        label=_("Odpowiedź z uzasadnieniem"),
        help_text=_("Dostanie ją każdy, kto złożył jedną z tych petycji."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )


class RepeatedForm(forms.Form):
    """Which settled petition this one repeats."""

    earlier = forms.CharField(
        label=_("Numer rozpatrzonej petycji"),
        max_length=20,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10"}),
        error_messages={"required": _("Wpisz numer rozpatrzonej petycji.")},
    )


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
