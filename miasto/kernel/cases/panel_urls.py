"""Staff addresses of cases, under ``/panel/sprawy/``."""

from django.urls import path, re_path

from miasto.kernel.cases import (
    views_bulk,
    views_levels,
    views_queue,
    views_relations,
    views_retention,
    views_routing,
    views_templates,
    views_work,
)
from miasto.kernel.cases.urls import NUMBER

app_name = "cases_panel"
urlpatterns = [
    path("", views_queue.queue, name="queue"),
    path("na-zywo/", views_queue.follow, name="live"),
    path("mapa.geojson", views_queue.geojson, name="geojson"),
    path("przechowywanie/", views_retention.retention, name="retention"),
    re_path(rf"^{NUMBER}/przechowywanie/$", views_retention.change, name="hold"),
    path("przekazane/", views_relations.waiting, name="waiting"),
    path("przekazane/<uuid:forwarding_id>/przypomnij/", views_relations.remind, name="remind"),
    path("instytucje/", views_relations.bodies, name="bodies"),
    path("instytucje/nowa/", views_relations.body, name="body_new"),
    path("instytucje/<uuid:body_id>/", views_relations.body, name="body"),
    path("zbiorczo/", views_bulk.choose, name="bulk"),
    path("zbiorczo/<uuid:run_id>/", views_bulk.run, name="bulk_run"),
    path("trasy/", views_routing.routes, name="routes"),
    path("trasy/zmiany/", views_routing.draft, name="route_draft"),
    path("trasy/wersje/<int:number>/", views_routing.routes, name="route_version"),
    path("trasy/regula/", views_routing.rule, name="route_rule_new"),
    path("trasy/regula/<uuid:rule_id>/", views_routing.rule, name="route_rule"),
    path("trasy/proba/", views_routing.trial, name="route_trial"),
    path("trasy/proba.geojson", views_routing.trial_map, name="route_trial_map"),
    path("terminy/", views_levels.terms, name="terms"),
    path("terminy/<uuid:escalation_id>/przyjmuje/", views_levels.known, name="known"),
    path("szablony/", views_templates.templates, name="templates"),
    path("szablony/nowy/", views_templates.template, name="template_new"),
    path("szablony/<int:template_id>/", views_templates.template, name="template"),
    path("szablony/<int:template_id>/wlacznik/", views_templates.switch, name="template_switch"),
    re_path(rf"^{NUMBER}/$", views_work.case, name="case"),
    re_path(rf"^{NUMBER}/krok/(?P<transition>[a-z_]+)/$", views_work.step, name="step"),
    re_path(rf"^{NUMBER}/napisz/(?P<audience>[a-z]+)/$", views_work.write, name="write"),
    re_path(rf"^{NUMBER}/opis/$", views_work.text, name="text"),
    re_path(rf"^{NUMBER}/zdjecie/(?P<photo_id>\d{{1,18}})/$", views_work.photo, name="photo"),
    re_path(
        rf"^{NUMBER}/wiadomosc/(?P<comment_id>[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}})/$",
        views_work.message,
        name="message",
    ),
    re_path(rf"^{NUMBER}/polacz/$", views_relations.merge, name="merge"),
    re_path(rf"^{NUMBER}/rozlacz/$", views_relations.unmerge, name="unmerge"),
    re_path(rf"^{NUMBER}/podziel/$", views_relations.split, name="split"),
    re_path(rf"^{NUMBER}/przekaz/$", views_relations.forward, name="forward"),
    re_path(rf"^{NUMBER}/odpowiedz-instytucji/$", views_relations.outside_answer, name="outside_answer"),
    re_path(rf"^{NUMBER}/osoba/$", views_work.assignee, name="assignee"),
    re_path(rf"^{NUMBER}/jednostka/$", views_work.unit, name="unit"),
    re_path(rf"^{NUMBER}/kategoria/$", views_work.category, name="category"),
]
