"""What alerts declare."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.observations.access import ALERTS
from miasto.kernel.observations.alerts import privacy
from miasto.kernel.observations.alerts.telling import OVER, RAISED
from miasto.kernel.spec.accounts import ApiRight, ChangeName, PersonalData
from miasto.kernel.spec.notifications import Topic
from miasto.kernel.spec.ui import PanelPage

STEPS = {
    "alert_raised": _("zgłoszono alert"),
    "alert_known": _("przyjęto alert"),
    "alert_commented": _("dopisano do alertu"),
    "alert_cleared": _("odwołano alert"),
    "alert_rule_saved": _("zapisano regułę alertu"),
    "alert_hook_added": _("dodano odbiorcę alertów"),
    "alert_hook_on": _("włączono odbiorcę alertów"),
    "alert_hook_off": _("wyłączono odbiorcę alertów"),
}
DECLARED = (
    *(ChangeName(key=f"observations.{key}", name=name) for key, name in STEPS.items()),
    ApiRight(key="observations.alerts", name=_("Słucha alertów"), permissions=(ALERTS,), order=220),
    Topic(
        key=RAISED,
        name=_("Alert z pomiarów"),
        summary=_("Odczyty przekroczyły próg ustalony w regule"),
        template="observations/mail/alert",
        urgent=True,
        channels=("email", "inbox", "push"),
    ),
    Topic(
        key=OVER,
        name=_("Odwołanie alertu"),
        summary=_("Alert, o którym wiesz, już nie trwa"),
        template="observations/mail/over",
        channels=("email", "inbox", "push"),
    ),
    PanelPage(
        key="observations.alerts",
        label=_("Alerty"),
        url_name="observations_alerts:list",
        icon="bell-ring",
        permission=ALERTS,
        group=_("Pomiary"),
        order=300,
    ),
    PersonalData(
        key="observations.alert_notes",
        name=_("Notatki dyżurnych przy alertach"),
        purpose=_("Żeby było wiadomo, kto przyjął alert i co zrobił."),
        retention=_("Tak długo jak alert; na żądanie autora usuwamy jego nazwisko i treść notatki."),
        stays=_("Sam alert i czas, w którym ktoś go przyjął."),
        export=privacy.export,
        erase=privacy.erase,
    ),
)
