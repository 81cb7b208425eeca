"""Reading processes and their ledgers. Every read begins with ``visible_to``."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, Min, OuterRef, Prefetch, Q, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, link_purposes, may
from miasto.kernel.core import clock
from miasto.kernel.core.personal import Span
from miasto.kernel.core.polish import fold
from miasto.kernel.participation import law
from miasto.kernel.participation.access import ANSWER, CONFIRM_LINK, MANAGE, REMARK_LINK, SEAT_LINK, is_author, reads_words
from miasto.kernel.participation.attachments import FileView, film_of, of_remark, of_versions
from miasto.kernel.participation.attachments import most as files_most
from miasto.kernel.participation.law import AUTHOR_FIELDS, Basis, Choice, Field
from miasto.kernel.participation.listeners import calendar_event, kind_of, remark_url
from miasto.kernel.participation.models import (
    Contribution,
    Decision,
    Document,
    DocumentVersion,
    Group,
    Meeting,
    Paragraph,
    Phase,
    Process,
    Registration,
    ReportFile,
)
from miasto.kernel.participation.outcomes import Fate, came_of, outcomes_at, outcomes_of
from miasto.kernel.participation.remark_models import OUTCOMES, Channel, Status, TextState
from miasto.kernel.participation.reporting import Answered, csv_of, public_text, rows, sums, supplements
from miasto.kernel.participation.tallying import selectors as tallying
from miasto.kernel.participation.voting import selectors as voting
from miasto.kernel.places.masking import found_in, masked

__all__ = [
    "ANSWER",
    "AUTHOR_FIELDS",
    "CONFIRM_LINK",
    "MANAGE",
    "OUTCOMES",
    "REMARK_LINK",
    "SEAT_LINK",
    "Answered",
    "Basis",
    "Channel",
    "Choice",
    "Document",
    "Fate",
    "Field",
    "Phase",
    "Status",
    "calendar_event",
    "came_of",
    "csv_of",
    "files_most",
    "film_of",
    "law",
    "link_purposes",
    "of_versions",
    "outcomes_at",
    "outcomes_of",
    "remark_url",
    "sums",
    "supplements",
    "tallying",
    "voting",
]  # fmt: skip

PLANNED, OPEN, CONSIDERED, ENDED = "planned", "open", "considered", "ended"
COLOURS = {
    "waiting": "grey",
    "accepted": "green",
    "partly": "blue",
    "rejected": "orange",
    "out_of_scope": "purple",
    "late": "yellow",
}


def state_names() -> dict[str, str]:
    """What the states of a process are called."""
    return {
        OPEN: _("można wysyłać uwagi"),
        PLANNED: _("wkrótce"),
        CONSIDERED: _("urząd odpowiada na uwagi"),
        ENDED: _("zakończone"),
    }


def state_of(process: Process, day: date | None = None) -> str:
    """Where a published process stands on a local date; its phases must be there."""
    today = day or clock.today()
    if process.closed_at is not None:
        return ENDED
    taking = [phase for phase in process.phases.all() if Phase.Action.REMARK in phase.actions]
    if any(phase.starts_on <= today <= phase.ends_on for phase in taking):
        return OPEN
    return PLANNED if any(phase.starts_on > today for phase in taking) else CONSIDERED


def processes(viewer: Viewer, process_kind: str) -> QuerySet[Process]:
    """The processes of a kind that a viewer may see, newest first, with phases and unit; without geometry."""
    found = Process.objects.visible_to(viewer).filter(process_kind=process_kind)
    return found.select_related("unit", "area").prefetch_related("phases").defer(*_HEAVY).order_by("-published_at", "-id")


_HEAVY = ("geom", "geom_3857", "area__geom", "area__geom_3857")


def in_state(found: QuerySet[Process], state: str) -> QuerySet[Process]:
    """The published processes in a state today."""
    today = clock.today()
    taking = Phase.objects.filter(process=OuterRef("pk"), actions__contains=[Phase.Action.REMARK])
    now, ahead = taking.filter(starts_on__lte=today, ends_on__gte=today), taking.filter(starts_on__gt=today)
    found = found.filter(published_at__isnull=False)
    if state == ENDED:
        return found.filter(closed_at__isnull=False)
    going = found.filter(closed_at=None)
    if state == OPEN:
        return going.filter(Exists(now))
    if state == PLANNED:
        return going.filter(~Exists(now), Exists(ahead))
    return going.filter(~Exists(now), ~Exists(ahead))


def process_for(slug: str, viewer: Viewer) -> Process:
    """A process by its address; raises ``Process.DoesNotExist``."""
    found = Process.objects.visible_to(viewer).select_related("unit__organisation", "area", "previous")
    return found.prefetch_related("phases").defer(*_HEAVY).get(slug=slug)


def process_by_id(process_id: UUID, viewer: Viewer, permission: str) -> Process | None:
    """A process for staff with a permission in its unit; None where there is none for them."""
    found = Process.objects.visible_to(viewer).select_related("unit", "area").prefetch_related("phases").defer(*_HEAVY)
    one = found.filter(pk=process_id).first()
    return one if one is not None and may(viewer, permission, one) else None


def process_url(process: Any) -> str:
    """The public page of a process."""
    return kind_of(process).url.format(slug=process.slug)


def process_details(process: Any) -> list[tuple[Any, Any]]:
    """What the page of the city object says of a process."""
    return [(_("Kto decyduje"), process.decided_by), (_("Kiedy"), process.decided_when)]


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document with its newest version and how many versions there are."""

    document: Document
    version: DocumentVersion
    versions: list[DocumentVersion]


