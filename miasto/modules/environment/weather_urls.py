"""Addresses of the weather."""

from django.urls import path

from miasto.modules.environment import views_weather

app_name = "environment_weather"
urlpatterns = [path("", views_weather.now, name="now")]
