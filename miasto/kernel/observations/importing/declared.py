"""What files from outside hold that no module of the platform measures: meters, counters, networks."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Disk
from miasto.kernel.observations.access import MANAGE
from miasto.kernel.observations.importing import privacy, storing
from miasto.kernel.spec.accounts import ChangeName, PersonalData
from miasto.kernel.spec.observations import Property, ThingKind
from miasto.kernel.spec.ui import PanelPage

QUDT = "http://qudt.org/vocab/unit/"
KIND = "http://qudt.org/vocab/quantitykind/"
DEGREE = ("degree Celsius", "°C", f"{QUDT}DEG_C")
MILLIGRAM = ("milligram per litre", "mg/l", f"{QUDT}MilliGM-PER-L")
METER = "observations.meter"
COUNTERS = ("volume", "energy", "count")  # stand while nobody is at home


def _property(code: str, name: Any, kind: str, unit: tuple[str, str, str], decimals: int) -> Property:
    return Property(
        key=f"observations.{code}",
        code=code,
        name=name,
        definition=KIND + kind,
        unit=unit[0],
        symbol=unit[1],
        unit_definition=unit[2],
        decimals=decimals,
        still_hours=0 if code in COUNTERS else Property.still_hours,
    )


PROPERTIES = (
    _property("volume", _("stan licznika objętości"), "Volume", ("cubic metre", "m³", f"{QUDT}M3"), 3),
    _property("volume_flow", _("przepływ w sieci"), "VolumeFlowRate", ("cubic metre per hour", "m³/h", f"{QUDT}M3-PER-HR"), 3),
    _property("energy", _("energia"), "Energy", ("kilowatt hour", "kWh", f"{QUDT}KiloW-HR"), 3),
    _property("power", _("moc"), "Power", ("kilowatt", "kW", f"{QUDT}KiloW"), 3),
    _property("supply_temperature", _("temperatura zasilania"), "Temperature", DEGREE, 1),
    _property("return_temperature", _("temperatura powrotu"), "Temperature", DEGREE, 1),
    _property("outside_temperature", _("temperatura na zewnątrz"), "Temperature", DEGREE, 1),
    _property("line_pressure", _("ciśnienie w sieci"), "Pressure", ("bar", "bar", f"{QUDT}BAR"), 2),
    _property("head", _("wysokość linii ciśnienia"), "Height", ("metre", "m", f"{QUDT}M"), 2),
    _property("flow_speed", _("prędkość wody w rurze"), "Velocity", ("metre per second", "m/s", f"{QUDT}M-PER-SEC"), 2),
    _property("substance", _("stężenie substancji w wodzie"), "MassConcentration", MILLIGRAM, 3),
    _property("water_age", _("wiek wody w sieci"), "Time", ("hour", "h", f"{QUDT}HR"), 1),
    _property("water_share", _("udział wody ze źródła"), "DimensionlessRatio", ("percent", "%", f"{QUDT}PERCENT"), 1),
    _property("count", _("liczba zliczonych"), "Count", ("one", "szt.", f"{QUDT}NUM"), 0),
    _property("speed", _("prędkość pojazdów"), "Speed", ("kilometre per hour", "km/h", f"{QUDT}KiloM-PER-HR"), 1),
    _property("occupancy", _("zajętość"), "DimensionlessRatio", ("percent", "%", f"{QUDT}PERCENT"), 1),
    _property("factor", _("wielkość bez jednostki"), "Dimensionless", ("unity", "1", f"{QUDT}UNITLESS"), 3),
)
KINDS = (ThingKind(key=METER, name=_("licznik"), name_plural=_("liczniki"), icon="gauge"),)
DECLARED = (
    *PROPERTIES,
    *KINDS,
    ChangeName(key="observations.import_declared", name=_("ustalono, co jest w pliku z odczytami")),
    ChangeName(key="observations.file_imported", name=_("wpisano odczyty z pliku")),
    ChangeName(key="observations.file_undone", name=_("wycofano odczyty z pliku")),
    PanelPage(
        key="observations.import",
        label=_("Odczyty z plików"),
        url_name="observations_importing:list",
        icon="file-up",
        permission=MANAGE,
        group=_("Pomiary"),
        order=330,
    ),
    Disk(key="observations.imports", folder=storing.root),
    PersonalData(
        key="observations.imports",
        name=_("Wgrane pliki z odczytami"),
        purpose=_("Żeby było wiadomo, kto i skąd wpisał odczyty."),
        retention=_("Plik usuwamy po 30 dniach. Wpis w historii zostaje; na żądanie usuwamy z niego nazwisko."),
        stays=_("Czas, nazwa pliku i liczba odczytów, bez nazwiska."),
        export=privacy.export,
        erase=privacy.erase,
    ),
)
