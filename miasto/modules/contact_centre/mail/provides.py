"""What the part of letters declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import MailIntake
from miasto.kernel.spec.accounts import ChangeName, Permission, PersonalData
from miasto.kernel.spec.notifications import Topic
from miasto.kernel.spec.ui import HomeTask, PanelPage, PanelSection
from miasto.modules.contact_centre.mail import intake, privacy, reading, selectors
from miasto.modules.contact_centre.mail.case_part import PARTS
from miasto.modules.contact_centre.mail.case_types import CASE_TYPES
from miasto.modules.contact_centre.mail.models import PERMISSION

PROVIDES = (
    MailIntake(key="contact_centre.letters", take=intake.take_mail),
    *CASE_TYPES,
    *PARTS,
    PanelPage(
        key="contact_centre.letters",
        label=_("Korespondencja"),
        url_name="letters:list",
        icon="mail",
        permission=PERMISSION,
        group=_("Centrum kontaktu"),
        order=20,
    ),
    PanelSection(
        key="contact_centre.letters",
        template="contact_centre/letters/desk.html",
        context=lambda viewer: {"waiting": selectors.waiting(viewer)},
        permission=PERMISSION,
        order=30,
    ),
    HomeTask(
        key="contact_centre.letters",
        label=_("Napisz do urzędu"),
        hint=_("Skarga, wniosek albo prośba o informację publiczną."),
        url_name="letters_web:complaint",
        icon="mail",
        order=60,
    ),
    Permission(key=PERMISSION, name=_("Czyta i rozdziela korespondencję")),
    Topic(
        key=reading.RECEIVED,
        name=_("Przyjęcie wiadomości"),
        summary=_("Numer, pod którym zapisaliśmy e-mail"),
        template="contact_centre/letters/received",
        channels=("email",),
        urgent=True,
    ),
    Topic(
        key=reading.REPLY,
        name=_("Odpowiedź na wiadomość"),
        summary=_("Odpowiedź centrum kontaktu na e-mail"),
        template="contact_centre/letters/reply",
        channels=("email",),
        urgent=True,
    ),
    PersonalData(
        key="contact_centre.letters",
        name=_("Korespondencja: treść, nadawca i załączniki"),
        retention=_(
            "Oryginał e-maila: 90 dni. Spam i wiadomości automatyczne: 30 dni. Inne pisma bez sprawy: 2 lata. "
            "Pisma w sprawach: tak długo jak sprawa."
        ),
        purpose=_("Żeby odpowiedzieć na pismo i załatwić sprawę, o którą w nim chodzi."),
        stays=_("Numer, data wpływu i to, jak rozstrzygnięto pismo, bo rejestr korespondencji musi być ciągły."),
        export=privacy.export,
        erase=privacy.erase,
        expire=privacy.expire,
    ),
    *(
        ChangeName(key=f"contact_centre.letter_{key}", name=name)
        for key, name in (
            ("receive", _("odebrano e-mail")),
            ("register", _("zapisano pismo")),
            ("read", _("odczytano e-mail")),
            ("decide", _("rozstrzygnięto, czym jest pismo")),
            ("join", _("dołączono pismo do sprawy")),
            ("write", _("odpisano na pismo")),
            ("reopen", _("cofnięto rozstrzygnięcie pisma")),
            ("erase", _("usunięto treść pisma")),
        )
    ),
)
