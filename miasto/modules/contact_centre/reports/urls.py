"""Addresses of the open statistics, under ``/statystyki/``."""

from django.urls import path

from miasto.modules.contact_centre.reports import views

app_name = "contact_centre_statistics"
urlpatterns = [
    path("", views.statistics, name="statistics"),
    path("dane.csv", views.as_csv, name="csv"),
    path("dane.json", views.as_json, name="json"),
]
