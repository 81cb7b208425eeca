"""Addresses of what staff analyse: loud places, possible sources of polluted air."""

from django.urls import path

from miasto.modules.environment import views_noise, views_sources

app_name = "environment_analysis"
urlpatterns = [
    path("halas/", views_noise.loud_places, name="noise"),
    path("zrodla/", views_sources.possible, name="sources"),
    path("zrodla/obszary.geojson", views_sources.areas, name="source_areas"),
]
