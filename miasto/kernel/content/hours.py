"""When an office is open: weekly hours, days free by law, and days that staff named; and how to say it in a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from miasto.kernel.core import clock, free_days

DAY = timedelta(days=1)
MIDNIGHT = time(0, 0)
LOOK_AHEAD = 60
WEEKDAYS = (
    gettext_lazy("poniedziałek"),
    gettext_lazy("wtorek"),
    gettext_lazy("środa"),
    gettext_lazy("czwartek"),
    gettext_lazy("piątek"),
    gettext_lazy("sobota"),
    gettext_lazy("niedziela"),
)
ON_WEEKDAYS = (
    gettext_lazy("w poniedziałek"),
    gettext_lazy("we wtorek"),
    gettext_lazy("w środę"),
    gettext_lazy("w czwartek"),
    gettext_lazy("w piątek"),
    gettext_lazy("w sobotę"),
    gettext_lazy("w niedzielę"),
)
_SPAN = re.compile(r"^(\d{1,2})(?:[:.](\d{2}))?\s*[-–—]\s*(\d{1,2})(?:[:.](\d{2}))?$")
Span = tuple[time, time]


@dataclass(frozen=True)
class Hours:
    """One local day of an office: ``spans`` of (opens, closes), none where it is closed; ``reason`` where the day is unusual.

    A span that ends at 00:00 lasts to the end of the day.
    """

    day: date
    spans: tuple[Span, ...] = ()
    reason: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it is open at any time of the day."""
        return bool(self.spans)

    @property
    def text(self) -> str:
        """„7:30–15:30”, „całą dobę” or „nieczynne”."""
        return spans_text(self.spans) if self.spans else _("nieczynne")


@dataclass(frozen=True)
class Timetable:
    """All that decides when one office is open; ``special`` are its own days and those of all units, by day."""

    weekly: dict[int, tuple[Span, ...]]
    special: dict[date, tuple[tuple[Span, ...], str]] = field(default_factory=dict)
    open_on_holidays: bool = False

    def on(self, day: date) -> Hours:
        """The hours of a local day: a day that staff named first, then days free by law, then the week."""
        if day in self.special:
            spans, reason = self.special[day]
            return Hours(day, spans, reason)
        if not self.open_on_holidays and free_days.is_free(day):
            return Hours(day, (), free_days.name_of(day, get_language() or "pl"))
        return Hours(day, self.weekly.get(day.weekday(), ()))

    def next_opening(self, after: datetime) -> datetime | None:
        """The first instant at or after ``after`` at which it opens, on the city's clock; None within 60 days."""
        local = clock.local(after)
        for number in range(LOOK_AHEAD):
            day = local.date() + DAY * number
            for opens, _closes in self.on(day).spans:
                moment = datetime.combine(day, opens, tzinfo=local.tzinfo)
                if moment >= local:
                    return moment
        return None

    def open_until(self, at: datetime) -> datetime | None:
        """When the present span ends, on the city's clock; None where it is closed."""
        local = clock.local(at)
        for opens, closes in self.on(local.date()).spans:
            end = _ends(local.date(), closes, local)
            if datetime.combine(local.date(), opens, tzinfo=local.tzinfo) <= local < end:
                return end
        return None

    def sentence(self, at: datetime) -> str:
        """What to tell somebody who wants to come now: „Dziś otwarte do 15:30.”"""
        local = clock.local(at)
        today = self.on(local.date())
        until, coming = self.open_until(at), self.next_opening(at)
        if until is not None:
            return _open_now(today, until, coming)
        if coming is not None and coming.date() == today.day:
            hours = spans_text([span for span in today.spans if span[0] >= coming.time()])
            return _with_reason(_("Teraz nieczynne, dziś jeszcze otwarte %(hours)s"), today, hours=hours)
        return _closed(today, coming)


