"""Public addresses of the budget; joined by the module's ``urls.py``."""

from django.urls import path

from miasto.modules.idea.budget import views, wizard

HOME, ONE = "budzet/", "budzet/<slug:slug>/"
PROJECT = f"{ONE}projekty/<int:number>/"
urlpatterns = [
    path(HOME, views.index, name="budget"),
    path(f"{HOME}moje/", views.mine, name="budget_mine"),
    path(f"{HOME}s/<str:token>/", views.link, name="budget_link"),
    path(f"{HOME}p/<uuid:project_id>/", views.by_id, name="budget_by_id"),
    path(f"{HOME}poparcie/<uuid:supporter_id>/", views.confirm, name="budget_confirm"),
    path(f"{HOME}zgoda/<uuid:consent_id>/", views.consent, name="budget_consent"),
    path(ONE, views.edition, name="budget_edition"),
    path(f"{ONE}zasady/", views.rules, name="budget_rules"),
    path(f"{ONE}losowanie/", views.draw, name="budget_draw"),
    path(f"{ONE}losowanie.json", views.draw_json, name="budget_draw_json"),
    path(f"{ONE}projekty.geojson", views.geojson, name="budget_geojson"),
    path(f"{ONE}nowy/", wizard.start, name="budget_new"),
    path(f"{ONE}nowy/<slug:step>/", wizard.step, name="budget_step"),
    path(PROJECT, views.project, name="budget_project"),
    path(f"{PROJECT}poparcie/<str:token>/", views.support, name="budget_support"),
    path(f"{PROJECT}popraw/", wizard.correct, name="budget_correct"),
    path(f"{PROJECT}odwolanie/", views.appeal, name="budget_appeal"),
    path(f"{PROJECT}wycofaj/", views.withdraw, name="budget_withdraw"),
    path(f"{PROJECT}obserwuj/", views.follow, name="budget_follow"),
]
