"""Addresses of the staff's pages of the environment, under ``/panel/srodowisko/``."""

from django.urls import path

from miasto.modules.environment.heating import views as heating
from miasto.modules.environment.reports import views as reports

app_name = "environment_panel"
urlpatterns = [
    path("raporty/", reports.staff, name="reports"),
    path("raporty/<uuid:report_id>/", reports.edit, name="report"),
    path("ogrzewanie/", heating.staff, name="heating"),
    path("ogrzewanie/<uuid:import_id>/ponow/", heating.again, name="heating_again"),
]
