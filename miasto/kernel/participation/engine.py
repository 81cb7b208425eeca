"""What the engine of participation declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Engine, Mount
from miasto.kernel.participation import confirming, events, listeners, privacy, selectors
from miasto.kernel.participation.access import ANSWER, MANAGE
from miasto.kernel.participation.api import router
from miasto.kernel.participation.tallying import services as tallying
from miasto.kernel.participation.tallying.declared import TALLYING
from miasto.kernel.participation.voting.declared import VOTING
from miasto.kernel.spec.accounts import ChangeName, Permission, PersonalData, Role
from miasto.kernel.spec.notifications import Topic
from miasto.kernel.spec.places import ObjectKind
from miasto.kernel.spec.ui import Api

CHANGES = {
    "created": _("założono konsultacje"),
    "updated": _("zmieniono konsultacje"),
    "published": _("opublikowano konsultacje"),
    "closed": _("zamknięto konsultacje"),
    "document": _("dodano wersję dokumentu"),
    "film": _("dodano film w języku migowym"),
    "film_removed": _("usunięto film w języku migowym"),
    "meeting": _("zapisano spotkanie"),
    "meeting_cancelled": _("odwołano spotkanie"),
    "minutes": _("opublikowano notatkę ze spotkania"),
    "remark": _("wpisano uwagę"),
    "contact_confirmed": _("autor uwagi potwierdził adres"),
    "text_decided": _("zdecydowano o publikacji uwagi"),
    "grouped": _("połączono uwagi w grupę"),
    "ungrouped": _("wyjęto uwagi z grupy"),
    "decided": _("odpowiedziano na uwagi"),
    "outcome_linked": _("wskazano, co wynikło z pomysłu"),
    "outcome_followed": _("dopisano dalszy ciąg"),
    "outcome_unlinked": _("cofnięto wskazanie, co wynikło z pomysłu"),
}
TOPICS = (
    Topic(
        key=listeners.DECIDED,
        name=_("Odpowiedź na uwagę z konsultacji"),
        summary=_("Co urząd rozstrzygnął i dlaczego"),
        template="participation/mail/decided",
        urgent=True,
    ),
    Topic(
        key=confirming.TOPIC,
        name=_("Potwierdzenie adresu przy uwadze"),
        summary=_("Jedna wiadomość z odsyłaczem; bez potwierdzenia nie piszemy więcej"),
        template="participation/mail/confirm",
        urgent=True,
    ),
    Topic(
        key=listeners.REPORT,
        name=_("Wynik konsultacji"),
        summary=_("Raport z konsultacji, w których bierzesz udział"),
        template="participation/mail/report",
    ),
    Topic(
        key=listeners.SEAT,
        name=_("Zapis na spotkanie"),
        summary=_("Miejsce na spotkaniu albo na liście rezerwowej"),
        template="participation/mail/seat",
        urgent=True,
    ),
    Topic(
        key=listeners.MEETING,
        name=_("Zmiana spotkania"),
        summary=_("Inny termin lub miejsce spotkania, na które masz zapis"),
        template="participation/mail/meeting",
        urgent=True,
    ),
)
PERSONAL = (
    PersonalData(
        key="participation.remarks",
        name=_("Uwagi z konsultacji: treść i dane autora"),
        purpose=_("Żeby odpowiedzieć na uwagę i móc pokazać, że każda dostała odpowiedź."),
        retention=_(
            "Dane autora i słowa, których nikt nie dopuścił do publikacji, usuwamy pięć lat po zamknięciu konsultacji. "
            "Na żądanie usuwamy je od razu. Razem z nimi usuwamy wszystkie załączniki uwagi."
        ),
        stays=_("Numer uwagi, odpowiedź z uzasadnieniem i treść dopuszczona do publikacji, bez danych osobowych."),
        export=privacy.export,
        attachments=privacy.export_files,
        erase=privacy.erase,
        months=privacy.months,
        expire=privacy.expire,
        due=privacy.due,
    ),
    PersonalData(
        key="participation.seats",
        name=_("Zapisy na spotkania"),
        purpose=_("Żeby było wiadomo, ile osób przyjdzie i czego potrzebują."),
        retention=_("Trzy miesiące po spotkaniu."),
        export=privacy.export_seats,
        erase=privacy.erase_seats,
        months=lambda: privacy.SEAT_MONTHS,
        expire=privacy.expire_seats,
        due=privacy.seats_due,
    ),
)

ENGINE = Engine(
    slug="participation",
    name=_("Udział mieszkańców"),
    summary=_("Konsultacje, pomysły i głosowania, które każdy może przeliczyć"),
    icon="users",
    provides=(
        Permission(key=MANAGE, name=_("Przygotowuje, publikuje i zamyka konsultacje")),
        Permission(key=ANSWER, name=_("Wpisuje uwagi, dopuszcza ich treść i odpowiada na nie")),
        Role(
            key="participation.coordinator",
            name=_("Koordynator konsultacji"),
            summary=_("Prowadzi konsultacje od ogłoszenia po raport i odpowiada na uwagi."),
            permissions=(MANAGE, ANSWER),
        ),
        Role(
            key="participation.clerk",
            name=_("Odpowiadający na uwagi"),
            summary=_("Wpisuje uwagi z papieru i spotkań, łączy powtórzenia, odpowiada."),
            permissions=(ANSWER,),
        ),
        ObjectKind(
            key="participation.process",
            model="participation.Process",
            name=_("konsultacje"),
            name_plural=_("konsultacje"),
            icon="users",
            url=selectors.process_url,
            words=lambda process: process.decided,
            details=selectors.process_details,
        ),
        *TOPICS,
        *PERSONAL,
        *(ChangeName(key=f"participation.{key}", name=name) for key, name in CHANGES.items()),
        *VOTING,
        *TALLYING,
        Api(key="participation.api", prefix="participation", router=router, name=_("Konsultacje i uwagi")),
    ),
    mounts=(Mount("glosowania/", "voting.urls"), Mount("glosowania/wyniki/", "tallying.urls")),
    listens={
        events.ContributionMade: (confirming.ask_to_confirm,),
        events.ElectionTallied: (tallying.when_tallied,),
        events.ElectionPublished: (tallying.when_published,),
        events.DecisionMade: (listeners.tell_decided,),
        events.ContributionAnswered: (listeners.tell_answered,),
        events.ProcessClosed: (listeners.tell_closed,),
        events.SeatChanged: (listeners.tell_seat,),
        events.MeetingChanged: (listeners.tell_meeting,),
    },
)
