"""The chapter of noise."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import clock
from miasto.modules.environment.declared import NOISE
from miasto.modules.environment.law.noise import AREAS, exceeds, indicators
from miasto.modules.environment.noise.judging import hours_of
from miasto.modules.environment.reports.parts import bars, data_of, number, percent, table
from miasto.modules.environment.reports.periods import Span
from miasto.modules.environment.stations import stations

MOST_DRAWN = 20


def noise(span: Span) -> dict[str, Any]:
    """Long-term levels of the period against what is allowed."""
    found = [one for one in stations(ANONYMOUS, NOISE) if "laeq" in one.streams]
    start, end = clock.start_of(span.first), clock.start_of(span.last + timedelta(days=1))
    hours = hours_of([one.streams["laeq"].pk for one in found], start, end)
    rows, drawn = [], []
    for one in found:
        own = hours.get(one.streams["laeq"].pk, [])
        levels = indicators(((clock.local(row.start).hour, row.laeq) for row in own), span.days)
        area = AREAS.get(one.streams["laeq"].properties.get("area", ""))
        allowed = f"{number(area.ldwn, 0)} / {number(area.ln, 0)}" if area else "–"
        share = percent(len(own) / (24 * span.days))
        loud = area is not None and (exceeds(levels.ldwn, area.ldwn) or exceeds(levels.night, area.ln))
        judged = "–" if area is None else _("powyżej") if loud else _("w granicach")
        rows.append(([one.thing.name, number(levels.ldwn), number(levels.night), allowed, judged, share], data_of(one, span)))
        if levels.ldwn is not None:
            drawn.append((one.thing.name, round(levels.ldwn, 1)))
    known = [(cells, url) for cells, url in rows if cells[1] != "–" or cells[2] != "–"]
    heads = [_("Miejsce"), _("LDWN (dB)"), _("LN (dB)"), _("Wolno: LDWN / LN"), _("Ocena"), _("Zmierzono czasu")]
    return {
        "key": "noise",
        "title": _("Hałas"),
        "lead": _noise_lead(known, len(rows)),
        "tables": [table(_("Średnie poziomy hałasu"), heads, known)] if known else [],
        "charts": [
            bars(_("Poziom dzienno-wieczorno-nocny (LDWN)"), _("dB"), sorted(drawn, key=lambda one: -one[1])[:MOST_DRAWN])
        ]
        if drawn
        else [],
        "notes": [
            _(
                "LDWN łączy dzień, wieczór (+5 dB) i noc (+10 dB), LN to noc (dyrektywa 2002/49/WE). Podajemy je tam, "
                "gdzie zmierzono co najmniej trzy czwarte godzin. Prawo ocenia rok; liczba z miesiąca jest tylko wskazówką."
            )
        ],
    }


def _noise_lead(known: list[tuple[list[str], str]], count: int) -> str:
    if not known:
        return _("W żadnym z %(n)d miejsc nie mierzono dość długo, żeby policzyć średni hałas.") % {"n": count}
    loud = sum(cells[4] == _("powyżej") for cells, _url in known)
    return _("Powyżej poziomu, na który pozwala prawo, było w %(n)d z %(all)d miejsc zmierzonych dość długo.") % {
        "n": loud,
        "all": len(known),
    }
