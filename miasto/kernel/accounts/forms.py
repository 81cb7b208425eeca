"""Forms of the account and of the panel."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.models import LANGUAGES, Person, Unit
from miasto.kernel.accounts.tree import unit_choices
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.accounts import Role
from miasto.kernel.ui.fields import DateParts

phone_number = RegexValidator(r"^\+?[0-9 ()-]{7,20}$", _("Wpisz numer telefonu, na przykład 600 100 200."))


class OwnDataForm(forms.Form):
    """What a person may change of their own data."""

    name = forms.CharField(
        label=_("Imię i nazwisko"), max_length=150, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label=_("Telefon"),
        max_length=20,
        required=False,
        validators=[phone_number],
        widget=forms.TextInput(attrs={"autocomplete": "tel", "type": "tel", "class": "govuk-input--width-20"}),
    )
    language = forms.ChoiceField(label=_("W jakim języku mamy do Ciebie pisać?"), choices=LANGUAGES, widget=forms.RadioSelect)


class EraseForm(forms.Form):
    """Confirmation of the erasure by the password."""

    password = forms.CharField(
        label=_("Hasło"),
        help_text=_("Wpisz hasło, żeby potwierdzić, że to Ty."),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "class": "govuk-input--width-20"}),
    )

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        if not self.person.check_password(self.cleaned_data["password"]):
            raise forms.ValidationError(_("Hasło jest nieprawidłowe."))
        return self.cleaned_data["password"]


WHO = [("staff", _("pracownicy")), ("all", _("wszyscy")), ("inactive", _("konta wyłączone"))]


class PeopleFilter(forms.Form):
    """Whom the list of people shows."""

    q = forms.CharField(
        label=_("Szukaj"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "hide_optional": True}),
    )
    who = forms.ChoiceField(
        label=_("Kogo pokazać"), choices=WHO, required=False, widget=forms.Select(attrs={"hide_optional": True})
    )
    role = forms.ChoiceField(label=_("Rola"), required=False, widget=forms.Select(attrs={"hide_optional": True}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = [("", _("każda")), *role_choices()]


class InviteForm(forms.Form):
    """A new person of the staff."""

    name = forms.CharField(label=_("Imię i nazwisko"), max_length=150)
    email = forms.EmailField(label=_("Adres e-mail"), help_text=_("Wyślemy na niego odsyłacz do ustawienia hasła."))


class GrantForm(forms.Form):
    """A role for a person."""

    role = forms.ChoiceField(label=_("Rola"), widget=forms.RadioSelect)
    unit = forms.ChoiceField(
        label=_("Jednostka"),
        required=False,
        help_text=_("Rola obejmuje też jednostki podległe. Role ogólnomiejskie jednostki nie mają."),
    )
    valid_from = forms.DateField(label=_("Od dnia"), required=False, widget=DateParts)
    valid_to = forms.DateField(label=_("Do dnia włącznie"), required=False, widget=DateParts)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices()
        self.fields["unit"].choices = [("", _("całe miasto")), *unit_choices()]
        self.option_hints = {"role": {role.key: role.summary for role in registry().all(Role)}}

    def clean_unit(self) -> Unit | None:
        value = self.cleaned_data["unit"]
        return Unit.objects.get(pk=UUID(value)) if value else None


class UnitForm(forms.ModelForm):
    """What may be changed of a unit; the rest comes from the city's profile."""

    class Meta:
        model = Unit
        fields = ("name", "short_name", "email", "phone", "valid_from", "valid_to")
        widgets = {"valid_from": DateParts, "valid_to": DateParts}


def role_choices() -> list[tuple[str, Any]]:
    """``(key, name)`` of every declared role."""
    return [(role.key, role.name) for role in registry().all(Role)]
