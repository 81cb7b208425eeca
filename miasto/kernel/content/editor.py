"""The one door to Wagtail: who may enter, which of its pages exist here, with which policy, in one transaction.

Wagtail's addresses are not among the platform's: they live in a URL configuration of their own, read when an editor first
comes, so no other request pays for them, and nothing of Wagtail answers but through this door.
"""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve, set_urlconf
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin

from miasto.kernel.accounts.access import panel
from miasto.kernel.content.models import EDIT, Editor

URLCONF = "miasto.kernel.content.editor_urls"
SNIPPET = "wagtailsnippets_content_service"
# Wagtail's pages that exist here; every other address of its own is answered 404, to editors too.
OPEN = frozenset(
    {
        "wagtailadmin_home",
        "wagtailadmin_account",
        "wagtailadmin_logout",
        "wagtailadmin_sprite",
        "wagtailadmin_javascript_catalog",
        "wagtailadmin_block_preview",
        "wagtailadmin_dismissibles",
        "wagtailadmin_editing_sessions:ping",
        "wagtailadmin_editing_sessions:release",
        *(
            f"{SNIPPET}:{name}"
            for name in (
                "list", "list_results", "add", "edit", "history", "history_results", "preview_on_add",
                "preview_on_edit", "revisions_view", "revisions_revert", "revisions_compare", "unpublish", "usage",
            )
        ),
    }
)  # fmt: skip
POLICY = {
    "default-src": [NONE],
    "script-src": [SELF, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
    "img-src": [SELF, "data:", "blob:"],
    "font-src": [SELF, "data:"],
    "connect-src": [SELF],
    "frame-src": [SELF],
    "manifest-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "frame-ancestors": [SELF],
    "object-src": [NONE],
}


@panel(EDIT)
@never_cache
@xframe_options_sameorigin
@csp_replace(POLICY)
def editor(request: HttpRequest, rest: str = "") -> HttpResponse:
    """Wagtail's answer at ``/panel/tresci/…``; anonymous visitors are led to log in, others without the permission get 403."""
    request.urlconf = URLCONF
    set_urlconf(URLCONF)
    try:
        found = resolve(request.path_info, URLCONF)
        if found.view_name not in OPEN:
            raise Http404
        request.resolver_match = found
        request.user = Editor.objects.get(pk=request.viewer.person_id)
        with transaction.atomic():
            return _rendered(found.func(request, *found.args, **found.kwargs))
    finally:
        request.urlconf = None
        set_urlconf(None)


def _rendered(response: Any) -> HttpResponse:
    """The answer drawn here, where Wagtail's addresses are known.

    A preview is one of our own pages and comes with the strict policy; of that only the refusal to be framed is lifted,
    because the editor shows it beside the form.
    """
    answer = response.render() if hasattr(response, "render") and not response.is_rendered else response
    if strict := answer.get("Content-Security-Policy"):
        answer["Content-Security-Policy"] = strict.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
        answer["X-Frame-Options"] = "SAMEORIGIN"
    return answer
