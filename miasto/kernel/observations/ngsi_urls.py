"""Addresses of the NGSI-LD export."""

from django.urls import path

from miasto.kernel.observations import ngsi

app_name = "ngsi"
urlpatterns = [path("entities", ngsi.entities, name="entities"), path("entities/", ngsi.entities)]
