"""The address at a remark: written to only after its owner used the link sent to it, in the platform's one way."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import events
from miasto.kernel.core.registry import registry
from miasto.kernel.notifications.services import ConfirmedByLink, Recipient
from miasto.kernel.notifications.services import ask_to_confirm as ask
from miasto.kernel.participation import writing
from miasto.kernel.participation.access import CONFIRM_LINK
from miasto.kernel.participation.events import ContributionAnswered, ContributionMade
from miasto.kernel.participation.models import Contribution, ContributionAuthor
from miasto.kernel.spec.participation import ProcessKind

TOPIC = "participation.confirm"
AT_ONCE = 500


def address_of(process_kind: str) -> ConfirmedByLink:
    """How the addresses at remarks of a kind of process are confirmed: at the page where the kind opens its links."""
    page = registry().get(ProcessKind, process_kind).link_url.split("{token}")[0]
    return ConfirmedByLink(purpose=CONFIRM_LINK, page=page, topic=TOPIC, since="contribution__entered_at")


def ask_to_confirm(event: ContributionMade) -> None:
    """The only message to an address that nobody has confirmed."""
    made = Contribution.objects.select_related("process", "author").get(pk=event.contribution_id)
    author = made.author
    if made.person_id or not author.email or author.confirmed_at or author.erased_at:
        return
    ask(
        address_of(made.process.process_kind),
        row_id=made.pk,
        to=Recipient(email=author.email, language=author.language),
        once=f"participation:confirm:{made.pk}",
        context={"number": made.number, "title": made.process.title},
    )


def _locked(contribution_id: UUID, by: Viewer) -> tuple[ConfirmedByLink, Any, Contribution]:
    made = Contribution.objects.select_related("process").filter(pk=contribution_id).first()
    if made is None:
        raise PermissionDenied(CONFIRM_LINK)
    address = address_of(made.process.process_kind)
    rows = ContributionAuthor.objects.all()
    return address, address.locked(rows if by.system else rows.filter(pk__in=by.links), contribution_id), made


@transaction.atomic
def confirm_contact(*, contribution_id: UUID, by: Viewer) -> Contribution:
    """The owner of the address used the link sent to it: the answer will be sent there. Raises ``PermissionDenied``."""
    address, row, made = _locked(contribution_id, by)
    if row.email and address.confirm(row):
        writing.record("contact_confirmed", made.process, by, contribution=contribution_id)
        if made.decision_id:
            events.publish(
                ContributionAnswered(process_id=made.process_id, contribution_id=made.pk, decision_id=made.decision_id)
            )
    return made


@transaction.atomic
def stop_contact(*, contribution_id: UUID, by: Viewer) -> Contribution:
    """No message to this address: it is deleted, the remark stays. Raises ``PermissionDenied``."""
    address, row, made = _locked(contribution_id, by)
    row.email, row.confirmed_at = "", None
    row.save(update_fields=["email", "confirmed_at"])
    address.revoke(contribution_id, by)
    return made


def forget_unconfirmed() -> int:
    """Delete the addresses whose owners did not confirm them in time; the remarks stay. Returns how many.

    Their links go on opening the remark's page, which says that the address is gone.
    """
    count = 0
    for kind in registry().all(ProcessKind):
        rows = ContributionAuthor.objects.filter(contribution__process__process_kind=kind.key, contribution__person=None)
        ids = list(address_of(kind.key).forgotten(rows).values_list("pk", flat=True)[:AT_ONCE])
        with transaction.atomic():
            late = ContributionAuthor.objects.select_for_update().filter(pk__in=ids, confirmed_at=None)
            count += ContributionAuthor.objects.filter(pk__in=list(late.values_list("pk", flat=True))).update(email="")
    return count
