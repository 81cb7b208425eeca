"""How a case is put before a reader: the lines of its history, the sentence on its term, the words of buttons."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.cases.case_page import CaseView, CommentView, StepView
from miasto.kernel.cases.masking import found_in
from miasto.kernel.cases.models import Progress
from miasto.kernel.cases.register import CasePoint
from miasto.kernel.cases.types import case_type as declared
from miasto.kernel.core import clock

ICONS = {
    "filed": "inbox",
    "transition": "arrow-right",
    "assigned": "users",
    "recategorised": "tag",
    "reclassified": "tag",
    "placed": "map-pin",
    "comment": "message-square",
    "added": "message-square-plus",
    "text_decided": "eye",
    "file_decided": "image",
    "comment_decided": "eye",
    "erased": "eraser",
    "escalated": "bell-ring",
    "acknowledged": "check-check",
    "linked": "merge",
    "unlinked": "unlink",
    "split": "split",
    "outside": "building-2",
}


@dataclass(frozen=True)
class Line:
    """One line of the history as the page draws it. ``audience`` is empty where nothing was written."""

    at: datetime
    title: str
    who: str
    icon: str
    state: str
    body: str = ""
    audience: str = ""
    label: str = ""
    label_icon: str = ""
    comment_id: UUID | None = None
    decide: bool = False
    found: bool = False


def lines(case: CaseView) -> list[Line]:
    """The history, newest first for staff (they look for the last word), oldest first for others.

    The city's last answer stands above the history of the public page and is not said twice.
    """
    made = [_line(case, step, step is case.history[-1]) for step in case.history]
    return made[::-1] if case.is_staff else made


def _line(case: CaseView, step: StepView, is_last: bool) -> Line:
    comment = step.comment
    label, label_icon = _label(case, comment) if comment else ("", "")
    final = step.stage is not None and (step.stage.final or step.stage.clock == "stopped")
    state = "done" if final else ("now" if is_last else "")
    return Line(
        at=step.at,
        title=step.title,
        who=step.actor,
        icon="check" if final else ICONS.get(step.kind, "circle"),
        state=state,
        body=comment.body if comment and (case.is_staff or comment != case.answer) else "",
        audience=comment.audience if comment else "",
        label=label,
        label_icon=label_icon,
        comment_id=comment.id if comment else None,
        found=bool(comment and case.is_staff and _waits(comment) and found_in(comment.body)),
        decide=bool(comment and case.is_staff and "cases.moderate" in case.may and _waits(comment)),
    )


def _waits(comment: CommentView) -> bool:
    return comment.state == "waiting" and comment.audience == "public"


def _label(case: CaseView, comment: CommentView) -> tuple[str, str]:
    """Who reads these words: shown to staff always, to the filer where it is not everybody."""
    if comment.audience == "internal":
        return _("Notatka wewnętrzna – widzą ją tylko pracownicy"), "lock"
    if comment.audience == "parties":
        return _("Widzą to tylko osoba zgłaszająca i pracownicy"), "user-round"
    if comment.state == "waiting":
        return _("Czeka na sprawdzenie, zanim zobaczą to wszyscy"), "eye-off"
    if comment.state == "withheld":
        return _("Nie publikujemy tej wiadomości"), "eye-off"
    return (_("Publiczne – widzą to wszyscy"), "globe") if case.is_staff else ("", "")


@dataclass(frozen=True)
class Sentence:
    """A sentence on the term: words before a date, the date, words after it."""

    text: str
    day: date | None
    after: str
    icon: str
    late: bool = False


# Colours of the tags that are readable as points on the light and the dark map.
_MAP_COLOURS = {
    "grey": "#6b655f",
    "green": "#14713f",
    "blue": "#1f5fb4",
    "yellow": "#b26a00",
    "orange": "#c2410c",
    "red": "#b3261e",
    "purple": "#6b3fa0",
}


def map_colour(tag_colour: str) -> str:
    """The colour of a point on a map for the colour of a stage's tag."""
    return _MAP_COLOURS.get(tag_colour, _MAP_COLOURS["grey"])


def points_geojson(points: Iterable[CasePoint], *, case_type: str, address: Callable[[str], str]) -> dict[str, Any]:
    """Cases as a GeoJSON FeatureCollection (RFC 7946) for a map; ``address`` makes a page's address of a number."""
    colours = {stage.key: map_colour(stage.colour) for stage in declared(case_type).stages}
    features = [
        {
            "type": "Feature",
            "id": str(point.id),
            "geometry": {"type": "Point", "coordinates": [point.lon, point.lat]},
            "properties": {
                "label": f"{point.category} ({point.number})",
                "url": address(point.number),
                "colour": colours.get(point.stage, map_colour("grey")),
            },
        }
        for point in points
    ]
    return {"type": "FeatureCollection", "features": features}


def deadline(case: CaseView) -> Sentence | None:
    """Until when what will happen; None where nothing is promised."""
    if case.days_left is not None and case.days_left < 0:
        return Sentence(
            _("Termin odpowiedzi minął"), case.due_on, _(". Przepraszamy, nadal nad tym pracujemy."), "clock-alert", True
        )
    if case.days_left is not None:
        return Sentence(_("Odpowiedź najpóźniej"), case.due_on, ".", "calendar-clock")
    until = confirm_until(case)
    if until is not None:
        return Sentence(
            _("Jeśli osoba zgłaszająca nie zgłosi sprzeciwu, sprawa zakończy się"),
            until + timedelta(days=1),
            ".",
            "calendar-clock",
        )
    return None


def confirm_until(case: CaseView) -> date | None:
    """The last day on which the filer may confirm or disagree; None where the present stage asks neither."""
    limits = [step.days for step in case.type.transitions if case.stage.key in step.sources and step.days is not None]
    return clock.local(case.stage_since).date() + timedelta(days=min(limits)) if limits else None


def open_question(case: CaseView) -> CommentView | None:
    """What the city asked the filer and waits for; None where it waits for nothing."""
    if case.progress != Progress.WAITING or not case.is_filer:
        return None
    asked = [made for made in case.comments if made.by_staff and made.audience == "parties"]
    return asked[-1] if asked else None


def days_words(days: int | None) -> str:
    """How long is left, for staff: „3 dni”, „dziś”, „2 dni po terminie”."""
    if days is None:
        return ""
    if days == 0:
        return _("termin dziś")
    if days > 0:
        return ngettext("%(days)d dzień", "%(days)d dni", days) % {"days": days}
    return ngettext("%(days)d dzień po terminie", "%(days)d dni po terminie", -days) % {"days": -days}


def fill_template(body: str, case: CaseView) -> str:
    """A prepared answer with the data of the case put in for {number}, {category}, {place} and {unit}."""
    values = {
        "{number}": case.number,
        "{category}": case.category_name,
        "{place}": case.address_text or case.district_name,
        "{unit}": case.unit_name,
    }
    for mark, value in values.items():
        body = body.replace(mark, value)
    return body
