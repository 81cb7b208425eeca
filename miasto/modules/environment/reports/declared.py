"""What the reports declare."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import ChangeName, Permission, RoleGrant
from miasto.kernel.spec.ui import PanelPage
from miasto.modules.environment.reports.services import PERMISSION

DECLARED = (
    Permission(key=PERMISSION, name=_("Wydaje raporty o stanie środowiska")),
    RoleGrant(key="environment.reports_keeper", role="observations.keeper", permissions=(PERMISSION,)),
    ChangeName(key="environment.report_asked", name=_("zlecono raport o stanie środowiska")),
    ChangeName(key="environment.report_written", name=_("zapisano słowa do raportu o stanie środowiska")),
    ChangeName(key="environment.report_published", name=_("opublikowano raport o stanie środowiska")),
    PanelPage(
        key="environment.reports",
        label=_("Raporty o środowisku"),
        url_name="environment_panel:reports",
        icon="file-text",
        permission=PERMISSION,
        group=_("Środowisko"),
        order=61,
    ),
)