def _open_now(today: Hours, until: datetime, coming: datetime | None) -> str:
    if until.time() == MIDNIGHT and today.spans == ((MIDNIGHT, MIDNIGHT),):
        return _with_reason(_("Dziś otwarte całą dobę"), today)
    if coming is not None and coming.date() == today.day:
        words = _("Teraz otwarte do %(until)s, potem jeszcze od %(again)s")
        return _with_reason(words, today, until=clock_text(until.time()), again=clock_text(coming.time()))
    return _with_reason(_("Dziś otwarte do %(until)s"), today, until=clock_text(until.time(), end=True))


def _closed(today: Hours, coming: datetime | None) -> str:
    words = _("Dziś już nieczynne") if today.is_open else _with_reason(_("Dziś nieczynne"), today)[:-1]
    if coming is None:
        return f"{words}."
    opens = {"day": day_text(coming.date(), today.day), "time": clock_text(coming.time())}
    return _("%(words)s, najbliżej otwarte %(day)s od %(time)s.") % {"words": words, **opens}


def _with_reason(words: str, today: Hours, **values: str) -> str:
    sentence = words % values
    return f"{sentence}: {today.reason}." if today.reason else f"{sentence}."


def _ends(day: date, closes: time, local: datetime) -> datetime:
    return datetime.combine(day + DAY if closes == MIDNIGHT else day, closes, tzinfo=local.tzinfo)


def day_text(day: date, today: date) -> str:
    """„jutro”, „w czwartek”, and with the date where it is a week away or more."""
    if day == today + DAY:
        return _("jutro")
    named = str(ON_WEEKDAYS[day.weekday()])
    return named if (day - today).days < 7 else f"{named}, {date_format(day, 'j E')}"


def clock_text(moment: time, *, end: bool = False) -> str:
    """„7:30”; midnight at the end of a day is „24:00”."""
    return "24:00" if end and moment == MIDNIGHT else f"{moment.hour}:{moment.minute:02}"


def spans_text(spans: Iterable[Span]) -> str:
    """„7:30–15:30, 16:00–18:00”."""
    rows = list(spans)
    if rows == [(MIDNIGHT, MIDNIGHT)]:
        return _("całą dobę")
    return ", ".join(f"{clock_text(opens)}–{clock_text(closes, end=True)}" for opens, closes in rows)


def parse_spans(text: str) -> tuple[Span, ...]:
    """The spans in a text as people type it ("7.30-15.30, 16-18", "całą dobę"); empty means closed.

    Raises ``ValueError`` with a sentence for the reader: not understood, ends before it begins, or overlaps.
    """
    clean = text.strip().lower()
    if clean in ("", "-", "–", "nieczynne", "zamknięte"):
        return ()
    if clean in ("całą dobę", "cala dobe", "24h", "0:00–24:00"):
        return ((MIDNIGHT, MIDNIGHT),)
    spans = sorted(_parse_one(part.strip()) for part in clean.split(","))
    for (_opens, closes), (next_opens, _next_closes) in pairwise(spans):
        if closes == MIDNIGHT or next_opens < closes:
            raise ValueError(_("Godziny nachodzą na siebie: %(text)s") % {"text": spans_text(spans)})
    return tuple(spans)


def _parse_one(part: str) -> Span:
    found = _SPAN.match(part)
    if not found:
        raise ValueError(_("Wpisz godziny tak: 7:30–15:30. Nie rozumiem: „%(text)s”.") % {"text": part})
    hour, minute, end_hour, end_minute = (int(one or 0) for one in found.groups())
    try:
        opens, closes = time(hour, minute), time(0 if end_hour == 24 else end_hour, end_minute)
    except ValueError:
        raise ValueError(_("Nie ma takiej godziny: „%(text)s”.") % {"text": part}) from None
    if closes <= opens and closes != MIDNIGHT:
        raise ValueError(_("Koniec jest przed początkiem: „%(text)s”.") % {"text": part})
    return opens, closes
