"""Public addresses of surveys."""

from django.urls import path

from miasto.modules.idea.surveys import views

ONE = "ankiety/<slug:slug>/"
urlpatterns = [
    path("ankiety/", views.index, name="surveys"),
    path(ONE, views.survey, name="survey"),
    path(f"{ONE}odpowiedz/", views.answer, name="survey_answer"),
    path(f"{ONE}dziekujemy/", views.thanks, name="survey_thanks"),
    path(f"{ONE}odsylacz/", views.invite, name="survey_invite"),
    path(f"{ONE}klucz/<str:token>/", views.enter, name="survey_enter"),
    path(f"{ONE}wyniki/", views.results, name="survey_results"),
    path(f"{ONE}wyniki.csv", views.table, name="survey_csv"),
    path(f"{ONE}wyniki.geojson", views.places, name="survey_geojson"),
    path(f"{ONE}wyniki/<slug:question>.geojson", views.cells, name="survey_cells"),
]
