"""The address of following a part of the city, ``/obserwuj/okolica/``; the others under ``/obserwuj/`` are the engine's."""

from django.urls import path

from miasto.modules.contact_centre.follow import views

app_name = "contact_centre_follow"
urlpatterns = [path("", views.follow, name="follow")]
