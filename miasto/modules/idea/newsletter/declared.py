"""What the newsletter adds to the module."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.mail import MailFailed
from miasto.kernel.core.module import MailIntake
from miasto.kernel.spec.accounts import ChangeName, Permission, PersonalData, RoleGrant
from miasto.kernel.spec.notifications import NewsSource, Topic
from miasto.kernel.spec.ui import AccountPage, PanelPage, Shared
from miasto.modules.idea.naming import brand_later
from miasto.modules.idea.newsletter import listeners, privacy, sending, sources, subscribing
from miasto.modules.idea.newsletter.models import EDIT
from miasto.modules.idea.newsletter.rules import SUBADDRESS

CHANGES = {
    "subscribed": _("zapisano adres na newsletter"),
    "confirmed": _("potwierdzono adres do newslettera"),
    "chosen": _("zmieniono tematy newslettera"),
    "resigned": _("zrezygnowano z newslettera"),
    "dropped": _("usunięto adres, z którego wracał newsletter"),
    "issue_created": _("założono numer newslettera"),
    "issue_updated": _("zmieniono numer newslettera"),
    "issue_submitted": _("oddano numer newslettera do wysyłki"),
    "issue_approved": _("zatwierdzono numer newslettera"),
    "issue_withdrawn": _("cofnięto numer newslettera do szkicu"),
    "issue_tested": _("wysłano próbny egzemplarz newslettera"),
    "issue_sending": _("zaczęto wysyłkę newslettera"),
    "issue_paused": _("wstrzymano wysyłkę newslettera"),
    "issue_cancelled": _("przerwano wysyłkę newslettera"),
    "issue_sent": _("zakończono wysyłkę newslettera"),
    "issue_imported": _("wpisano dawny numer newslettera"),
}
NEWSLETTER = (
    MailIntake(key="idea.newsletter", subaddress=SUBADDRESS, take=subscribing.take),
    *(ChangeName(key=f"idea.newsletter_{key}", name=name) for key, name in CHANGES.items()),
    Permission(key=EDIT, name=_("Pisze i wysyła newsletter")),
    RoleGrant(key="idea.newsletter_editor", role="content.editor", permissions=(EDIT,)),
    RoleGrant(key="idea.newsletter_coordinator", role="participation.coordinator", permissions=(EDIT,)),
    Topic(
        key=sending.TOPIC,
        name=_("Newsletter"),
        summary=_("Co dzieje się w mieście, w tematach i dzielnicach do wyboru"),
        template="idea/newsletter/mail/issue",
        channels=("email",),
        urgent=True,
        own_page=True,
    ),
    Topic(
        key=subscribing.CONFIRM,
        name=_("Potwierdzenie zapisu na newsletter"),
        summary=_("Jedna wiadomość z odsyłaczem; bez potwierdzenia nie piszemy więcej"),
        template="idea/newsletter/mail/confirm",
        channels=("email",),
        urgent=True,
        own_page=True,
    ),
    Topic(
        key=subscribing.KNOWN,
        name=_("Ustawienia newslettera"),
        summary=_("Odsyłacz do ustawień dla kogoś, kto już dostaje newsletter"),
        template="idea/newsletter/mail/known",
        channels=("email",),
        urgent=True,
        own_page=True,
    ),
    NewsSource(
        key="idea.consultations", name=_("Konsultacje, w których można się wypowiedzieć"), items=sources.consultations, order=10
    ),
    NewsSource(key="idea.budget", name=_("Budżet obywatelski"), items=sources.budget, order=15),
    NewsSource(key="idea.meetings", name=_("Spotkania"), items=sources.meetings, order=20),
    PersonalData(
        key="idea.newsletter",
        name=_("Zapisy na newsletter: adres, tematy, dzielnice, zgoda"),
        purpose=_("Żeby wysyłać newsletter tym, którzy o niego poprosili, i móc pokazać, na co się zgodzili."),
        retention=_(
            "Do rezygnacji. Adres, którego nikt nie potwierdził: 7 dni. To, kto dostał który numer: 90 dni po wysłaniu."
        ),
        stays=_("Liczba wysłanych wiadomości i rezygnacji, bez adresów."),
        export=privacy.export,
        erase=privacy.erase,
        expire=privacy.expire,
    ),
    Shared(key="idea.newsletter", models=("idea.Issue",), seconds=300),
    AccountPage(key="idea.newsletter", label=_("Newsletter"), url_name="newsletter:settings", icon="mail", order=35),
    PanelPage(
        key="idea.newsletter",
        label=_("Newsletter"),
        url_name="newsletter_panel:list",
        icon="mail",
        permission=EDIT,
        group=brand_later(),
        order=260,
    ),
)
LISTENS = {MailFailed: (listeners.message_failed,)}
