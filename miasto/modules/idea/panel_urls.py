"""Addresses of the staff of consultations."""

from django.urls import path

from miasto.modules.idea import panel_film, panel_remarks, panel_views
from miasto.modules.idea.budget.panel_urls import urlpatterns as budget
from miasto.modules.idea.budget.results_urls import panel_urlpatterns as budget_results
from miasto.modules.idea.ideas.panel_urls import urlpatterns as ideas
from miasto.modules.idea.live.panel_urls import urlpatterns as live
from miasto.modules.idea.panels.panel_urls import urlpatterns as panels
from miasto.modules.idea.requests.panel_urls import urlpatterns as requests
from miasto.modules.idea.surveys.panel_urls import urlpatterns as surveys
from miasto.modules.idea.voting.panel_urls import urlpatterns as voting

ONE = "<uuid:process_id>/"
app_name = "idea_panel"
urlpatterns = [
    path("", panel_views.index, name="list"),
    path("nowe/", panel_views.edit, name="new"),
    path(ONE, panel_views.process, name="process"),
    path(f"{ONE}zmien/", panel_views.edit, name="edit"),
    path(f"{ONE}film/", panel_film.film, name="film"),
    path(f"{ONE}publikuj/", panel_views.publish, name="publish"),
    path(f"{ONE}zamknij/", panel_views.close, name="close"),
    path(f"{ONE}dokument/", panel_views.document, name="document_new"),
    path(f"{ONE}dokument/<uuid:document_id>/", panel_views.document, name="document"),
    path(f"{ONE}spotkanie/", panel_views.meeting, name="meeting_new"),
    path(f"{ONE}spotkanie/<uuid:meeting_id>/", panel_views.meeting, name="meeting"),
    path(f"{ONE}spotkanie/<uuid:meeting_id>/notatka/", panel_views.minutes, name="minutes"),
    path(f"{ONE}spotkanie/<uuid:meeting_id>/odwolaj/", panel_views.cancel, name="cancel"),
    path(f"{ONE}uwagi/", panel_remarks.ledger, name="ledger"),
    path(f"{ONE}uwagi/grupa/", panel_remarks.regroup, name="regroup"),
    path(f"{ONE}uwagi/nowa/", panel_remarks.enter, name="enter"),
    path(f"{ONE}uwagi/<int:number>/", panel_remarks.remark, name="remark"),
    path(f"{ONE}uwagi/<int:number>/tresc/", panel_remarks.text, name="text"),
    path(f"{ONE}grupy/<int:number>/", panel_remarks.group, name="group"),
    *panels,
    *requests,
    *live,
    *voting,
    *surveys,
    *budget,
    *ideas,
    *budget_results,
]
