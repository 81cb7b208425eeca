"""Numbers as the reader's language writes them, for pages and messages; fields of forms and machine formats keep their own.

The minus is U+2212, as wide as a plus; groups of three begin at five digits („1234", „12 345") and do not break a line.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal

from django.utils.formats import get_format

MINUS = "\u2212"
QUANTA = [Decimal(1).scaleb(-decimals) for decimals in range(11)]
ROUNDED = Context(prec=40, rounding=ROUND_HALF_UP)
GROUPED = 10_000
POWERED = 1e15
RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def written(value: float, decimals: int = 1) -> str:
    """A finite number with so many decimals (0 to 10), rounded half up; a rounded zero has no sign.

    A page writes thousands of them, so the separators are put in by hand: ``number_format`` takes ten times as long.
    """
    if abs(value) >= POWERED:
        return _powered(value, decimals)
    rounded = Decimal(repr(value)).quantize(QUANTA[decimals], context=ROUNDED)
    return _signed(rounded < 0, f"{abs(rounded):f}", abs(rounded) >= GROUPED)


def trimmed(value: float, decimals: int = 2) -> str:
    """A number with at most so many decimals and no zero at their end: „150", „12,5"."""
    shown = written(value, decimals)
    whole, sign, rest = shown.partition(get_format("DECIMAL_SEPARATOR"))
    return shown if "×" in rest else f"{whole}{sign if rest.strip('0') else ''}{rest.rstrip('0')}"


def _signed(negative: bool, digits: str, grouped: bool) -> str:
    whole, point, rest = digits.partition(".")
    if grouped:
        whole = f"{int(whole):,}".replace(",", get_format("THOUSAND_SEPARATOR"))
    return f"{MINUS if negative else ''}{whole}{get_format('DECIMAL_SEPARATOR') if point else ''}{rest}"


def _powered(value: float, decimals: int) -> str:
    """„1,2 × 10¹⁸": what no sensor of a city measures, but one that is broken may send."""
    mantissa, power = f"{value:.{decimals}e}".split("e")
    return f"{_signed(value < 0, mantissa.removeprefix('-'), False)}\u00a0×\u00a010{str(int(power)).translate(RAISED)}"
