"""Addresses of ``/panel/kwarantanna/``."""

from django.urls import path

from miasto.kernel.observations.quarantine import views

app_name = "observations_quarantine"
urlpatterns = [
    path("", views.held, name="list"),
    path("rozstrzygnij/", views.decide, name="decide"),
]
