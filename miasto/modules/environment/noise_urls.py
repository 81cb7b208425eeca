"""Addresses of the noise."""

from django.urls import path

from miasto.modules.environment import views_noise

app_name = "environment_noise"
urlpatterns = [path("", views_noise.now, name="now")]
