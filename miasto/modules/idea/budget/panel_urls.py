"""Addresses of the staff of the budget; joined by the module's ``panel_urls.py``."""

from django.urls import path

from miasto.modules.idea.budget import panel_views as views

EDITION, PROJECT = "budzet/<uuid:edition_id>/", "budzet/projekty/<uuid:project_id>/"
urlpatterns = [
    path("budzet/", views.index, name="budget"),
    path("budzet/nowa/", views.edit, name="budget_new"),
    path(EDITION, views.edition, name="budget_edition"),
    path(f"{EDITION}zmien/", views.edit, name="budget_edit"),
    path(f"{EDITION}publikuj/", views.publish, name="budget_publish"),
    path(f"{EDITION}losowanie/", views.draw, name="budget_draw"),
    path(PROJECT, views.project, name="budget_project"),
    path(f"{PROJECT}formalnie/", views.formal, name="budget_formal"),
    path(f"{PROJECT}poprawki/", views.correction, name="budget_correction"),
    path(f"{PROJECT}opinia/", views.ask, name="budget_ask"),
    path(f"{PROJECT}opinie/<uuid:opinion_id>/", views.opinion, name="budget_opinion"),
    path(f"{PROJECT}wynik/", views.verdict, name="budget_verdict"),
    path(f"{PROJECT}lista/", views.paper, name="budget_paper"),
    path(f"{PROJECT}zgody/<uuid:consent_id>/", views.consent, name="budget_paper_consent"),
    path(f"{PROJECT}realizacja/", views.realise, name="budget_realise"),
]
