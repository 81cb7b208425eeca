"""Public addresses of cases, under ``/sprawy/``."""

from django.urls import path, re_path

from miasto.kernel.cases import views, views_parties, views_related

app_name = "cases"
NUMBER = r"(?P<number>[A-Za-z]{1,8}-\d{4}-\d{1,9})"
urlpatterns = [
    path("", views.find, name="find"),
    path("id/<uuid:case_id>/", views.by_id, name="by_id"),
    path("s/<str:token>/", views.secret, name="secret"),
    path("poparcie/<uuid:supporter_id>/", views_related.supporter, name="supporter"),
    path("poparcie/<str:token>/", views_related.supporter_link, name="supporter_link"),
    path("odpowiedz/<uuid:forwarding_id>/", views_related.outside, name="outside"),
    path("odpowiedz/<str:token>/", views_related.outside_link, name="outside_link"),
    re_path(rf"^{NUMBER}/mnie-tez/$", views_related.support, name="support"),
    re_path(rf"^{NUMBER}/obserwuj/$", views_related.watch, name="watch"),
    path("wspolnie/<str:token>/", views_parties.join, name="join"),
    re_path(rf"^{NUMBER}/wspolnie/$", views_parties.group, name="group"),
    re_path(rf"^{NUMBER}/$", views.case, name="case"),
    re_path(rf"^{NUMBER}/miejsce\.geojson$", views.point, name="point"),
    re_path(rf"^{NUMBER}/dopisz/$", views.add, name="add"),
    re_path(rf"^{NUMBER}/krok/(?P<transition>[a-z_]+)/$", views.step, name="step"),
]
