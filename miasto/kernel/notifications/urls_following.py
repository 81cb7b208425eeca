"""Addresses of what somebody follows, under ``/obserwuj/``: they stand in messages already sent, so they never change."""

from django.urls import path

from miasto.kernel.notifications import views_following as views

app_name = "notifications_following"
urlpatterns = [
    path("", views.following, name="list"),
    path("zmiana/<uuid:subscription_id>/", views.change, name="change"),
    path("<str:token>/", views.enter, name="enter"),
    path("<str:token>/koniec/", views.one_click, name="one_click"),
]
