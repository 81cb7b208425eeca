"""Wagtail's addresses under ``/panel/tresci/`` and, for links out of the editor, all those of the platform."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtail_urls

LIST = "wagtailsnippets_content_service:list"


def nothing(request: HttpRequest) -> HttpResponse:
    """There are no files of Wagtail's here; every page of its own names their addresses all the same."""
    raise Http404


FILES = [path(f"{kind}/", include(([path("", nothing, name="listing")], kind))) for kind in ("pages", "images", "documents")]

urlpatterns = [
    path("panel/tresci/", RedirectView.as_view(pattern_name=LIST), name="wagtailadmin_home"),
    path("panel/tresci/account/", RedirectView.as_view(pattern_name="accounts:overview"), name="wagtailadmin_account"),
    path("panel/tresci/logout/", RedirectView.as_view(pattern_name="account_logout"), name="wagtailadmin_logout"),
    path("panel/tresci/api/main/", include((FILES, "wagtailadmin_api"))),
    path("panel/tresci/", include(wagtail_urls)),
    path("", include(settings.ROOT_URLCONF)),
]
