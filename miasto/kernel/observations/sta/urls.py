"""Addresses of SensorThings 1.1: one view reads the path itself, as its grammar is the standard's."""

from django.urls import path

from miasto.kernel.observations.sta import openapi, views

app_name = "sta"
urlpatterns = [
    path("openapi.json", openapi.view, name="openapi"),
    path("v1.1", views.service, name="root"),
    path("v1.1/", views.service),
    path("v1.1/<path:path>", views.service, name="resource"),
]
