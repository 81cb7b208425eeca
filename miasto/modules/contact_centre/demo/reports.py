"""A year of made-up reports: what, where, when, in which words, by whom, and what became of each."""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from miasto.kernel.core.city import City
from miasto.modules.contact_centre.demo.bonds import Bonds
from miasto.modules.contact_centre.demo.grammar import Grammar, Spot, Words
from miasto.modules.contact_centre.demo.lives import Biographer, Crew, Life
from miasto.modules.contact_centre.demo.rhythm import Calendar
from miasto.modules.contact_centre.demo.spots import Ground, Position

CHANNELS = (("web", 78), ("phone", 11), ("email", 5), ("desk", 3), ("social", 2), ("kiosk", 1))
RECENT_MINUTES = (4, 11, 23, 41, 66, 95, 130, 180, 240, 320, 430, 560, 700, 900, 1150)
DOMAIN = "demo.invalid"
SHOWN_OFF = 6
TOLD_AGAIN, CLOSE_BY = 0.06, 0.03
NOTHING = Words("", "")
_NUMBER = re.compile(r"\s(\d+\s?\w{0,2})$")
_PREFIX = re.compile(r"^(ul|al|pl|os)\.\s+")


@dataclass(frozen=True)
class Topic:
    """A leaf of the profile's categories with what the demo needs of it."""

    slug: str
    unit: str
    days: int
    danger: bool
    questions: tuple[dict[str, Any], ...]
    weight: float
    season: str
    hours: str
    ground: str
    picture: str


@dataclass(frozen=True)
class Found:
    """What the geocoder says of a point."""

    address_text: str
    district_id: UUID | None


@dataclass
class Report:
    """One made-up report. ``position`` is (longitude, latitude), EPSG:4326.

    ``retells`` is the report of the same thing that somebody else filed before: the duplicates that the measurements must
    find. It is not written into the database.
    """

    topic: Topic
    position: Position
    landmark: str
    filed_at: datetime
    channel: str
    address_text: str = ""
    district_id: UUID | None = None
    words: Words = NOTHING
    said: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    name: str = ""
    email: str = ""
    person: UUID | None = None
    photos: int = 0
    life: Life | None = None
    retells: Report | None = None
    merged_into: Report | None = None
    part_of: Report | None = None
    voices: list[datetime] = field(default_factory=list)
    together: Sequence[tuple[str, str]] = ()


def topics(categories: dict[str, Any], table: dict[str, Any], unit_of: Callable[[str], str]) -> list[Topic]:
    """The leaves of ``categories.toml``; ``unit_of`` gives the slug of the unit that has a competence."""
    found = []
    for group in categories.get("categories", ()):
        for leaf in group.get("children", ()):
            entry = table.get("categories", {}).get(leaf["slug"], {})
            found.append(
                Topic(
                    slug=leaf["slug"],
                    unit=unit_of(leaf.get("competence") or group.get("competence", "")),
                    days=leaf.get("deadline_days", 14),
                    danger=leaf.get("danger", False),
                    questions=tuple(leaf.get("questions", ())),
                    weight=entry.get("weight", 40),
                    season=entry.get("season", "all"),
                    hours=entry.get("hours", "day"),
                    ground=entry.get("ground", "street"),
                    picture=entry.get("picture", ""),
                )
            )
    return found


