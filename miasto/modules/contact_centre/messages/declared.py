"""What conversations declare for the contact centre."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import ChangeName, Permission, PersonalData, RoleGrant
from miasto.kernel.spec.ui import PanelPage, PanelSection
from miasto.modules.contact_centre.messages import desk, services

MESSAGES = (
    Permission(key="contact_centre.messages", name=_("Prowadzi rozmowy z mediów społecznościowych i czatów")),
    RoleGrant(
        key="contact_centre.messages_of_operator", role="contact_centre.operator", permissions=("contact_centre.messages",)
    ),
    PanelPage(
        key="contact_centre.messages",
        label=_("Wiadomości"),
        url_name="contact_centre_messages:list",
        icon="messages-square",
        permission="contact_centre.messages",
        group=_("Centrum kontaktu"),
        order=30,
    ),
    PanelSection(
        key="contact_centre.messages",
        template="contact_centre/messages/desk.html",
        context=desk.desk,
        permission="contact_centre.messages",
        order=30,
    ),
    PersonalData(
        key="contact_centre.messages",
        name=_("Rozmowy z mediów społecznościowych i czatów"),
        purpose=_("Żeby odpisać tam, skąd przyszło pytanie, i przyjąć z rozmowy zgłoszenie."),
        stays=_("To, że rozmowa była, kiedy i na którym koncie miasta, bez treści i bez nazwy osoby."),
        retention=_(
            "90 dni od ostatniej wiadomości; wcześniej na życzenie osoby, która pisała. Zgłoszenie, które powstało z rozmowy, "
            "pozostaje na swoich zasadach."
        ),
        export=services.export_none,
        erase=services.erase_none,
        expire=services.forget_old,
    ),
    *(
        ChangeName(key=f"contact_centre.message_{key}", name=name)
        for key, name in (
            ("in", _("odebrano wiadomość")),
            ("reply", _("odpisano w rozmowie")),
            ("retry", _("ponowiono wysłanie wiadomości")),
            ("close", _("zamknięto rozmowę")),
            ("file", _("utworzono zgłoszenie z rozmowy")),
            ("erase", _("usunięto treść rozmowy")),
        )
    ),
)
