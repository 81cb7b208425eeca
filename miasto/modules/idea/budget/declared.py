"""What the participatory budget adds to the module."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from miasto.kernel.cases.events import CaseStepTaken
from miasto.kernel.participation.events import ResultsAnnounced
from miasto.kernel.spec.accounts import ChangeName, Permission, PersonalData, Role, RoleGrant
from miasto.kernel.spec.cases import CasePart
from miasto.kernel.spec.notifications import Topic
from miasto.kernel.spec.places import ObjectKind
from miasto.kernel.spec.search import SearchSource
from miasto.kernel.spec.ui import Api, PanelPage, PanelSection
from miasto.modules.idea.budget import events, home, listeners, privacy, results, selectors, verifying
from miasto.modules.idea.budget.api import router
from miasto.modules.idea.budget.case_types import OPINION, OPINION_TYPE, VERIFICATION, VERIFICATION_TYPE
from miasto.modules.idea.budget.layer import PROJECTS
from miasto.modules.idea.budget.models import MANAGE, VERIFY, Project
from miasto.modules.idea.budget.states import StepKind
from miasto.modules.idea.naming import brand_later

CHANGES = {
    "edition_saved": _("zapisano edycję budżetu obywatelskiego"),
    "edition_published": _("opublikowano edycję budżetu obywatelskiego"),
    "draw_committed": _("opublikowano skrót ziarna losowania karty"),
    "drawn": _("wylosowano kolejność na karcie"),
    "election_prepared": _("przygotowano głosowanie nad projektami"),
    "settled": _("wpisano wynik głosowania do projektów"),
    "supporters": _("wpisano osoby z papierowej listy poparcia"),
    "consent": _("opiekun zgodził się na projekt"),
    "co_author": _("dopisano współautora projektu"),
}
TOPICS = (
    Topic(
        key=listeners.CONFIRM,
        name=_("Potwierdzenie poparcia projektu"),
        summary=_("Jedna wiadomość z odsyłaczem; bez potwierdzenia poparcie się nie liczy"),
        template="idea/budget/mail/confirm",
        urgent=True,
    ),
    Topic(
        key=listeners.CONSENT,
        name=_("Zgoda opiekuna na projekt dziecka"),
        summary=_("Jedna wiadomość z odsyłaczem do zgody"),
        template="idea/budget/mail/consent",
        urgent=True,
    ),
    Topic(
        key=listeners.AUTHOR,
        name=_("Mój projekt w budżecie obywatelskim"),
        summary=_("Każdy krok oceny projektu i to, co można wtedy zrobić"),
        template="idea/budget/mail/author",
        urgent=True,
    ),
    Topic(
        key=listeners.FOLLOWED,
        name=_("Obserwowane projekty budżetu obywatelskiego"),
        summary=_("Wynik oceny i głosowania, a potem postęp prac"),
        template="idea/budget/mail/followed",
        subscribable=True,
    ),
)
PERSONAL = (
    PersonalData(
        key="idea.budget",
        name=_("Autorzy projektów budżetu obywatelskiego, opiekunowie i osoby z list poparcia"),
        purpose=_("Żeby sprawdzić, czy projekt wolno złożyć, i móc odpowiedzieć autorowi."),
        retention=_("Pięć lat od ogłoszenia wyników edycji. Na żądanie usuwamy je od razu."),
        stays=_("Projekt z numerem i treścią oraz liczba osób, które go poparły, bez danych osobowych."),
        export=privacy.export,
        erase=privacy.erase,
        months=privacy.months,
        expire=privacy.expire,
        due=privacy.due,
    ),
    PersonalData(
        key="idea.budget_drafts",
        name=_("Niewysłane projekty budżetu obywatelskiego"),
        purpose=_("Żeby błąd albo zamknięta karta przeglądarki nie zmuszały do pisania od nowa."),
        retention=_("30 dni od ostatniej zmiany."),
        export=privacy.export_drafts,
        erase=privacy.erase_drafts,
        expire=privacy.expire_drafts,
    ),
)
BUDGET = (
    Permission(key=MANAGE, name=_("Prowadzi budżet obywatelski: zasady, ocenę, losowanie karty, realizację")),
    Permission(key=VERIFY, name=_("Opiniuje projekty budżetu obywatelskiego i pisze o ich realizacji")),
    Role(
        key="idea.budget_coordinator",
        name=_("Koordynator budżetu obywatelskiego"),
        summary=_("Prowadzi edycję budżetu od zasad po realizację zwycięskich projektów."),
        permissions=(MANAGE, VERIFY),
    ),
    RoleGrant(key="idea.budget_lead", role="participation.coordinator", permissions=(MANAGE, VERIFY)),
    RoleGrant(key="idea.budget_unit", role="cases.clerk", permissions=(VERIFY,)),
    RoleGrant(key="idea.budget_head", role="cases.supervisor", permissions=(VERIFY,)),
    ObjectKind(
        key=Project.kind,
        model="idea.Project",
        name=_("projekt budżetu obywatelskiego"),
        name_plural=_("projekty budżetu obywatelskiego"),
        icon="coins",
        url=lambda project: project.get_absolute_url(),
        searchable=False,
    ),
    SearchSource(
        key="idea.budget",
        name=_("projekt budżetu obywatelskiego"),
        name_plural=_("projekty budżetu obywatelskiego"),
        icon="coins",
        entries=selectors.entries,
        visible=selectors.seen,
        order=45,
    ),
    PROJECTS,
    Api(key="idea.budget_api", prefix="participation/budget", router=router, name=_("Budżet obywatelski")),
    VERIFICATION_TYPE,
    OPINION_TYPE,
    *(
        CasePart(
            key=f"idea.budget_part_{number}",
            case_type=key,
            template="idea/budget/case_part.html",
            context=home.case_part,
            permission="cases.handle",
            order=10,
        )
        for number, key in enumerate((VERIFICATION, OPINION), 1)
    ),
    *TOPICS,
    *PERSONAL,
    *(ChangeName(key=f"idea.budget_{key}", name=name) for key, name in CHANGES.items()),
    *(ChangeName(key=f"idea.budget_{one.value}", name=one.label) for one in StepKind),
    PanelPage(
        key="idea.budget",
        label=_("Budżet obywatelski"),
        url_name="idea_panel:budget",
        icon="coins",
        permission=VERIFY,
        group=brand_later(),
        order=205,
    ),
    PanelSection(
        key="idea.budget_waiting",
        template="idea/budget/panel_section.html",
        context=selectors.waiting,
        permission=VERIFY,
        order=62,
    ),
)
LISTENS = {
    events.ProjectMoved: (listeners.tell_step, listeners.refresh_search),
    events.SupportAsked: (listeners.ask_support,),
    events.ConsentAsked: (listeners.ask_consent,),
    CaseStepTaken: (verifying.follow,),
    ResultsAnnounced: (results.settle,),
}
