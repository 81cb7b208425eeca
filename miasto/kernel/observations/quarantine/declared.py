"""What the quarantine declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.observations.access import MANAGE
from miasto.kernel.spec.accounts import ChangeName
from miasto.kernel.spec.ui import PanelPage

DECLARED = (
    ChangeName(key="observations.quarantine_decided", name=_("rozstrzygnięto o odczytach w kwarantannie")),
    PanelPage(
        key="observations.quarantine",
        label=_("Kwarantanna odczytów"),
        url_name="observations_quarantine:list",
        icon="shield-alert",
        permission=MANAGE,
        group=_("Pomiary"),
        order=320,
    ),
)
