"""Supporting an idea: once by account, or by an address whose owner used the link sent to it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, confirmed_emails, contact_of
from miasto.kernel.core import clock, events
from miasto.kernel.notifications.services import ConfirmedByLink, checked_email
from miasto.kernel.participation.services import Refused, refuse_if
from miasto.modules.idea.ideas import rules
from miasto.modules.idea.ideas.events import SupportAsked
from miasto.modules.idea.ideas.models import Idea, IdeaFollower, IdeaStep, IdeaSupport, State
from miasto.modules.idea.ideas.writing import digest, lock, record, save, step

CONFIRM = "idea.support_confirm"
ADDRESS = ConfirmedByLink(purpose="idea.support", page="/idea/pomysly/poparcie/", topic=CONFIRM, since="at")


@dataclass(frozen=True, slots=True)
class Supported:
    """``fresh`` is False for a repetition; ``to_confirm``: counted only once the link sent to the address is used."""

    idea: Idea
    fresh: bool
    to_confirm: bool


def address_digest(email: str) -> str:
    """Who an address is."""
    return digest(f"email:{email.strip().casefold()}")


def _own_digests(person_id: UUID) -> list[str]:
    """Who an account is: its own address first, then the others that it confirmed, then the account itself."""
    contact = contact_of(person_id)
    emails = ([contact["email"]] if contact and contact["email"] else []) + confirmed_emails(person_id)
    return [*dict.fromkeys(map(address_digest, emails)), digest(f"person:{person_id}")]


@transaction.atomic
def support(*, idea: Idea, by: Viewer, email: str = "", language: str = "pl") -> Supported:
    """Support an idea: by account at once, by ``email`` after its owner used the link. Twice by one person it is once.

    Raises ``Refused`` where it is one's own or cannot be supported any more, ``ValidationError`` by field.
    """
    locked = lock(idea.pk)
    refuse_if(not locked.gathers or locked.hidden_at is not None, _("Tego pomysłu nie można już poprzeć."))
    if by.person_id is not None:
        return _by_account(locked, by, language)
    try:
        address = checked_email(email)
    except ValidationError as error:
        raise ValidationError({"email": error.messages}) from error
    known = IdeaSupport.objects.filter(idea=locked, who=address_digest(address)).first()
    if known is None:
        known = IdeaSupport(idea=locked, email=address, language=language, who=address_digest(address), at=clock.now())
        known.version = locked.version
        known.save(force_insert=True)
        fresh = True
    else:
        fresh = False
    if known.confirmed_at is None:
        events.publish(SupportAsked(support_id=known.pk))
    # The same words for an address that supports already: nobody learns from this page who supports what.
    return Supported(locked, fresh, True)


def _by_account(idea: Idea, by: Viewer, language: str) -> Supported:
    refuse_if(idea.author_id == by.person_id, _("To Twój pomysł: liczymy poparcie innych."))
    mine = _own_digests(by.person_id)
    row = IdeaSupport.objects.filter(idea=idea, person=by.person_id).first()
    row = row or IdeaSupport.objects.filter(idea=idea, who__in=mine, person=None).first()
    if row is not None and row.confirmed_at is not None and row.person_id == by.person_id:
        return Supported(idea, False, False)
    fresh = row is None or row.confirmed_at is None
    row = row or IdeaSupport(idea=idea, who=mine[0], at=clock.now(), version=idea.version, language=language)
    row.person_id, row.email = by.person_id, ""
    row.confirmed_at = row.confirmed_at or clock.now()
    row.save()
    if fresh:
        _counted(idea, by)
    return Supported(idea, fresh, False)


def _counted(idea: Idea, by: Viewer) -> None:
    """Count anew under the lock; at the threshold the city takes the idea up at once."""
    recount(idea)
    record("supported", idea, by, count=idea.supports)
    if idea.state == State.GATHERING and idea.supports >= idea.threshold:
        idea.reached_at, idea.state = clock.now(), State.EXAMINED
        idea.promised_on = idea.due_on = rules.due_on("decision_days", clock.today())
        save(idea, SYSTEM)
        step(idea, IdeaStep.Kind.REACHED, SYSTEM, supports=idea.supports, due=idea.due_on.isoformat())


def recount(idea: Idea) -> None:
    """Set the number of supporters; the idea's row is locked."""
    idea.supports = IdeaSupport.objects.filter(idea=idea, confirmed_at__isnull=False).count()
    idea.save(update_fields=["supports"])


