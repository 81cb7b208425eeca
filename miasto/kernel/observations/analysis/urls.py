"""Addresses of ``/panel/czujniki/``."""

from django.urls import path

from miasto.kernel.observations.analysis import views, views_anomalies
from miasto.kernel.observations.archive import views as keeping
from miasto.kernel.observations.forecasting import views as forecast_views

app_name = "observations_sensors"
urlpatterns = [
    path("", views.sensors, name="list"),
    path("nietypowe/", views_anomalies.anomalies, name="anomalies"),
    path("nietypowe/<int:number>/", views_anomalies.judge, name="judge_anomaly"),
    path("prognozy/", forecast_views.runs, name="forecasts"),
    path("archiwum/", views.archive, name="archive"),
    path("przechowywanie/", keeping.keeping, name="keeping"),
    path("przechowywanie/nowa/", keeping.rule, name="keeping_new"),
    path("przechowywanie/<int:rule_id>/", keeping.rule, name="keeping_rule"),
    path("<int:series>/", views.sensor, name="sensor"),
    path("<int:series>/opis/", views.nature, name="nature"),
    path("<int:series>/przebieg/", views_anomalies.shape, name="shape"),
]
