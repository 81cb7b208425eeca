"""What the engine of cases declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.cases import desk, events, following, listeners, privacy, retention, setup, supporting, views_levels
from miasto.kernel.cases.api import router
from miasto.kernel.cases.change_names import CHANGE_NAMES
from miasto.kernel.cases.counting import also_counting, begin_counting
from miasto.kernel.core.module import Engine, Mount, Setup
from miasto.kernel.files.events import FileLookedAt
from miasto.kernel.spec.accounts import Permission, PersonalData, Role
from miasto.kernel.spec.notifications import Topic
from miasto.kernel.spec.ui import AccountPage, Api, PanelPage, PanelSection, Shared

PERMISSIONS = (
    Permission(key="cases.see_unit", name=_("Widzi wszystkie sprawy jednostki")),
    Permission(key="cases.handle", name=_("Prowadzi sprawy i odpowiada na nie")),
    Permission(key="cases.assign", name=_("Przydziela i przekazuje sprawy")),
    Permission(key="cases.moderate", name=_("Dopuszcza treści i zdjęcia do publikacji")),
    Permission(key="cases.comment", name=_("Dopisuje komentarze")),
    Permission(key="cases.templates", name=_("Układa szablony odpowiedzi")),
    Permission(key="cases.supervise", name=_("Nadzoruje terminy i sprawy zakwestionowane")),
    Permission(key="cases.routing", name=_("Ustala trasy spraw i instytucje spoza miasta")),
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
    Role(
        key="cases.coordinator",
        name=_("Koordynator spraw"),
        summary=_("Ustala, która jednostka dostaje które sprawy, i prowadzi spis instytucji spoza miasta."),
        permissions=("cases.see_unit", "cases.assign", "cases.supervise", "cases.routing"),
        citywide=True,
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
        channels=("email", "inbox", "push"),
    ),
    Topic(
        key="cases.answer",
        name=_("Odpowiedź w sprawie"),
        summary=_("Odpowiedź urzędu, którą można potwierdzić lub zakwestionować"),
        template="cases/mail/answer",
        urgent=True,
        channels=("email", "inbox", "push"),
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
    Topic(
        key="cases.merged",
        name=_("Połączenie z inną sprawą"),
        summary=_("Ta sama sprawa była już zgłoszona, więc idą dalej razem"),
        template="cases/mail/merged",
    ),
    Topic(
        key="cases.split",
        name=_("Podział sprawy na części"),
        summary=_("Sprawą zajmuje się kilka jednostek"),
        template="cases/mail/split",
    ),
    Topic(
        key="cases.forwarded",
        name=_("Przekazanie sprawy poza miasto"),
        summary=_("Sprawę przekazano instytucji, która za nią odpowiada"),
        template="cases/mail/forwarded",
        urgent=True,
    ),
    Topic(
        key="cases.outside_accepted",
        name=_("Wiadomość od instytucji spoza miasta"),
        summary=_("Instytucja, której przekazano sprawę, przyjęła ją i nad nią pracuje"),
        template="cases/mail/outside_accepted",
    ),
    Topic(
        key="cases.followed",
        name=_("Sprawy, które popierasz lub obserwujesz"),
        summary=_("Każdy krok w sprawie, o której chcesz wiedzieć"),
        template="cases/mail/followed",
    ),
)
LETTERS = (
    Topic(
        key="cases.support_confirm",
        name=_("Potwierdzenie adresu przy „mnie też to dotyczy”"),
        summary=_("Jedna wiadomość z odsyłaczem, bez którego nie wysyłamy następnych"),
        template="cases/mail/support_confirm",
        channels=("email",),
        urgent=True,
    ),
    Topic(
        key="cases.outside_request",
        name=_("Sprawa przekazana instytucji spoza miasta"),
        summary=_("Pismo do instytucji z odsyłaczem do odpowiedzi"),
        template="cases/mail/outside_request",
        channels=("email",),
        urgent=True,
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
        ("parts_done", _("Wszystkie części zakończone"), _("Jednostki zakończyły części sprawy, którą prowadzisz")),
        ("outside_answered", _("Odpowiedź instytucji spoza miasta"), _("Instytucja, której przekazano sprawę, odpowiedziała")),
        ("outside_silent", _("Instytucja spoza miasta milczy"), _("Przypomnieliśmy jej o sprawie")),
    )
)
TOPICS = (*FILER_TOPICS, *GROUP_TOPICS, *STAFF_TOPICS, *LETTERS)
PERSONAL_DATA = (
    PersonalData(
        key="cases.filed",
        name=_("Zgłoszone sprawy: treść, odpowiedzi na pytania i dane kontaktowe"),
        purpose=_("Żeby załatwić sprawę, odpowiedzieć na nią i móc rozliczyć się z tego, jak ją załatwiono."),
        retention=_(
            "Po zamknięciu sprawy trzymamy dane tak długo, jak wymaga tego jej kategoria, zwykle pięć lat, bo tyle "
            "przechowuje się akta takich spraw. Potem usuwa je zadanie, które działa co noc. Na żądanie usuwamy je od razu."
        ),
        stays=_(
            "Numer, kategoria, miejsce i przebieg sprawy, bo to dokument pracy urzędu, oraz odpowiedzi, które urząd podał "
            "wszystkim. Nie ma w nich danych osobowych."
        ),
        export=privacy.export,
        erase=privacy.erase,
        expire=retention.anonymise_due,
        due=retention.count_due,
    ),
    PersonalData(
        key="cases.followed",
        name=_("Poparte i obserwowane sprawy"),
        purpose=_("Żeby policzyć, ilu osób dotyczy sprawa, i powiadamiać tych, którzy o to proszą."),
        stays=_("Sam głos w liczbie poparć, bez osoby i adresu."),
        retention=_(
            "Do wycofania poparcia lub obserwowania; adres e-mail 30 dni po zakończeniu sprawy, niepotwierdzony 7 dni."
        ),
        export=privacy.export_followed,
        erase=privacy.erase_followed,
        expire=supporting.forget_unconfirmed,
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
        key="cases.publishing",
        label=_("Publikacja"),
        url_name="cases_publishing:desk",
        icon="eye-off",
        permission="cases.moderate",
        group=_("Sprawy"),
        order=12,
    ),
    PanelPage(
        key="cases.outside",
        label=_("Przekazane poza miasto"),
        url_name="cases_panel:waiting",
        icon="building-2",
        permission="cases.see_unit",
        group=_("Sprawy"),
        order=15,
    ),
    PanelPage(
        key="cases.retention",
        label=_("Przechowywanie danych"),
        url_name="cases_panel:retention",
        icon="archive",
        permission="cases.supervise",
        group=_("Sprawy"),
        order=80,
    ),
    PanelPage(
        key="cases.routes",
        label=_("Trasy spraw"),
        url_name="cases_panel:routes",
        icon="route",
        permission="cases.routing",
        group=_("Sprawy"),
        order=30,
    ),
    PanelPage(
        key="cases.bodies",
        label=_("Instytucje spoza miasta"),
        url_name="cases_panel:bodies",
        icon="landmark",
        permission="cases.routing",
        group=_("Sprawy"),
        order=35,
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
    PanelPage(
        key="cases.terms",
        label=_("Terminy"),
        url_name="cases_panel:terms",
        icon="calendar-clock",
        permission="cases.see_unit",
        group=_("Sprawy"),
        order=15,
    ),
    PanelSection(
        key="cases.escalations",
        template="cases/parts/desk_escalations.html",
        context=views_levels.escalations,
        permission="cases.supervise",
        order=5,
    ),
    PanelSection(key="cases.desk", template="cases/parts/desk.html", context=desk.desk, permission="cases.see_unit", order=10),
    Api(key="cases.api", prefix="cases", router=router, name=_("Sprawy publiczne")),
)

SETUP = (Setup(key="cases.outside", run=setup.sync_profile, order=40),)

COUNTING = Setup(key="cases.figures", run=begin_counting, order=200)

ROUTING = Shared(
    key="cases.routing",
    models=("cases.RoutingPlan", "cases.RoutingRule", "cases.Category", "cases.ExternalBody", "accounts.Unit", "places.Area"),
)

ENGINE = Engine(
    slug="cases",
    name=_("Sprawy"),
    summary=_("Wszystko, o co mieszkańcy proszą miasto i na co miasto odpowiada"),
    icon="folder",
    provides=(*PERMISSIONS, *ROLES, *TOPICS, *CHANGE_NAMES, *PERSONAL_DATA, *PAGES, *SETUP, COUNTING, ROUTING),
    mounts=(
        Mount("sprawy/"),
        Mount("panel/sprawy/", "panel_urls"),
        Mount("panel/centrum/publikacja/", "publishing_urls"),
        Mount("konto/sprawy/", "account_urls"),
    ),
    listens=also_counting(
        {
            FileLookedAt: (listeners.hold_back_photo,),
            events.CaseOpened: (listeners.tell_filer_filed, listeners.tell_unit_new),
            events.CoFilerInvited: (listeners.tell_invited,),
            events.CoFilerJoined: (listeners.tell_joined,),
            events.CaseStepTaken: (
                listeners.tell_filer_step,
                listeners.tell_staff_step,
                listeners.tell_main_of_part,
                following.tell_followers_step,
            ),
            events.CaseAssigned: (listeners.tell_filer_assigned, listeners.tell_assignee),
            events.CaseReclassified: (listeners.tell_reclassified,),
            events.CaseCommented: (
                listeners.tell_filer_comment,
                listeners.tell_staff_comment,
                following.tell_followers_comment,
            ),
            events.CaseSplit: (listeners.tell_filer_split,),
            events.CaseSupported: (following.ask_to_confirm,),
            events.CaseForwarded: (following.tell_body_forwarded,),
            events.CaseAnsweredOutside: (following.tell_of_answer,),
        }
    ),
)
