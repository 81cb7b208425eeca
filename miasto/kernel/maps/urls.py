"""Addresses of the engine maps."""

from django.urls import path

from miasto.kernel.maps import ogc_views, views

app_name = "maps"
urlpatterns = [
    path("mapa/", views.city_map, name="map"),
    path("mapa/lista/", views.listing, name="list"),
    path("mapa/styl.json", views.style, name="style"),
    path("mapa/kafelki/<str:key>/<int:z>/<int:x>/<int:y>.mvt", views.tile, name="tile"),
    path("api/ogc/", ogc_views.landing, name="ogc_landing"),
    path("api/ogc/api", ogc_views.definition, name="ogc_api"),
    path("api/ogc/conformance", ogc_views.conformance, name="ogc_conformance"),
    path("api/ogc/collections", ogc_views.collections, name="ogc_collections"),
    path("api/ogc/collections/<str:key>", ogc_views.collection, name="ogc_collection"),
    path("api/ogc/collections/<str:key>/items", ogc_views.items, name="ogc_items"),
    path("api/ogc/collections/<str:key>/items/<str:feature_id>", ogc_views.item, name="ogc_item"),
    path("api/ogc/<path:path>", ogc_views.nothing),
]
