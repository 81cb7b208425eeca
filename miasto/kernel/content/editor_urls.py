"""Wagtail's addresses under ``/panel/tresci/`` and, for links out of the editor, all those of the platform."""

from django.conf import settings
from django.urls import include, path
from django.views.generic import RedirectView
from wagtail.admin import urls as wagtail_urls

LIST = "wagtailsnippets_content_service:list"

urlpatterns = [
    path("panel/tresci/", RedirectView.as_view(pattern_name=LIST), name="wagtailadmin_home"),
    path("panel/tresci/", include(wagtail_urls)),
    path("", include(settings.ROOT_URLCONF)),
]
