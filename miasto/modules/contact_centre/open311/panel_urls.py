"""Addresses of the keys in the panel."""

from django.urls import path

from miasto.modules.contact_centre.open311 import panel_views as views

app_name = "contact_centre_keys"
urlpatterns = [
    path("", views.keys, name="list"),
    path("nowy/", views.issue, name="issue"),
    path("<uuid:key_id>/wlacznik/", views.switch, name="switch"),
]
