"""Addresses of the presenter's desk."""

from django.urls import path

from miasto.modules.idea.live import panel_views as views

ALL = "na-zywo/"
ONE = f"{ALL}<uuid:meeting_id>/"
QUESTION = f"{ONE}pytanie/<uuid:question_id>/"
urlpatterns = [
    path(ALL, views.index, name="live"),
    path(f"{ALL}nowe/", views.edit, name="live_new"),
    path(ONE, views.desk, name="live_meeting"),
    path(f"{ONE}zmien/", views.edit, name="live_edit"),
    path(f"{ONE}karty/", views.cards, name="live_cards"),
    path(f"{ONE}osoby/", views.people, name="live_people"),
    path(f"{ONE}osoby/kody/", views.new_codes, name="live_codes"),
    path(f"{ONE}osoby/<uuid:participant_id>/<slug:action>/", views.act_on_person, name="live_person"),
    path(f"{ONE}pytanie/", views.question, name="live_question_new"),
    path(QUESTION, views.question, name="live_question"),
    path(f"{QUESTION}porzadek/", views.moderate, name="live_moderate"),
    path(f"{QUESTION}<slug:action>/", views.act_on_question, name="live_question_act"),
    path(f"{ONE}<slug:action>/", views.act, name="live_act"),
]
