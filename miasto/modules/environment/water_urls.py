"""Addresses of the rivers."""

from django.urls import path

from miasto.modules.environment import views_water

app_name = "environment_water"
urlpatterns = [path("", views_water.now, name="now")]
