"""What the channels with people declare: the phone, the kiosk, the sign-language interpreter."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Mount
from miasto.kernel.spec.accounts import ChangeName, Permission, PersonalData
from miasto.kernel.spec.notifications import Topic
from miasto.kernel.spec.ui import HomeTask, PanelPage
from miasto.modules.contact_centre.phone import services as phone
from miasto.modules.contact_centre.phone.models import CALLS
from miasto.modules.contact_centre.signing import services as signing
from miasto.modules.contact_centre.signing.slots import plan

GROUP = _("Centrum kontaktu")
PANEL = (
    PanelPage(
        key="contact_centre.desk",
        label=_("Co czeka"),
        url_name="contact_centre_desk:home",
        icon="headset",
        permission=CALLS,
        group=GROUP,
        order=1,
    ),
    PanelPage(
        key="contact_centre.console",
        label=_("Rozmowa"),
        url_name="contact_centre_desk:console",
        icon="phone",
        permission=CALLS,
        group=GROUP,
        order=2,
    ),
    PanelPage(
        key="contact_centre.signing",
        label=_("Język migowy"),
        url_name="contact_centre_desk:signing",
        icon="video",
        permission=CALLS,
        group=GROUP,
        order=8,
    ),
)
TOPICS = tuple(
    Topic(
        key=f"contact_centre.{key}",
        name=name,
        summary=summary,
        template=f"contact_centre/mail/{key}",
        urgent=True,
        channels=("email",),
    )
    for key, name, summary in (
        ("talk_booked", _("Rozmowa w języku migowym"), _("Potwierdzenie terminu i odsyłacz do pokoju rozmowy")),
        ("talk_soon", _("Przypomnienie o rozmowie w języku migowym"), _("Dzień przed rozmową")),
        ("talk_cancelled", _("Odwołanie rozmowy w języku migowym"), _("Ty albo urząd odwołaliście rozmowę")),
    )
)
PERSONAL = (
    PersonalData(
        key="contact_centre.calls",
        name=_("Rozmowy telefoniczne: numer, nazwisko, notatki operatora"),
        purpose=_("Żeby oddzwonić, wrócić do wcześniejszych spraw tej osoby i nie pytać dwa razy o to samo."),
        stays=_("Czas i wynik rozmowy, potrzebne do statystyki, bez numeru i nazwiska."),
        retention=format_lazy(_("{days} dni od rozmowy; potem zostaje tylko czas i wynik."), days=phone.KEEP_DAYS),
        export=phone.export_calls,
        erase=phone.erase_calls,
    ),
    PersonalData(
        key="contact_centre.bookings",
        name=_("Rozmowy z tłumaczem języka migowego: nazwisko, kontakt, temat"),
        purpose=_("Żeby umówić rozmowę, przypomnieć o niej i uprzedzić tłumacza, czego będzie dotyczyła."),
        stays=_("Sam termin rozmowy."),
        retention=format_lazy(_("{days} dni od rozmowy."), days=plan().keep_days),
        export=signing.export_bookings,
        erase=signing.erase_bookings,
    ),
)
CHANGES = tuple(
    ChangeName(key=f"contact_centre.{key}", name=name)
    for key, name in (
        ("call_ringing", _("zadzwonił telefon")),
        ("call_answered", _("odebrano telefon")),
        ("call_ended", _("rozłączono rozmowę")),
        ("call_started", _("rozpoczęto rozmowę")),
        ("call_taken", _("przejęto rozmowę")),
        ("call_done", _("zapisano wynik rozmowy")),
        ("call_back_done", _("oddzwoniono")),
        ("extension", _("zmieniono numer wewnętrzny")),
        ("talk_booked", _("umówiono rozmowę w języku migowym")),
        ("talk_moved", _("zmieniono termin rozmowy w języku migowym")),
        ("talk_cancelled", _("odwołano rozmowę w języku migowym")),
    )
)
DECLARED = (
    *CHANGES,
    Permission(key=CALLS, name=_("Prowadzi rozmowy w centrum kontaktu")),
    HomeTask(
        key="contact_centre.signing",
        label=_("Tłumacz języka migowego"),
        hint=_("Umów bezpłatną rozmowę wideo z urzędem w języku migowym."),
        url_name="contact_centre_signing:book",
        icon="video",
        order=80,
    ),
    *PANEL,
    *TOPICS,
    *PERSONAL,
)
MOUNTS = (
    Mount("panel/centrum/", "phone.urls"),
    Mount("api/telefon/", "phone.api_urls"),
    Mount("tlumacz-migowy/", "signing.urls"),
    Mount("kiosk/", "kiosk.urls"),
)
