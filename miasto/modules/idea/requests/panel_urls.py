"""Staff addresses of requests for consultations."""

from django.urls import path

from miasto.modules.idea.requests import panel_views

urlpatterns = [
    path("wnioski/", panel_views.index, name="requests"),
    path("wnioski/<uuid:request_id>/", panel_views.one, name="request"),
]
