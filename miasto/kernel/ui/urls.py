"""Addresses of the home page, statements, reader's settings and the panel."""

from django.urls import path
from django.views.i18n import set_language

from miasto.kernel.ui import app, views

app_name = "ui"
urlpatterns = [
    path("", views.home, name="home"),
    path("dostepnosc/", views.accessibility, name="accessibility"),
    path("prywatnosc/", views.privacy, name="privacy"),
    path("ustawienia/", views.reader, name="reader"),
    path("jezyk/", set_language, name="language"),
    path("panel/", views.panel, name="panel"),
    path("panel/wzornik/", views.styleguide, name="styleguide"),
    path("barwy.css", views.city_css, name="city_css"),
    path("logo.svg", views.logo, name="logo"),
    path("favicon.ico", views.logo, name="favicon"),
    path("manifest.webmanifest", app.manifest, name="manifest"),
    path("ikony/<str:name>.png", app.app_icon, name="app_icon"),
    path("sw.js", app.worker, name="worker"),
    path("bez-sieci/", app.offline, name="offline"),
    path("robots.txt", views.robots, name="robots"),
]
