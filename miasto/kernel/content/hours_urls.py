"""Addresses of ``/panel/godziny/``."""

from django.urls import path

from miasto.kernel.content import panel_views as views

app_name = "content_hours"
urlpatterns = [
    path("", views.hours, name="list"),
    path("<uuid:unit_id>/", views.office, name="office"),
    path("dzien/<uuid:day_id>/usun/", views.remove_day, name="remove_day"),
]
