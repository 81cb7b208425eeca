"""Addresses of the kiosk, under ``/kiosk/``."""

from django.urls import path

from miasto.modules.contact_centre.kiosk import views

app_name = "contact_centre_kiosk"
urlpatterns = [
    path("", views.home, name="home"),
    path("zglos/", views.what, name="what"),
    path("zglos/miejsce/", views.place, name="place"),
    path("zglos/opis/", views.words, name="words"),
    path("zglos/kontakt/", views.contact, name="contact"),
    path("zglos/sprawdz/", views.check, name="check"),
    path("zglos/gotowe/", views.done, name="done"),
    path("sprawa/", views.case, name="case"),
    path("poradnik/", views.guide, name="guide"),
    path("urzad/", views.office, name="office"),
    path("jestem/", views.alive, name="alive"),
    path("koniec/", views.end, name="end"),
]
