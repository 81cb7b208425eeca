""" "Me too" and watching: people whom a case concerns, besides the one who filed it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases import family, writing
from miasto.kernel.cases.access import is_filer
from miasto.kernel.cases.events import CaseSupported
from miasto.kernel.cases.filing import Contact
from miasto.kernel.cases.models import Case, Progress, Supporter, Watcher
from miasto.kernel.cases.types import case_type
from miasto.kernel.cases.writing import Refused
from miasto.kernel.core import clock, digests, events
from miasto.kernel.notifications.services import ConfirmedByLink, checked_email

SUPPORT_LINK = "cases.support"
ADDRESS = ConfirmedByLink(purpose=SUPPORT_LINK, page="/sprawy/poparcie/", topic="cases.support_confirm", since="at")


@dataclass(frozen=True, slots=True)
class Supported:
    """``case`` is the one that counts (a duplicate's main case). ``fresh`` is False for a repetition.

    ``to_confirm``: an e-mail went out, and nothing more is sent to that address until its link is used.
    """

    case: Case
    supporter_id: UUID
    count: int
    fresh: bool
    to_confirm: bool


def who_is(viewer: Viewer, device: str = "") -> str:
    """The keyed digest of an account, else of a device's cookie; empty where there is neither."""
    name = f"person:{viewer.person_id}" if viewer.person_id else f"device:{device}" if device else ""
    return digests.keyed("miasto.cases.support", name) if name else ""


@transaction.atomic
def support(*, case: Case, by: Viewer, contact: Contact | None = None, device: str = "", on_behalf: bool = False) -> Supported:
    """Say that a case concerns one too: counted once for each account, or each device where nobody is logged in.

    An address in ``contact`` is written to only after its owner used the link sent to it. ``on_behalf``: staff writes down what
    somebody said, who is then told apart by that address. Raises ``Refused`` for a case that is closed, private, or one's own.
    """
    email = _email(contact)
    who = _who(by, device, email, on_behalf)
    main = _locked_root(case)
    _check(main, by, on_behalf)
    known = Supporter.objects.filter(case__in=family.family_of(main.pk), who=who).first()
    row = known or Supporter(case=main, who=who, at=clock.now(), person_id=None if on_behalf else by.person_id)
    changed = bool(email and email != row.email)
    if changed:
        row.email, row.language, row.confirmed_at = email, contact.language if contact else "pl", None
    if row.person_id and not row.email:
        row.confirmed_at = row.at
    if known is None or changed:
        row.save()
    if known is None:
        main.supporters = family.count_supporters(main.pk)
        main.save(update_fields=["supporters"])
    if known is None or changed:
        _record("support", main, row, by)
    return Supported(main, row.pk, main.supporters, known is None, bool(row.email) and row.confirmed_at is None)


def _email(contact: Contact | None) -> str:
    try:
        return checked_email(contact.email) if contact and contact.email.strip() else ""
    except ValidationError as error:
        raise Refused({"email": error.messages}, code="email") from error


def _who(by: Viewer, device: str, email: str, on_behalf: bool) -> str:
    if on_behalf:
        name = f"email:{email.casefold()}" if email else secrets.token_hex(16)
        return digests.keyed("miasto.cases.support", name)
    who = who_is(by, device)
    if not who:
        raise Refused(_("Przeglądarka nie przyjęła ciasteczka, więc nie możemy policzyć tego głosu."), code="device")
    return who


def _locked_root(case: Case) -> Case:
    """The case in which this one goes on, locked; a merge in the meantime is followed."""
    pk = case.pk
    while True:
        pk = family.root_of(pk)
        locked = writing.lock(Case(pk=pk), None)
        if family.root_of(pk) == pk:
            return locked


def _check(case: Case, by: Viewer, on_behalf: bool) -> None:
    if not (case.public and case_type(case.case_type).supported):
        raise Refused(_("Ta sprawa nie jest publiczna."), code="private")
    if case.progress == Progress.CLOSED:
        raise Refused(_("Ta sprawa jest już zakończona. Jeśli problem trwa, zgłoś go jeszcze raz."), code="closed")
    if not on_behalf and is_filer(by, case):
        raise Refused(_("To zgłoszenie pochodzi od Ciebie, więc już się liczy."), code="own")


def _record(action: str, case: Case, row: Supporter, by: Viewer) -> None:
    writing.record(action, case, by, supporter=row.pk, count=case.supporters)
    events.publish(CaseSupported(case_id=case.pk, case_type=case.case_type, supporter_id=row.pk, count=case.supporters))


@transaction.atomic
def withdraw_support(*, case: Case, by: Viewer, device: str = "") -> Case:
    """Take "me too" back; the address is forgotten with it. Nothing happens where nobody said it."""
    main = _locked_root(case)
    who = who_is(by, device)
    row = Supporter.objects.filter(case__in=family.family_of(main.pk), who=who).first() if who else None
    if row is not None:
        ADDRESS.revoke(row.pk, by)
        supporter_id = row.pk
        row.delete()
        row.pk = supporter_id
        main.supporters = family.count_supporters(main.pk)
        main.save(update_fields=["supporters"])
        _record("support_withdrawn", main, row, by)
    return main


def supported_by(case_id: UUID, viewer: Viewer, device: str = "") -> bool:
    """Whether this account or device said "me too" to a case (or to one merged into it)."""
    who = who_is(viewer, device)
    return bool(who) and Supporter.objects.filter(case__in=family.family_of(case_id), who=who).exists()


@transaction.atomic
def confirm_support(*, supporter_id: UUID, by: Viewer) -> Supporter:
    """The owner of the address used its link: from now on they are told of the case. Raises ``PermissionDenied``."""
    row = ADDRESS.locked(_of_link(by), supporter_id)
    if ADDRESS.confirm(row):
        writing.record("support_confirmed", row.case, by, supporter=row.pk)
    return row


@transaction.atomic
def stop_support(*, supporter_id: UUID, by: Viewer) -> Supporter:
    """No more e-mails: the address is deleted, the voice stays counted. Raises ``PermissionDenied``."""
    row = ADDRESS.locked(_of_link(by), supporter_id)
    row.email, row.confirmed_at = "", None
    row.save(update_fields=["email", "confirmed_at"])
    writing.record("support_silenced", row.case, by, supporter=row.pk)
    return row


def _of_link(by: Viewer) -> QuerySet[Supporter]:
    """The rows whose owner the viewer is: by the link sent to their address."""
    found = Supporter.objects.select_related("case")
    return found if by.system else found.filter(pk__in=by.links)


def forget_unconfirmed() -> int:
    """Delete the addresses that nobody confirmed within a week; the voices stay counted. Returns how many."""
    ids = list(ADDRESS.forgotten(Supporter.objects.all()).values_list("pk", flat=True))
    return Supporter.objects.filter(pk__in=ids, confirmed_at=None).update(email="")


@transaction.atomic
def watch(*, case: Case, by: Viewer) -> bool:
    """The account is told of every step of a case; False where it was before. Raises ``PermissionDenied`` without one."""
    if by.person_id is None or not Case.objects.visible_to(by).filter(pk=case.pk).exists():
        raise PermissionDenied("cases.watch")
    _row, fresh = Watcher.objects.get_or_create(case_id=case.pk, person_id=by.person_id, defaults={"at": clock.now()})
    if fresh:
        writing.record("watch", case, by)
    return fresh


@transaction.atomic
def unwatch(*, case: Case, by: Viewer) -> bool:
    """The account is told no more; False where it was not."""
    gone = Watcher.objects.filter(case_id=case.pk, person_id=by.person_id).delete()[0] if by.person_id else 0
    if gone:
        writing.record("unwatch", case, by)
    return bool(gone)


def is_watched(case_id: UUID, viewer: Viewer) -> bool:
    """Whether the account watches a case."""
    return bool(viewer.person_id) and Watcher.objects.filter(case=case_id, person=viewer.person_id).exists()
