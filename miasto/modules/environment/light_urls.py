"""Addresses of the night sky."""

from django.urls import path

from miasto.modules.environment import views_light

app_name = "environment_light"
urlpatterns = [path("", views_light.now, name="now")]
