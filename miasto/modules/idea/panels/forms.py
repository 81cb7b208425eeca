"""Forms of citizen panels: the resident's sign-up, the staff's panel, sessions and recommendations."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import current_units
from miasto.kernel.core import clock
from miasto.kernel.ui.fields import DateParts
from miasto.modules.idea.panels import services
from miasto.modules.idea.panels.drawing import seats
from miasto.modules.idea.panels.models import MANAGE, Fate

LONG = {"rows": 4}
FEATURES = 5
LINE = re.compile(r"^\s*(?P<name>[^;]+?)\s*;\s*(?P<population>[\d\s]+?)\s*(;\s*(?P<least>\d+)\s*[-–]\s*(?P<most>\d+)\s*)?$")


class ApplyForm(forms.Form):
    """One question for each feature, and the consents."""

    phone = forms.CharField(
        label=_("Telefon"), max_length=20, required=False, help_text=_("Zadzwonimy tylko w sprawie panelu.")
    )
    resident = forms.BooleanField(label=_("Mieszkam w mieście"))
    consent = forms.BooleanField(
        label=_("Zgadzam się, żeby miasto użyło tych odpowiedzi do losowania panelu i napisało do mnie o wyniku")
    )

    def __init__(self, *args: Any, panel: Any, known: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.panel = panel
        for place, feature in enumerate(panel.features):
            self.fields[f"feature_{place}"] = forms.ChoiceField(
                label=feature["name"],
                choices=[(value["name"], value["name"]) for value in feature["values"]],
                widget=forms.RadioSelect,
                initial=known.values.get(feature["name"]) if known else None,
            )
        self.fields["of_age"] = forms.BooleanField(
            label=gettext("Mam co najmniej %(age)d lat") % {"age": panel.min_age}, initial=known is not None
        )
        if known is not None:
            for name in ("resident", "consent"):
                self.fields[name].initial = True
            self.fields["phone"].initial = known.phone
        self.order_fields(
            [*(f"feature_{place}" for place in range(len(panel.features))), "phone", "resident", "of_age", "consent"]
        )

    def values(self) -> dict[str, str]:
        """The answers by the features' names."""
        return {one["name"]: self.cleaned_data[f"feature_{place}"] for place, one in enumerate(self.panel.features)}


