"""Addresses of the ballot box."""

from django.urls import path

from miasto.kernel.participation.voting import views

app_name = "voting"
urlpatterns = [
    path("<uuid:election>/glos/", views.cast, name="cast"),
    path("<uuid:election>/biuletyn.txt", views.bulletin, name="bulletin"),
    path("<uuid:election>/dowod/<uuid:number>/<str:digest>.json", views.proof, name="proof"),
]
