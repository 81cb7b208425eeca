"""An issue from its draft to its sending: writing, approving, planning, freezing, pausing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, require
from miasto.kernel.core import changes, clock
from miasto.kernel.participation.services import Refused
from miasto.modules.idea.newsletter import rules, words
from miasto.modules.idea.newsletter.models import EDIT, Issue, IssueMessage, Subscriber

KIND = "idea.issue"
State = Issue.State
BATCH = 2000
ITEMS_MOST = 20


@dataclass(frozen=True, kw_only=True)
class Block:
    """A thing told in an issue as it was when the editor chose it; ``day`` is an ISO date or empty."""

    source: str
    key: str
    title: str
    summary: str
    url: str
    day: str = ""


@dataclass(frozen=True, kw_only=True)
class IssueRow:
    """What an editor writes. The English words are sent to those who chose English; without them they get the Polish ones."""

    title: str
    lead: str
    text: str = ""
    title_en: str = ""
    lead_en: str = ""
    text_en: str = ""
    blocks: Sequence[Block] = ()
    topics: Sequence[str] = ()
    areas: Sequence[str] = ()


@transaction.atomic
def create_issue(*, row: IssueRow, by: Viewer) -> Issue:
    """A new draft. Raises ``PermissionDenied``, ``ValidationError`` by field."""
    require(by, EDIT, None)
    made = Issue(created_at=clock.now(), rate=rules.rate())
    return _written(made, row, by, "issue_created")


@transaction.atomic
def update_issue(*, issue_id: UUID, row: IssueRow, by: Viewer) -> Issue:
    """Other words or another audience. An issue that waited or was planned is a draft again: what was approved has changed."""
    found = locked(issue_id, by)
    if not found.editable:
        raise Refused(_("Ten numer już wysyłamy, więc nie można go zmienić."), code="frozen")
    return _written(found, row, by, "issue_updated")


def _written(issue: Issue, row: IssueRow, by: Viewer, action: str) -> Issue:
    missing = {name: _("To pole jest potrzebne.") for name in ("title", "lead") if not getattr(row, name).strip()}
    if (row.title_en and not row.lead_en) or (row.lead_en and not row.title_en):
        missing["title_en"] = _("Wersja angielska potrzebuje tytułu i wstępu.")
    if len(row.blocks) > ITEMS_MOST:
        missing["blocks"] = _("Wybierz najwyżej %(most)d wiadomości.") % {"most": ITEMS_MOST}
    if missing:
        raise ValidationError(missing)
    for name in ("title", "lead", "text", "title_en", "lead_en", "text_en"):
        setattr(issue, name, getattr(row, name).strip())
    issue.blocks, issue.topics, issue.areas = [asdict(one) for one in row.blocks], list(row.topics), list(row.areas)
    issue.state, issue.edited_by = State.DRAFT, by.person_id
    issue.approved_by = issue.approved_at = None
    issue.save()
    record(action, issue, by)
    return issue


@transaction.atomic
def submit_issue(*, issue_id: UUID, send_at: datetime | None, by: Viewer) -> Issue:
    """The draft is ready, to go out at ``send_at`` or at once. It waits for a second person where the rules want one."""
    issue = locked(issue_id, by, State.DRAFT)
    issue.send_at = max(send_at, clock.now()) if send_at else clock.now()
    issue.state = State.WAITING if rules.second_person() else State.PLANNED
    issue.save(update_fields=["send_at", "state"])
    record("issue_submitted", issue, by)
    return issue


@transaction.atomic
def approve_issue(*, issue_id: UUID, by: Viewer) -> Issue:
    """Somebody else than the last editor agrees; the issue goes out at its time."""
    issue = locked(issue_id, by, State.WAITING)
    if issue.edited_by == by.person_id:
        raise Refused(_("Zatwierdza inna osoba niż ta, która ostatnio zmieniała numer."), code="own")
    issue.state, issue.approved_by, issue.approved_at = State.PLANNED, by.person_id, clock.now()
    issue.save(update_fields=["state", "approved_by", "approved_at"])
    record("issue_approved", issue, by)
    return issue


@transaction.atomic
def withdraw_issue(*, issue_id: UUID, by: Viewer) -> Issue:
    """Back to a draft before anything went out."""
    issue = locked(issue_id, by, State.WAITING, State.PLANNED)
    issue.state, issue.approved_by, issue.approved_at = State.DRAFT, None, None
    issue.save(update_fields=["state", "approved_by", "approved_at"])
    record("issue_withdrawn", issue, by)
    return issue


@transaction.atomic
def pause_issue(*, issue_id: UUID, by: Viewer) -> Issue:
    """Stop for now; nobody is forgotten."""
    return _turn(issue_id, by, State.PAUSED, State.SENDING)


@transaction.atomic
def resume_issue(*, issue_id: UUID, by: Viewer) -> Issue:
    """Go on with those who have not got it."""
    from miasto.modules.idea.newsletter import jobs

    issue = _turn(issue_id, by, State.SENDING, State.PAUSED)
    jobs.send.defer(issue_id=str(issue.pk), once=f"newsletter:{issue.pk}")
    return issue


@transaction.atomic
def cancel_issue(*, issue_id: UUID, by: Viewer) -> Issue:
    """Stop for good; the messages that have not gone out are deleted."""
    issue = _turn(issue_id, by, State.CANCELLED, State.SENDING, State.PAUSED)
    issue.finished_at = clock.now()
    issue.save(update_fields=["finished_at"])
    issue.messages.filter(sent_at=None).delete()
    return issue


def _turn(issue_id: UUID, by: Viewer, to: str, *since: str) -> Issue:
    issue = locked(issue_id, by, *since)
    issue.state = to
    issue.save(update_fields=["state"])
    record(f"issue_{to}", issue, by)
    return issue


@transaction.atomic
def start_issue(*, issue_id: UUID) -> bool:
    """The time has come: the words are frozen, the issue gets its number and a message for each reader. False where it was."""
    from miasto.modules.idea.newsletter import jobs

    issue = Issue.objects.select_for_update().filter(pk=issue_id, state=State.PLANNED, send_at__lte=clock.now()).first()
    if issue is None:
        return False
    issue.number, issue.state, issue.started_at = next_number(), State.SENDING, clock.now()
    issue.frozen = frozen(issue)
    issue.recipients = _make_messages(issue)
    issue.save()
    record("issue_sending", issue, SYSTEM, number=issue.number, recipients=issue.recipients)
    jobs.send.defer(issue_id=str(issue.pk), once=f"newsletter:{issue.pk}")
    return True


def _make_messages(issue: Issue) -> int:
    made, ids = 0, list(readers(issue).order_by("id").values_list("pk", flat=True))
    for at in range(0, len(ids), BATCH):
        part = [IssueMessage(issue=issue, subscriber_id=pk) for pk in ids[at : at + BATCH]]
        made += len(IssueMessage.objects.bulk_create(part))
    return made


def next_number() -> int:
    """The number of the next issue that goes out; taken under a lock until the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('idea.newsletter.number', 0))")
    return (Issue.objects.aggregate(last=Max("number"))["last"] or 0) + 1


