"""Addresses of ``/panel/alerty/``."""

from django.urls import path

from miasto.kernel.observations.alerts import views, views_hooks

app_name = "observations_alerts"
urlpatterns = [
    path("", views.alerts, name="list"),
    path("na-zywo/", views.follow, name="live"),
    path("reguly/", views.rule_list, name="rules"),
    path("reguly/nowa/", views.rule, name="rule_new"),
    path("reguly/<uuid:rule_id>/", views.rule, name="rule"),
    path("odbiorcy/", views_hooks.hooks, name="hooks"),
    path("odbiorcy/<uuid:hook_id>/", views_hooks.switch, name="hook_switch"),
    path("<uuid:alert_id>/", views.alert, name="alert"),
    path("<uuid:alert_id>/zapisz/", views.act, name="act"),
]
