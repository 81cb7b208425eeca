"""Addresses of GeoReport v2 below ``/api/open311/v2/``; each ends in its format."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from miasto.modules.contact_centre.open311 import views


class Format(StringConverter):
    """``xml`` or ``json``."""

    regex = "xml|json"


register_converter(Format, "georeport")
app_name = "open311"
urlpatterns = [
    path("discovery.<georeport:kind>", views.discovery, name="discovery"),
    path("services.<georeport:kind>", views.services, name="services"),
    path("services/<str:code>.<georeport:kind>", views.definition, name="definition"),
    path("requests.<georeport:kind>", views.requests, name="requests"),
    path("requests/<str:number>.<georeport:kind>", views.request, name="request"),
    path("tokens/<str:value>.<georeport:kind>", views.token, name="token"),
    path("servicerequestupdates.<georeport:kind>", views.updates, name="updates"),
    path("", views.anything, name="endpoint"),
    path("<path:rest>", views.anything, name="anything"),
]
