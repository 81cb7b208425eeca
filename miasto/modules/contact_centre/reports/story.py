"""A month told in sentences, from its frozen figures."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.ui.charts import Pairs
from miasto.modules.contact_centre.reports.months import within


def sentences(month: date, figures: dict[str, Any]) -> list[str]:
    """What happened, in plain words; nothing is said of what the figures do not tell."""
    total = figures["total"]
    told = [_filed(month, total["filed"], figures["before"]["filed"]), _solved(total)]
    if total["solution_median_d"] is not None:
        told.append(
            _("Połowę spraw załatwiliśmy w %(median)s dnia lub szybciej, a 90%% spraw – w %(most)s dnia.")
            % {"median": number(total["solution_median_d"]), "most": number(total["solution_p90_d"])}
        )
    if total["disputed_percent"] is not None:
        told.append(
            _("Mieszkańcy zakwestionowali %(disputed)d%% rozwiązań, a %(confirmed)d%% sami potwierdzili.")
            % {"disputed": total["disputed_percent"], "confirmed": total["confirmed_percent"]}
        )
    left = figures["open_at_end"]
    told.append(
        ngettext(
            "Na koniec miesiąca na załatwienie czekała %(n)d sprawa.",
            "Na koniec miesiąca na załatwienie czekało %(n)d spraw.",
            left,
        )
        % {"n": left}
    )
    return [sentence for sentence in told if sentence]


def number(value: float) -> str:
    """A number as Polish and English write it: the decimal sign of the reader's language, no zero after it."""
    from django.utils.formats import number_format

    return number_format(value, decimal_pos=0 if float(value).is_integer() else 1)


def _filed(month: date, filed: int, before: int) -> str:
    when = within(month)
    begin = ngettext("%(when)s mieszkańcy zgłosili %(n)d sprawę", "%(when)s mieszkańcy zgłosili %(n)d spraw", filed) % {
        "when": when[:1].upper() + when[1:],
        "n": filed,
    }
    if not before or filed == before:
        return f"{begin}."
    difference = abs(filed - before)
    more = (
        _("%(begin)s – o %(n)d więcej niż miesiąc wcześniej.")
        if filed > before
        else _("%(begin)s – o %(n)d mniej niż miesiąc wcześniej.")
    )
    return more % {"begin": begin, "n": difference}


def _solved(total: dict[str, Any]) -> str:
    solved = total["solved"]
    said = ngettext("Miasto załatwiło %(n)d sprawę", "Miasto załatwiło %(n)d spraw", solved) % {"n": solved}
    if total["in_time_percent"] is None:
        return f"{said}."
    return _("%(said)s, z czego %(percent)d%% w terminie.") % {"said": said, "percent": total["in_time_percent"]}


def flow(figures: dict[str, Any]) -> Pairs:
    """The last twelve months as a chart."""
    return Pairs(
        _("Zgłoszone i załatwione w ostatnich 12 miesiącach"),
        _("Miesiąc"),
        (_("zgłoszone"), _("załatwione")),
        [(f"{row['month'][5:]}.{row['month'][2:4]}", row["filed"], row["solved"]) for row in figures["months"]],
    )
