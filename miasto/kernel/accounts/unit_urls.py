"""Addresses of ``/panel/jednostki/``."""

from django.urls import path

from miasto.kernel.accounts import panel_views as views

app_name = "accounts_units"
urlpatterns = [
    path("", views.units, name="list"),
    path("<uuid:unit_id>/", views.unit, name="unit"),
]
