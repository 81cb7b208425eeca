"""Addresses of the newsletter's editors, under ``/panel/idea/newsletter/``."""

from django.urls import path

from miasto.modules.idea.newsletter import panel_views as views

ONE = "<uuid:issue_id>/"
app_name = "newsletter_panel"
urlpatterns = [
    path("", views.index, name="list"),
    path("nowy/", views.edit, name="new"),
    path(ONE, views.issue, name="issue"),
    path(f"{ONE}zmien/", views.edit, name="edit"),
    path(f"{ONE}podglad/", views.preview, name="preview"),
    path(f"{ONE}plan/", views.submit, name="submit"),
    path(f"{ONE}krok/", views.step, name="step"),
]
