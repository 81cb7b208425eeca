"""Addresses of correspondence, under ``/panel/centrum/korespondencja/``."""

from django.urls import path

from miasto.modules.contact_centre.mail import views

app_name = "letters"
urlpatterns = [
    path("", views.letters, name="list"),
    path("na-zywo/", views.follow, name="live"),
    path("nowe/", views.paper, name="paper"),
    path("<str:number>/", views.letter, name="letter"),
    path("<str:number>/dolacz/", views.join, name="join"),
    path("<str:number>/odpisz/", views.write, name="write"),
    path("<str:number>/miejsce/", views.place, name="place"),
    path("<str:number>/otworz/", views.reopen, name="reopen"),
    path("<str:number>/rodzaj/<slug:key>/", views.decide, name="decide"),
]
