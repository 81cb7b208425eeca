"""Addresses of the air."""

from django.urls import path

from miasto.modules.environment import views_air

app_name = "environment_air"
urlpatterns = [
    path("", views_air.now, name="now"),
    path("stacje.geojson", views_air.places, name="places"),
    path("porownanie/", views_air.compare, name="compare"),
    path("adres/", views_air.address, name="address"),
]
