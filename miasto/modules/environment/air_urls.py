"""Addresses of the air."""

from django.urls import path

from miasto.modules.environment import views_air, views_air_map
from miasto.modules.environment.heating import views as heating
from miasto.modules.environment.watching import views as watching

app_name = "environment_air"
urlpatterns = [
    path("", views_air.now, name="now"),
    path("stacje.geojson", views_air.places, name="places"),
    path("mapa/", views_air_map.show, name="map"),
    path("mapa/obszary.geojson", views_air_map.shapes, name="map_shapes"),
    path("porownanie/", views_air.compare, name="compare"),
    path("adres/", views_air.address, name="address"),
    path("ogrzewanie/", heating.heating, name="heating"),
    path("ogrzewanie/dane.csv", heating.as_csv, name="heating_csv"),
    path("ogrzewanie/mapa.geojson", heating.shapes, name="heating_shapes"),
    path("ogrzewanie/mapa.csv", heating.parts_csv, name="heating_parts"),
    path("ogrzewanie/zmiany.csv", heating.changes_csv, name="heating_changes"),
    path("powiadomienia/", watching.watch, name="watch"),
]