def documents(process: Process) -> list[DocumentView]:
    """The documents of a process in their order; 2 queries."""
    found = Document.objects.filter(process=process).prefetch_related("versions")
    return [DocumentView(one, one.versions.all()[0], list(one.versions.all())) for one in found if one.versions.all()]


def version_of(process: Process, version_id: UUID) -> DocumentVersion | None:
    """One version of one of the process's documents with all versions of the document."""
    found = DocumentVersion.objects.filter(pk=version_id, document__process=process)
    return found.select_related("document").prefetch_related("document__versions").first()


def document_of(process: Process, document_id: UUID) -> Document | None:
    """One of the process's documents."""
    return Document.objects.filter(process=process, pk=document_id).first()


def paragraphs(version: DocumentVersion) -> list[tuple[Paragraph, int]]:
    """The paragraphs of a version with the number of remarks on each; 2 queries."""
    counted = Contribution.objects.filter(version=version, paragraph__isnull=False).values_list("paragraph")
    counts = dict(counted.annotate(n=Count("pk")).order_by())
    return [(one, counts.get(one.pk, 0)) for one in Paragraph.objects.filter(version=version)]


def paragraph_of(process: Process, paragraph_id: UUID) -> Paragraph | None:
    """One paragraph of one of the process's documents that takes remarks."""
    found = Paragraph.objects.filter(pk=paragraph_id, version__document__process=process, heading=False)
    return found.select_related("version__document").first()


def open_phase(process: Process, day: date | None = None) -> Phase | None:
    """The phase in which remarks are taken on a local date (today)."""
    today = day or clock.today()
    found = (one for one in process.phases.all() if Phase.Action.REMARK in one.actions)
    return None if process.closed_at else next((one for one in found if one.starts_on <= today <= one.ends_on), None)


def remarks_end(process: Process) -> date | None:
    """The last local day on which remarks are taken."""
    return max((one.ends_on for one in process.phases.all() if Phase.Action.REMARK in one.actions), default=None)


def author_choices(process: Process) -> list[tuple[str, str]]:
    """Who may send remarks to a process, for a form."""
    return [(one.key, one.name) for one in law.author_groups() if one.key in process.author_groups]


