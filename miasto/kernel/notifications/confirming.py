"""An address that is written to only after its owner used the link sent to it: one way for everything that may be asked for so.

Whatever keeps such an address has the columns ``email``, ``language`` and ``confirmed_at`` and names its link, page and message
by a ``ConfirmedByLink``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.accounts.services import make_link, revoke_links
from miasto.kernel.core import clock
from miasto.kernel.notifications.models import DeliveryLog
from miasto.kernel.notifications.rendering import absolute

UNCONFIRMED_DAYS = 7


def checked_email(text: str) -> str:
    """The address without blanks around it; raises ``ValidationError`` for what is none."""
    email = text.strip()
    try:
        validate_email(email)
    except ValidationError:
        raise ValidationError(_("Wpisz adres e-mail w postaci nazwa@przyklad.pl.")) from None
    return email


@dataclass(frozen=True, kw_only=True)
class ConfirmedByLink:
    """One kind of such addresses: the ``purpose`` of its secret links, the ``page`` before the token, the ``topic`` of the one
    message that goes to an unconfirmed address, and ``since``, the column that tells when a row was made.
    """

    purpose: str
    page: str
    topic: str
    since: str

    def page_of(self, row_id: UUID) -> str:
        """A new address at which the owner confirms or stops; each call makes a secret link."""
        return f"{self.page}{make_link(object_id=row_id, purpose=self.purpose, by=SYSTEM)}/"

    def address_of(self, row_id: UUID) -> str:
        """``page_of`` as it can stand in an e-mail."""
        return absolute(self.page_of(row_id))

    def locked(self, rows: QuerySet, row_id: UUID) -> Any:
        """The row of ``rows`` (what the asker may touch), locked; raises ``PermissionDenied``."""
        row = rows.select_for_update(of=("self",)).filter(pk=row_id).first()
        if row is None:
            raise PermissionDenied(self.purpose)
        return row

    def confirm(self, row: Any) -> bool:
        """The owner used the link; False where they had done so before."""
        if row.confirmed_at is not None:
            return False
        row.confirmed_at = clock.now()
        row.save(update_fields=["confirmed_at"])
        return True

    def revoke(self, row_id: UUID, by: Viewer) -> None:
        """Its links no longer work."""
        revoke_links(object_id=row_id, purpose=self.purpose, by=by)

    def forgotten(self, rows: QuerySet) -> QuerySet:
        """The rows whose owner was asked more than ``UNCONFIRMED_DAYS`` ago and has not confirmed the address."""
        asked = DeliveryLog.objects.filter(topic=self.topic, about_id=OuterRef("pk")).values("about_id").annotate(at=Max("at"))
        waiting = rows.filter(confirmed_at=None).exclude(email="")
        before = clock.now() - timedelta(days=UNCONFIRMED_DAYS)
        return waiting.annotate(last_asked=Coalesce(Subquery(asked.values("at")), self.since)).filter(last_asked__lt=before)
