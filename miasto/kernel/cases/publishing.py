"""What waits to be published, put before the clerk who decides: texts with marked personal data, photos with boxes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from miasto.kernel.cases.case_page import CaseView
from miasto.kernel.cases.masking import found_in
from miasto.kernel.cases.models import Case, CaseFile, Moderation
from miasto.kernel.cases.moderation import MODERATE
from miasto.kernel.core import personal
from miasto.kernel.core.personal import Span
from miasto.kernel.files.services import Box, boxes_of

ROWS = 50
GRID = (6, 8)  # rows and columns of the squares that can be blurred without a mouse
BOXES_MOST = 60


def kind_name(kind: str) -> str:
    """What a kind of personal data, or a box of a photo, is called."""
    return {
        "name": _("imię lub nazwisko"),
        "phone": _("telefon"),
        "email": _("adres e-mail"),
        "profile": _("profil w sieci"),
        "pesel": _("PESEL"),
        "nip": _("NIP"),
        "card": _("numer dokumentu"),
        "account": _("numer konta"),
        "register": _("numer księgi wieczystej"),
        "plate": _("numer rejestracyjny"),
        "flat": _("numer mieszkania"),
        "birth": _("data urodzenia"),
        "other": _("inne dane"),
        "face": _("twarz"),
        "area": _("zaznaczony obszar"),
    }[kind]


@dataclass(frozen=True)
class Segment:
    """A piece of a text; ``kind`` is empty where it is nothing personal, ``number`` that of the finding."""

    text: str
    kind: str = ""
    name: str = ""
    number: int = -1


@dataclass(frozen=True)
class TextWork:
    """A text to decide on: as it is, with what was found, and as it is proposed. ``key`` is "" for the description."""

    key: str
    original: str
    proposed: str
    spans: list[Span]
    waits: bool
    at: Any = None

    @property
    def segments(self) -> list[Segment]:
        """The original cut at the findings."""
        made, at = [], 0
        for number, span in enumerate(self.spans):
            made.append(Segment(self.original[at : span.start]))
            made.append(Segment(self.original[span.start : span.end], span.kind, kind_name(span.kind), number))
            at = span.end
        return [one for one in [*made, Segment(self.original[at:])] if one.text]

    @property
    def data(self) -> list[dict[str, Any]]:
        """The findings for the script of the page."""
        return [{"start": one.start, "end": one.end, "label": one.label} for one in self.spans]

    @property
    def script_id(self) -> str:
        """The identifier of the element that holds ``data``."""
        return f"dane-{self.key or 'opis'}"

    @property
    def found(self) -> list[str]:
        """The kinds that were found, each once."""
        return list(dict.fromkeys(kind_name(span.kind) for span in self.spans))


@dataclass(frozen=True)
class BoxWork:
    """A box of a photo: ``value`` for the form, ``on`` whether it is to be blurred; the rest draws it."""

    box: Box
    name: str
    on: bool = True

    @property
    def value(self) -> str:
        return f"{self.box.kind},{self.box.x},{self.box.y},{self.box.w},{self.box.h}"

    @property
    def middle(self) -> tuple[int, int]:
        """Where its number is written."""
        return self.box.x + self.box.w // 2, self.box.y + self.box.h // 2


@dataclass(frozen=True)
class PhotoWork:
    """A photo to decide on. ``plain_id`` is the photo itself, ``shown_id`` what the public sees or would see."""

    id: int
    plain_id: UUID
    shown_id: UUID
    width: int
    height: int
    state: str
    phase: str
    looked: bool
    boxes: list[BoxWork]

    @property
    def waits(self) -> bool:
        return self.state == Moderation.WAITING

    @property
    def blurred(self) -> bool:
        return self.plain_id != self.shown_id


def mask_of(text: str, key: str = "", *, published: str = "", waits: bool = True, at: Any = None) -> TextWork:
    """A text with its findings; where it was published before, the proposal is what is public now."""
    spans = found_in(text)
    return TextWork(key, text, published or personal.mask(text, spans=spans), spans, waits, at)


def texts(case: CaseView) -> list[TextWork]:
    """The description and the filer's messages to everybody that wait or were decided; those that wait first."""
    works = []
    if case.original:
        works.append(
            mask_of(case.original, published=case.published, waits=case.text_state == Moderation.WAITING, at=case.filed_at)
        )
    for step in case.history:
        comment = step.comment
        if comment and comment.audience == "public" and not comment.by_staff and comment.state == "waiting":
            works.append(mask_of(comment.body, str(comment.id), at=comment.at))
    return works


