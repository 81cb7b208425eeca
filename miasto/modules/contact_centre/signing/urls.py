"""Addresses of the sign-language channel, under ``/tlumacz-migowy/``."""

from django.urls import path

from miasto.modules.contact_centre.signing import views

app_name = "contact_centre_signing"
urlpatterns = [
    path("", views.book, name="book"),
    path("s/<str:token>/", views.secret, name="secret"),
    path("termin/<uuid:booking_id>/", views.booking, name="booking"),
    path("termin/<uuid:booking_id>/zmien/", views.move, name="move"),
    path("termin/<uuid:booking_id>/odwolaj/", views.cancel, name="cancel"),
    path("termin/<uuid:booking_id>/rozmowa.ics", views.ics, name="ics"),
]