@dataclass(frozen=True, slots=True)
class MeetingView:
    """A meeting with its free seats (None where nobody has to register)."""

    meeting: Meeting
    free: int | None
    over: bool


def meetings(process: Process) -> list[MeetingView]:
    """The meetings of a process by time; one query."""
    seated = Count("registrations", filter=Q(registrations__cancelled_at=None, registrations__waiting=False))
    now = clock.now()
    return [
        MeetingView(one, max(one.capacity - one.seated, 0) if one.capacity else None, one.starts_at <= now)
        for one in Meeting.objects.filter(process=process).annotate(seated=seated).order_by("starts_at", "id")
    ]


def meeting_for(process: Process, meeting_id: UUID) -> Meeting | None:
    """One meeting of a process."""
    return Meeting.objects.filter(process=process, pk=meeting_id).first()


def coming_meetings(viewer: Viewer, process_kind: str) -> QuerySet[Meeting]:
    """The meetings ahead and those of the last 90 days of all published processes of a kind, called off ones too."""
    seen = Process.objects.visible_to(viewer).filter(process_kind=process_kind, published_at__isnull=False)
    since = clock.months_before(clock.now(), 3)
    return Meeting.objects.filter(process__in=seen, ends_at__gte=since).select_related("process").order_by("starts_at")


def registrations(meeting: Meeting, viewer: Viewer) -> QuerySet[Registration]:
    """Who registered, in order: seats first."""
    return Registration.objects.visible_to(viewer).filter(meeting=meeting, cancelled_at=None).order_by("waiting", "at")


def registration_for(registration_id: UUID, viewer: Viewer) -> Registration | None:
    """One's own registration, by account or secret link."""
    found = Registration.objects.visible_to(viewer).select_related("meeting__process")
    return found.filter(pk=registration_id).first()


def registered(process: Process, viewer: Viewer) -> set[UUID]:
    """The meetings of a process for which the viewer's account is registered; no query without an account."""
    if viewer.person_id is None:
        return set()
    rows = Registration.objects.filter(meeting__process=process, person=viewer.person_id, cancelled_at=None)
    return set(rows.values_list("meeting_id", flat=True))


@dataclass(frozen=True, kw_only=True)
class LedgerFilters:
    """What of a ledger is asked: words of the published text or a number, a status, a paragraph or a document's version."""

    text: str = ""
    status: str = ""
    author_group: str = ""
    paragraph_id: UUID | None = None
    version_id: UUID | None = None
    group_number: int | None = None
    waiting_text: bool = False
    with_place: bool = False


def ledger(process: Process, viewer: Viewer, filters: LedgerFilters) -> QuerySet[Contribution]:
    """The remarks of a process by number, with what a list shows of each."""
    found = Contribution.objects.visible_to(viewer).filter(process=process)
    for field, value in (
        ("status", filters.status),
        ("author_group", filters.author_group),
        ("paragraph", filters.paragraph_id),
        ("version", filters.version_id),
        ("group__number", filters.group_number),
    ):
        if value:
            found = found.filter(**{field: value})
    if filters.waiting_text:
        found = found.filter(text_state=TextState.WAITING)
    if filters.with_place:
        found = found.filter(geom__isnull=False)
    if filters.text:
        found = _searched(found, filters.text)
    return found.select_related("text", "group", "paragraph", "version__document").order_by("number").defer("text__folded")


def _searched(found: QuerySet[Contribution], text: str) -> QuerySet[Contribution]:
    number = text.strip().lstrip("#")
    if number.isdecimal() and len(number) < 10:
        return found.filter(number=int(number))
    for word in fold(text).split()[:8]:
        found = found.filter(text__folded__contains=word, text_state=TextState.APPROVED)
    return found


