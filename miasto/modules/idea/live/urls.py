"""Addresses of those who vote."""

from django.urls import path

from miasto.modules.idea.live import views

app_name = "glosuj"
urlpatterns = [
    path("", views.home, name="home"),
    path("<str:code>/", views.meeting, name="meeting"),
    path("<str:code>/wejdz/", views.enter, name="enter"),
    path("<str:code>/wyjdz/", views.leave, name="leave"),
    path("<str:code>/glos/<uuid:question_id>/", views.vote, name="vote"),
    path("<str:code>/na-zywo/", views.follow, name="live"),
    path("<str:code>/ekran/", views.screen, name="screen"),
    path("<str:code>/wyniki/", views.results, name="results"),
    path("<str:code>/wyniki.json", views.results_json, name="results_json"),
    path("<str:code>/wyniki.csv", views.results_csv, name="results_csv"),
]
