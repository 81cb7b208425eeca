"""What ideas hold of a person, and how long."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from miasto.kernel.accounts.selectors import SYSTEM, contact_of
from miasto.kernel.core import clock, mail
from miasto.kernel.core.city import city
from miasto.modules.idea.ideas.drafting import drop
from miasto.modules.idea.ideas.models import Idea, IdeaFollower, IdeaSupport, PublicName, State
from miasto.modules.idea.ideas.supporting import ADDRESS, address_digest

MONTHS = 24


def months() -> int:
    """How long supporters of an idea that is over are kept."""
    return city().limit("idea_months", MONTHS)


def _supports_of(person_id: UUID) -> QuerySet[IdeaSupport]:
    contact = contact_of(person_id)
    own = Q(person=person_id)
    if contact and contact["email"]:
        own |= Q(who=address_digest(contact["email"]), confirmed_at__isnull=False)
    return IdeaSupport.objects.filter(own)


def export(person_id: UUID) -> list[dict[str, Any]]:
    """The name, ideas, drafts, supports and followed ideas of a person."""
    found: list[dict[str, Any]] = [
        {"public name": name} for name in PublicName.objects.filter(person=person_id).values_list("name", flat=True)
    ]
    for idea in Idea.objects.filter(author=person_id).order_by("created_at"):
        versions = [{"number": one.number, "title": one.title, "text": one.text} for one in idea.versions.all()]
        found.append({"idea": idea.number, "state": idea.state, "versions": versions})
    for row in _supports_of(person_id).select_related("idea").order_by("at"):
        found.append({"supports": row.idea.number, "at": row.at.isoformat(), "email": row.email})
    for number in IdeaFollower.objects.filter(person=person_id).values_list("idea__number", flat=True):
        found.append({"follows": number})
    return found


@transaction.atomic
def erase(person_id: UUID) -> int:
    """Delete drafts, the name and the address; published ideas and the count of supporters stay, without the person."""
    count = 0
    for idea in Idea.objects.filter(author=person_id, state=State.DRAFT).select_related("thread"):
        drop(idea, SYSTEM)
        count += 1
    count += Idea.objects.filter(author=person_id).update(author=None)
    count += _forget(_supports_of(person_id))
    count += IdeaFollower.objects.filter(person=person_id).delete()[0]
    return count + PublicName.objects.filter(person=person_id).delete()[0]


def _forget(rows: QuerySet[IdeaSupport]) -> int:
    ids = list(rows.values_list("pk", flat=True))
    for support_id in ids:
        mail.forget_about(support_id)
        ADDRESS.revoke(support_id, SYSTEM)
        IdeaSupport.objects.filter(pk=support_id).update(person=None, email="", who=f"erased:{support_id.hex[:30]}")
    return len(ids)


def _old(before: datetime) -> QuerySet[Idea]:
    return Idea.objects.filter(ended_at__lt=before, anonymised_at=None)


def due(until: datetime) -> int:
    """How many ideas will lose their supporters' addresses up to an instant."""
    return _old(clock.months_before(until, months())).count()


def expire(before: datetime) -> int:
    """Forget who supported and followed the ideas that were over before an instant; the counts stay."""
    count = 0
    for idea in list(_old(before).only("pk")):
        with transaction.atomic():
            _forget(IdeaSupport.objects.filter(idea=idea).exclude(email="", person=None))
            IdeaFollower.objects.filter(idea=idea).delete()
            Idea.objects.filter(pk=idea.pk).update(anonymised_at=clock.now())
        count += 1
    return count
