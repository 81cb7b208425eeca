"""Addresses of following, under ``/obserwuj/``."""

from django.urls import path

from miasto.modules.contact_centre.follow import views

app_name = "contact_centre_follow"
urlpatterns = [
    path("", views.follow, name="follow"),
    path("zmiana/<uuid:subscription_id>/", views.change, name="change"),
    path("<str:token>/", views.enter, name="enter"),
    path("<str:token>/koniec/", views.one_click, name="one_click"),
]
