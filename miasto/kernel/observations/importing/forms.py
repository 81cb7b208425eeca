"""The form of an upload, and the one that says what the columns of a file are."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts.selectors import current_units
from miasto.kernel.core.registry import registry
from miasto.kernel.observations.access import MANAGE
from miasto.kernel.observations.importing import epanet_results, units
from miasto.kernel.observations.importing import layout as layouts
from miasto.kernel.observations.importing.declared import METER
from miasto.kernel.observations.importing.layout import EPANET, EPANET_RESULTS, MBUS, TABLE, Column, Layout
from miasto.kernel.observations.importing.models import FileImport, ImportProfile
from miasto.kernel.observations.models import Datastream
from miasto.kernel.places.fields import Audience
from miasto.kernel.spec.observations import Property, ThingKind

SKIP, KEY, DATE, CLOCK, VALUE = "", "key", "date", "clock", "value"
ROLES = (
    (SKIP, _("pomijamy")),
    (DATE, _("data (z godziną)")),
    (CLOCK, _("godzina")),
    (KEY, _("numer lub nazwa")),
    (VALUE, _("odczyty")),
)
EACH_MOST = 12  # so many columns of values get a quantity of their own
STREAMS_MOST = 300
KEY_LINE = re.compile(r"([0-9A-Fa-f]{8})[;,:\s]+([0-9A-Fa-f]{32})")


def quantities() -> list[tuple[str, str]]:
    """What may be measured: codes with names and units, by name."""
    rows = [(one.code, f"{one.name} [{one.symbol}]") for one in registry().all(Property)]
    return sorted(rows, key=lambda row: row[1].casefold())


class Upload(forms.Form):
    """A file and whose it is."""

    file = forms.FileField(
        label=_("Plik z odczytami"),
        help_text=_(
            "CSV albo arkusz Excela (XLSX), dane GIOŚ i IMGW (JSON), telegramy M-Bus, modele i wyniki EPANET (.inp, .out). "
            "Plik może być spakowany (ZIP, GZ)."
        ),
    )
    unit = forms.ModelChoiceField(
        label=_("Jednostka, do której należą odczyty"),
        queryset=None,
        required=False,
        widget=forms.Select({"hide_optional": True}),
    )

    def __init__(self, *args: Any, viewer: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = viewer.units_with(MANAGE)
        found = current_units().order_by("name")
        self.fields["unit"].queryset = found if held is None else found.filter(pk__in=held)
        if held is None:
            self.fields["unit"].empty_label = _("całe miasto")
        elif len(held) == 1:
            self.fields["unit"].initial, self.fields["unit"].widget = next(iter(held)), forms.HiddenInput()
        if held is not None:
            self.fields["unit"].required = True


class Mapping(forms.Form):
    """What the columns are and where the series go. Built for one file: a role for each of its columns."""

    name = forms.CharField(
        label=_("Nazwa ustaleń"),
        max_length=120,
        help_text=_("Następny plik o takich samych kolumnach odczytamy tak samo. Dopisze się do tych samych serii."),
    )
    code = forms.ChoiceField(label=_("Co mierzą"), required=False, widget=forms.Select({"hide_optional": True}))
    measured_in = forms.CharField(
        label=_("Jednostka w pliku"),
        max_length=20,
        required=False,
        help_text=_("Na przykład l, kWh, m³/h. Puste: taka jak w serii."),
        widget=forms.TextInput({"class": "govuk-input--width-5", "hide_optional": True}),
    )
    thing_name = forms.CharField(
        label=_("Nazwa punktu pomiarowego"),
        max_length=200,
        required=False,
        help_text=_("Gdy plik sam nie nazywa punktów."),
        widget=forms.TextInput({"hide_optional": True}),
    )
    thing_kind = forms.ChoiceField(label=_("Rodzaj punktu"))
    audience = forms.ChoiceField(label=_("Kto zobaczy nowe serie"), choices=Audience.choices)
    delimiter = forms.ChoiceField(
        label=_("Znak między kolumnami"),
        choices=((",", _("przecinek")), (";", _("średnik")), ("\t", _("tabulator")), ("|", "|")),
    )
    decimal = forms.ChoiceField(label=_("Znak dziesiętny"), choices=((".", _("kropka")), (",", _("przecinek"))))
    encoding = forms.ChoiceField(
        label=_("Kodowanie znaków"),
        choices=tuple((one, one.upper()) for one in ("utf-8", "utf-8-sig", "cp1250", "iso8859-2", "utf-16")),
    )
    order = forms.ChoiceField(
        label=_("Zapis daty"),
        choices=(
            ("ymd", _("rok, miesiąc, dzień (2026-03-31)")),
            ("dmy", _("dzień, miesiąc, rok (31.03.2026)")),
            ("mdy", _("miesiąc, dzień, rok (03/31/2026)")),
            ("unix", _("sekundy od 1970 roku")),
            ("excel", _("liczba dni z Excela (46112,5)")),
            ("elapsed", _("czas od początku (sekundy albo 1:30)")),
        ),
    )
    zone = forms.ChoiceField(
        label=_("Czas w pliku"),
        choices=(
            (layouts.LOCAL, _("urzędowy, ze zmianą na letni")),
            (layouts.FIXED, _("zimowy przez cały rok (UTC+1)")),
            (layouts.UTC_ZONE, _("UTC")),
            (layouts.OFFSET, _("każdy odczyt podaje swoją strefę")),
        ),
    )
    double = forms.ChoiceField(
        label=_("Godzina, która jesienią jest dwa razy"),
        choices=(
            (layouts.BY_ORDER, _("według kolejności wierszy; niejasne odrzucamy")),
            (layouts.FIRST, _("pierwsza, jeszcze letnia")),
            (layouts.SECOND, _("druga, już zimowa")),
        ),
    )
    header = forms.BooleanField(label=_("Pierwszy wiersz to nagłówek"), required=False)
    start = forms.DateTimeField(
        label=_("Czas pierwszego wiersza"),
        required=False,
        help_text=_("Gdy plik nie podaje czasu, na przykład 2026-03-31 00:00."),
        widget=forms.TextInput({"class": "govuk-input--width-10", "hide_optional": True}),
    )
    step = forms.FloatField(
        label=_("Co ile minut jest wiersz"),
        required=False,
        min_value=0.001,
        max_value=600_000,
        widget=forms.TextInput({"class": "govuk-input--width-5", "hide_optional": True, "inputmode": "decimal"}),
    )
    parts = forms.MultipleChoiceField(
        label=_("Które wyniki wczytać"),
        choices=tuple(epanet_results.NAMES.items()),
        required=False,
        help_text=_("Jakość wody jest w pliku tylko wtedy, gdy ją obliczano. Najwięcej serii w jednym pliku to 20 000."),
        widget=forms.CheckboxSelectMultiple({"hide_optional": True}),
    )
    keys = forms.CharField(
        label=_("Klucze liczników"),
        required=False,
        max_length=200_000,
        help_text=_(
            "W każdym wierszu numer licznika i klucz AES-128, na przykład 12345678;0011…EEFF. Zapisujemy je zaszyfrowane."
        ),
        widget=forms.Textarea({"rows": 4, "autocomplete": "off", "spellcheck": "false", "hide_optional": True}),
    )

    def __init__(self, *args: Any, one: FileImport, width: int, viewer: Any, **kwargs: Any) -> None:
        self.one, self.layout, self.width = one, Layout.of(one.layout), width
        super().__init__(*args, initial={**_initial(one, self.layout), **kwargs.pop("initial", {})}, **kwargs)
        choices = [("", _("wybierz")), *quantities()]
        self.fields["code"].choices = choices
        kinds = sorted(((one.key, str(one.name)) for one in registry().all(ThingKind)), key=lambda row: row[1])
        self.fields["thing_kind"].choices = kinds
        if self.layout.format in (EPANET, EPANET_RESULTS):
            self.fields["start"].label = _("Początek symulacji")
            self.fields["start"].help_text = _("Chwila, od której model liczy czas, na przykład 2026-03-31 00:00.")
        self.each = len(self.layout.values) <= EACH_MOST
        for place in range(width if self.layout.format == TABLE else 0):
            self._column(place, choices)
        self.targets = self._targets(viewer) if self.each and self.layout.format == TABLE else []
        for name in self._useless():
            del self.fields[name]

    def _column(self, place: int, choices: list) -> None:
        role = forms.ChoiceField(label=_("Rola"), choices=ROLES, required=False, initial=_role(self.layout, place))
        self.fields[f"role_{place}"] = role
        if self.each and self.width <= 4 * EACH_MOST and _role(self.layout, place) in (SKIP, VALUE):
            column = next((one for one in self.layout.values if one.place == place), None)
            self.fields[f"code_{place}"] = forms.ChoiceField(
                label=_("Co mierzy"),
                choices=[("", _("jak niżej")), *choices[1:]],
                required=False,
                initial=column and column.code,
            )
            self.fields[f"unit_{place}"] = forms.CharField(
                label=_("Jednostka"),
                max_length=20,
                required=False,
                initial=column.unit if column else "",
                widget=forms.TextInput({"class": "govuk-input--width-4"}),
            )

    def _targets(self, viewer: Any) -> list[int]:
        """Existing streams may be chosen for the columns of a file of one thing."""
        if self.layout.keys or not 0 < len(self.layout.values) <= 4:
            return []
        found = Datastream.objects.visible_to(viewer).select_related("thing").order_by("thing__name", "id")
        held = viewer.units_with(MANAGE)
        found = found if held is None else found.filter(thing__unit_id__in=held)
        choices = [("", _("nowa seria"))]
        choices += [(str(one.pk), f"{one.thing.name} – {one.name} [{one.unit_symbol}]") for one in found[:STREAMS_MOST]]
        for column in self.layout.values:
            name = self.layout.names[column.place] if column.place < len(self.layout.names) else ""
            self.fields[f"target_{column.place}"] = forms.ChoiceField(
                label=_("Dokąd trafia „%(name)s”") % {"name": name or column.place + 1},
                choices=choices,
                required=False,
                initial=str(column.target or ""),
                widget=forms.Select({"hide_optional": True}),
            )
        return [column.place for column in self.layout.values]

    def _useless(self) -> list[str]:
        kind = self.layout.format
        table = ("delimiter", "decimal", "order", "double", "header", "step", "code", "measured_in")
        found = [] if kind == TABLE else list(table)
        if kind not in (TABLE, EPANET, EPANET_RESULTS):
            found.append("start")
        if kind not in (TABLE, EPANET, EPANET_RESULTS, MBUS):
            found += ["zone", "thing_name", "thing_kind"]
        if kind not in (TABLE, EPANET, MBUS) or self.layout.sheet:
            found.append("encoding")
        if self.layout.sheet:
            found += ["delimiter", "decimal"]
        if kind != EPANET_RESULTS:
            found.append("parts")
        return found if kind == MBUS else [*found, "keys"]

    def clean_keys(self) -> dict[str, str]:
        """Keys by the number of the meter; a line of another form is refused with its number."""
        found = {}
        for number, line in enumerate(self.cleaned_data["keys"].splitlines(), 1):
            if not line.strip():
                continue
            match = KEY_LINE.fullmatch(line.strip())
            if not match:
                raise forms.ValidationError(_("Wiersz %(number)s nie jest numerem i kluczem.") % {"number": number})
            found[match[1].upper()] = match[2].upper()
        return found

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.layout.format == TABLE and not self.errors:
            self._check_roles(data)
        if self.layout.format in (EPANET, EPANET_RESULTS) and not data.get("start"):
            self.add_error("start", _("Podaj, od jakiej chwili liczyć czas modelu."))
        return data

    def _check_roles(self, data: dict[str, Any]) -> None:
        roles = [data.get(f"role_{place}") for place in range(self.width)]
        if VALUE not in roles:
            self.add_error(None, _("Wskaż co najmniej jedną kolumnę z odczytami."))
        if roles.count(DATE) > 1 or roles.count(CLOCK) > 1:
            self.add_error(None, _("Data i godzina mogą być najwyżej w jednej kolumnie każda."))
        if DATE not in roles and not (data.get("start") and data.get("step")):
            self.add_error("start", _("Wskaż kolumnę z datą albo podaj czas pierwszego wiersza i odstęp między wierszami."))
        if data.get("order") == "elapsed" and not data.get("start"):
            self.add_error("start", _("Podaj, od jakiej chwili liczyć czas."))
        for place in [place for place, role in enumerate(roles) if role == VALUE]:
            self._check_measure(data, place)

    def _check_measure(self, data: dict[str, Any], place: int) -> None:
        """Each column measures something in a unit that can be turned into ours; a chosen stream knows that itself."""
        if data.get(f"target_{place}"):
            return
        own = data.get(f"code_{place}") or ""
        code, unit = own or data.get("code") or "", data.get(f"unit_{place}") or data.get("measured_in") or ""
        if not code:
            self.add_error("code", _("Wybierz, co mierzą kolumny z odczytami.")) if "code" not in self.errors else None
            return
        wanted = next(one for one in registry().all(Property) if one.code == code).symbol
        if units.factor(unit, wanted) is None:
            where = f"unit_{place}" if data.get(f"unit_{place}") else "measured_in"
            if where not in self.errors:
                text = _("Jednostki „%(unit)s” nie da się przeliczyć na „%(wanted)s”. Można podać: %(choices)s.")
                self.add_error(where, text % {"unit": unit, "wanted": wanted, "choices": ", ".join(units.choices(wanted))})

    def found(self) -> Layout:
        """The layout that a valid form says."""
        data, base = self.cleaned_data, self.layout
        start = data.get("start")
        common = {
            "start": _naive(start) if start else "",
            "zone": data.get("zone") or base.zone,
            "encoding": data.get("encoding") or base.encoding,
        }
        if base.format != TABLE:
            return replace(base, **common, parts=tuple(data.get("parts") or base.parts))
        roles = [data.get(f"role_{place}") for place in range(self.width)]
        return replace(
            base,
            **common,
            delimiter=data.get("delimiter") or base.delimiter,
            decimal=data.get("decimal") or base.decimal,
            order=data["order"],
            double=data["double"],
            header=data["header"],
            step_s=(data.get("step") or 0) * 60,
            code=data["code"],
            unit=units.plain(data["measured_in"]),
            keys=tuple(place for place, role in enumerate(roles) if role == KEY),
            date=roles.index(DATE) if DATE in roles else None,
            clock=roles.index(CLOCK) if CLOCK in roles and DATE in roles else None,
            values=tuple(self._value(place) for place, role in enumerate(roles) if role == VALUE),
        )

    def _value(self, place: int) -> Column:
        data = self.cleaned_data
        target = data.get(f"target_{place}")
        return Column(
            place=place,
            code=data.get(f"code_{place}") or "",
            unit=units.plain(data.get(f"unit_{place}") or ""),
            target=int(target) if target else None,
        )


def _naive(moment: datetime) -> str:
    """The time as it was typed: what zone it is in says another field."""
    from django.utils import timezone

    return (timezone.make_naive(moment) if moment.tzinfo else moment).isoformat(timespec="minutes")


def _role(layout: Layout, place: int) -> str:
    if place in layout.keys:
        return KEY
    if any(one.place == place for one in layout.values):
        return VALUE
    return {layout.date: DATE, layout.clock: CLOCK}.get(place, SKIP)


def _initial(one: FileImport, layout: Layout) -> dict[str, Any]:
    network = layout.format in (EPANET, EPANET_RESULTS)
    profile = one.profile or ImportProfile(
        name=re.sub(r"[\W\d_]+", " ", one.name.rsplit(".", 1)[0]).strip()[:120] or one.name[:120],
        thing_kind="observations.thing" if network else METER,
    )
    return {
        "name": profile.name,
        "code": layout.code,
        "measured_in": layout.unit,
        "thing_name": profile.thing_name,
        "thing_kind": profile.thing_kind,
        "audience": profile.audience,
        "delimiter": layout.delimiter,
        "decimal": layout.decimal,
        "encoding": layout.encoding,
        "order": layout.order,
        "zone": layout.zone,
        "double": layout.double,
        "header": layout.header,
        "parts": layout.parts or (*epanet_results.USUAL, "quality"),
        "start": layout.start.replace("T", " "),
        "step": f"{layout.step_s / 60:g}" if layout.step_s else "",
    }
