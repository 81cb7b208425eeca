"""Addresses of the operators' desk, under ``/panel/centrum/``."""

from django.urls import path

from miasto.modules.contact_centre.phone import views
from miasto.modules.contact_centre.signing import panel_views

app_name = "contact_centre_desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("na-zywo/", views.follow, name="live"),
    path("numer-wewnetrzny/", views.extension, name="extension"),
    path("rozmowa/", views.console, name="console"),
    path("rozmowa/adres/", views.address, name="address"),
    path("rozmowa/<uuid:call_id>/", views.call, name="call"),
    path("rozmowa/<uuid:call_id>/zapis/", views.keep, name="keep"),
    path("rozmowa/<uuid:call_id>/odbierz/", views.take_over, name="take_over"),
    path("rozmowa/<uuid:call_id>/oddzwoniono/", views.called_back, name="called_back"),
    path("jezyk-migowy/", panel_views.bookings, name="signing"),
    path("jezyk-migowy/<uuid:booking_id>/odwolaj/", panel_views.cancel, name="signing_cancel"),
]
