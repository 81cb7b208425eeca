"""Addresses of the engine search."""

from django.urls import path

from miasto.kernel.search import views

app_name = "search"
urlpatterns = [
    path("", views.results, name="results"),
    path("podpowiedzi/", views.suggestions, name="suggestions"),
]
