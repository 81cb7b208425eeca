"""Addresses of the hand-over, under ``/panel/centrum/dyzur/``."""

from django.urls import path

from miasto.modules.contact_centre.shift import views

app_name = "contact_centre_shift"
urlpatterns = [
    path("", views.board, name="board"),
    path("historia/", views.history, name="history"),
    path("zmiana/", views.duty, name="duty"),
    path("<uuid:entry_id>/przyjmuje/", views.take, name="take"),
    path("<uuid:entry_id>/zrobione/", views.finish, name="finish"),
]
