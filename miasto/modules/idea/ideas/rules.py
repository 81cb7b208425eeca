"""The city's rules of ideas as data: thresholds, times, topics, what may not be published (``participation.toml``, [ideas]).

What a profile does not say has a value here, so that a small city needs to write nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from miasto.kernel.cases.selectors import Term
from miasto.kernel.core.city import city

FILE = "participation.toml"
CITY, DISTRICT, PLACE = "city", "district", "place"
REACHES = (CITY, DISTRICT, PLACE)
THRESHOLDS = {CITY: (100, 90), DISTRICT: (30, 90), PLACE: (30, 90)}
DAYS = {"decision_days": 60, "answer_days": 30, "opinion_days": 21, "outcome_days": 90}
PETITION = "contact_centre.petition"


@dataclass(frozen=True)
class Threshold:
    """How many supporters an idea of a reach needs, and in how many days."""

    supports: int
    days: int


@dataclass(frozen=True)
class Named:
    """A topic, or a rule of publication, in the reader's language."""

    key: str
    name: str
    icon: str = "lightbulb"


@cache
def _profile() -> dict[str, Any]:
    return dict(city().toml(FILE).get("ideas", {}))


def _said(row: dict[str, Any]) -> str:
    words = row.get("translations", {}).get((get_language() or "pl").split("-")[0], {})
    return str(words.get("name") or row["name"])


def threshold(reach: str) -> Threshold:
    """The threshold for the whole city, a district or a place."""
    told = _profile().get("thresholds", {}).get(reach, {})
    supports, days = THRESHOLDS[reach]
    return Threshold(int(told.get("supports", supports)), int(told.get("days", days)))


def days(name: str) -> int:
    """A time in calendar days: ``decision_days`` after the threshold, ``answer_days`` where it was not reached,
    ``opinion_days`` for a unit's opinion, ``outcome_days`` after a decision in favour until the first outcome is named.
    """
    return int(_profile().get(name, DAYS[name]))


def due_on(name: str, start: date) -> date:
    """The last day of a time that begins on a local date; an end on a free day moves on (KPA art. 57 § 4)."""
    return Term(start, days(name)).due_on


def last_day(reach: str, start: date) -> date:
    """The last local day on which an idea published on ``start`` may be supported."""
    return start + timedelta(days=threshold(reach).days)


def substantial_percent() -> int:
    """From how many changed words in a hundred a change of the text is substantial."""
    return int(_profile().get("substantial_percent", 10))


def topics() -> list[Named]:
    """What an idea may be about."""
    rows = _profile().get("topics", [])
    return [Named(row["key"], _said(row), row.get("icon", "lightbulb")) for row in rows] or [Named("other", _("Inne sprawy"))]


def topic(key: str) -> Named:
    """One topic; its key where the profile knows it no more."""
    return next((one for one in topics() if one.key == key), Named(key, key))


def publication_rules() -> list[Named]:
    """For what an idea or a comment may be hidden, and for nothing else."""
    rows = _profile().get("rules", [])
    return [Named(row["key"], _said(row)) for row in rows] or [
        Named("personal", _("zawiera dane osobowe")),
        Named("unlawful", _("łamie prawo albo kogoś obraża")),
        Named("off_topic", _("nie dotyczy spraw miasta")),
    ]


def rule_name(key: str) -> str:
    """The words of a rule."""
    return next((one.name for one in publication_rules() if one.key == key), key)


def competence() -> str:
    """Whose ideas are: the competence of the unit that leads them."""
    return str(_profile().get("competence", "participation.lead"))


def petition_type() -> str:
    """The key of the case type that takes an idea as a petition; empty where the city has none."""
    return str(_profile().get("petition", PETITION))
