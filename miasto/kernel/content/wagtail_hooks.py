"""How service pages are edited in Wagtail, and what is told to the platform when somebody edits one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.menu import MenuItem
from wagtail.admin.panels import FieldPanel, FieldRowPanel, ObjectList, TabbedInterface
from wagtail.admin.ui.tables import LiveStatusTagColumn
from wagtail.permission_policies.base import BasePermissionPolicy
from wagtail.snippets.models import register_snippet
from wagtail.snippets.views.snippets import IndexView, SnippetViewSet

from miasto.kernel.accounts.selectors import people_in
from miasto.kernel.accounts.tree import unit_choices
from miasto.kernel.content import services
from miasto.kernel.content.models import EDIT, Editor, Service
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.content import ServiceLink

ACTIONS = frozenset({"add", "change", "publish", "view"})  # nothing is deleted: a page is taken down, its versions stay


class OurPolicy(BasePermissionPolicy):
    """Who passed the door (``editor.editor``) holds ``content.edit`` and may do all that there is to service pages."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return isinstance(user, Editor) and action in ACTIONS

    def users_with_any_permission(self, actions: Any) -> Any:
        return people_in(None, EDIT)

    def instances_user_has_any_permission_for(self, user: Any, actions: Any) -> Any:
        allowed = self.user_has_any_permission(user, actions)
        return Service.objects.all() if allowed else Service.objects.none()


class ServiceForm(WagtailAdminModelForm):
    """Units in the order of their tree, and what a page may lead to, chosen from lists."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "unit" in self.fields:
            self.fields["unit"].choices = [("", _("– wybierz –")), *unit_choices()]
        if "related" in self.fields:
            self.fields["related"].widget = forms.Select(choices=[("", _("– brak –")), *_links()])


def _links() -> list[tuple[str, str]]:
    return [
        (f"{link.key}:{value}", f"{link.label}: {label}")
        for link in registry().all(ServiceLink)
        for value, label in link.choices()
    ]


ANSWER = ObjectList(
    [
        FieldPanel("title"),
        FieldPanel("line", help_text=_("Zdanie, które usłyszy osoba dzwoniąca. Najważniejsze na początku.")),
        FieldPanel("topic"),
        FieldPanel("unit"),
        FieldPanel("who"),
        FieldPanel("place"),
        FieldPanel("when"),
        FieldRowPanel([FieldPanel("duration"), FieldPanel("cost")]),
        FieldPanel("body"),
        FieldPanel("appeal"),
        FieldPanel("legal"),
        FieldPanel("online_url"),
    ],
    heading=_("Treść"),
)
ENGLISH = ObjectList(
    [FieldPanel(f"{name}_en") for name in ("title", "line", "who", "place", "when", "duration", "cost", "body", "appeal")],
    heading=_("Po angielsku"),
)
ABOUT = ObjectList(
    [
        FieldPanel("slug"),
        FieldPanel("keywords", help_text=_("Tak, jak ludzie pytają: „gabaryty”, „stara kanapa”. Po jednym w wierszu.")),
        FieldPanel("related"),
        FieldPanel("popular"),
        FieldRowPanel([FieldPanel("reviewed_on"), FieldPanel("next_review_on")], heading=_("Przegląd treści")),
    ],
    heading=_("Wyszukiwanie i przegląd"),
)  # fmt: skip


class ServiceList(IndexView):
    """The list without Wagtail's actions on many pages at once: each page is published by somebody who read it."""

    add_item_label = _("Dodaj kartę usługi")

    @cached_property
    def columns(self) -> list[Any]:
        return [column for column in super().columns if column.name != "bulk_actions"]


class ServiceViewSet(SnippetViewSet):
    """The list and the form of service pages."""

    model = Service
    icon = "help"
    base_url_path = "karty"
    menu_label = _("Karty usług")
    add_to_admin_menu = True
    index_view_class = ServiceList
    menu_order = 10
    list_per_page = 100
    list_display = ("title", "topic", "unit", LiveStatusTagColumn(), "next_review_on")
    list_filter = ("topic", "live", "popular")
    search_fields = ("title", "line", "keywords")
    ordering = ("title",)
    copy_view_enabled = False
    inspect_view_enabled = False
    edit_handler = TabbedInterface([ANSWER, ENGLISH, ABOUT], base_form_class=ServiceForm)
    permission_policy = OurPolicy(Service)


register_snippet(ServiceViewSet)


@hooks.register("construct_main_menu")
def only_ours(request: HttpRequest, items: list[MenuItem]) -> None:
    """Service pages, and the way back to the panel: nothing of Wagtail's own pages, files, users and settings."""
    ours = [item for item in items if str(item.url).endswith("/karty/")]
    back = MenuItem(_("Wróć do panelu"), reverse("ui:panel"), name="panel", icon_name="arrow-left", order=900)
    opinions = MenuItem(
        _("Opinie czytelników"), reverse("content_panel:opinions"), name="opinie", icon_name="comment", order=300
    )
    hours = MenuItem(_("Godziny otwarcia"), reverse("content_hours:list"), name="godziny", icon_name="time", order=310)
    items[:] = [*ours, opinions, hours, back]


@hooks.register("after_create_snippet")
@hooks.register("after_edit_snippet")
def saved(request: HttpRequest, instance: Any) -> None:
    """A draft was kept (publishing is told by its own signal)."""
    if isinstance(instance, Service) and "action-publish" not in request.POST:
        services.note_edit(service_id=instance.pk, action="saved", by=request.viewer)
    elif isinstance(instance, Service):
        services.note_edit(service_id=instance.pk, action="published", by=request.viewer)


@hooks.register("after_unpublish")
def taken_down(request: HttpRequest, instance: Any) -> None:
    """A page is no longer public."""
    services.note_edit(service_id=instance.pk, action="unpublished", by=request.viewer)
