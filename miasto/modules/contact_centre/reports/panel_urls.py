"""The staff's address of the monthly reports, under ``/panel/centrum/raporty/``."""

from django.urls import path

from miasto.modules.contact_centre.reports import views_monthly as views

app_name = "contact_centre_reports_panel"
urlpatterns = [path("", views.staff, name="reports")]
