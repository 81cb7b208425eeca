"""Addresses of the platform's own JSON API."""

from django.urls import path

from miasto.kernel.ui.api import api, docs

urlpatterns = [path("docs", docs, name="api_docs"), path("", api().urls)]
