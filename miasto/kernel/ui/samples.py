"""Made-up content of the style guide: every component in its states."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.ui.charts import Series
from miasto.kernel.ui.fields import DateParts, MultipleFileField


class SampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label=_("Imię i nazwisko"), max_length=80, help_text=_("Tak, jak w dokumencie."))
    email = forms.EmailField(label=_("Adres e-mail"), required=False)
    description = forms.CharField(
        label=_("Co się stało?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    unit = forms.ChoiceField(label=_("Wydział"), choices=[("", "–"), ("zdm", _("Drogi")), ("zz", _("Zieleń"))])
    contact = forms.ChoiceField(
        label=_("Jak odpowiedzieć?"),
        choices=[("email", _("E-mailem")), ("phone", _("Telefonicznie")), ("none", _("Nie trzeba"))],
        widget=forms.RadioSelect,
    )
    phone = forms.CharField(label=_("Numer telefonu"), required=False, widget=forms.TextInput(attrs={"type": "tel"}))
    topics = forms.MultipleChoiceField(
        label=_("O czym powiadamiać?"),
        choices=[("a", _("Awarie")), ("b", _("Objazdy")), ("c", _("Wydarzenia"))],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agree = forms.BooleanField(label=_("Znam zasady i je akceptuję"))
    day = forms.DateField(label=_("Kiedy to zauważono?"), widget=DateParts, help_text=_("Na przykład 12 5 2026."))
    photos = MultipleFileField(label=_("Zdjęcia"), required=False)
    conditional = {"contact": {"phone": ("phone",)}}


def samples() -> dict[str, Any]:
    """The values of the style guide's template."""
    now = clock.now()
    steps = [
        {"title": _("Zgłoszenie przyjęte"), "at": now - timedelta(days=3), "who": _("mieszkaniec"), "state": "done"},
        {"title": _("Przekazano do wydziału"), "at": now - timedelta(days=2), "state": "done", "icon": "arrow-right-left"},
        {
            "title": _("Komentarz wewnętrzny"),
            "at": now - timedelta(days=1),
            "internal": True,
            "body": _("Ekipa będzie w czwartek."),
            "icon": "lock",
        },
        {"title": _("W realizacji"), "at": now - timedelta(hours=2), "state": "now", "icon": "hammer"},
    ]
    labels = ["I", "II", "III", "IV", "V", "VI"]
    return {
        "sample": SampleForm(initial={"contact": "phone"}, prefix="p"),
        "wrong": SampleForm(
            {"w-email": "adres", "w-contact": "phone", "w-day_0": "40", "w-day_1": "13", "w-day_2": "2026"}, prefix="w"
        ),
        "steps": steps,
        "rows": [(_("Numer"), "XX-2026-000123"), (_("Miejsce"), _("ul. Długa 5"), "#zmien"), (_("Termin"), "")],
        "page_obj": Paginator(range(200), 10).page(7),
        "colours": ("grey", "green", "blue", "yellow", "orange", "red", "purple"),
        "now": now,
        "series": Series(
            _("Zgłoszenia w miesiącach"), _("Miesiąc"), _("Liczba"), list(zip(labels, [120, 80, 143, 96, 60, 155], strict=True))
        ),
    }
