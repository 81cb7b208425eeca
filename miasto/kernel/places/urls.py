"""Addresses of city objects."""

from django.urls import path

from miasto.kernel.places import views

app_name = "places"
urlpatterns = [
    path("<uuid:object_id>/", views.city_object, name="object"),
    path("<uuid:object_id>/polozenie.geojson", views.object_geometry, name="geometry"),
]
