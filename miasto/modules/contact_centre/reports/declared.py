"""What the statistics and the monthly report declare."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import ChangeName, Permission, RoleGrant
from miasto.kernel.spec.ui import NavItem, PanelPage

ISSUE = ("contact_centre.issue_reports",)
STATISTICS = (
    Permission(key=ISSUE[0], name=_("Wydaje raporty miesięczne")),
    RoleGrant(key="contact_centre.reports_operator", role="contact_centre.operator", permissions=ISSUE),
    ChangeName(key="contact_centre.report_asked", name=_("zlecono raport miesięczny")),
    NavItem(
        key="contact_centre.statistics",
        label=_("Statystyki"),
        url_name="contact_centre_statistics:statistics",
        icon="chart-column",
        order=40,
    ),
    PanelPage(
        key="contact_centre.reports",
        label=_("Raporty miesięczne"),
        url_name="contact_centre_reports_panel:reports",
        icon="file-text",
        permission=ISSUE[0],
        group=_("Centrum kontaktu"),
        order=80,
    ),
)
