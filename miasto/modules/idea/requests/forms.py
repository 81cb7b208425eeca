"""Forms of requests for consultations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.participation.services import LONGEST
from miasto.modules.idea.requests.models import Fate

EMAIL = forms.EmailInput(attrs={"autocomplete": "email", "spellcheck": "false"})


class AskForm(forms.Form):
    """A request to be."""

    client_key = forms.CharField(widget=forms.HiddenInput, max_length=64, required=False)
    title = forms.CharField(label=_("O co miasto ma zapytać mieszkańców?"), help_text=_("Jedno zdanie."), max_length=200)
    text = forms.CharField(
        label=_("Dlaczego to ważne?"),
        help_text=_("Napisz, co się dzieje, kogo to dotyczy i jakiej decyzji potrzeba. Bez danych innych osób."),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    resident = forms.BooleanField(label=_("Mieszkam w mieście"))


class SignForm(forms.Form):
    """Support; without an account by an address that is first to be confirmed."""

    resident = forms.BooleanField(
        label=_("Mieszkam w mieście"), error_messages={"required": _("Podpisać mogą mieszkańcy miasta.")}
    )

    def __init__(self, *args: Any, signed_in: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not signed_in:
            self.fields["email"] = forms.EmailField(
                label=_("Adres e-mail"),
                help_text=_("Wyślemy odsyłacz, którym potwierdzisz podpis. Adresu nikomu nie pokażemy."),
                widget=EMAIL,
                error_messages={
                    "required": _("Wpisz adres e-mail."),
                    "invalid": _("Wpisz adres e-mail w postaci nazwa@przyklad.pl."),
                },
            )
            self.order_fields(["email", "resident"])


class AnswerForm(forms.Form):
    """What the city does with a request that has its signatures."""

    fate = forms.ChoiceField(
        label=_("Odpowiedź"),
        choices=[(Fate.ACCEPTED, Fate.ACCEPTED.label), (Fate.REJECTED, Fate.REJECTED.label)],
        widget=forms.RadioSelect,
    )
    reasons = forms.CharField(
        label=_("Uzasadnienie"), help_text=_("Przeczyta to każdy."), widget=forms.Textarea(attrs={"rows": 6})
    )
    process = forms.ChoiceField(
        label=_("Konsultacje, które z tego wynikły"), help_text=_("Można uzupełnić później."), required=False
    )

    def __init__(self, *args: Any, processes: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["process"].choices = [("", "–"), *processes]


class RefuseForm(forms.Form):
    """Why a request is not published."""

    reasons = forms.CharField(
        label=_("Dlaczego nie publikujemy?"), help_text=_("Wyślemy to autorowi."), widget=forms.Textarea(attrs={"rows": 3})
    )
