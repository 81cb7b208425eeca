"""Addresses: what engines and modules mount; nothing is listed by hand."""

from django.urls import include, path

from miasto.kernel.core.registry import registry
from miasto.kernel.core.views import health

urlpatterns = [
    path("zdrowie/", health, name="health"),
    *[path(prefix, include(urls)) for prefix, urls in registry().mounts()],
]
handler400 = "miasto.kernel.ui.views.bad_request"
handler403 = "miasto.kernel.ui.views.forbidden"
handler404 = "miasto.kernel.ui.views.not_found"
handler500 = "miasto.kernel.ui.views.server_error"
