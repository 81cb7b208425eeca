"""Addresses of the register of petitions, under ``/petycje/``."""

from django.urls import path

from miasto.modules.contact_centre.mail import web
from miasto.modules.contact_centre.petitions import views

app_name = "petitions"
urlpatterns = [
    path("", views.petitions, name="list"),
    path("nowa/", web.petition, name="new"),
    path("rok/<int:year>/", views.yearly, name="yearly"),
    path("rok/<int:year>.csv", views.yearly_csv, name="yearly_csv"),
    path("wspolne/<uuid:multiple_id>/", views.multiple, name="multiple"),
    path("<str:number>/", views.petition, name="petition"),
]
