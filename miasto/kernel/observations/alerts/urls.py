"""Addresses of ``/panel/alerty/``."""

from django.urls import path

from miasto.kernel.observations.alerts import views

app_name = "observations_alerts"
urlpatterns = [
    path("", views.alerts, name="list"),
    path("na-zywo/", views.follow, name="live"),
    path("reguly/", views.rule_list, name="rules"),
    path("reguly/nowa/", views.rule, name="rule_new"),
    path("reguly/<uuid:rule_id>/", views.rule, name="rule"),
    path("<uuid:alert_id>/", views.alert, name="alert"),
    path("<uuid:alert_id>/zapisz/", views.act, name="act"),
]
