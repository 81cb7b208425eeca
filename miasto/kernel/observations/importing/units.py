"""Units in which files write a quantity, and by how much a value in them is multiplied to be in the unit of our property."""

from __future__ import annotations

L, GAL, GAL_UK, FT3, ACRE_FT = 1e-3, 3.785411784e-3, 4.54609e-3, 0.028316846592, 1233.48183754752
SECOND, MINUTE, DAY = 3600.0, 60.0, 1 / 24
_VOLUME = {"m³": 1.0, "l": L, "dm³": L, "hl": 0.1, "ml": 1e-6, "Ml": 1e3, "gal": GAL, "ft³": FT3}
_FLOW = {
    "m³/h": 1.0, "m³/s": SECOND, "m³/min": MINUTE, "m³/d": DAY, "l/s": L * SECOND, "l/min": L * MINUTE, "l/h": L,
    "Ml/d": 1e3 * DAY, "gal/min": GAL * MINUTE, "Mgal/d": 1e6 * GAL * DAY, "Mgal(UK)/d": 1e6 * GAL_UK * DAY,
    "ft³/s": FT3 * SECOND, "ac·ft/d": ACRE_FT * DAY,
}  # fmt: skip
_ENERGY = {"kWh": 1.0, "Wh": 1e-3, "MWh": 1e3, "GWh": 1e6, "J": 1 / 3.6e6, "MJ": 1 / 3.6, "GJ": 1 / 3.6e-3, "kJ": 1 / 3.6e3}
_POWER = {"kW": 1.0, "W": 1e-3, "MW": 1e3, "J/h": 1 / 3.6e6}
_SPEED = {"km/h": 1.0, "m/s": 3.6, "mph": 1.609344, "ft/s": 1.09728}
_PRESSURE = {"bar": 1.0, "kPa": 0.01, "MPa": 10.0, "hPa": 1e-3, "Pa": 1e-5, "psi": 0.0689475729, "mH₂O": 0.0980665}
_LENGTH = {"m": 1.0, "cm": 0.01, "mm": 1e-3, "km": 1e3, "ft": 0.3048}
_MASS = {"µg/m³": 1.0, "mg/m³": 1e3, "ng/m³": 1e-3, "mg/l": 1e6, "µg/l": 1e3}
_SHARE = {"%": 1.0, "1": 100.0}
FAMILIES = (_VOLUME, _FLOW, _ENERGY, _POWER, _SPEED, _PRESSURE, _LENGTH, _MASS, _SHARE)
_SAME = str.maketrans({"μ": "µ", "²": "2"})
_WRITTEN = {
    "m3": "m³", "m^3": "m³", "litr": "l", "litry": "l", "L": "l", "dm3": "dm³", "m3/h": "m³/h", "m3/s": "m³/s", "C": "°C",
    "ug/m3": "µg/m³", "µg/m3": "µg/m³", "degC": "°C", "kwh": "kWh", "mg/m3": "mg/m³", "m3s": "m³/s", "l/sek": "l/s",
    "mg/L": "mg/l", "ug/L": "µg/l", "ug/l": "µg/l", "hrs": "h", "mH2O": "mH₂O", "GPM": "gal/min", "LPS": "l/s", "CMH": "m³/h",
}  # fmt: skip


def plain(unit: str) -> str:
    """The way we write a unit that others write in another way ("m3": "m³")."""
    named = unit.strip().translate(_SAME)
    return _WRITTEN.get(named, named)


def factor(unit: str, wanted: str) -> float | None:
    """What multiplies a value in ``unit`` into ``wanted``; 1 where the file names no unit, None where they do not agree."""
    one, two = plain(unit), plain(wanted)
    if not one or one == two:
        return 1.0
    for family in FAMILIES:
        if one in family and two in family:
            return family[one] / family[two]
    return None


def choices(wanted: str) -> list[str]:
    """The units that can be turned into this one, itself first."""
    two = plain(wanted)
    found = next((list(family) for family in FAMILIES if two in family), [])
    return [two, *(one for one in found if one != two)] if two else []
