"""Addresses of ``/panel/pomiary/wgraj/``."""

from django.urls import path

from miasto.kernel.observations.importing import views

app_name = "observations_importing"
urlpatterns = [
    path("", views.imports, name="list"),
    path("<uuid:import_id>/", views.one_import, name="one"),
    path("<uuid:import_id>/wycofaj/", views.undo, name="undo"),
    path("<uuid:import_id>/odrzucone.csv", views.refused, name="refused"),
]
