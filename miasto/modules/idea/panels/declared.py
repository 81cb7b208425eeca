"""What citizen panels add to the module."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Setup
from miasto.kernel.spec.accounts import ChangeName, PersonalData
from miasto.kernel.spec.notifications import Topic
from miasto.kernel.spec.ui import PanelPage
from miasto.modules.idea.naming import brand_later
from miasto.modules.idea.panels import events, listeners, privacy, services
from miasto.modules.idea.panels.models import MANAGE

CHANGES = {
    "created": _("założono panel obywatelski"),
    "updated": _("zmieniono panel obywatelski"),
    "published": _("otwarto zgłoszenia do panelu"),
    "applied": _("przyjęto zgłoszenie do panelu"),
    "recruited": _("zamknięto zgłoszenia do panelu"),
    "listed": _("opublikowano listę składów panelu"),
    "drawn": _("wylosowano panel"),
    "accepted": _("wylosowana osoba bierze udział w panelu"),
    "refused": _("wylosowana osoba odmówiła udziału w panelu"),
    "session": _("zapisano sesję panelu"),
    "recommended": _("opublikowano rekomendację panelu"),
    "decided": _("odpowiedziano na rekomendację panelu"),
    "finished": _("zakończono panel obywatelski"),
}
PANELS = (
    *(ChangeName(key=f"idea.panel_{key}", name=name) for key, name in CHANGES.items()),
    Topic(
        key=listeners.INVITED,
        name=_("Zaproszenie do panelu obywatelskiego"),
        summary=_("Los wskazał Ciebie; prosimy o odpowiedź, czy weźmiesz udział"),
        template="idea/panels/mail/invited",
        urgent=True,
    ),
    PersonalData(
        key="idea.panels",
        name=_("Zgłoszenia do paneli obywatelskich"),
        purpose=_("Żeby wylosować panel podobny do miasta i zaprosić wylosowane osoby."),
        retention=_("Trzy miesiące po zakończeniu panelu. Na żądanie usuwamy zgłoszenie od razu."),
        stays=_("Numer na opublikowanej liście składów i liczby zgłoszeń w grupach, bez danych osobowych."),
        export=privacy.export,
        erase=privacy.erase,
        months=privacy.months,
        expire=privacy.expire,
        due=privacy.due,
    ),
    Setup(key="idea.panel_seeds", run=services.renew_seeds, order=60),
    PanelPage(
        key="idea.panels",
        label=_("Panele obywatelskie"),
        url_name="idea_panel:panels",
        icon="users",
        permission=MANAGE,
        group=brand_later(),
        order=210,
    ),
)
LISTENS = {events.PanelClosed: (listeners.begin_list,), events.ApplicantInvited: (listeners.tell_invited,)}
