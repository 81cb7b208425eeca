"""The layer of reports on the city map. Colours say in which stage a report is; the list says the same in words."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock
from miasto.kernel.spec.maps import Layer
from miasto.modules.contact_centre.case_type import KEY

NEW, WORKING, DONE, OTHER = "#1f5fb4", "#b26a00", "#14713f", "#6b655f"
COLOURS = ["match", ["get", "progress"], "open", WORKING, "waiting", WORKING, "answered", DONE, "closed", OTHER, OTHER]
FAR_DAYS = 90
BY_STAGE = ["match", ["get", "stage"], "received", NEW, "closed", DONE, COLOURS]


def by_progress(working: float, answered: float, closed: float) -> list[Any]:
    """What is still to be done stands out and lies above what is finished."""
    return ["match", ["get", "progress"], ["open", "waiting"], working, "answered", answered, closed]


def by_zoom(far: Any, near: Any, close: Any) -> list[Any]:
    """A value for the whole city, for a district and for a street."""
    return ["interpolate", ["linear"], ["zoom"], 11, far, 14, near, 17, close]


def lately(day: date) -> Q:
    """What the map of the whole city shows: reports that are open, and those filed in the last ``FAR_DAYS`` days."""
    return Q(progress__in=("open", "waiting", "answered")) | Q(filed_at__gte=clock.start_of(day - timedelta(days=FAR_DAYS)))


REPORTS = Layer(
    key="contact_centre.reports",
    name=_("Zgłoszenia mieszkańców"),
    summary=_(
        "Co zgłosili mieszkańcy i na jakim etapie są te sprawy. "
        "Z daleka widać otwarte i te z ostatnich 90 dni, z bliska wszystkie."
    ),
    model="cases.Case",
    geometry="point",
    where={"case_type": KEY},
    tile=("stage", "progress"),
    properties={
        "number": "number",
        "category": "category__name",
        "stage": "stage",
        "progress": "progress",
        "address": "address_text",
        "district": "district__name",
        "filed_at": "filed_at",
        "answered_at": "answered_at",
    },
    url="/sprawy/id/{id}/",
    paint=(
        {
            "type": "circle",
            "layout": {"circle-sort-key": by_progress(3, 2, 1)},
            "paint": {
                "circle-color": BY_STAGE,
                "circle-radius": by_zoom(by_progress(4.5, 3.5, 2.5), by_progress(7, 6, 5), by_progress(10, 10, 9)),
                "circle-opacity": by_progress(1, 0.9, 0.6),
                "circle-stroke-opacity": by_progress(1, 0.9, 0.6),
                "circle-stroke-color": "#ffffff",
                "circle-stroke-width": by_zoom(0.8, 1.5, 2),
            },
            "dark": {"paint": {"circle-stroke-color": "#1d1b1a"}},
        },
    ),
    legend=(
        (_("przyjęte"), NEW, "circle"),
        (_("w toku"), WORKING, "circle"),
        (_("rozwiązane"), DONE, "circle"),
        (_("inaczej zakończone"), OTHER, "circle"),
    ),
    group=_("Zgłoszenia"),
    order=10,
    on=True,
    datetime="filed_at",
    far=lately,
    far_below=16,
)
