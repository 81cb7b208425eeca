"""Addresses of the monthly reports, under ``/raporty/``."""

from django.urls import path, re_path

from miasto.modules.contact_centre.reports import views_monthly as views

app_name = "contact_centre_reports"
MONTH = r"^(?P<year>\d{4})-(?P<month>\d{2})"


def _numbers(view):
    def with_numbers(request, year, month):
        return view(request, int(year), int(month))

    return with_numbers


urlpatterns = [
    path("", views.index, name="list"),
    re_path(rf"{MONTH}/$", _numbers(views.report), name="report"),
    re_path(rf"{MONTH}\.pdf$", _numbers(views.pdf), name="pdf"),
]
