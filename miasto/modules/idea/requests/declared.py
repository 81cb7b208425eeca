"""What requests for consultations add to the module."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import ChangeName, PersonalData
from miasto.kernel.spec.notifications import Topic
from miasto.kernel.spec.ui import PanelPage
from miasto.modules.idea.naming import brand_later
from miasto.modules.idea.requests import events, listeners, privacy, services
from miasto.modules.idea.requests.models import MANAGE

CHANGES = {
    "asked": _("złożono wniosek o konsultacje"),
    "published": _("opublikowano wniosek o konsultacje"),
    "signed": _("podpisano wniosek o konsultacje"),
    "unsigned": _("wycofano podpis pod wnioskiem o konsultacje"),
    "reached": _("wniosek o konsultacje ma komplet podpisów"),
    "answered": _("odpowiedziano na wniosek o konsultacje"),
}
REQUESTS = (
    *(ChangeName(key=f"idea.request_{key}", name=name) for key, name in CHANGES.items()),
    Topic(
        key=listeners.FOR_STAFF,
        name=_("Wnioski mieszkańców o konsultacje"),
        summary=_("Nowy wniosek do sprawdzenia albo komplet podpisów"),
        template="idea/requests/mail/staff",
    ),
    Topic(
        key=listeners.FOR_AUTHOR,
        name=_("Twój wniosek o konsultacje"),
        summary=_("Publikacja, komplet podpisów i odpowiedź miasta"),
        template="idea/requests/mail/author",
    ),
    Topic(
        key=services.ADDRESS.topic,
        name=_("Potwierdzenie podpisu pod wnioskiem o konsultacje"),
        summary=_("Jedna wiadomość z odsyłaczem, bez którego podpis się nie liczy"),
        template="idea/requests/mail/confirm",
        channels=("email",),
        urgent=True,
    ),
    PersonalData(
        key="idea.requests",
        name=_("Wnioski o konsultacje i podpisy pod nimi"),
        purpose=_("Żeby policzyć podpisy, każdy raz, i odpowiedzieć osobie, która złożyła wniosek."),
        retention=_("Rok po odpowiedzi miasta. Adres, którego nikt nie potwierdził, tydzień."),
        stays=_("Treść wniosku i liczba podpisów, bez danych osobowych."),
        export=privacy.export,
        erase=privacy.erase,
        months=privacy.months,
        expire=privacy.expire,
        due=privacy.due,
    ),
    PanelPage(
        key="idea.requests",
        label=_("Wnioski o konsultacje"),
        url_name="idea_panel:requests",
        icon="signature",
        permission=MANAGE,
        group=brand_later(),
        order=205,
    ),
)
LISTENS = {events.RequestMoved: (listeners.tell_moved,), events.SignatureToConfirm: (listeners.tell_to_confirm,)}
