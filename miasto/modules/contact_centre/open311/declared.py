"""What Open311 declares for the contact centre."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import ChangeName, Permission, RoleGrant
from miasto.kernel.spec.ui import PanelPage

OPEN311 = (
    Permission(key="contact_centre.api_keys", name=_("Wydaje klucze programom, które przysyłają zgłoszenia")),
    RoleGrant(key="contact_centre.api_keys_of_admin", role="accounts.admin", permissions=("contact_centre.api_keys",)),
    PanelPage(
        key="contact_centre.api_keys",
        label=_("Klucze Open311"),
        url_name="contact_centre_keys:list",
        icon="key-round",
        permission="contact_centre.api_keys",
        group=_("Administracja"),
        order=840,
    ),
    ChangeName(key="contact_centre.key_issued", name=_("wydano klucz Open311")),
    ChangeName(key="contact_centre.key_switched_on", name=_("włączono klucz Open311")),
    ChangeName(key="contact_centre.key_switched_off", name=_("wyłączono klucz Open311")),
)
