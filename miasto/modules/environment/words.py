"""What the air means for people, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from miasto.modules.environment.law.air_index import AirClass
from miasto.modules.environment.law.bathing import Water


@dataclass(frozen=True)
class Advice:
    """What to say at a class of the air: the first sentence, then airing, sport, and those who are more at risk."""

    answer: Any
    hint: Any
    air: Any
    run: Any
    frail: Any
    tag: str


ADVICE = {
    AirClass.VERY_GOOD: Advice(
        _("Teraz powietrze jest bardzo dobre."),
        _("Możesz wietrzyć i biegać bez ograniczeń."),
        pgettext_lazy("airing", "Tak"),
        pgettext_lazy("running", "Tak"),
        _("Bez ograniczeń"),
        "green",
    ),
    AirClass.GOOD: Advice(
        _("Teraz powietrze jest dobre."),
        _("Możesz wietrzyć i biegać."),
        pgettext_lazy("airing", "Tak"),
        pgettext_lazy("running", "Tak"),
        _("Bez ograniczeń"),
        "green",
    ),
    AirClass.MODERATE: Advice(
        _("Teraz powietrze jest umiarkowane."),
        _("Możesz wietrzyć i wychodzić. Jeśli chorujesz na serce lub płuca, skróć wysiłek na dworze."),
        pgettext_lazy("airing", "Tak"),
        pgettext_lazy("running", "Raczej tak"),
        _("Skróć wysiłek na dworze"),
        "yellow",
    ),
    AirClass.SUFFICIENT: Advice(
        _("Teraz powietrze jest dostateczne, czyli już niezdrowe."),
        _("Wietrz krótko. Trening przełóż albo przenieś pod dach."),
        pgettext_lazy("airing", "Krótko"),
        pgettext_lazy("running", "Lepiej nie"),
        _("Ogranicz czas na dworze"),
        "orange",
    ),
    AirClass.BAD: Advice(
        _("Teraz powietrze jest złe."),
        _("Zamknij okna i nie ćwicz na dworze."),
        pgettext_lazy("airing", "Nie"),
        pgettext_lazy("running", "Nie"),
        _("Zostań w domu, jeśli możesz"),
        "red",
    ),
    AirClass.VERY_BAD: Advice(
        _("Teraz powietrze jest bardzo złe."),
        _("Zamknij okna i, jeśli możesz, zostań w domu. Na dworze nie ćwicz."),
        pgettext_lazy("airing", "Nie"),
        pgettext_lazy("running", "Nie"),
        _("Nie wychodź bez potrzeby"),
        "purple",
    ),
}
_SHORT = {"pm10": "PM10", "pm25": _("PM2,5"), "no2": "NO₂", "o3": "O₃", "so2": "SO₂", "co": "CO", "c6h6": "C₆H₆", "no": "NO"}


def short(code: str) -> str:
    """The sign of a pollutant, with the decimal mark of the reader's language."""
    return str(_SHORT[code])


# Dots on the map and cells of the calendar (on light and dark maps alike); the words stand beside.
COLOURS = {
    AirClass.VERY_GOOD: "#2b8a3e",
    AirClass.GOOD: "#7cb518",
    AirClass.MODERATE: "#f2c230",
    AirClass.SUFFICIENT: "#f08c2e",
    AirClass.BAD: "#d6322f",
    AirClass.VERY_BAD: "#7a1fa2",
}
NOTHING = "#8a847c"
# The class of a bathing water with the colour of its tag, and what sensors in the water measure.
WATER_CLASSES = {
    Water.EXCELLENT: (_("doskonała"), "green"),
    Water.GOOD: (_("dobra"), "green"),
    Water.SUFFICIENT: (_("dostateczna"), "yellow"),
    Water.POOR: (_("niedostateczna"), "red"),
}
SENSED = ("water_temperature", "ph", "dissolved_oxygen", "conductivity", "turbidity")
# The night sky from the darkest, as ``law.night_sky.STEPS``.
SKIES = (
    (_("prawie naturalne: widać Drogę Mleczną"), "green"),
    (_("wiejskie: Droga Mleczna jest słaba"), "green"),
    (_("podmiejskie: Drogi Mlecznej prawie nie widać"), "yellow"),
    (_("jasne: widać tylko jaśniejsze gwiazdy"), "orange"),
    (_("miejskie: widać tylko najjaśniejsze gwiazdy"), "red"),
)
