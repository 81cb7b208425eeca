"""Addresses of staff who publish petitions, under ``/panel/centrum/petycje/``."""

from django.urls import path

from miasto.modules.contact_centre.petitions import panel_proceeding, panel_views

app_name = "petitions_panel"
urlpatterns = [
    path("<str:number>/", panel_views.petition, name="petition"),
    path("<str:number>/tok/", panel_proceeding.proceeding, name="proceeding"),
]
