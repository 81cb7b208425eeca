"""Where a panel stands, in words."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from miasto.modules.idea.panels.services import open_now


def stage_of(panel: Any) -> tuple[str, str]:
    """(name, colour) of the stage."""
    if panel.finished_at:
        return _("zakończony"), "grey"
    if panel.drawn_at:
        return _("panel pracuje"), "green"
    if panel.listed_at:
        return _("czeka na losowanie"), "yellow"
    if open_now(panel):
        return _("trwają zgłoszenia"), "blue"
    return (_("przygotowujemy losowanie"), "yellow") if panel.published_at else (_("szkic"), "grey")
