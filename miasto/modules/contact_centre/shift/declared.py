"""What the hand-over declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.spec.accounts import ChangeName, Permission, PersonalData, RoleGrant
from miasto.kernel.spec.ui import PanelPage
from miasto.modules.contact_centre.shift import services

HANDOVER = (
    Permission(key=services.DUTY, name=_("Pełni dyżur w centrum kontaktu")),
    RoleGrant(key="contact_centre.duty_operator", role="contact_centre.operator", permissions=(services.DUTY,)),
    PanelPage(
        key="contact_centre.shift",
        label=_("Dyżur"),
        url_name="contact_centre_shift:board",
        icon="clipboard-list",
        permission=services.DUTY,
        group=_("Centrum kontaktu"),
        order=30,
    ),
    PersonalData(
        key="contact_centre.shift",
        name=_("Notatki dyżurnych"),
        purpose=_("Żeby następna zmiana wiedziała, co się dzieje i co zostało do zrobienia."),
        stays=_("Kiedy coś zapisano i której sprawy to dotyczyło, bez treści i bez nazwiska."),
        retention=_("90 dni; potem zostaje tylko to, kto i kiedy pisał oraz której sprawy to dotyczyło."),
        export=services.export_entries,
        erase=services.erase_entries,
    ),
    ChangeName(key="contact_centre.duty_begun", name=_("rozpoczęto dyżur")),
    ChangeName(key="contact_centre.duty_ended", name=_("zakończono dyżur")),
    ChangeName(key="contact_centre.shift_written", name=_("zapisano notatkę dyżurnych")),
    ChangeName(key="contact_centre.task_taken", name=_("przyjęto zadanie z dyżuru")),
    ChangeName(key="contact_centre.task_done", name=_("wykonano zadanie z dyżuru")),
)
