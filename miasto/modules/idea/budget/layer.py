"""Public projects on the city's map."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.maps import Layer
from miasto.modules.idea.budget.models import Project

COLOUR = "#a05a00"
PROJECTS = Layer(
    key="idea.budget",
    name=_("Projekty budżetu obywatelskiego"),
    summary=_("Co mieszkańcy chcą zrobić w mieście i co z tego już powstaje"),
    model="idea.Project",
    geometry="point",
    where={"whole_city": False, "audience": "public"},
    tile=("state",),
    properties={
        "title": "title",
        "number": "number",
        "edition": "edition__slug",
        "pool": "pool__name",
        "state": "state",
        "cost_grosze": "cost",
        "votes": "votes",
    },
    url="/idea/budzet/p/{id}/",
    paint=(
        {
            "type": "circle",
            "paint": {
                "circle-radius": 6,
                "circle-color": ["match", ["get", "state"], "won", "#1b7a3d", "rejected", "#8a8a8a", "lost", "#8a8a8a", COLOUR],
                "circle-stroke-width": 1.5,
                "circle-stroke-color": "#ffffff",
            },
        },
    ),
    legend=(
        (_("zgłoszony, w ocenie lub pod głosowaniem"), COLOUR, "point"),
        (_("wybrany przez mieszkańców"), "#1b7a3d", "point"),
        (_("niedopuszczony albo niewybrany"), "#8a8a8a", "point"),
    ),
    order=62,
)
KIND = Project.kind
