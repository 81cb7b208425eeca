"""Addresses of results; joined by the module's ``urls.py`` and ``panel_urls.py``."""

from django.urls import path

from miasto.modules.idea.budget import results_panel, results_views

ONE, EDITION = "budzet/<slug:slug>/", "budzet/<uuid:edition_id>/wyniki/"
urlpatterns = [
    path(f"{ONE}wyniki/", results_views.results_page, name="budget_results"),
    path(f"{ONE}moj-glos/", results_views.my_vote, name="budget_my_vote"),
]
panel_urlpatterns = [
    path(EDITION, results_panel.results_page, name="budget_results"),
    path(f"{EDITION}policz/", results_panel.count, name="budget_count"),
    path(f"{EDITION}oglos/", results_panel.announce, name="budget_announce"),
    path(f"{EDITION}protokol.pdf", results_panel.protocol, name="budget_protocol"),
]
