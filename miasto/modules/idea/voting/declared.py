"""What votes add to the module."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from miasto.kernel.participation.selectors import voting as seen
from miasto.kernel.spec.ui import PanelPage
from miasto.modules.idea.naming import brand_later

VOTES = (
    PanelPage(
        key="idea.elections",
        label=_("Głosowania"),
        url_name="idea_panel:elections",
        icon="vote",
        permission=seen.ELECTIONS,
        group=brand_later(),
        order=230,
    ),
    PanelPage(
        key="idea.voting_points",
        label=_("Punkt do głosowania"),
        url_name="idea_panel:points",
        icon="mail-open",
        permission=seen.PAPERS,
        group=brand_later(),
        order=231,
    ),
)
