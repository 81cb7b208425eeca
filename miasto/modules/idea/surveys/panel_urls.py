"""Addresses of the staff of surveys."""

from django.urls import path

from miasto.modules.idea.surveys import panel_views as views

ONE = "ankiety/<uuid:survey_id>/"
urlpatterns = [
    path("ankiety/", views.index, name="surveys"),
    path("ankiety/nowa/", views.edit, name="survey_new"),
    path(ONE, views.survey, name="survey"),
    path(f"{ONE}zmien/", views.edit, name="survey_edit"),
    path(f"{ONE}strona/", views.page, name="survey_page_new"),
    path(f"{ONE}strona/<slug:key>/", views.page, name="survey_page"),
    path(f"{ONE}pytanie/", views.question, name="survey_question_new"),
    path(f"{ONE}pytanie/<slug:key>/", views.question, name="survey_question"),
    path(f"{ONE}kolejnosc/", views.arrange, name="survey_arrange"),
    path(f"{ONE}podglad/", views.preview, name="survey_preview"),
    path(f"{ONE}publikuj/", views.publish, name="survey_publish"),
    path(f"{ONE}zamknij/", views.close, name="survey_close"),
    path(f"{ONE}wyniki/", views.results, name="survey_results"),
    path(f"{ONE}wyniki/publikuj/", views.publish_results, name="survey_publish_results"),
    path(f"{ONE}wyniki/<slug:question>.geojson", views.cells, name="survey_cells"),
    path(f"{ONE}slowa/", views.words, name="survey_words"),
    path(f"{ONE}papier/", views.paper, name="survey_paper"),
    path(f"{ONE}dane.csv", views.export, {"kind": "csv"}, name="survey_export_csv"),
    path(f"{ONE}dane.geojson", views.export, {"kind": "geojson"}, name="survey_export_geojson"),
]