def statuses(process: Process) -> list[tuple[str, str, str, int]]:
    """(status, its name, its colour, how many remarks) of a ledger; one query."""
    rows = Contribution.objects.filter(process=process).order_by("status").values_list("status").annotate(n=Count("pk"))
    counts = dict(rows)
    shown = [(value, label) for value, label in Status.choices if value != Status.LATE or value in counts]
    return [(value, str(label), COLOURS[value], counts.get(value, 0)) for value, label in shown]


def places_geojson(process: Process, viewer: Viewer, number: int | None = None) -> dict[str, Any]:
    """The remarks that have a place, or one of them, as GeoJSON (RFC 7946): number, status, address of the page; no words."""
    rows = Contribution.objects.visible_to(viewer).filter(process=process, geom__isnull=False).order_by("number")
    if number is not None:
        rows = rows.filter(number=number)
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "geometry": json.loads(made.geom.geojson),
                "properties": {
                    "number": made.number,
                    "status": made.status,
                    "label": _("Uwaga nr %(n)d") % {"n": made.number},
                    "url": remark_url(process, made.number),
                },
            }
            for made in rows[:2000]
        ],
    }


@dataclass(frozen=True, slots=True)
class RemarkView:
    """A remark as one viewer may see it. ``body`` is empty where its words are not for this viewer.

    ``original`` says that these are the words as written and not what everybody reads; ``author`` is None for everybody else
    than the author and those who answer; ``history`` holds the earlier decisions, newest first.
    """

    row: Contribution
    body: str
    original: bool
    mine: bool
    author: Any
    history: list[Decision]
    status_name: str
    colour: str
    channel_name: str
    group_name: str
    files: list[FileView]


def remark(process: Process, number: int, viewer: Viewer) -> RemarkView | None:
    """One remark of a ledger; None where there is none for this viewer. At most 4 queries."""
    found = Contribution.objects.visible_to(viewer).filter(process=process, number=number)
    row = found.select_related("text", "author", "decision__unit", "group", "paragraph", "version__document", "meeting").first()
    if row is None:
        return None
    row.process = process
    whole = reads_words(viewer, row)
    return RemarkView(
        row=row,
        body=row.text.body if whole else public_text(row),
        original=whole and row.text.body != public_text(row),
        mine=is_author(viewer, row),
        author=row.author if whole else None,
        history=_earlier(row),
        status_name=str(Status(row.status).label),
        colour=COLOURS[row.status],
        channel_name=str(Channel(row.channel).label),
        group_name=law.name_of(law.author_groups(), row.author_group),
        files=of_remark(row.pk, whole=whole) if whole or row.text_state == TextState.APPROVED else [],
    )


def _earlier(row: Contribution) -> list[Decision]:
    """Earlier decisions of the remark's group; the audit names those of a single remark."""
    if row.group_id is None:
        return []
    return list(Decision.objects.filter(group=row.group_id).exclude(pk=row.decision_id).order_by("-at", "-id"))


def words_of(row: Contribution, viewer: Viewer) -> str:
    """The words of one row of a ledger as this viewer may read them; asks nothing."""
    return row.text.body if reads_words(viewer, row) else public_text(row)


def mine(viewer: Viewer) -> QuerySet[Contribution]:
    """What the viewer wrote by account, newest first."""
    if viewer.person_id is None:
        return Contribution.objects.none()
    found = Contribution.objects.filter(person=viewer.person_id).select_related("process", "text")
    return found.order_by("-entered_at", "-id")


def contribution_for(contribution_id: UUID, viewer: Viewer) -> Contribution | None:
    """A remark by its identifier with its process and author, for who may see it."""
    found = Contribution.objects.visible_to(viewer).select_related("process", "author")
    return found.filter(pk=contribution_id).first()


def findings(text: str) -> tuple[list[Span], str]:
    """Personal data found in a text, and the text with them masked."""
    return found_in(text), masked(text)


# What staff reads.


