"""The letters of a case on the page on which staff handle it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.cases import CasePart
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.mail.case_types import CASE_TYPES
from miasto.modules.contact_centre.mail.deciding import letters_of_case


def letters(case: Any, viewer: Any) -> dict[str, Any] | None:
    """The letters of a case, oldest first, with their documents; 2 queries."""
    found = letters_of_case(case.id)
    if not found:
        return None
    rows = [(letter, [row for row in letter.attachments.all() if row.file_id and not row.picture]) for letter in found]
    return {"letters": rows, "title": _("Pisma w tej sprawie")}


PARTS = tuple(
    CasePart(
        key=f"contact_centre.letters_{case_type.rpartition('.')[2]}",
        case_type=case_type,
        template="contact_centre/letters/case_part.html",
        context=letters,
        permission="cases.see_unit",
        order=50,
    )
    for case_type in (KEY, *(kind.key for kind in CASE_TYPES))
)
