"""Addresses of the city's side of ideas; joined by the module's ``panel_urls.py``."""

from django.urls import path

from miasto.modules.idea.ideas import panel_views

ONE = "pomysly/<int:number>/"
urlpatterns = [
    path("pomysly/", panel_views.index, name="ideas"),
    path(ONE, panel_views.idea, name="idea"),
    path(f"{ONE}rozpatrz/", panel_views.take_up, name="idea_take_up"),
    path(f"{ONE}opinia/", panel_views.ask, name="idea_ask"),
    path(f"{ONE}opinia/<uuid:opinion_id>/wycofaj/", panel_views.drop_question, name="idea_drop_question"),
    path(f"{ONE}koszt/", panel_views.cost, name="idea_cost"),
    path(f"{ONE}termin/", panel_views.extend, name="idea_extend"),
    path(f"{ONE}decyzja/", panel_views.decide, name="idea_decide"),
    path(f"{ONE}skutek/", panel_views.outcome, name="idea_outcome"),
    path(f"{ONE}skutek/<uuid:outcome_id>/", panel_views.follow, name="idea_outcome_follow"),
    path(f"{ONE}ukryj/", panel_views.hide, name="idea_hide"),
    path(f"{ONE}pokaz/", panel_views.show, name="idea_show"),
    path(f"{ONE}polacz/", panel_views.merge, name="idea_merge"),
    path(f"{ONE}odpowiedz/", panel_views.reply, name="idea_reply"),
    path(f"{ONE}komentarze/<uuid:comment_id>/", panel_views.comment, name="idea_comment"),
]