class Year:
    """Makes the reports of one year up to ``now``; the same seed, profile and moment give the same reports."""

    def __init__(self, *, city: City, table: dict[str, Any], topics: Sequence[Topic], seed: int, now: datetime) -> None:
        self.dice = random.Random(f"reports-{seed}")
        self.topics, self.now, self.table = list(topics), now, table
        self.ground = Ground(city, table, self.dice)
        self.calendar = Calendar(self.dice, now)
        self.grammar = Grammar(table, self.dice)

    def outline(self, count: int) -> list[Report]:
        """What, where and when, oldest first; words and lives come once the places are known."""
        weights = [topic.weight for topic in self.topics]
        in_season = [topic.weight * self.calendar.share_now(topic.season) for topic in self.topics]
        earlier: dict[str, list[Report]] = {}
        made = []
        for index in range(count):
            recent = index < len(RECENT_MINUTES)
            topic = self.dice.choices(self.topics, weights=in_season if recent else weights)[0]
            filed_at = (
                self.calendar.recent(RECENT_MINUTES[index])
                if recent
                else self.calendar.moment(topic.season, topic.hours, topic.picture)
            )
            channel = self.dice.choices([c for c, _ in CHANNELS], weights=[w for _, w in CHANNELS])[0]
            report = None if recent else self._beside(made, channel)
            if report is None:
                position, landmark = self._position(topic, earlier)
                report = Report(topic, position, landmark, filed_at, channel)
            earlier.setdefault(report.topic.slug, []).append(report)
            made.append(report)
        return sorted(made, key=lambda report: report.filed_at)

    def _beside(self, made: list[Report], channel: str) -> Report | None:
        """Now and then the same thing told again by somebody else, or another thing of the kind close by."""
        roll = self.dice.random()
        if roll > TOLD_AGAIN + CLOSE_BY or len(made) < len(RECENT_MINUTES) * 2:
            return None
        other = self.dice.choice(made[len(RECENT_MINUTES) :])
        again = roll < TOLD_AGAIN
        hours = self.dice.expovariate(1 / 60) if again else self.dice.uniform(0.5, 200)
        filed_at = other.filed_at + timedelta(hours=hours)
        if filed_at >= self.now:
            return None
        position = self.ground.near(other.position, 40 if again else 75)
        return Report(other.topic, position, other.landmark, filed_at, channel, retells=other if again else None)

    def _position(self, topic: Topic, earlier: dict[str, list[Report]]) -> tuple[Position, str]:
        before = earlier.get(topic.slug)
        if before and self.dice.random() < 0.08:
            other = self.dice.choice(before)
            return self.ground.near(other.position, 18), other.landmark
        return self.ground.point(topic.ground)

    def tell(
        self,
        reports: Iterable[Report],
        found: Sequence[Found],
        crews: dict[str, Crew],
        operators: Sequence[UUID],
        triage: str,
        residents: Sequence[UUID],
        photos: int,
    ) -> None:
        """Fill in words, people, photos and lives. ``found`` is what lies at each report's point, in the same order."""
        teller = Biographer(self.dice, self.grammar, self.now, crews, tuple(operators), triage)
        reports = list(reports)
        self._photos(reports, photos)
        for report, place in zip(reports, found, strict=True):
            report.address_text, report.district_id = place.address_text, place.district_id
            first = report.retells
            report.said = first.said if first else self.grammar.topic(report.topic.slug)
            report.words = self.grammar.report(
                report.topic.slug, self._spot(report), report.topic.ground, said=report.said, again=first is not None
            )
            asked = [question for question in report.topic.questions if question.get("required") or self.dice.random() < 0.6]
            report.answers = {question["key"]: self._reply(question) for question in asked}
            self._filer(report, residents)
            report.life = teller.live(
                category=report.topic.slug,
                filed_at=report.filed_at,
                unit=report.topic.unit,
                days=report.topic.days,
                danger=report.topic.danger,
                private=report.words.private,
            )
        self._before_and_after(reports)
        Bonds(self.dice, self.now, operators).tie(reports)

    def _photos(self, reports: list[Report], photos: int) -> None:
        """Photos go to the newest reports and to some older ones, by web only."""
        eligible = [report for report in reports if report.channel == "web"]
        newest, older = eligible[-photos // 2 :], eligible[: -photos // 2]
        for report in self.dice.sample(newest, min(len(newest), photos // 3)):
            report.photos = self.dice.choice((1, 1, 1, 2))
        for report in self.dice.sample(older, min(len(older), photos // 2)):
            report.photos = 1

    def _before_and_after(self, reports: list[Report]) -> None:
        """The newest solved reports have photos of before and after: the home page shows them."""
        solved = [
            (item.at, report)
            for report in reports
            if report.channel == "web" and not report.photos and report.life is not None
            for item in report.life.happenings
            if item.photo
        ]
        for _at, report in sorted(solved, key=lambda pair: pair[0])[-SHOWN_OFF:]:
            report.photos = 1

    def _spot(self, report: Report) -> Spot:
        number = _NUMBER.search(report.address_text)
        street = _PREFIX.sub("", report.address_text[: number.start()] if number else report.address_text).strip()
        crossing = self.ground.crossing(street)
        return Spot(street or "naszej ulicy", number.group(1) if number else "", crossing, report.landmark)

    def _reply(self, question: dict[str, Any]) -> str:
        kind = question.get("kind", "text")
        if kind in ("choice", "choices"):
            return self.dice.choice(question["choices"])[0]
        if kind == "boolean":
            return self.dice.choice(("true", "false"))
        if kind == "number" or question["key"] == "line":
            return str(self.dice.randrange(1, 55))
        return self.dice.choice(("dziś rano, około 7:15", "wczoraj po południu", "nie pamiętam", "w poniedziałek 15:40"))

    def _filer(self, report: Report, residents: Sequence[UUID]) -> None:
        roll = self.dice.random()
        if residents and roll < 0.2 and report.channel == "web":
            first = self.dice.random() < 0.03
            report.person = residents[0] if first else self.dice.choice(residents[1:] or residents)
        elif roll < 0.7:
            mark = self.dice.randrange(10_000, 99_999)
            report.email = f"zglaszajacy{mark}@{DOMAIN}"
            report.name = self.dice.choice(("Jan Zmyślony", "Anna Przykładowa", "Ewa Fikcyjna", "Piotr Nieprawdziwy", ""))


def digest(reports: Iterable[Report]) -> str:
    """One hash over all that was made up, without identifiers of the database."""
    total = hashlib.sha256()
    for report in reports:
        life = report.life.happenings if report.life else []
        told = [(item.at.isoformat(), item.kind, item.transition, item.words, item.body) for item in life]
        said = (report.words.text, report.answers, report.photos, [at.isoformat() for at in report.voices])
        total.update(repr((report.topic.slug, report.position, report.filed_at.isoformat(), said, told)).encode())
    return total.hexdigest()