def photos(case: CaseView, chosen: dict[int, list[Box]] | None = None) -> list[PhotoWork]:
    """The case's photos; ``chosen`` are the boxes of a form that was sent, by photo. One query."""
    rows = CaseFile.objects.filter(case_id=case.id, file__kind="image").select_related("file", "original")
    works = []
    for row in rows:
        plain = row.original or row.file
        suggested, sent = boxes_of(plain), (chosen or {}).get(row.pk)
        every = suggested if sent is None else [*suggested, *(box for box in sent if not _among(box, suggested))]
        boxes = [BoxWork(box, kind_name(box.kind), sent is None or _among(box, sent)) for box in every]
        size = (plain.width or 1, plain.height or 1)
        works.append(PhotoWork(row.pk, plain.pk, row.file_id, *size, row.state, row.phase, not plain.to_look, boxes))
    return works


def _among(box: Box, others: Iterable[Box]) -> bool:
    return any((box.kind, box.x, box.y, box.w, box.h) == (one.kind, one.x, one.y, one.w, one.h) for one in others)


def boxes_from(values: Iterable[str], cells: Iterable[str], *, whole: bool, width: int, height: int) -> list[Box]:
    """The boxes of a form: ``kind,x,y,w,h`` and squares ``row-column`` of the grid. What is no box is left out."""
    if whole:
        return [Box("area", 0, 0, width, height)]
    found = [box for value in values if (box := _box(value, width, height))]
    for cell in cells:
        row, _dash, column = cell.partition("-")
        if row.isdecimal() and column.isdecimal() and int(row) < GRID[0] and int(column) < GRID[1]:
            wide, high = width / GRID[1], height / GRID[0]
            found.append(Box("area", round(int(column) * wide), round(int(row) * high), round(wide), round(high)))
    return found[:BOXES_MOST]


def _box(value: str, width: int, height: int) -> Box | None:
    kind, *rest = value.split(",")
    if kind not in ("face", "plate", "area") or len(rest) != 4 or not all(one.isdecimal() and len(one) < 6 for one in rest):
        return None
    x, y, w, h = map(int, rest)
    if x >= width or y >= height or not w or not h:
        return None
    return Box(kind, x, y, min(w, width - x), min(h, height - y))


@dataclass(frozen=True)
class WaitingRow:
    """A case of the desk: what of it waits and which kinds of personal data its description holds."""

    number: str
    category: str
    filed_at: Any
    unit_name: str
    text: bool
    photos: int
    messages: int
    found: list[str]


def waiting(viewer: Any) -> tuple[list[WaitingRow], int]:
    """The cases of the viewer's units of which something waits, oldest first (``ROWS`` at most), and how many; 3 queries."""
    cases = waiting_cases(viewer)
    rows = (
        cases.select_related("category", "unit", "text")
        .annotate(photos=Count("files", filter=Q(files__state=Moderation.WAITING), distinct=True))
        .order_by("filed_at", "id")[:ROWS]
    )
    return [_waiting_row(case) for case in rows], cases.count()


def waiting_cases(viewer: Any) -> Any:
    """The cases of which something waits for a person with ``cases.moderate``."""
    units = viewer.units_with(MODERATE)
    found = Case.objects.visible_to(viewer).filter(pending__gt=0, public=True)
    return found if units is None else found.filter(unit__in=units)


def _waiting_row(case: Any) -> WaitingRow:
    text = case.text_state == Moderation.WAITING
    spans: Sequence[Span] = found_in(case.text.description) if text else ()
    return WaitingRow(
        number=case.number,
        category=case.category.title if case.category else "",
        filed_at=case.filed_at,
        unit_name=case.unit.name,
        text=text,
        photos=case.photos,
        messages=max(case.pending - case.photos - text, 0),
        found=list(dict.fromkeys(kind_name(span.kind) for span in spans)),
    )
