"""What the engine of notifications declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Engine, Mount
from miasto.kernel.notifications import privacy, views
from miasto.kernel.spec.accounts import PersonalData
from miasto.kernel.spec.ui import AccountPage, HeaderItem

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
        HeaderItem(key="notifications.bell", template="notifications/bell.html", context=views.bell, order=10),
        AccountPage(
            key="notifications.notices", label=_("Powiadomienia"), url_name="notifications:notices", icon="bell", order=20
        ),
    ),
    mounts=(Mount("konto/powiadomienia/"),),
)
