"""How a sensor measures, as its keeper states it: the grade of its method, what a reading is about, what cannot be."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from miasto.kernel.core import changes, events
from miasto.kernel.observations.analysis.watching import kept_by
from miasto.kernel.observations.events import ThingSaved
from miasto.kernel.observations.models import Datastream, Grade, Thing
from miasto.kernel.observations.sta.output import number

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

COLUMNS = ("source", "grade", "period", "resolution", "least", "most", "jump")
SHORT = {"class": "govuk-input--width-5", "inputmode": "decimal"}
DAY_MIN, MONTH_MIN = 24 * 60, 31 * 24 * 60


def _number(label: Any, help_text: Any = "", **more: Any) -> forms.FloatField:
    """A number that may be missing, written with a comma or a point."""
    return forms.FloatField(
        label=label, help_text=help_text, required=False, localize=True, widget=forms.TextInput(attrs=SHORT), **more
    )


class NatureForm(forms.Form):
    """What a keeper states of one data stream; numbers in its unit, ``minutes`` of one reading."""

    grade = forms.ChoiceField(label=gettext_lazy("Jak mierzy"), choices=Grade.choices)
    minutes = _number(
        gettext_lazy("Ile minut obejmuje jeden odczyt"),
        gettext_lazy("60, gdy to średnia z godziny. Puste, gdy to pomiar chwili."),
        min_value=0,
        max_value=MONTH_MIN,
    )
    resolution = _number(gettext_lazy("Najmniejszy krok czujnika"))
    least = _number(gettext_lazy("Najmniejsza możliwa wartość"), gettext_lazy("Mniejsze odczyty trafią do kwarantanny."))
    most = _number(gettext_lazy("Największa możliwa wartość"), gettext_lazy("Większe odczyty trafią do kwarantanny."))
    jump = _number(
        gettext_lazy("Największa możliwa zmiana w ciągu godziny"),
        gettext_lazy("Odczyt, który odskoczy dalej od poprzedniego, trafi do kwarantanny."),
    )
    source = forms.CharField(
        max_length=120,
        label=gettext_lazy("Nazwa w MQTT"),
        help_text=gettext_lazy("Urządzenie wysyła odczyty na temat miasto/nazwa."),
        required=False,
    )

    def __init__(self, *args: Any, stream: Datastream, **kwargs: Any) -> None:
        self.stream = stream
        held = {name: getattr(stream, name) for name in COLUMNS}
        held["minutes"] = stream.period.total_seconds() / 60 or None
        held = {name: number(value) if isinstance(value, float) else value for name, value in held.items()}
        super().__init__(*args, initial=held, **kwargs)

    def clean_source(self) -> str | None:
        found = self.cleaned_data["source"] or None
        if found != self.stream.source and found and re.search(r"[\s#+]", found):
            raise ValidationError(_("Nazwa nie może zawierać odstępów ani znaków # i +."))
        if found and Datastream.every.filter(source=found).exclude(pk=self.stream.pk).exists():
            raise ValidationError(_("Tę nazwę ma już inna seria."))
        return found

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        for name in ("resolution", "jump"):
            if found.get(name) is not None and found[name] <= 0:
                self.add_error(name, _("Wpisz liczbę większą od zera."))
        least, most = found.get("least"), found.get("most")
        if least is not None and most is not None and least >= most:
            self.add_error("most", _("Wpisz liczbę większą niż najmniejsza możliwa wartość."))
        return found

    def values(self) -> dict[str, Any]:
        """The columns of a valid form."""
        found = dict(self.cleaned_data)
        return {**found, "period": timedelta(minutes=found.pop("minutes") or 0)}


@transaction.atomic
def state_nature(*, stream: Datastream, by: Viewer, **values: Any) -> Datastream:
    """Keep what a keeper states (``COLUMNS``), with its place in the history. Raises ``PermissionDenied``.

    It holds for readings from now on: what lies in the store or in quarantine already stays there.
    """
    row = kept_by(by).select_for_update(of=("self",)).select_related("thing").filter(pk=stream.pk).first()
    if row is None:
        raise PermissionDenied
    changed = sorted(name for name in COLUMNS if name in values and getattr(row, name) != values[name])
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
        changes.record(
            action="observations.datastream_saved", kind=Thing.kind, object_id=row.thing_id, actor=by.actor,
            unit_id=row.thing.unit_id, data={"datastream": row.pk, "created": False, "fields": changed},
        )  # fmt: skip
        events.publish(ThingSaved(thing_id=row.thing_id, thing_kind=row.thing.thing_kind))
    return row
