"""Addresses of the reports, under ``/srodowisko/raport/``."""

from django.urls import path, register_converter

from miasto.modules.environment.reports import views


class PeriodConverter:
    """ "2025" or "2025-06"."""

    regex = r"20\d\d(?:-(?:0[1-9]|1[0-2]))?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PeriodConverter, "environment_period")
app_name = "environment_report"
urlpatterns = [
    path("", views.index, name="list"),
    path("<environment_period:period>/", views.show, name="show"),
    path("<environment_period:period>/raport.pdf", views.pdf, name="pdf"),
    path("<environment_period:period>/dane.json", views.as_json, name="json"),
]
