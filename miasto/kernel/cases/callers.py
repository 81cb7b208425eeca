"""Who left a telephone number or an e-mail address in which cases: for the operator who hears or reads this person."""

from __future__ import annotations

from django.db.models.functions import Lower

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.cases.models import PHONE_DIGITS, CaseParty, phone_key
from miasto.kernel.cases.queue import of_units
from miasto.kernel.cases.rows import QueueRow, queue_row, with_staff_names


def cases_of_phone(number: str, viewer: Viewer, *, limit: int = 8) -> list[QueueRow]:
    """The newest cases whose parties left this telephone number, of those that the viewer handles as staff; at most 2 queries.

    Numbers are compared by their last digits, so that "+48 600 100 200" is "600-100-200".
    """
    digits = "".join(sign for sign in number if sign.isdecimal())[-PHONE_DIGITS:]
    if len(digits) < PHONE_DIGITS:
        return []
    same = CaseParty.objects.exclude(phone="").annotate(key=phone_key()).filter(key=digits)
    ids = list(same.order_by("-case_id").values_list("case_id", flat=True).distinct()[:200])
    if not ids:
        return []
    found = with_staff_names(of_units(viewer).filter(pk__in=ids)).order_by("-filed_at", "-id")[:limit]
    return [queue_row(case) for case in found]


def cases_of_email(email: str, viewer: Viewer, *, limit: int = 8) -> list[QueueRow]:
    """The newest cases whose parties left this address, of those that the viewer handles as staff; at most 2 queries."""
    if not email:
        return []
    same = CaseParty.objects.annotate(key=Lower("email")).filter(key=email.lower()).exclude(email="")
    ids = list(same.order_by("-case_id").values_list("case_id", flat=True).distinct()[:200])
    if not ids:
        return []
    found = with_staff_names(of_units(viewer).filter(pk__in=ids)).order_by("-filed_at", "-id")[:limit]
    return [queue_row(case) for case in found]
