"""What the register of petitions declares."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.cases import selectors as cases
from miasto.kernel.spec.accounts import ChangeName
from miasto.kernel.spec.cases import CasePart
from miasto.kernel.spec.notifications import NewsSource
from miasto.kernel.spec.ui import HomeTask
from miasto.modules.contact_centre.mail.case_types import AT_PETITION, PETITION
from miasto.modules.contact_centre.petitions import selectors
from miasto.modules.contact_centre.petitions.services import HANDLE


def for_staff(case: Any, viewer: Any) -> dict[str, Any]:
    """What of the publication is done and what is not; one query."""
    opinions = selectors.opinions_of(case.id)
    return {
        "open": case.stage.key in AT_PETITION,
        "transfer_until": cases.last_day_of(PETITION, case.filed_at, "forward"),
        "complete_until": cases.last_day_of(PETITION, case.filed_at, "complete"),
        "published": case.text_state == "approved",
        "waits": case.text_state == "waiting",
        "opinions": len(opinions),
        "awaited": sum(one.received_on is None for one in opinions),
    }


PETITIONS = (
    NewsSource(key="contact_centre.petitions", name=_("Petycje"), items=selectors.news, order=60),
    CasePart(
        key="contact_centre.petition_staff",
        case_type=PETITION,
        template="contact_centre/petitions/work_part.html",
        context=for_staff,
        permission=HANDLE,
        order=10,
    ),
    CasePart(
        key="contact_centre.petition_public",
        case_type=PETITION,
        template="contact_centre/petitions/public_part.html",
        context=lambda case, viewer: {},
        where="public",
        order=10,
    ),
    HomeTask(
        key="contact_centre.petitions",
        label=_("Petycje"),
        hint=_("Zobacz, o co proszą mieszkańcy i co odpowiada miasto, albo złóż własną."),
        url_name="petitions:list",
        icon="users",
        order=65,
    ),
    ChangeName(key="contact_centre.petition_transferred", name=_("przekazano petycję właściwemu podmiotowi")),
    ChangeName(key="contact_centre.petition_joined", name=_("dołączono petycję do rozpatrywanych łącznie")),
    ChangeName(key="contact_centre.petition_repeated", name=_("pozostawiono powtórzoną petycję bez rozpatrzenia")),
    ChangeName(key="contact_centre.opinion_asked", name=_("poproszono o opinię o petycji")),
    ChangeName(key="contact_centre.opinion_received", name=_("zapisano opinię o petycji")),
)