class PanelForm(forms.Form):
    """What a panel is about, how many people, by which groups, when it is drawn and from what."""

    title = forms.CharField(label=_("Tytuł"), max_length=200)
    question = forms.CharField(
        label=_("Na jakie pytanie odpowie panel?"),
        help_text=_("Jedno pytanie, prostymi słowami."),
        widget=forms.Textarea(attrs=LONG),
    )
    about = forms.CharField(
        label=_("Co trzeba wiedzieć, zanim się zgłosisz?"),
        help_text=_("Ile potrwa, ile razy się spotkamy, co dostają uczestnicy."),
        required=False,
        widget=forms.Textarea(attrs=LONG),
    )
    unit_id = forms.ChoiceField(label=_("Jednostka, która prowadzi panel"))
    size = forms.IntegerField(label=_("Ile osób liczy panel?"), min_value=5, max_value=200, initial=40)
    min_age = forms.IntegerField(label=_("Od ilu lat można się zgłosić?"), min_value=13, max_value=18, initial=16)
    recruit_until = forms.DateField(label=_("Ostatni dzień zgłoszeń"), widget=DateParts)
    draw_on = forms.DateField(label=_("Dzień losowania"), widget=DateParts)
    public_source = forms.CharField(
        label=_("Z jakiego publicznego wyniku powstanie ziarno losowania?"),
        help_text=_(
            "Wynik, którego dziś nikt nie zna, na przykład liczby z losowania Lotto w dniu losowania panelu, od najmniejszej."
        ),
        max_length=300,
    )

    def __init__(self, *args: Any, viewer: Any, initial: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, initial=initial, **kwargs)
        units = current_units().order_by("name").only("id", "name")
        held = viewer.units_with(MANAGE)
        if held is not None:
            units = units.filter(pk__in=held)
        self.fields["unit_id"].choices = [(str(one.pk), one.name) for one in units]
        for place in range(FEATURES):
            first = place == 0
            self.fields[f"name_{place}"] = forms.CharField(
                label=gettext("Cecha %(n)d: nazwa") % {"n": place + 1}, max_length=60, required=first
            )
            self.fields[f"groups_{place}"] = forms.CharField(
                label=gettext("Cecha %(n)d: grupy") % {"n": place + 1},
                help_text=gettext(
                    "W każdym wierszu: nazwa; liczba mieszkańców. "
                    "Liczbę miejsc wyliczymy, można ją też wpisać: 16–24; 21000; 4–6."
                )
                if first
                else "",
                widget=forms.Textarea(attrs={"rows": 4}),
                required=first,
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        features = []
        for place in range(FEATURES):
            name, groups = data.get(f"name_{place}"), data.get(f"groups_{place}")
            if bool(name) != bool(groups):
                self.add_error(f"name_{place}" if not name else f"groups_{place}", gettext("Podaj i nazwę cechy, i jej grupy."))
            elif name:
                try:
                    features.append({"name": name, "values": groups_of(groups, data.get("size") or 0)})
                except ValidationError as error:
                    self.add_error(f"groups_{place}", error)
        if len({one["name"] for one in features}) != len(features):
            self.add_error("name_0", gettext("Nazwy cech nie mogą się powtarzać."))
        data["features"] = features
        return data

    def row(self) -> services.PanelRow:
        """The panel to be."""
        names = ("title", "question", "about", "size", "min_age", "recruit_until", "draw_on", "public_source", "features")
        return services.PanelRow(
            unit_id=UUID(self.cleaned_data["unit_id"]), **{name: self.cleaned_data[name] for name in names}
        )


def groups_of(text: str, size: int) -> list[dict[str, Any]]:
    """The groups from their lines; bounds that nobody wrote follow from the population."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        match = LINE.match(line)
        if match is None:
            raise ValidationError(
                gettext("Nie rozumiem wiersza „%(line)s”. Napisz: nazwa; liczba mieszkańców.") % {"line": line.strip()}
            )
        found.append(match)
    names = [one["name"] for one in found]
    if len(found) < 2 or len(set(names)) != len(names):
        raise ValidationError(gettext("Podaj co najmniej dwie różne grupy, każdą w osobnym wierszu."))
    people = [int(re.sub(r"\s", "", one["population"])) for one in found]
    if not sum(people):
        raise ValidationError(gettext("Podaj liczbę mieszkańców w każdej grupie."))
    values = []
    for one, population, (least, most) in zip(found, people, seats(size, people), strict=True):
        low, high = (int(one["least"]), int(one["most"])) if one["least"] else (least, most)
        if low > high:
            raise ValidationError(
                gettext("W grupie „%(name)s” najmniejsza liczba miejsc jest większa od największej.") % {"name": one["name"]}
            )
        values.append({"name": one["name"], "population": population, "least": low, "most": high})
    return values


def initial_of(panel: Any) -> dict[str, Any]:
    """The form's values of a panel."""
    names = ("title", "question", "about", "size", "min_age", "recruit_until", "draw_on", "public_source")
    values = {name: getattr(panel, name) for name in names} | {"unit_id": str(panel.unit_id)}
    for place, feature in enumerate(panel.features):
        lines = [f"{one['name']}; {one['population']}; {one['least']}–{one['most']}" for one in feature["values"]]
        values |= {f"name_{place}": feature["name"], f"groups_{place}": "\n".join(lines)}
    return values


class DrawForm(forms.Form):
    """The public value of the announced day."""

    public_value = forms.CharField(
        label=_("Ogłoszony wynik"),
        max_length=200,
        help_text=_("Dokładnie tak, jak go ogłoszono, na przykład: 3 14 15 26 35 49."),
    )


class SessionForm(forms.Form):
    """A sitting of the panel."""

    title = forms.CharField(label=_("Nazwa sesji"), max_length=200)
    day = forms.DateField(label=_("Dzień"), widget=DateParts)
    at = forms.TimeField(label=_("Godzina"), widget=forms.TimeInput(attrs={"class": "govuk-input--width-5", "type": "time"}))
    place = forms.CharField(label=_("Miejsce"), max_length=300)
    materials = forms.CharField(
        label=_("Materiały"),
        help_text=_("Opis i adresy, każdy w osobnym wierszu."),
        required=False,
        widget=forms.Textarea(attrs=LONG),
    )

    def row(self) -> dict[str, Any]:
        """The session to be."""
        data = self.cleaned_data
        starts = datetime.combine(data["day"], data["at"], tzinfo=clock.zone())
        return {"starts_at": starts, **{name: data[name] for name in ("title", "place", "materials")}}


class RecommendationForm(forms.Form):
    """The words of a recommendation."""

    text = forms.CharField(label=_("Treść rekomendacji"), widget=forms.Textarea(attrs=LONG), max_length=4000)


class FateForm(forms.Form):
    """What became of a recommendation."""

    fate = forms.ChoiceField(
        label=_("Co z nią zrobimy?"), choices=[one for one in Fate.choices if one[0] != Fate.WAITING], widget=forms.RadioSelect
    )
    reasons = forms.CharField(label=_("Dlaczego?"), widget=forms.Textarea(attrs=LONG), max_length=4000)
    url = forms.URLField(label=_("Adres strony, na której widać, co z tego wynikło"), required=False, assume_scheme="https")
