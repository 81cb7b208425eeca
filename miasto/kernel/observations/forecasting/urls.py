"""Addresses of ``/prognozy/``."""

from django.urls import path

from miasto.kernel.observations.forecasting import views

app_name = "observations_forecasts"
urlpatterns = [path("", views.quality, name="quality")]
