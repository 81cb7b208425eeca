"""Addresses of the bell: ``/konto/powiadomienia/``."""

from django.urls import path

from miasto.kernel.notifications import views, views_push

app_name = "notifications"
urlpatterns = [
    path("", views.notices, name="notices"),
    path("przeczytane/", views.read_all, name="read_all"),
    path("ustawienia/", views.preferences, name="preferences"),
    path("przegladarka/", views_push.add, name="push_add"),
    path("przegladarka/wylacz/", views_push.remove, name="push_remove"),
    path("przegladarka/wszystkie/", views_push.remove_all, name="push_remove_all"),
    path("<uuid:notice_id>/", views.follow, name="follow"),
]
