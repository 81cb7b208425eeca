"""What the engine of the knowledge base declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.content import demo, privacy, selectors
from miasto.kernel.core.module import Engine, Mount
from miasto.kernel.spec.accounts import ChangeName, Permission, PersonalData, Role
from miasto.kernel.spec.search import SearchSource
from miasto.kernel.spec.ui import HomeSection, HomeTask, NavItem, PanelPage, Shared

GROUP = _("Poradnik")
CHANGES = {
    "content.service_saved": _("zapisano szkic karty usługi"),
    "content.service_published": _("opublikowano kartę usługi"),
    "content.service_unpublished": _("wycofano kartę usługi"),
    "content.service_imported": _("wczytano kartę usługi"),
    "content.imported": _("wczytano poradnik"),
    "content.office_saved": _("zmieniono godziny otwarcia"),
    "content.special_day_saved": _("dodano dzień o innych godzinach"),
    "content.special_day_removed": _("usunięto dzień o innych godzinach"),
}
PANEL = (
    PanelPage(
        key="content.services",
        label=_("Karty usług"),
        url_name="content_editor:home",
        icon="book-open",
        permission="content.edit",
        group=GROUP,
        order=300,
    ),
    PanelPage(
        key="content.hours",
        label=_("Godziny otwarcia"),
        url_name="content_hours:list",
        icon="clock",
        permission="content.hours",
        group=GROUP,
        order=310,
    ),
    PanelPage(
        key="content.opinions",
        label=_("Opinie czytelników"),
        url_name="content_panel:opinions",
        icon="message-square",
        permission="content.edit",
        group=GROUP,
        order=320,
    ),
)

ENGINE = Engine(
    slug="content",
    name=_("Poradnik"),
    summary=_("Co można załatwić w mieście: gdzie, kiedy, za ile i jak."),
    icon="book-open",
    provides=(
        Permission(key="content.edit", name=_("Pisze i publikuje karty usług")),
        Permission(key="content.hours", name=_("Zmienia godziny otwarcia")),
        Role(
            key="content.editor",
            name=_("Redaktor poradnika"),
            summary=_("Pisze i publikuje karty usług, pilnuje godzin otwarcia, czyta opinie."),
            permissions=("content.edit", "content.hours"),
            citywide=True,
        ),
        *(ChangeName(key=key, name=name) for key, name in CHANGES.items()),
        *PANEL,
        NavItem(key="content.guide", label=_("Poradnik"), url_name="content:guide", icon="book-open", order=30),
        HomeTask(
            key="content.guide",
            label=_("Załatw sprawę w urzędzie"),
            hint=_("Dowód, meldunek, śmieci, podatki: gdzie, za ile i co zabrać."),
            url_name="content:guide",
            icon="book-open",
            order=15,
        ),
        Shared(key="content.popular", models=("content.Service",)),
        HomeSection(
            key="content.popular",
            template="content/home_section.html",
            context=selectors.home_section,
            shared="content.popular",
            order=5,
        ),
        SearchSource(
            key="content.services",
            name=_("poradnik"),
            name_plural=_("poradnik"),
            icon="book-open",
            entries=selectors.search_entries,
            visible=selectors.search_visible,
            translated=selectors.search_translated,
            order=10,
        ),
        PersonalData(
            key="content.opinions",
            name=_("Opinie o poradniku"),
            purpose=_("Żeby wiedzieć, które strony poradnika nie pomagają, i je poprawić."),
            stays=_("Opinie, których z nikim nie da się powiązać."),
            retention=_("Nie pytamy, kto je zostawia. Słowa, które ktoś wpisał, kasujemy po roku."),
            export=privacy.export,
            erase=privacy.erase,
            expire=privacy.expire,
        ),
    ),
    mounts=(
        Mount("poradnik/"),
        Mount("panel/tresci/", "editor_mount"),
        Mount("panel/godziny/", "hours_urls"),
        Mount("panel/poradnik/", "panel_urls"),
    ),
    demo=demo.load,
)
