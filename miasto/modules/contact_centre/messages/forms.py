"""Forms of conversations: the reply, the filters, the report that comes of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.city import city
from miasto.kernel.ui.fields import LongSelect
from miasto.modules.contact_centre import selectors
from miasto.modules.contact_centre.messages.models import Conversation
from miasto.modules.contact_centre.messages.services import TEXT_MOST


class ReplyForm(forms.Form):
    """What we write to the resident."""

    text = forms.CharField(
        label=_("Odpowiedź"),
        max_length=TEXT_MOST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Napisz odpowiedź.")},
    )


class FilterForm(forms.Form):
    """Which conversations; the names are seen in the address, so they are Polish."""

    stan = forms.ChoiceField(
        label=_("Stan"), required=False, choices=[("wszystkie", _("wszystkie")), *Conversation.State.choices]
    )
    skad = forms.ChoiceField(label=_("Skąd"), required=False)
    szukaj = forms.CharField(label=_("Osoba, treść lub numer zgłoszenia"), max_length=100, required=False)

    def __init__(self, *args: Any, sources: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["skad"].choices = [("", _("każdy serwis")), *sources]
        for field in self.fields.values():
            field.widget.attrs["hide_optional"] = True


class ReportForm(forms.Form):
    """The report: what, where, and which pictures go with it."""

    description = forms.CharField(
        label=_("Opis"),
        help_text=_("Słowa mieszkańca. Możesz je skrócić i usunąć powitania."),
        max_length=city().limit("report_text", 4000),
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Napisz, co się dzieje.")},
    )
    category = forms.TypedChoiceField(
        label=_("Kategoria"),
        coerce=int,
        widget=LongSelect,
        error_messages={"required": _("Wybierz kategorię."), "invalid_choice": _("Wybierz kategorię z listy.")},
    )
    place = forms.CharField(
        label=_("Adres, ulica lub nazwa miejsca"),
        help_text=_("Wpisz adres albo wskaż miejsce na mapie."),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "hide_optional": True}),
    )
    lon = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    lat = forms.FloatField(required=False, min_value=-85, max_value=85, widget=forms.HiddenInput)
    pictures = forms.MultipleChoiceField(label=_("Zdjęcia do zgłoszenia"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, pictures: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = selectors.category_groups()
        by_group = [(group.name, [(row.id, row.title) for row in group.categories]) for group in groups]
        self.fields["category"].choices = [("", _("wybierz kategorię")), *by_group]
        self.fields["pictures"].choices = pictures

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "place" not in self.errors and data.get("lon") is None and not data.get("place", "").strip():
            self.add_error("place", _("Podaj miejsce: wpisz adres albo wskaż punkt na mapie."))
        return data
