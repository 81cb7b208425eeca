"""Addresses of what staff do with similar reports, under ``/panel/podobne/``."""

from django.urls import path

from miasto.modules.contact_centre.likeness import views_work

app_name = "contact_centre_alike"
urlpatterns = [
    path("<str:number>/", views_work.merge, name="merge"),
]
