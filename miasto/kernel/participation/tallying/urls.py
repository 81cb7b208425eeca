"""Addresses of announced results: the files, the data for one's own ballot, the script."""

from django.urls import path

from miasto.kernel.participation.tallying import views

app_name = "tallying"
urlpatterns = [
    path("przelicz.py", views.script, name="script"),
    path("<uuid:election>/moj-glos.json", views.brought, name="brought"),
    path("<uuid:election>/<str:name>", views.file, name="file"),
]
