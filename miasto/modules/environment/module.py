"""What the module of the environment declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Module, Mount
from miasto.kernel.spec.maps import Layer
from miasto.kernel.spec.ui import NavItem
from miasto.modules.environment import demo
from miasto.modules.environment.declared import AIR, DECLARED, NOISE, RIVER, WEATHER
from miasto.modules.environment.feeds.files import FORMATS
from miasto.modules.environment.heating.declared import DECLARED as HEATING
from miasto.modules.environment.reports.declared import DECLARED as REPORTS
from miasto.modules.environment.watching.declared import DECLARED as WATCHING

COLOURS = {AIR: "#2b6cb0", WEATHER: "#b26a00", RIVER: "#0b7285", NOISE: "#6b4fa0"}
STATIONS = Layer(
    key="environment.stations",
    name=_("Stacje pomiarowe"),
    summary=_("Gdzie miasto mierzy powietrze, pogodę, poziom rzek i hałas"),
    model="observations.Thing",
    geometry="point",
    where={"thing_kind__in": tuple(COLOURS)},
    tile=("thing_kind",),
    properties={"name": "name", "kind": "thing_kind", "address": "address_text"},
    paint=(
        {
            "type": "circle",
            "paint": {
                "circle-color": ["match", ["get", "thing_kind"], *sum(COLOURS.items(), ()), "#6b655f"],
                "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, 4, 15, 8],
                "circle-stroke-color": "#ffffff",
                "circle-stroke-width": 1.5,
            },
            "dark": {"paint": {"circle-stroke-color": "#1d1b1a"}},
        },
    ),
    legend=(
        (_("powietrze"), COLOURS[AIR], "circle"),
        (_("pogoda"), COLOURS[WEATHER], "circle"),
        (_("rzeki"), COLOURS[RIVER], "circle"),
        (_("hałas"), COLOURS[NOISE], "circle"),
    ),
    group=_("Środowisko"),
    order=40,
)

MODULE = Module(
    slug="environment",
    name=_("Środowisko"),
    summary=_("Powietrze, rzeki, pogoda i hałas: co pokazują stacje i co to znaczy."),
    icon="leaf",
    provides=(
        *DECLARED,
        *HEATING,
        *REPORTS,
        *WATCHING,
        *FORMATS,
        STATIONS,
        NavItem(key="environment.air", label=_("Środowisko"), url_name="environment_air:now", icon="leaf", order=30),
    ),
    demo=demo.load,
    mounts=(
        Mount("powietrze/", "air_urls"),
        Mount("stacje/", "station_urls"),
        Mount("woda/", "water_urls"),
        Mount("pogoda/", "weather_urls"),
        Mount("halas/", "noise_urls"),
        Mount("panel/srodowisko/", "panel_urls"),
        Mount("srodowisko/raport/", "reports.urls"),
    ),
)
