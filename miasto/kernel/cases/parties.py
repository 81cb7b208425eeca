"""Those who file a case together.

A group files one case. The filer invites others; whoever confirms gets a secret link of their own, sees the private page and
gets every message (KPA art. 40 § 3: letters go to all parties, unless they name one). What a co-filer sees of the others is
only how many they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, confirmed_emails, link_purposes
from miasto.kernel.accounts.services import make_link, open_link, revoke_links
from miasto.kernel.cases import writing
from miasto.kernel.cases.access import standing
from miasto.kernel.cases.events import CoFilerInvited, CoFilerJoined
from miasto.kernel.cases.models import Case, CaseParty, CaseStep
from miasto.kernel.cases.writing import Refused
from miasto.kernel.core import clock, events
from miasto.kernel.core.ids import uuid7
from miasto.kernel.notifications.services import checked_email

CO_FILER, PASSED_ON = "co_filer", "passed_on"
CO_FILER_LINK, INVITE_LINK = "cases.co_filer", "cases.invite"
MOST = 50
JOINED_MOST = 30
INVITE_DAYS = 30


@dataclass(frozen=True, slots=True)
class CoFiler:
    """One of the others as the filer and staff see them. ``contact`` is what the filer typed or the person gave."""

    id: int
    name: str
    contact: str
    confirmed: bool
    representative: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Those who file together. ``others`` is empty for a co-filer, who knows only ``count`` (the filer and the confirmed)."""

    count: int
    others: list[CoFiler]
    may_invite: bool
    representative: str


def group_of(case: Case, parties: Iterable[CaseParty], *, leads: bool) -> Group:
    """The group of a case for somebody inside it; ``leads`` for staff and the filer, who see who belongs to it. No query."""
    rows = [party for party in parties if party.role == CO_FILER] if leads else []
    others = [CoFiler(row.pk, row.name, row.email or row.phone, _confirmed(row), row.representative) for row in rows]
    spokesman = next((one.name or one.contact for one in others if one.representative), "")
    return Group(case.co_filers + 1, others, may_invite=leads and not _ended(case), representative=spokesman)


def is_first_filer(case: Case, viewer: Viewer) -> bool:
    """Whether the viewer is the one who filed, and not one who joined: 1 query, none in a case that nobody joined."""
    if viewer.system or (viewer.person_id is not None and case.filer_person_id == viewer.person_id):
        return True
    if case.pk not in viewer.links:
        return False
    if not case.co_filers:
        return True
    opened = [link_id for object_id, link_id in viewer.link_ids if object_id == case.pk]
    return not opened or any(purpose != CO_FILER_LINK for purpose in link_purposes(opened))


def _confirmed(row: CaseParty) -> bool:
    return row.state == CaseParty.State.CONFIRMED


def _ended(case: Case) -> bool:
    return case.closed_at is not None


def addresses(text: str) -> list[str]:
    """The e-mail addresses of a text, separated by commas, semicolons, blanks or new lines; each once.

    Raises ``ValidationError`` that names the one which is none.
    """
    found: dict[str, str] = {}
    for word in text.replace(",", " ").replace(";", " ").split():
        try:
            validate_email(word)
        except ValidationError:
            raise ValidationError(_("„%(word)s” nie jest adresem e-mail.") % {"word": word[:80]}) from None
        found.setdefault(word.casefold(), word)
    if len(found) > MOST:
        raise ValidationError(_("Zaprosić można najwyżej %(most)d osób.") % {"most": MOST})
    return list(found.values())


@transaction.atomic
def invite(*, case: Case, emails: Iterable[str], by: Viewer) -> list[CaseParty]:
    """Invite people to file together; each gets an e-mail and is nobody until they confirm. Those invited before are left out.

    For the filer, staff who handle the case, and the system. Raises ``Refused`` and ``PermissionDenied``.
    """
    locked = writing.lock(case, None)
    _require_lead(locked, by)
    if _ended(locked):
        raise Refused(_("Sprawa jest zakończona, więc nie można już do niej dołączyć."), code="ended")
    known = {row.email.casefold() for row in locked.parties.all()}
    wanted = [email.strip() for email in emails if email.strip().casefold() not in known]
    if locked.parties.filter(role=CO_FILER).count() + len(wanted) > MOST:
        raise Refused({"emails": _("Zaprosić można najwyżej %(most)d osób.") % {"most": MOST}}, code="many")
    made = [_invited(locked, email) for email in dict.fromkeys(wanted)]
    if made:
        writing.record("invite", locked, by, count=len(made))
    return made


def _invited(case: Case, email: str, **fields: Any) -> CaseParty:
    party = CaseParty.objects.create(
        case=case, role=CO_FILER, state=CaseParty.State.INVITED, email=email, invite_id=uuid7(), **fields
    )
    events.publish(CoFilerInvited(case_id=case.pk, case_type=case.case_type, invite_id=party.invite_id))
    return party


@transaction.atomic
def invitation_link(*, case: Case, by: Viewer) -> str:
    """A token of ``/sprawy/wspolnie/<token>/`` that the filer may pass on by hand; the former one no longer works."""
    locked = writing.lock(case, None)
    _require_lead(locked, by)
    # an object of its own: a link to the case's identifier would open the case itself
    passed_on, _made = CaseParty.objects.get_or_create(
        case=locked, role=PASSED_ON, defaults={"state": CaseParty.State.INVITED, "invite_id": uuid7()}
    )
    revoke_links(object_id=passed_on.invite_id, purpose=INVITE_LINK, by=by)
    writing.record("invite_link", locked, by)
    return invitation_token(passed_on.invite_id)


