"""Addresses of the staff of citizen panels; joined by the module's ``panel_urls.py``."""

from django.urls import path

from miasto.modules.idea.panels import panel_views as views

ONE = "panele/<uuid:panel_id>/"
urlpatterns = [
    path("panele/", views.index, name="panels"),
    path("panele/nowy/", views.edit, name="panel_new"),
    path(ONE, views.panel, name="panel"),
    path(f"{ONE}zmien/", views.edit, name="panel_edit"),
    path(f"{ONE}publikuj/", views.publish, name="panel_publish"),
    path(f"{ONE}lista/", views.close, name="panel_close"),
    path(f"{ONE}losuj/", views.draw, name="panel_draw"),
    path(f"{ONE}osoby/<int:number>/", views.answer, name="panel_answer"),
    path(f"{ONE}sesja/", views.session, name="panel_session_new"),
    path(f"{ONE}sesja/<uuid:session_id>/", views.session, name="panel_session"),
    path(f"{ONE}rekomendacja/", views.recommend, name="panel_recommend"),
    path(f"{ONE}rekomendacje/<int:number>/", views.fate, name="panel_fate"),
    path(f"{ONE}zakoncz/", views.finish, name="panel_finish"),
]