@transaction.atomic
def confirm_support(*, support_id: UUID, by: Viewer) -> Supported:
    """The owner of the address used its link. Raises ``PermissionDenied``, ``Refused`` where the time is over."""
    idea_id = _of_link(by).filter(pk=support_id).values_list("idea_id", flat=True).first()
    if idea_id is None:
        raise PermissionDenied(ADDRESS.purpose)
    locked = lock(idea_id)
    row = ADDRESS.locked(_of_link(by), support_id)
    if row.confirmed_at is not None:
        return Supported(locked, False, False)
    refuse_if(not locked.gathers or locked.hidden_at is not None, _("Czas na poparcie tego pomysłu już minął."))
    ADDRESS.confirm(row)
    _counted(locked, by)
    return Supported(locked, True, False)


def _of_link(by: Viewer) -> QuerySet[IdeaSupport]:
    """The rows whose owner the viewer is: by the link sent to their address."""
    return IdeaSupport.objects.all() if by.system else IdeaSupport.objects.filter(pk__in=by.links)


@transaction.atomic
def withdraw_support(*, idea: Idea, by: Viewer, support_id: UUID | None = None) -> Idea:
    """Take the support back, by account or by the link of an address; it is forgotten wholly.

    Raises ``Refused`` once the city has taken the idea up: the threshold was reached then, and the count stands.
    """
    locked = lock(idea.pk)
    mine = IdeaSupport.objects.filter(idea=locked)
    rows = mine.filter(person=by.person_id) if by.person_id and support_id is None else _of_link(by).filter(pk=support_id)
    row = rows.filter(idea=locked).first()
    if row is None:
        return locked
    refuse_if(locked.state != State.GATHERING, _("Miasto już się tym zajęło, więc liczba poparć się nie zmienia."))
    ADDRESS.revoke(row.pk, by)
    row.delete()
    recount(locked)
    record("support_withdrawn", locked, by, count=locked.supports)
    return locked


@transaction.atomic
def silence(*, support_id: UUID, by: Viewer) -> None:
    """No more messages to an address: it is deleted, the support stays counted. Raises ``PermissionDenied``."""
    row = ADDRESS.locked(_of_link(by), support_id)
    if row.confirmed_at is None:
        row.delete()
        return
    IdeaSupport.objects.filter(pk=row.pk).update(email="")
    ADDRESS.revoke(row.pk, by)


@transaction.atomic
def follow(*, idea: Idea, by: Viewer, on: bool = True) -> bool:
    """The account is told of every step, or no more. Raises ``Refused`` without an account."""
    if by.person_id is None:
        raise Refused(_("Zaloguj się, żeby obserwować pomysł."))
    if not on:
        return bool(IdeaFollower.objects.filter(idea=idea, person=by.person_id).delete()[0])
    return IdeaFollower.objects.get_or_create(idea=idea, person_id=by.person_id, defaults={"at": clock.now()})[1]


def forget_unconfirmed() -> int:
    """Forget the addresses that nobody confirmed within a week; returns how many. They never counted."""
    ids = list(ADDRESS.forgotten(IdeaSupport.objects.all()).values_list("pk", flat=True))
    return IdeaSupport.objects.filter(pk__in=ids, confirmed_at=None).delete()[0]


@transaction.atomic
def close_gathering(*, idea_id: UUID, by: Viewer) -> bool:
    """The last day of support is over and the threshold was not reached: the city still owes an answer. For the job."""
    locked = lock(idea_id)
    if locked.state != State.GATHERING or locked.closes_on is None or clock.today() <= locked.closes_on:
        return False
    locked.state = State.BELOW
    locked.promised_on = locked.due_on = rules.due_on("answer_days", clock.today())
    save(locked, by)
    step(locked, IdeaStep.Kind.CLOSED, by, supports=locked.supports, threshold=locked.threshold, due=locked.due_on.isoformat())
    return True
