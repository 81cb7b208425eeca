"""Addresses of the public form for complaints and proposals, under ``/skargi-i-wnioski/``."""

from django.urls import path

from miasto.modules.contact_centre.mail import web

app_name = "letters_web"
urlpatterns = [
    path("", web.complaint, name="complaint"),
    path("wyslane/", web.done, name="done"),
]
