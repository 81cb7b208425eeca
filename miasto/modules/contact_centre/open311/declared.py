"""What Open311 declares for the contact centre."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import ApiRight, ChangeName
from miasto.kernel.spec.ui import PanelPage
from miasto.modules.contact_centre.open311.keys import FILE, UPDATE

OPEN311 = (
    ApiRight(key=FILE, name=_("Przyjmujemy od niego zgłoszenia"), order=10),
    ApiRight(key=UPDATE, name=_("Może dopisywać do zgłoszeń, które przysłał"), order=20),
    PanelPage(
        key="contact_centre.api_keys",
        label=_("Klucze programów"),
        url_name="contact_centre_keys:list",
        icon="key-round",
        permission="accounts.api_keys",
        group=_("Administracja"),
        order=840,
    ),
    ChangeName(key="contact_centre.key_issued", name=_("wydano klucz Open311"), former=True),
    ChangeName(key="contact_centre.key_switched_on", name=_("włączono klucz Open311"), former=True),
    ChangeName(key="contact_centre.key_switched_off", name=_("wyłączono klucz Open311"), former=True),
)
