"""Addresses of ``/panel/czujniki/``."""

from django.urls import path

from miasto.kernel.observations.analysis import views

app_name = "observations_sensors"
urlpatterns = [
    path("", views.sensors, name="list"),
    path("archiwum/", views.archive, name="archive"),
    path("<int:series>/", views.sensor, name="sensor"),
]
