"""A draft and the reports that may tell of the same thing."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from miasto.kernel.accounts.selectors import ANONYMOUS, Viewer
from miasto.kernel.cases import selectors as cases
from miasto.kernel.cases import services as case_services
from miasto.modules.contact_centre.likeness.duplicates import Likeness, likely_duplicates
from miasto.modules.contact_centre.models import Draft

SHOWN = 3


def alike(draft: Draft) -> list[Likeness]:
    """The reports about which the writer of a draft is asked, as everybody may see them; 2 queries.

    Nobody is asked who reports a danger: there every report counts, and none may be delayed.
    """
    if draft.category is None or not draft.placed or draft.category.danger:
        return []
    found = likely_duplicates(
        category=draft.category,
        point=(draft.lon, draft.lat),
        text=draft.description,
        address=draft.address_text,
        viewer=ANONYMOUS,
        limit=SHOWN + len(draft.not_same),
    )
    return [one for one in found if str(one.case.id) not in draft.not_same][:SHOWN]


def public_case(number: str) -> Any:
    """The case of a number as everybody sees it; raises ``ObjectDoesNotExist``."""
    return cases.case_page(number, ANONYMOUS)


@transaction.atomic
def join(*, draft: Draft, number: str, email: str, by: Viewer, device: str) -> Any:
    """Say "me too" to a case instead of sending the draft, which is thrown away. Raises ``Refused``."""
    supported = case_services.support(
        case=cases.case_for(number, ANONYMOUS),
        by=by,
        contact=case_services.Contact(email=email, language=draft.language),
        device=device,
    )
    draft.delete()
    return supported
