"""Addresses of the rivers."""

from django.urls import path

from miasto.modules.environment import views_water, views_water_quality

app_name = "environment_water"
urlpatterns = [
    path("", views_water.now, name="now"),
    path("jakosc/", views_water_quality.now, name="quality"),
]
