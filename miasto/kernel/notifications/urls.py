"""Addresses of the bell: ``/konto/powiadomienia/``."""

from django.urls import path

from miasto.kernel.notifications import views

app_name = "notifications"
urlpatterns = [
    path("", views.notices, name="notices"),
    path("przeczytane/", views.read_all, name="read_all"),
    path("ustawienia/", views.preferences, name="preferences"),
    path("<uuid:notice_id>/", views.follow, name="follow"),
]
