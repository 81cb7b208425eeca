"""What the contact centre declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.cases import events
from miasto.kernel.core.module import Module, Mount, Setup
from miasto.kernel.spec.accounts import PersonalData, Role
from miasto.kernel.spec.content import ServiceLink
from miasto.kernel.spec.notifications import Following, Topic
from miasto.kernel.spec.search import SearchSource
from miasto.kernel.spec.ui import HomeSection, HomeTask, NavItem, OfflinePage, Shared
from miasto.modules.contact_centre import channels, demo, home, listeners, services
from miasto.modules.contact_centre.case_type import REPORT
from miasto.modules.contact_centre.follow import listeners as follow
from miasto.modules.contact_centre.likeness.declared import LIKENESS
from miasto.modules.contact_centre.mail import provides as letters
from miasto.modules.contact_centre.map_layer import REPORTS
from miasto.modules.contact_centre.messages.declared import MESSAGES
from miasto.modules.contact_centre.messages.listeners import tell_comment, tell_step
from miasto.modules.contact_centre.open311.declared import OPEN311
from miasto.modules.contact_centre.open311.forwarding import case_erased, case_forwarded
from miasto.modules.contact_centre.petitions.declared import PETITIONS
from miasto.modules.contact_centre.reports.declared import STATISTICS
from miasto.modules.contact_centre.shift.declared import HANDOVER

OPERATOR = Role(
    key="contact_centre.operator",
    name=_("Operator centrum kontaktu"),
    summary=_("Widzi wszystkie zgłoszenia, przydziela je jednostkom i dopuszcza treści do publikacji."),
    permissions=(
        "cases.see_unit",
        "cases.handle",
        "cases.assign",
        "cases.moderate",
        "cases.comment",
        letters.PERMISSION,
        channels.CALLS,
    ),
    citywide=True,
)
SHOWN = (
    "cases.Case",
    "cases.CaseText",
    "cases.CaseFile",
    "cases.CaseStep",
    "cases.Category",
    "discussions.Comment",
    "discussions.CommentText",
    "files.File",
    "places.Area",
)
PAGES = (
    NavItem(key="contact_centre.report", label=_("Zgłoś problem"), url_name="contact_centre:what", icon="megaphone", order=10),
    NavItem(
        key="contact_centre.register", label=_("Zgłoszenia"), url_name="contact_centre_register:list", icon="list", order=20
    ),
    HomeTask(
        key="contact_centre.report",
        label=_("Zgłoś problem"),
        hint=_("Dziura, ciemna latarnia, dzikie wysypisko. Zajmie to trzy minuty, bez zakładania konta."),
        url_name="contact_centre:what",
        icon="megaphone",
        order=10,
    ),
    HomeTask(
        key="contact_centre.find",
        label=_("Sprawdź zgłoszenie"),
        hint=_("Zobacz po numerze, co się dzieje ze sprawą."),
        url_name="cases:find",
        icon="search-check",
        order=20,
    ),
    HomeTask(
        key="contact_centre.register",
        label=_("Zobacz, co zgłosili inni"),
        hint=_("Wszystkie zgłoszenia na liście i na mapie."),
        url_name="contact_centre_register:list",
        icon="map-pinned",
        order=30,
    ),
    OfflinePage(
        key="contact_centre.offline",
        label=_("Napisz zgłoszenie bez sieci"),
        url_name="contact_centre:offline",
        instead_of="contact_centre:what",
    ),
    HomeSection(
        key="contact_centre.now",
        template="contact_centre/home_section.html",
        context=home.section,
        shared="contact_centre.now",
        order=10,
    ),
    Shared(key="contact_centre.now", models=SHOWN),
    Shared(key="contact_centre.register", models=SHOWN),
    Shared(key="contact_centre.numbers", models=()),
)

MODULE = Module(
    slug="contact_centre",
    name=_("Centrum kontaktu"),
    summary=_("Zgłoszenia mieszkańców: od pierwszego słowa do potwierdzonego rozwiązania."),
    icon="megaphone",
    provides=(
        REPORT,
        REPORTS,
        OPERATOR,
        *PAGES,
        Topic(
            key=follow.TOPIC,
            name=_("Zgłoszenia w obserwowanej okolicy"),
            summary=_("Nowe zgłoszenia i ich załatwienie na ulicy, w dzielnicy lub kategorii, którą obserwujesz"),
            template="contact_centre/mail/followed",
            subscribable=True,
            channels=("email", "inbox", "push"),
            subjects=follow.category_names,
        ),
        Following(
            key="contact_centre.follow",
            label=_("Zgłoszenia w okolicy"),
            hint=_("Ulica, dzielnica albo kategoria: co ktoś zgłosił i co miasto załatwiło."),
            url_name="contact_centre_follow:follow",
            icon="megaphone",
            order=10,
        ),
        *LIKENESS,
        ServiceLink(
            key="contact_centre.report",
            label=_("Zgłoś problem"),
            choices=home.report_choices,
            url=home.report_url,
            icon="megaphone",
        ),
        *channels.DECLARED,
        SearchSource(
            key="contact_centre.reports",
            name=_("zgłoszenie"),
            name_plural=_("zgłoszenia"),
            icon="megaphone",
            entries=home.entries,
            visible=home.visible,
            translated=home.translated,
            order=30,
        ),
        PersonalData(
            key="contact_centre.drafts",
            name=_("Niewysłane zgłoszenia"),
            purpose=_("Żeby błąd, logowanie albo zamknięta karta przeglądarki nie zmuszały do pisania od nowa."),
            retention=_("24 godziny od ostatniej zmiany; do wysłania zgłoszenia, o które prosi osoba zgłaszająca."),
            export=services.export_drafts,
            erase=services.erase_drafts,
        ),
        *OPEN311,
        *STATISTICS,
        *HANDOVER,
        *letters.PROVIDES,
        *PETITIONS,
        *MESSAGES,
        Setup(key="contact_centre.profile", run=services.sync_profile, order=50),
    ),
    mounts=(
        Mount("zglos/"),
        Mount("zgloszenia/", "register_urls"),
        Mount("panel/centrum/korespondencja/", "mail.urls"),
        Mount("skargi-i-wnioski/", "mail.web_urls"),
        Mount("petycje/", "petitions.urls"),
        Mount("panel/centrum/petycje/", "petitions.panel_urls"),
        Mount("informacja-publiczna/", "mail.information_urls"),
        Mount("api/open311/v2/", "open311.urls"),
        Mount("panel/centrum/klucze/", "open311.panel_urls"),
        Mount("panel/sprawy/klasyfikator/", "likeness.urls"),
        Mount("statystyki/", "reports.urls"),
        Mount("raporty/", "reports.monthly_urls"),
        Mount("panel/centrum/raporty/", "reports.panel_urls"),
        Mount("panel/centrum/dyzur/", "shift.urls"),
        Mount("panel/centrum/wiadomosci/", "messages.urls"),
        Mount("api/wiadomosci/", "messages.webhook_urls"),
        Mount("obserwuj/okolica/", "follow.urls"),
        Mount("panel/podobne/", "likeness.work_urls"),
        *channels.MOUNTS,
    ),
    listens={
        events.CaseOpened: (listeners.report_changed, follow.tell_opened),
        events.CaseStepTaken: (listeners.report_changed, tell_step, follow.tell_answered),
        events.CaseCommented: (tell_comment,),
        events.CaseRecategorised: (listeners.report_changed,),
        events.CaseTextDecided: (listeners.report_changed,),
        events.CaseErased: (listeners.report_changed, listeners.calls_forgotten, listeners.letters_erased, case_erased),
        events.CaseForwarded: (case_forwarded,),
        events.CaseReclassified: (listeners.report_changed,),
        events.CasePlaced: (listeners.report_changed,),
        events.CasesImported: (listeners.reports_imported,),
    },
    demo=demo.load,
)
