"""Who left a telephone number in which cases: for the operator who has this person on the line."""

from __future__ import annotations

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
