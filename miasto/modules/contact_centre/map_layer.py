"""The layer of reports on the city map. Colours say in which stage a report is; the list says the same in words."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.maps import Layer
from miasto.modules.contact_centre.case_type import KEY

NEW, WORKING, DONE, OTHER = "#1f5fb4", "#b26a00", "#14713f", "#6b655f"
COLOURS = ["match", ["get", "progress"], "open", WORKING, "waiting", WORKING, "answered", DONE, "closed", OTHER, OTHER]
BY_STAGE = ["match", ["get", "stage"], "received", NEW, "closed", DONE, COLOURS]

REPORTS = Layer(
    key="contact_centre.reports",
    name=_("Zgłoszenia mieszkańców"),
    summary=_("Co zgłosili mieszkańcy i na jakim etapie są te sprawy."),
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
            "paint": {
                "circle-color": BY_STAGE,
                "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, 3.5, 14, 6, 17, 10],
                "circle-stroke-color": "#ffffff",
                "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 11, 0.8, 15, 2],
            },
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
)
