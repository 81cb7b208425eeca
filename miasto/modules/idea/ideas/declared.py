"""What ideas add to the module."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.cases.events import CaseStepTaken
from miasto.kernel.participation.events import ProcessClosed
from miasto.kernel.spec.accounts import ChangeName, PersonalData
from miasto.kernel.spec.maps import Layer
from miasto.kernel.spec.notifications import Topic
from miasto.kernel.spec.places import ObjectKind
from miasto.kernel.spec.ui import AccountPage, Api, PanelPage, PanelSection
from miasto.modules.idea.budget.events import ProjectMoved
from miasto.modules.idea.ideas import events, listeners, privacy, rules, selectors
from miasto.modules.idea.ideas.api import router
from miasto.modules.idea.ideas.case_type import IDEA_PART, OPINION_TYPE
from miasto.modules.idea.ideas.models import ANSWER, Idea, IdeaStep, State
from miasto.modules.idea.ideas.supporting import CONFIRM
from miasto.modules.idea.naming import brand_later

OTHER_CHANGES = {
    "discarded": _("usunięto szkic pomysłu"),
    "supported": _("policzono poparcie pomysłu"),
    "support_withdrawn": _("wycofano poparcie pomysłu"),
    "flags_dismissed": _("uznano, że pomysł nie łamie zasad"),
}


def words(idea: Any) -> str:
    """What else the search box finds an idea by."""
    version = Idea(pk=idea.pk).versions.filter(number=idea.version).first()
    return f"{version.text if version else ''} {rules.topic(idea.topic).name}"


def details(idea: Any) -> list[tuple[Any, Any]]:
    """The facts of an idea on the map's panel."""
    return [(_("Stan"), State(idea.state).label), (_("Temat"), rules.topic(idea.topic).name), (_("Poparcie"), idea.supports)]


def section(viewer: Any) -> dict[str, Any]:
    """What waits for who leads ideas; one query."""
    return {"waiting": selectors.waiting(viewer)}


def _topic(key: str, name: Any, summary: Any, template: str, *, urgent: bool = False) -> Topic:
    return Topic(key=key, name=name, summary=summary, template=f"idea/ideas/mail/{template}", urgent=urgent)


IDEAS = (
    ObjectKind(
        key=Idea.kind,
        model="idea.Idea",
        name=_("pomysł"),
        name_plural=_("pomysły"),
        icon="lightbulb",
        url=Idea.get_absolute_url,
        words=words,
        details=details,
    ),
    OPINION_TYPE,
    IDEA_PART,
    Layer(
        key="idea.ideas",
        name=_("Pomysły mieszkańców"),
        summary=_("Co mieszkańcy chcą zmienić i co miasto na to odpowiada"),
        model="idea.Idea",
        geometry="point",
        where={"reach__in": [rules.DISTRICT, rules.PLACE], "published_at__isnull": False},
        tile=("state",),
        properties={
            "number": "number", "title": "title", "topic": "topic", "state": "state", "supports": "supports",
            "threshold": "threshold", "published_at": "published_at", "decided_at": "decided_at",
        },
        paint=(
            {
                "type": "circle",
                "paint": {
                    "circle-radius": 7,
                    "circle-stroke-width": 2,
                    "circle-stroke-color": "#ffffff",
                    "circle-color": [
                        "match", ["get", "state"], "gathering", "#1d70b8", "examined", "#b58105", "below", "#6b4fa0",
                        "accepted", "#00703c", "partly", "#00703c", "done", "#00703c", "#505a5f",
                    ],
                },
            },
        ),
        legend=(
            (_("Zbiera poparcie"), "#1d70b8", "point"),
            (_("Miasto rozpatruje"), "#b58105", "point"),
            (_("Przyjęty lub zrealizowany"), "#00703c", "point"),
            (_("Zakończony"), "#505a5f", "point"),
        ),
        order=62,
    ),
    Api(key="idea.ideas_api", prefix="participation/ideas", router=router, name=_("Pomysły mieszkańców")),
    AccountPage(key="idea.my_ideas", label=_("Moje pomysły"), url_name="idea:my_ideas", icon="lightbulb", order=31),
    PanelPage(
        key="idea.ideas",
        label=_("Pomysły"),
        url_name="idea_panel:ideas",
        icon="lightbulb",
        permission=ANSWER,
        group=brand_later(),
        order=205,
    ),
    PanelSection(
        key="idea.ideas_waiting", template="idea/ideas/panel_section.html", context=section, permission=ANSWER, order=61
    ),
    _topic(
        listeners.MOVED,
        _("Co dzieje się z pomysłem"),
        _("Każdy krok pomysłu, który jest Twój, popierasz albo obserwujesz"),
        "moved",
    ),
    _topic(
        listeners.REVISED,
        _("Autor zmienił pomysł, który popierasz"),
        _("Po istotnej zmianie można wycofać poparcie"),
        "revised",
        urgent=True,
    ),
    _topic(
        listeners.JOINED,
        _("Pomysł połączono z innym"),
        _("Poparcie przechodzi na wspólny pomysł; można je wycofać"),
        "joined",
        urgent=True,
    ),
    _topic(listeners.WORK, _("Pomysł czeka na urząd"), _("Próg poparcia, opinia albo zgłoszone naruszenie zasad"), "work"),
    _topic(
        CONFIRM,
        _("Potwierdzenie poparcia pomysłu"),
        _("Jedna wiadomość z odsyłaczem; bez potwierdzenia poparcie się nie liczy"),
        "confirm",
        urgent=True,
    ),
    PersonalData(
        key="idea.ideas",
        name=_("Pomysły: autorzy i popierający"),
        purpose=_("Żeby policzyć poparcie, każdą osobę raz, i powiedzieć o każdym kroku pomysłu."),
        retention=_(
            "Kto poparł i kto obserwuje, pamiętamy dwa lata po zakończeniu pomysłu. Szkice i podpis do usunięcia konta. "
            "Na żądanie usuwamy je od razu."
        ),
        stays=_("Treść opublikowanego pomysłu bez autora i liczba popierających."),
        export=privacy.export,
        erase=privacy.erase,
        months=privacy.months,
        expire=privacy.expire,
        due=privacy.due,
    ),
    *(ChangeName(key=f"idea.idea_{kind.value}", name=kind.label) for kind in IdeaStep.Kind),
    *(ChangeName(key=f"idea.idea_{key}", name=name) for key, name in OTHER_CHANGES.items()),
)  # fmt: skip
LISTENS = {
    events.IdeaMoved: (listeners.tell_moved,),
    events.SupportAsked: (listeners.ask_supporter,),
    events.IdeaFlagged: (listeners.tell_flagged,),
    CaseStepTaken: (listeners.hear_unit,),
    ProcessClosed: (listeners.hear_process,),
    ProjectMoved: (listeners.hear_project,),
}
