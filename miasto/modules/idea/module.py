"""What the module of participation declares."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Module, Mount
from miasto.kernel.participation.selectors import ANSWER
from miasto.kernel.spec.maps import Layer
from miasto.kernel.spec.participation import ProcessKind
from miasto.kernel.spec.ui import AccountPage, HomeSection, NavItem, PanelPage, PanelSection, Shared
from miasto.modules.idea import demo, home
from miasto.modules.idea.budget import declared as budget
from miasto.modules.idea.ideas.declared import IDEAS
from miasto.modules.idea.ideas.declared import LISTENS as IDEA_LISTENS
from miasto.modules.idea.live.declared import LIVE
from miasto.modules.idea.naming import KIND, brand_later
from miasto.modules.idea.newsletter import declared as newsletter
from miasto.modules.idea.panels.declared import LISTENS, PANELS
from miasto.modules.idea.requests import declared as requests
from miasto.modules.idea.surveys.declared import SURVEYS
from miasto.modules.idea.voting.declared import VOTES


def joined(*parts: dict[Any, tuple[Any, ...]]) -> dict[Any, tuple[Any, ...]]:
    """The listeners of all parts: several may listen to one event."""
    events = {event for part in parts for event in part}
    return {event: tuple(one for part in parts for one in part.get(event, ())) for event in events}


MODULE = Module(
    slug="idea",
    name=brand_later(),
    summary=_("Konsultacje, w których każda uwaga dostaje odpowiedź."),
    icon="users",
    provides=(
        ProcessKind(
            key=KIND,
            name=_("konsultacje"),
            name_plural=_("konsultacje"),
            url="/idea/konsultacje/{slug}/",
            remark_url="/idea/konsultacje/{slug}/uwagi/{number}/",
            link_url="/idea/s/{token}/",
            panel_url="/panel/idea/{id}/",
        ),
        Layer(
            key="idea.consultations",
            name=_("Konsultacje w okolicy"),
            summary=_("Obszary, o których miasto właśnie rozmawia z mieszkańcami"),
            model="participation.Process",
            geometry="polygon",
            where={"whole_city": False, "published_at__isnull": False, "process_kind": KIND},
            properties={"title": "title", "published_at": "published_at", "closed_at": "closed_at"},
            paint=(
                {"type": "fill", "paint": {"fill-color": "#6b4fa0", "fill-opacity": 0.18}},
                {"type": "line", "paint": {"line-color": "#6b4fa0", "line-width": 2}},
            ),
            legend=((_("Konsultacje"), "#6b4fa0", "polygon"),),
            order=60,
        ),
        NavItem(
            key="idea.home",
            label=brand_later(),
            url_name="idea:home",
            icon="users",
            order=25,
            also=("/newsletter/", "/glosuj/", "/glosowania/"),
        ),
        AccountPage(key="idea.mine", label=_("Moje uwagi"), url_name="idea_account:mine", icon="message-square-text", order=30),
        Shared(key="idea.now", models=("participation.Process", "participation.Phase")),
        HomeSection(key="idea.now", template="idea/home_section.html", context=home.section, shared="idea.now", order=20),
        PanelPage(
            key="idea.consultations",
            label=_("Konsultacje"),
            url_name="idea_panel:list",
            icon="users",
            permission=ANSWER,
            group=brand_later(),
            order=200,
        ),
        PanelSection(key="idea.waiting", template="idea/panel_section.html", context=home.waiting, permission=ANSWER, order=60),
        *PANELS,
        *VOTES,
        *SURVEYS,
        *budget.BUDGET,
        *IDEAS,
        *requests.REQUESTS,
        *newsletter.NEWSLETTER,
        *LIVE,
    ),
    mounts=(
        Mount("idea/"),
        Mount("panel/idea/", "panel_urls"),
        Mount("konto/uwagi/", "account_urls"),
        Mount("newsletter/", "newsletter.urls"),
        Mount("panel/idea/newsletter/", "newsletter.panel_urls"),
        Mount("glosuj/", "live.urls"),
    ),
    listens=joined(LISTENS, budget.LISTENS, newsletter.LISTENS, IDEA_LISTENS, requests.LISTENS),
    demo=demo.load,
)