def invitation_token(invite_id: UUID) -> str:
    """The token of the invitation in an e-mail."""
    return make_link(object_id=invite_id, purpose=INVITE_LINK, by=SYSTEM, expires_at=clock.now() + timedelta(days=INVITE_DAYS))


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a holder of an invitation may see before joining."""

    case: Case
    party: CaseParty

    @property
    def by_name(self) -> bool:
        """Whether it came by e-mail to one address, and is no link passed on by hand."""
        return self.party.role == CO_FILER


def invitation_of(link: Any) -> Invitation | None:
    """The invitation of a secret link; None where it is for something else or the case is ended."""
    if link is None or link.purpose != INVITE_LINK:
        return None
    party = CaseParty.objects.filter(invite_id=link.object_id, erased_at=None).select_related("case__category").first()
    return Invitation(party.case, party) if party is not None and not _ended(party.case) else None


@transaction.atomic
def join(*, invitation: Invitation, name: str, email: str = "", language: str = "pl", name_public: bool = False) -> str | None:
    """Take an invitation up. Returns the token of the co-filer's own link to the case.

    Whoever came by a link passed on by hand must give an address, and gets an e-mail to confirm that it is theirs: then the
    answer is None. ``name_public``: they agree that their name is published with the case. Raises ``Refused``.
    """
    case = writing.lock(invitation.case, None)
    if _ended(case):
        raise Refused(_("Sprawa jest zakończona, więc nie można już do niej dołączyć."), code="ended")
    if not invitation.by_name:
        _join_by_address(case, name, email, language, name_public)
        return None
    party = CaseParty.objects.select_for_update().get(pk=invitation.party.pk)
    if not _confirmed(party):
        party.state, party.language = CaseParty.State.CONFIRMED, language
        party.name = name.strip()[:120] or party.name
        party.name_public = name_public
        party.save(update_fields=["state", "name", "language", "name_public"])
        _count(case)
        writing.step(case, CaseStep.Kind.JOINED, SYSTEM)
        writing.record("join", case, SYSTEM)
        events.publish(CoFilerJoined(case_id=case.pk, case_type=case.case_type, invite_id=party.invite_id))
    return make_link(object_id=case.pk, purpose=CO_FILER_LINK, by=SYSTEM)


def _join_by_address(case: Case, name: str, email: str, language: str, name_public: bool) -> None:
    try:
        checked_email(email)
    except ValidationError as error:
        raise Refused({"email": error.messages}) from None
    if case.parties.filter(role=CO_FILER).count() >= MOST:
        raise Refused(_("W tej sprawie nie można zaprosić więcej osób."), code="many")
    if case.parties.filter(email__iexact=email.strip()).exists():
        return  # the same answer as for a new address: it must not tell who belongs to the group
    _invited(case, email.strip(), name=name.strip()[:120], language=language, name_public=name_public)


def _joined_elsewhere(viewer: Viewer) -> list[UUID]:
    """Cases that the owner of the account joined by an address confirmed for the account, and has not open; 2 queries."""
    if viewer.person_id is None:
        return []
    emails = [email.casefold() for email in confirmed_emails(viewer.person_id)]
    found = CaseParty.objects.annotate(key=Lower("email")).filter(
        key__in=emails, role=CO_FILER, state=CaseParty.State.CONFIRMED, erased_at=None
    )
    found = found.exclude(case__filer_person=viewer.person_id).exclude(case__in=viewer.links)
    return list(found.order_by("-case_id").values_list("case_id", flat=True).distinct()[:JOINED_MOST])


@transaction.atomic
def open_joined(*, by: Viewer) -> list[Any]:
    """Links of the co-filer to the cases that an account joined by its confirmed address, for the session that asks.

    Such a link shows what a co-filer may see and no more, and goes with the others when somebody leaves the group.
    """
    until = clock.now() + timedelta(days=1)
    tokens = [make_link(object_id=one, purpose=CO_FILER_LINK, by=by, expires_at=until) for one in _joined_elsewhere(by)]
    return [open_link(token) for token in tokens]


@transaction.atomic
def remove(*, case: Case, party_id: int, by: Viewer) -> bool:
    """Take a co-filer out of the group: their data is deleted and every link of the group's is made anew with the next message.

    Returns False where there is none of that identifier.
    """
    locked = writing.lock(case, None)
    _require_lead(locked, by)
    party = locked.parties.filter(role=CO_FILER, pk=party_id).first()
    if party is None:
        return False
    if party.invite_id:
        revoke_links(object_id=party.invite_id, purpose=INVITE_LINK, by=by)
    if _confirmed(party):
        # links hold no name, so those of all co-filers go; the others get a new one with each message
        revoke_links(object_id=locked.pk, purpose=CO_FILER_LINK, by=by)
    party.delete()
    _count(locked)
    writing.record("leave", locked, by)
    return True


@transaction.atomic
def appoint(*, case: Case, party_id: int | None, by: Viewer) -> None:
    """Name the co-filer who speaks for the group (None: the filer). Raises ``Refused`` for one who has not confirmed."""
    locked = writing.lock(case, None)
    _require_lead(locked, by)
    locked.parties.filter(representative=True).update(representative=False)
    if party_id is not None:
        found = locked.parties.filter(role=CO_FILER, pk=party_id, state=CaseParty.State.CONFIRMED)
        if not found.update(representative=True):
            raise Refused(_("Reprezentować grupę może tylko osoba, która potwierdziła udział."), code="unconfirmed")
    writing.record("appoint", locked, by)


def _count(case: Case) -> None:
    case.co_filers = case.parties.filter(role=CO_FILER, state=CaseParty.State.CONFIRMED).count()
    writing.save(case, "co_filers")


def _require_lead(case: Case, by: Viewer) -> None:
    if not (is_first_filer(case, by) or "cases.handle" in standing(by, case).may):
        raise PermissionDenied("cases.handle")
