"""The support list and guardians' consents: each person once, by account, by a confirmed address, or from paper."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from uuid import UUID

from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import clock, digests, events
from miasto.kernel.core.polish import fold
from miasto.kernel.notifications.services import checked_email
from miasto.modules.idea.budget.events import SupportAsked
from miasto.modules.idea.budget.models import MANAGE, VERIFY, GuardianConsent, Project, Supporter
from miasto.modules.idea.budget.states import ProjectState, SupportChannel
from miasto.modules.idea.budget.writing import Refused, lock, record

SUPPORT_LINK, GUARDIAN_LINK = "idea.budget_support", "idea.budget_guardian"
OPEN = (ProjectState.SUBMITTED, ProjectState.CORRECTION)
SALT = "idea.budget.list"
MOST = 300


@dataclass(frozen=True)
class SupporterRow:
    """Who supports a project; an address of e-mail only where there is no account."""

    name: str
    postal_address: str
    email: str = ""


def list_token(project: Project) -> str:
    """What the author shares so that others may sign: it opens the project's support page and nothing else."""
    return signing.Signer(salt=SALT).sign(project.pk.hex).partition(":")[2]


def is_list_token(project: Project, token: str) -> bool:
    """Whether a token is that of the project's support list."""
    return hmac.compare_digest(list_token(project).encode(), token.encode())


def _digest(*parts: str) -> bytes:
    words = "|".join(" ".join(fold(one).split()) for one in parts)
    return digests.plain(f"idea.support|{words}")


def count(project: Project) -> int:
    """How many confirmed supporters the project has; one query."""
    return Supporter.objects.filter(project=project, confirmed_at__isnull=False).count()


@transaction.atomic
def support(*, project: Project, row: SupporterRow, by: Viewer) -> Supporter:
    """Sign the list. An account counts at once, without one the owner of the address confirms by the link sent to it.

    Who signed before stays where they are: the same row is returned. Raises ``Refused`` for a list that is closed and for
    missing data.
    """
    found = lock(project)
    _require_open(found)
    if by.person_id:
        return _signed(found, row, SupportChannel.ACCOUNT, by)
    try:
        email = checked_email(row.email)
    except ValidationError as error:
        raise Refused({"email": error.messages}) from error
    made = _signed(found, SupporterRow(row.name, row.postal_address, email), SupportChannel.LINK, by)
    if made.confirmed_at is None:
        events.publish(SupportAsked(supporter_id=made.pk))
    return made


def _require_open(project: Project) -> None:
    if project.state not in OPEN:
        raise Refused(_("Lista poparcia tego projektu jest już zamknięta."), code="closed")


@transaction.atomic
def enter_supporters(*, project: Project, rows: list[SupporterRow], by: Viewer) -> int:
    """A clerk enters names from the paper list; returns how many were new. Those known by another channel are one person."""
    if not (by.holds(MANAGE) or by.holds(VERIFY)):
        raise PermissionDenied(MANAGE)
    found = lock(project)
    _require_open(found)
    before = count(found)
    for row in rows[:MOST]:
        _signed(found, row, SupportChannel.PAPER, by)
    fresh = count(found) - before
    record("supporters", found, by, new=fresh)
    return fresh


def _signed(project: Project, row: SupporterRow, channel: str, by: Viewer) -> Supporter:
    """The row of a person, made where there is none; the project is locked, so two at once are one."""
    wrong = {}
    if len(row.name.split()) < 2:
        wrong["name"] = _("Podaj imię i nazwisko.")
    if not row.postal_address.strip():
        wrong["postal_address"] = _("Podaj adres zamieszkania.")
    if wrong:
        raise Refused(wrong)
    person_id = by.person_id if channel == SupportChannel.ACCOUNT else None
    digest = _digest(row.name, row.postal_address)
    email_digest = _digest(row.email) if channel == SupportChannel.LINK else None
    known = _known(project, digest, email_digest, person_id)
    now = clock.now()
    confirmed = None if channel == SupportChannel.LINK else now
    if known is not None:
        if known.confirmed_at is None and confirmed is not None:
            known.confirmed_at, known.channel = confirmed, channel
        known.person_id = known.person_id or person_id
        known.save(update_fields=["confirmed_at", "channel", "person"])
        return known
    return Supporter.objects.create(
        project=project,
        person_id=person_id,
        channel=channel,
        name=row.name.strip()[:120],
        email=row.email.strip(),
        postal_address=row.postal_address.strip()[:300],
        digest=digest,
        email_digest=email_digest,
        at=now,
        confirmed_at=confirmed,
    )


def _known(project: Project, digest: bytes, email_digest: bytes | None, person_id: UUID | None) -> Supporter | None:
    rows = Supporter.objects.filter(project=project)
    found = rows.filter(person_id=person_id).first() if person_id else None
    if found is None and email_digest is not None:
        found = rows.filter(email_digest=email_digest).first()
    return found or rows.filter(digest=digest).first()


@transaction.atomic
def confirm_support(*, supporter_id: UUID, by: Viewer) -> Supporter:
    """The owner of the address says yes. Raises ``PermissionDenied`` without the link, ``Refused`` once the list is closed."""
    if supporter_id not in by.links:
        raise PermissionDenied(SUPPORT_LINK)
    row = Supporter.objects.select_for_update(of=("self",)).select_related("project").get(pk=supporter_id)
    if row.confirmed_at is None:
        _require_open(row.project)
        row.confirmed_at = clock.now()
        row.save(update_fields=["confirmed_at"])
    return row


@transaction.atomic
def stop_support(*, supporter_id: UUID, by: Viewer) -> None:
    """It was not theirs: the row goes, with the address."""
    if supporter_id not in by.links:
        raise PermissionDenied(SUPPORT_LINK)
    Supporter.objects.filter(pk=supporter_id, project__state__in=OPEN).delete()


@transaction.atomic
def give_consent(*, consent_id: UUID, by: Viewer, on_paper: bool = False) -> GuardianConsent:
    """The guardian agrees, by the link or (a clerk) on paper. Repeated, it changes nothing."""
    if consent_id not in by.links and not (on_paper and (by.holds(MANAGE) or by.holds(VERIFY))):
        raise PermissionDenied(GUARDIAN_LINK)
    row = GuardianConsent.objects.select_for_update(of=("self",)).select_related("author__project").get(pk=consent_id)
    if row.given_at is None:
        row.given_at, row.on_paper = clock.now(), on_paper
        row.save(update_fields=["given_at", "on_paper"])
        record("consent", row.author.project, by)
    return row


def missing(project: Project, needed: int) -> list[str]:
    """What the list and the consents still lack, in sentences; empty where nothing."""
    lacks = []
    have = count(project)
    if have < needed:
        lacks.append(_("Na liście poparcia jest %(have)d osób, a potrzeba %(need)d.") % {"have": have, "need": needed})
    if GuardianConsent.objects.filter(author__project=project, given_at=None).exists():
        lacks.append(_("Opiekun nie potwierdził jeszcze zgody."))
    return lacks
