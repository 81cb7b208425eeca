"""What the engine of notifications declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Engine
from miasto.kernel.notifications import privacy
from miasto.kernel.spec.accounts import PersonalData

ENGINE = Engine(
    slug="notifications",
    name=_("Powiadomienia"),
    summary=_("E-maile i powiadomienia o tym, co się dzieje w sprawach"),
    icon="bell",
    provides=(
        PersonalData(
            key="notifications.notices",
            name=_("Powiadomienia i wybór sposobu powiadamiania"),
            retention=_("Powiadomienia i dziennik wysyłki: rok. Wysłane e-maile: 30 dni."),
            export=privacy.export,
            erase=privacy.erase,
            expire=privacy.expire,
        ),
    ),
)
