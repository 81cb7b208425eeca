"""Addresses of ``/panel/osoby/``."""

from django.urls import path

from miasto.kernel.accounts import panel_views as views

app_name = "accounts_people"
urlpatterns = [
    path("", views.people, name="list"),
    path("zapros/", views.invite, name="invite"),
    path("<uuid:person_id>/", views.person, name="person"),
    path("<uuid:person_id>/rola/", views.grant, name="grant"),
    path("<uuid:person_id>/rola/<uuid:grant_id>/odbierz/", views.revoke, name="revoke"),
    path("<uuid:person_id>/stan/", views.switch, name="switch"),
    path("<uuid:person_id>/drugi-skladnik/", views.remove_second_factor, name="remove_second_factor"),
    path("<uuid:person_id>/zaproszenie/", views.invite_again, name="invite_again"),
]
