"""Addresses of SensorThings 1.1: one view reads the path itself, as its grammar is the standard's."""

from django.urls import path

from miasto.kernel.observations.sta import views

app_name = "sta"
urlpatterns = [
    path("v1.1", views.service, name="root"),
    path("v1.1/", views.service),
    path("v1.1/<path:path>", views.service, name="resource"),
]
