"""What the engine of cases declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.cases import desk, events, listeners, privacy
from miasto.kernel.cases.api import router
from miasto.kernel.core.module import Engine, Mount
from miasto.kernel.spec.accounts import Permission, PersonalData, Role
from miasto.kernel.spec.notifications import Topic
from miasto.kernel.spec.ui import AccountPage, Api, PanelPage, PanelSection

PERMISSIONS = (
    Permission(key="cases.see_unit", name=_("Widzi wszystkie sprawy jednostki")),
    Permission(key="cases.handle", name=_("Prowadzi sprawy i odpowiada na nie")),
    Permission(key="cases.assign", name=_("Przydziela i przekazuje sprawy")),
    Permission(key="cases.moderate", name=_("Dopuszcza treści i zdjęcia do publikacji")),
    Permission(key="cases.comment", name=_("Dopisuje komentarze")),
    Permission(key="cases.templates", name=_("Układa szablony odpowiedzi")),
    Permission(key="cases.supervise", name=_("Nadzoruje terminy i sprawy zakwestionowane")),
)
CLERK = ("cases.see_unit", "cases.handle", "cases.assign", "cases.moderate", "cases.comment")
ROLES = (
    Role(
        key="cases.clerk",
        name=_("Prowadzący sprawy"),
        summary=_("Odpowiada na sprawy swojej jednostki i dopuszcza treści do publikacji."),
        permissions=CLERK,
    ),
    Role(
        key="cases.supervisor",
        name=_("Kierownik jednostki"),
        summary=_("Pilnuje terminów i jakości odpowiedzi, rozstrzyga sprawy zakwestionowane."),
        permissions=(*CLERK, "cases.templates", "cases.supervise"),
    ),
)
FILER_TOPICS = (
    Topic(
        key="cases.filed",
        name=_("Przyjęcie sprawy"),
        summary=_("Numer sprawy i odsyłacz do niej"),
        template="cases/mail/filed",
        urgent=True,
    ),
    Topic(
        key="cases.step",
        name=_("Postęp sprawy"),
        summary=_("Ktoś zajął się sprawą, przekazał ją lub zmienił jej stan"),
        template="cases/mail/step",
    ),
    Topic(
        key="cases.question",
        name=_("Pytanie do zgłoszonej sprawy"),
        summary=_("Urząd potrzebuje odpowiedzi, żeby pracować dalej"),
        template="cases/mail/question",
        urgent=True,
    ),
    Topic(
        key="cases.answer",
        name=_("Odpowiedź w sprawie"),
        summary=_("Odpowiedź urzędu, którą można potwierdzić lub zakwestionować"),
        template="cases/mail/answer",
        urgent=True,
    ),
    Topic(
        key="cases.reopened",
        name=_("Ponowne otwarcie sprawy"),
        summary=_("Sprawa wróciła do jednostki"),
        template="cases/mail/reopened",
    ),
    Topic(
        key="cases.closed",
        name=_("Zamknięcie sprawy"),
        summary=_("Sprawa jest zakończona"),
        template="cases/mail/closed",
    ),
    Topic(
        key="cases.comment",
        name=_("Wiadomość w sprawie"),
        summary=_("Jednostka dopisała coś do sprawy"),
        template="cases/mail/comment",
    ),
)
GROUP_TOPICS = (
    Topic(
        key="cases.invited",
        name=_("Zaproszenie do wspólnego zgłoszenia"),
        summary=_("Ktoś prosi, żeby zgłosić sprawę razem z nim"),
        template="cases/mail/invited",
        urgent=True,
        channels=("email",),
    ),
    Topic(
        key="cases.joined",
        name=_("Dołączenie do wspólnego zgłoszenia"),
        summary=_("Odsyłacz do sprawy dla osoby, która dołączyła"),
        template="cases/mail/joined",
        urgent=True,
        channels=("email",),
    ),
)
STAFF_TOPICS = tuple(
    Topic(key=f"cases.{key}", name=name, summary=summary, template=f"cases/mail/{key}", channels=("inbox",))
    for key, name, summary in (
        ("new", _("Nowa sprawa w jednostce"), _("Do jednostki trafiła nowa sprawa")),
        ("assigned", _("Sprawa przydzielona Tobie"), _("Ktoś przydzielił Ci sprawę")),
        ("replied", _("Odpowiedź osoby zgłaszającej"), _("Osoba zgłaszająca odpisała lub coś dodała")),
        ("disputed", _("Sprawa zakwestionowana"), _("Osoba zgłaszająca nie zgadza się, że sprawę załatwiono")),
        ("due_soon", _("Zbliża się termin"), _("Ostatni dzień roboczy przed końcem terminu sprawy")),
        ("overdue", _("Termin minął"), _("Sprawa jest po terminie")),
        ("escalated", _("Sprawa z podległej jednostki"), _("Sprawa w podległej jednostce długo czeka po terminie")),
    )
)
PERSONAL_DATA = (
    PersonalData(
        key="cases.filed",
        name=_("Zgłoszone sprawy: treść, odpowiedzi na pytania i dane kontaktowe"),
        retention=_("Do usunięcia na żądanie; numer, miejsce, kategoria i przebieg sprawy pozostają bez danych osobowych."),
        export=privacy.export,
        erase=privacy.erase,
    ),
)
PAGES = (
    AccountPage(key="cases.mine", label=_("Moje sprawy"), url_name="cases_account:mine", icon="folder-open", order=10),
    PanelPage(
        key="cases.queue",
        label=_("Kolejka spraw"),
        url_name="cases_panel:queue",
        icon="inbox",
        permission="cases.see_unit",
        group=_("Sprawy"),
        order=10,
    ),
    PanelPage(
        key="cases.templates",
        label=_("Szablony odpowiedzi"),
        url_name="cases_panel:templates",
        icon="file-text",
        permission="cases.templates",
        group=_("Sprawy"),
        order=20,
    ),
    PanelSection(key="cases.desk", template="cases/parts/desk.html", context=desk.desk, permission="cases.see_unit", order=10),
    Api(key="cases.api", prefix="cases", router=router, name=_("Sprawy publiczne")),
)

ENGINE = Engine(
    slug="cases",
    name=_("Sprawy"),
    summary=_("Wszystko, o co mieszkańcy proszą miasto i na co miasto odpowiada"),
    icon="folder",
    provides=(*PERMISSIONS, *ROLES, *FILER_TOPICS, *GROUP_TOPICS, *STAFF_TOPICS, *PERSONAL_DATA, *PAGES),
    mounts=(Mount("sprawy/"), Mount("panel/sprawy/", "panel_urls"), Mount("konto/sprawy/", "account_urls")),
    listens={
        events.CaseOpened: (listeners.tell_filer_filed, listeners.tell_unit_new),
        events.CoFilerInvited: (listeners.tell_invited,),
        events.CoFilerJoined: (listeners.tell_joined,),
        events.CaseStepTaken: (listeners.tell_filer_step, listeners.tell_staff_step),
        events.CaseAssigned: (listeners.tell_filer_assigned, listeners.tell_assignee),
        events.CaseReclassified: (listeners.tell_reclassified,),
        events.CaseCommented: (listeners.tell_filer_comment, listeners.tell_staff_comment),
    },
)
