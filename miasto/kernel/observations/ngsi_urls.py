"""Addresses of the NGSI-LD export."""

from django.urls import path

from miasto.kernel.observations import ngsi

app_name = "ngsi"
urlpatterns = [
    path("entities", ngsi.entities, name="entities"),
    path("entities/", ngsi.entities),
    path("entities/<str:urn>", ngsi.entities, name="entity"),
    path("temporal/entities", ngsi.temporal, name="temporal"),
    path("temporal/entities/", ngsi.temporal),
    path("temporal/entities/<str:urn>", ngsi.temporal, name="temporal_entity"),
]
