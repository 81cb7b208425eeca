"""Addresses of the stations of every kind."""

from django.urls import path

from miasto.modules.environment import views_station

app_name = "environment_stations"
urlpatterns = [
    path("miejsca/<slug:kind>.geojson", views_station.places, name="places"),
    path("<slug:slug>/", views_station.show, name="show"),
    path("<slug:slug>/dane.csv", views_station.as_csv, name="csv"),
    path("<slug:slug>/dane.json", views_station.as_json, name="json"),
]
