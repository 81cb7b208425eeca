"""The address of the public form for requests for public information, ``/informacja-publiczna/``."""

from django.urls import path

from miasto.modules.contact_centre.mail import web

app_name = "letters_information"
urlpatterns = [path("", web.information, name="form")]
