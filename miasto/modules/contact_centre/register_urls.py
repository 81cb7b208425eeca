"""Addresses of the public register, under ``/zgloszenia/``."""

from django.urls import path

from miasto.modules.contact_centre import views_register
from miasto.modules.contact_centre.follow import feeds

app_name = "contact_centre_register"
urlpatterns = [
    path("", views_register.register, name="list"),
    path("rss/", feeds.rss, name="rss"),
    path("mapa.geojson", views_register.geojson, name="geojson"),
]
