"""What the module of the environment declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Module, Mount
from miasto.kernel.observations.selectors import MANAGE
from miasto.kernel.spec.maps import Layer
from miasto.kernel.spec.ui import NavItem, PanelPage
from miasto.modules.environment import demo
from miasto.modules.environment.declared import AIR, DECLARED, LIGHT, NOISE, RIVER, WATER, WEATHER
from miasto.modules.environment.feeds.files import FORMATS
from miasto.modules.environment.heating.declared import DECLARED as HEATING
from miasto.modules.environment.law.air_index import NAMES as AIR_NAMES
from miasto.modules.environment.law.air_index import AirClass
from miasto.modules.environment.reports.declared import DECLARED as REPORTS
from miasto.modules.environment.watching.declared import DECLARED as WATCHING
from miasto.modules.environment.words import COLOURS as AIR_COLOURS
from miasto.modules.environment.words import NOTHING

COLOURS = {AIR: "#2b6cb0", WEATHER: "#b26a00", RIVER: "#0b7285", NOISE: "#6b4fa0", WATER: "#1b998b", LIGHT: "#c59a00"}
RADIUS = ["interpolate", ["linear"], ["zoom"], 11, 4, 15, 8]
STATIONS = Layer(
    key="environment.stations",
    name=_("Stacje pomiarowe"),
    summary=_("Gdzie miasto mierzy powietrze, pogodę, poziom rzek, jakość wody i hałas"),
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
                "circle-radius": RADIUS,
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
        (_("badania wody"), COLOURS[WATER], "circle"),
        (_("jasność nieba"), COLOURS[LIGHT], "circle"),
    ),
    group=_("Środowisko"),
    order=40,
)
CLASSES = tuple(part for one in AirClass for part in (int(one), AIR_COLOURS[one]))
AIR_NOW = Layer(
    key="environment.air_now",
    name=_("Powietrze teraz"),
    summary=_("Stacje powietrza w kolorach polskiego indeksu"),
    model="environment.StationNow",
    geometry="point",
    tile=("air_class",),
    properties={"name": "station", "category": "name", "air_class": "air_class"},
    paint=(
        {
            "type": "circle",
            "paint": {
                "circle-color": ["match", ["coalesce", ["get", "air_class"], -1], *CLASSES, NOTHING],
                "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, 6, 15, 11],
                "circle-stroke-color": "#ffffff",
                "circle-stroke-width": 2,
            },
            "dark": {"paint": {"circle-stroke-color": "#1d1b1a"}},
        },
    ),
    legend=(*((AIR_NAMES[one], AIR_COLOURS[one], "circle") for one in AirClass), (_("brak danych"), NOTHING, "circle")),
    group=_("Środowisko"),
    order=41,
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
        AIR_NOW,
        NavItem(key="environment.air", label=_("Środowisko"), url_name="environment_air:now", icon="leaf", order=30),
        PanelPage(
            key="environment.noise",
            label=_("Głośne miejsca"),
            url_name="environment_analysis:noise",
            icon="volume-2",
            permission=MANAGE,
            group=_("Pomiary"),
            order=330,
        ),
        PanelPage(
            key="environment.sources",
            label=_("Możliwe kierunki źródeł"),
            url_name="environment_analysis:sources",
            icon="wind",
            permission=MANAGE,
            group=_("Pomiary"),
            order=335,
        ),
    ),
    demo=demo.load,
    mounts=(
        Mount("powietrze/", "air_urls"),
        Mount("stacje/", "station_urls"),
        Mount("woda/", "water_urls"),
        Mount("pogoda/", "weather_urls"),
        Mount("halas/", "noise_urls"),
        Mount("nocne-niebo/", "light_urls"),
        Mount("panel/srodowisko/", "panel_urls"),
        Mount("srodowisko/raport/", "reports.urls"),
        Mount("panel/analiza-srodowiska/", "analysis_panel_urls"),
    ),
)