def readers(issue: Issue) -> QuerySet[Subscriber]:
    """The confirmed subscribers whom an issue concerns, each address once: an account comes before its bare address."""
    found = Subscriber.objects.filter(confirmed_at__isnull=False)
    if issue.topics:
        found = found.filter(Q(topics=[]) | Q(topics__has_any_keys=list(issue.topics)))
    if issue.areas:
        found = found.filter(Q(areas=[]) | Q(areas__has_any_keys=list(issue.areas)))
    account = Subscriber.objects.filter(person__email__iexact=OuterRef("email"), confirmed_at__isnull=False)
    return found.exclude(Q(person=None) & Exists(account))


def frozen(issue: Issue) -> dict[str, Any]:
    """The words of an issue by language, taken apart, as they are sent and shown."""
    items = issue.blocks
    said = {"pl": {"title": issue.title, "lead": issue.lead, "parts": words.parts_of(issue.text), "items": items}}
    if issue.title_en:
        parts = words.parts_of(issue.text_en or issue.text)
        said["en"] = {"title": issue.title_en, "lead": issue.lead_en, "parts": parts, "items": items}
    return said


def locked(issue_id: UUID, by: Viewer, *states: str) -> Issue:
    """The issue's row, locked until the commit; raises ``PermissionDenied``, ``Refused`` where it is in none of the states."""
    require(by, EDIT, None)
    issue = Issue.objects.select_for_update().get(pk=issue_id)
    if states and issue.state not in states:
        raise Refused(_("W międzyczasie zmienił się stan tego numeru. Odśwież stronę."), code="state")
    return issue


def record(action: str, issue: Issue, by: Viewer, **data: Any) -> None:
    """Append to the audit: numbers and states, no addresses."""
    changes.record(action=f"idea.newsletter_{action}", kind=KIND, object_id=issue.pk, actor=by.actor, data=data)


@transaction.atomic
def import_issue(*, row: IssueRow, sent_at: datetime, counts: dict[str, int]) -> Issue:
    """An issue that went out before this platform (or in a demo); nobody is written to. ``counts``: columns of ``Issue``."""
    made = Issue(created_at=sent_at, rate=rules.rate(), title=row.title, lead=row.lead, text=row.text)
    made.title_en, made.lead_en, made.text_en = row.title_en, row.lead_en, row.text_en
    made.blocks, made.topics, made.areas = [asdict(one) for one in row.blocks], list(row.topics), list(row.areas)
    made.number, made.state = next_number(), State.SENT
    made.send_at = made.started_at = made.finished_at = sent_at
    made.frozen = frozen(made)
    for name, value in counts.items():
        setattr(made, name, value)
    made.save()
    record("issue_imported", made, SYSTEM, number=made.number)
    return made
