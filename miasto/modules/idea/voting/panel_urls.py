"""Addresses of the committee and of voting points."""

from django.urls import path

from miasto.modules.idea.voting import panel_points, panel_views

ONE = "glosowania/<uuid:election_id>/"
DESK = "glosowania/punkt/<uuid:point_id>/"
urlpatterns = [
    path("glosowania/", panel_views.index, name="elections"),
    path("glosowania/nowe/", panel_views.new, name="election_new"),
    path("glosowania/punkt/", panel_points.mine, name="points"),
    path(DESK, panel_points.desk, name="desk"),
    path(f"{DESK}koperta/", panel_points.envelope, name="envelope"),
    path(ONE, panel_views.election, name="election"),
    path(f"{ONE}klucz/", panel_views.keys, name="keys"),
    path(f"{ONE}otworz/", panel_views.open_box, name="open_box"),
    path(f"{ONE}zamknij/", panel_views.close_box, name="close_box"),
    path(f"{ONE}urna/", panel_views.box, name="box"),
    path(f"{ONE}policz/", panel_views.count, name="election_count"),
    path(f"{ONE}oglos/", panel_views.announce, name="election_announce"),
    path(f"{ONE}punkty/", panel_points.edit, name="point_new"),
    path(f"{ONE}punkty/<uuid:point_id>/", panel_points.edit, name="point"),
]
