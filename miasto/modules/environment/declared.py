"""What the environment observes: properties with their public definitions, and the kinds of stations."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.observations import Property, ThingKind

AIR, WEATHER, RIVER, NOISE = "environment.air", "environment.weather", "environment.river", "environment.noise"
WATER, LIGHT = "environment.water", "environment.light"
POLLUTANT = "http://dd.eionet.europa.eu/vocabulary/aq/pollutant/"
DEGREE = ("degree Celsius", "°C", "http://qudt.org/vocab/unit/DEG_C")
HEIGHT = "water_surface_height_above_reference_datum/"
CF = "http://vocab.nerc.ac.uk/standard_name/"
QUDT = "http://qudt.org/vocab/unit/"
MICROGRAM = ("microgram per cubic metre", "µg/m³", f"{QUDT}MicroGM-PER-M3")
FLOW = ("cubic metre per second", "m³/s", f"{QUDT}M3-PER-SEC")
PAGE = "/stacje/{slug}/"
AIR_MODEL = {code: f"AirQualityObserved.{code}" for code in ("pm10", "pm25", "no2", "o3", "so2", "co", "c6h6", "no")}
MODELS = {
    **AIR_MODEL,
    "air_temperature": "WeatherObserved.temperature",
    "humidity": "WeatherObserved.relativeHumidity",
    "wind_speed": "WeatherObserved.windSpeed",
    "wind_direction": "WeatherObserved.windDirection",
    "rain": "WeatherObserved.precipitation",
    "pressure": "WeatherObserved.atmosphericPressure",
    "water_level": "WaterObserved.height",
    "water_flow": "WaterObserved.flow",
    "water_temperature": "WaterQualityObserved.temperature",
    "laeq": "NoiseLevelObserved.LAeq",
}


# A river stands for days in a drought, a laboratory seldom measures; water changes slowly, and fog is 100 % for a day.
STILL_HOURS = {
    **dict.fromkeys(("water_level", "water_flow", "ecoli", "enterococci"), 0),
    **dict.fromkeys(("ph", "conductivity", "dissolved_oxygen", "turbidity", "humidity", "so2"), 36),
}


def _property(code: str, name: Any, definition: str, unit: tuple[str, str, str], decimals: int = 1) -> Property:
    return Property(
        key=f"environment.{code}",
        code=code,
        name=name,
        definition=definition,
        unit=unit[0],
        symbol=unit[1],
        unit_definition=unit[2],
        decimals=decimals,
        model=MODELS.get(code, ""),
        driven_by=("rain",) if code in ("water_level", "water_flow") else (),
        cyclic=code == "wind_direction",
        still_hours=STILL_HOURS.get(code, Property.still_hours),
    )


AIR_PROPERTIES = (
    _property("pm10", _("pył PM10"), f"{POLLUTANT}5", MICROGRAM),
    _property("pm25", _("pył PM2,5"), f"{POLLUTANT}6001", MICROGRAM),
    _property("no2", _("dwutlenek azotu (NO₂)"), f"{POLLUTANT}8", MICROGRAM),
    _property("o3", _("ozon (O₃)"), f"{POLLUTANT}7", MICROGRAM),
    _property("so2", _("dwutlenek siarki (SO₂)"), f"{POLLUTANT}1", MICROGRAM),
    _property("co", _("tlenek węgla (CO)"), f"{POLLUTANT}10", MICROGRAM, 0),
    _property("c6h6", _("benzen (C₆H₆)"), f"{POLLUTANT}20", MICROGRAM),
    _property("no", _("tlenek azotu (NO)"), f"{POLLUTANT}38", MICROGRAM),
)
WEATHER_PROPERTIES = (
    _property("air_temperature", _("temperatura powietrza"), f"{CF}air_temperature/", DEGREE),
    _property("humidity", _("wilgotność względna"), f"{CF}relative_humidity/", ("percent", "%", f"{QUDT}PERCENT"), 0),
    _property("wind_speed", _("prędkość wiatru"), f"{CF}wind_speed/", ("metre per second", "m/s", f"{QUDT}M-PER-SEC")),
    _property("wind_direction", _("kierunek wiatru"), f"{CF}wind_from_direction/", ("degree", "°", f"{QUDT}DEG"), 0),
    _property("rain", _("opad w godzinie"), f"{CF}rainfall_amount/", ("millimetre", "mm", f"{QUDT}MilliM")),
    _property("rain_total", _("suma opadu z 6 godzin"), f"{CF}precipitation_amount/", ("millimetre", "mm", f"{QUDT}MilliM")),
    _property("pressure", _("ciśnienie"), f"{CF}air_pressure_at_mean_sea_level/", ("hectopascal", "hPa", f"{QUDT}HectoPA")),
)
RIVER_PROPERTIES = (
    _property("water_level", _("stan wody"), f"{CF}{HEIGHT}", ("centimetre", "cm", f"{QUDT}CentiM"), 0),
    _property("water_flow", _("przepływ"), f"{CF}water_volume_transport_in_river_channel/", FLOW, 2),
    _property("water_temperature", _("temperatura wody"), f"{CF}water_temperature/", DEGREE),
)
COLONIES = ("colony-forming units in 100 ml", "jtk/100 ml", "")
TAXON = "http://purl.obolibrary.org/obo/"
WATER_PROPERTIES = (
    _property("ph", _("odczyn (pH)"), f"{CF}sea_water_ph_reported_on_total_scale/", ("pH", "", f"{QUDT}PH")),
    _property(
        "conductivity",
        _("przewodność"),
        f"{CF}sea_water_electrical_conductivity/",
        ("microsiemens per centimetre", "µS/cm", f"{QUDT}MicroS-PER-CentiM"),
        0,
    ),
    _property(
        "dissolved_oxygen",
        _("tlen rozpuszczony"),
        f"{CF}mass_concentration_of_oxygen_in_sea_water/",
        ("milligram per litre", "mg/l", f"{QUDT}MilliGM-PER-L"),
    ),
    _property("turbidity", _("mętność"), f"{CF}sea_water_turbidity/", ("formazin nephelometric unit", "FNU", f"{QUDT}FNU")),
    _property("ecoli", _("Escherichia coli"), f"{TAXON}NCBITaxon_562", COLONIES, 0),
    _property("enterococci", _("enterokoki"), f"{TAXON}NCBITaxon_1350", COLONIES, 0),
)
SKY = "http://www.ivoa.net/rdf/uat#sky-brightness"
MAGNITUDE = ("magnitude per square arcsecond", "mag/arcsec²", "")
LIGHT_PROPERTIES = (_property("sky_brightness", _("jasność nieba"), SKY, MAGNITUDE, 2),)
NOISE_PROPERTIES = (
    _property("laeq", _("poziom dźwięku"), "https://www.iso.org/standard/59765.html", ("decibel", "dB", f"{QUDT}DeciB")),
)
DECLARED = (
    *AIR_PROPERTIES,
    *WEATHER_PROPERTIES,
    *RIVER_PROPERTIES,
    *NOISE_PROPERTIES,
    *WATER_PROPERTIES,
    *LIGHT_PROPERTIES,
    ThingKind(key=AIR, name=_("stacja powietrza"), name_plural=_("stacje powietrza"), icon="wind", url=PAGE),
    ThingKind(key=WEATHER, name=_("stacja pogodowa"), name_plural=_("stacje pogodowe"), icon="thermometer", url=PAGE),
    ThingKind(key=RIVER, name=_("wodowskaz"), name_plural=_("wodowskazy"), icon="waves", url=PAGE),
    ThingKind(key=NOISE, name=_("miernik hałasu"), name_plural=_("mierniki hałasu"), icon="volume-2", url=PAGE),
    ThingKind(key=WATER, name=_("punkt badania wody"), name_plural=_("punkty badania wody"), icon="droplets", url=PAGE),
    ThingKind(key=LIGHT, name=_("miernik jasności nieba"), name_plural=_("mierniki jasności nieba"), icon="moon", url=PAGE),
)
