"""Addresses of ``/panel/poradnik/``."""

from django.urls import path

from miasto.kernel.content import panel_views as views

app_name = "content_panel"
urlpatterns = [path("opinie/", views.opinions, name="opinions")]