def staff_processes(viewer: Viewer, process_kind: str) -> QuerySet[Process]:
    """The processes of the viewer's units with what waits in each: ``unanswered`` and ``unread`` remarks; drafts first."""
    seen = processes(viewer, process_kind)
    held = [viewer.units_with(MANAGE), viewer.units_with(ANSWER)]
    if None not in held:
        seen = seen.filter(unit__in=set().union(*(one for one in held if one)))
    return seen.annotate(
        unanswered=Count("contributions", filter=Q(contributions__status=Status.WAITING)),
        unread=Count("contributions", filter=Q(contributions__text_state=TextState.WAITING)),
    ).order_by("closed_at", "-created_at")


def waiting(viewer: Viewer) -> tuple[int, int]:
    """(unanswered, unread) remarks of the processes that the viewer answers; one query."""
    rows = Contribution.objects.filter(process__closed_at=None)
    units = viewer.units_with(ANSWER)
    if units is not None:
        rows = rows.filter(process__unit__in=units)
    sums = rows.aggregate(
        unanswered=Count("pk", filter=Q(status=Status.WAITING)), unread=Count("pk", filter=Q(text_state=TextState.WAITING))
    )
    return sums["unanswered"], sums["unread"]


def next_unread(process: Process) -> Contribution | None:
    """The first remark whose words wait for a reader."""
    rows = Contribution.objects.filter(process=process, text_state=TextState.WAITING)
    return rows.select_related("text").order_by("number").first()


def groups(process: Process) -> QuerySet[Group]:
    """The groups of a process with the number of their remarks (``size``) and the newest decision first."""
    newest = Decision.objects.order_by("-at", "-id")
    return (
        Group.objects.filter(process=process)
        .annotate(size=Count("contributions"))
        .prefetch_related(Prefetch("decisions", queryset=newest))
    )


def all_late(group: Group) -> bool:
    """Whether every remark of a group came too late."""
    return not Contribution.objects.filter(group=group, late=False).exists()


def group_for(process: Process, number: int) -> Group | None:
    """One group by its number."""
    return Group.objects.filter(process=process, number=number).first()


def contributions(process: Process, ids: Iterable[UUID]) -> QuerySet[Contribution]:
    """Some remarks of a process."""
    return Contribution.objects.filter(process=process, pk__in=list(ids))


REMARKS_SHOWN = 20


def decisions(process: Process) -> QuerySet[Decision]:
    """The decisions that answer the remarks of a process up to its close, by the first number: ``first``, ``size``."""
    found = Decision.objects.filter(contributions__process=process, contributions__after_close=False)
    return (
        found.annotate(first=Min("contributions__number"), size=Count("contributions")).select_related("unit").order_by("first")
    )


def answered(found: Iterable[Decision], process: Process) -> list[Answered]:
    """Some decisions of ``decisions`` with the first ``REMARKS_SHOWN`` of the remarks that each answers; one query."""
    wanted = list(found)
    place = Window(RowNumber(), partition_by="decision_id", order_by="number")
    shown: dict[UUID, list[Contribution]] = {one.pk: [] for one in wanted}
    for row in rows(process.pk).filter(decision__in=wanted).annotate(place=place).filter(place__lte=REMARKS_SHOWN):
        shown[row.decision_id].append(row)
    return [_answered(one, shown[one.pk]) for one in wanted]


def _answered(decision: Decision, remarks: list[Contribution]) -> Answered:
    group = next((row.group for row in remarks if row.group), None)
    unit = decision.unit.name if decision.unit else ""
    name = str(Status(decision.outcome).label)
    return Answered(group.title if group else "", decision.outcome, name, decision.reasons, unit, remarks)


def report_file(process: Process, kind: str) -> bytes | None:
    """A drawn file of the report; None while it is being drawn or the process is not closed."""
    data = ReportFile.objects.filter(report=process.pk, kind=kind).values_list("data", flat=True).first()
    return bytes(data) if data is not None else None
