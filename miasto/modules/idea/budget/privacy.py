"""What the budget holds of a person, and how long."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from miasto.kernel.accounts.selectors import SYSTEM, contact_of
from miasto.kernel.accounts.services import revoke_links
from miasto.kernel.core import clock, mail
from miasto.kernel.core.city import city
from miasto.modules.idea.budget.models import Edition, GuardianConsent, ProjectAuthor, ProposalDraft, Supporter
from miasto.modules.idea.budget.proposing import KEEP_DRAFT_DAYS, PROJECT_LINK
from miasto.modules.idea.budget.supporting import GUARDIAN_LINK, SUPPORT_LINK

MONTHS = 60
AUTHOR = {"name": "", "email": "", "phone": "", "postal_address": "", "name_public": False, "person": None}


def months() -> int:
    """How long the people of a finished edition are kept."""
    return city().limit("budget_months", MONTHS)


def _own(person_id: UUID) -> Q:
    """What is a person's by account, or under their own confirmed address."""
    own, contact = Q(person=person_id), contact_of(person_id)
    if contact and contact["email"]:
        own |= Q(email__iexact=contact["email"])
    return own


def export(person_id: UUID) -> list[dict[str, Any]]:
    """The proposals of which the person is an author, the lists signed, the consents given."""
    own, contact = _own(person_id), contact_of(person_id)
    found: list[dict[str, Any]] = [
        {
            "project": row.project.title,
            "lead": row.lead,
            **{name: getattr(row, name) for name in ("name", "email", "phone", "postal_address")},
        }
        for row in ProjectAuthor.objects.filter(own).select_related("project").order_by("project__filed_at")
    ]
    found += [
        {"supports": row.project.title, "at": row.at.isoformat(), "name": row.name, "postal_address": row.postal_address}
        for row in Supporter.objects.filter(own).select_related("project").order_by("at")
    ]
    if contact and contact["email"]:
        rows = GuardianConsent.objects.filter(email__iexact=contact["email"]).select_related("author__project")
        found += [{"guardian_of": row.author.project.title, "name": row.name, "email": row.email} for row in rows]
    return found


@transaction.atomic
def erase(person_id: UUID) -> int:
    """Overwrite the person; a project stays with its number and its words, which are public."""
    own, contact = _own(person_id), contact_of(person_id)
    count = _forget_authors(ProjectAuthor.objects.filter(own)) + _forget_supporters(Supporter.objects.filter(own))
    if contact and contact["email"]:
        count += _forget_guardians(GuardianConsent.objects.filter(email__iexact=contact["email"]))
    return count


def _forget_authors(rows: QuerySet) -> int:
    ids = list(rows.values_list("pk", "project_id"))
    for author_id, project_id in ids:
        mail.forget_about(project_id)
        revoke_links(object_id=project_id, purpose=PROJECT_LINK, by=SYSTEM)
        _forget_guardians(GuardianConsent.objects.filter(author=author_id))
        ProjectAuthor.objects.filter(pk=author_id).update(**AUTHOR, erased_at=clock.now())
    return len(ids)


def _forget_guardians(rows: QuerySet) -> int:
    ids = list(rows.values_list("pk", flat=True))
    for consent_id in ids:
        mail.forget_about(consent_id)
        revoke_links(object_id=consent_id, purpose=GUARDIAN_LINK, by=SYSTEM)
    GuardianConsent.objects.filter(pk__in=ids).update(name="", email="")
    return len(ids)


def _forget_supporters(rows: QuerySet) -> int:
    ids = list(rows.values_list("pk", flat=True))
    for row_id in ids:
        mail.forget_about(row_id)
        revoke_links(object_id=row_id, purpose=SUPPORT_LINK, by=SYSTEM)
        left = {"name": "", "email": "", "postal_address": "", "person": None, "email_digest": None}
        Supporter.objects.filter(pk=row_id).update(**left, digest=row_id.bytes * 2, erased_at=clock.now())
    return len(ids)


def _old(before: datetime) -> QuerySet:
    return Edition.objects.filter(finished_at__lt=before, anonymised_at=None)


def due(until: datetime) -> int:
    """How many finished editions will be anonymised up to an instant."""
    return _old(clock.months_before(until, months())).count()


def expire(before: datetime) -> int:
    """Overwrite the people of editions finished before an instant; a killed run goes on later."""
    count = 0
    for edition in list(_old(before)):
        with transaction.atomic():
            _forget_authors(ProjectAuthor.objects.filter(project__edition=edition, erased_at=None))
            _forget_supporters(Supporter.objects.filter(project__edition=edition, erased_at=None))
            Edition.objects.filter(pk=edition.pk).update(anonymised_at=clock.now())
        count += 1
    return count


def export_drafts(person_id: UUID) -> list[dict[str, Any]]:
    """Proposals being written."""
    return [row.data for row in ProposalDraft.objects.filter(person=person_id, project_id=None) if row.data]


def erase_drafts(person_id: UUID) -> int:
    """Delete proposals being written; their files go with the other unattached ones."""
    return ProposalDraft.objects.filter(person=person_id).delete()[0]


def expire_drafts() -> int:
    """Delete drafts that nobody has touched for long."""
    return ProposalDraft.objects.filter(changed_at__lt=clock.now() - timedelta(days=KEEP_DRAFT_DAYS)).delete()[0]
