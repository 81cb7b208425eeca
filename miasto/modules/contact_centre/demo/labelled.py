"""Pairs of made-up reports of which it is known whether they tell of the same thing: for measuring the duplicate finder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from miasto.modules.contact_centre.demo.lives import ENDS
from miasto.modules.contact_centre.demo.reports import Report
from miasto.modules.contact_centre.likeness.pairs import Common, Told, common, metres_between, radius_of, street_of, words_of

WINDOW = timedelta(days=120)


@dataclass(frozen=True)
class Pair:
    """A report (``asked``: its place in the year) and an unfinished earlier one; ``same``: both tell of one thing.

    ``shared`` as staff sees it, ``public`` as residents do: by words that were published by then.
    """

    asked: int
    same: bool
    shared: Common
    public: Common


def pairs(reports: list[Report]) -> Iterator[Pair]:
    """For each report the unfinished earlier ones of its category near by, as the finder would have met them at that time."""
    by_topic: dict[str, list[tuple[int, Report]]] = {}
    told = [_told(report) for report in reports]
    for at, report in enumerate(reports):
        for before, other in by_topic.setdefault(report.topic.slug, []):
            if not _unfinished(other, report.filed_at) or report.filed_at - other.filed_at > WINDOW:
                continue
            if metres_between(report.position, other.position) > radius_of(report.topic.slug):
                continue
            hidden = told[before] if _published(other, report.filed_at) else _without_words(told[before])
            yield Pair(at, thing_of(report) is thing_of(other), common(told[at], told[before]), common(told[at], hidden))
        by_topic[report.topic.slug].append((at, report))


def thing_of(report: Report) -> Report:
    """The report that told of this thing first."""
    while report.retells is not None:
        report = report.retells
    return report


def findable(reports: list[Report]) -> set[int]:
    """Which reports (their places in the year) tell again of a thing of which an unfinished earlier report was there."""
    found = set()
    first: dict[int, list[Report]] = {}
    for at, report in enumerate(reports):
        known = first.setdefault(id(thing_of(report)), [])
        if any(_unfinished(other, report.filed_at) for other in known):
            found.add(at)
        known.append(report)
    return found


def _unfinished(report: Report, moment: datetime) -> bool:
    life = report.life.happenings if report.life else []
    return not any(item.transition in ENDS and item.at <= moment for item in life)


def _published(report: Report, moment: datetime) -> bool:
    life = report.life.happenings if report.life else []
    return any(item.kind == "text_decided" and item.publish and item.at <= moment for item in life)


def _told(report: Report) -> Told:
    return Told(
        category=report.topic.slug,
        point=report.position,
        filed_at=report.filed_at,
        words=words_of(report.words.text),
        street=street_of(report.address_text),
    )


def _without_words(told: Told) -> Told:
    return Told(told.category, told.point, told.filed_at, None, told.street)
