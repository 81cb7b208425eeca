"""Public addresses of requests for consultations."""

from django.urls import path

from miasto.modules.idea.requests import views

urlpatterns = [
    path("wnioski/", views.index, name="requests"),
    path("wnioski/nowy/", views.ask, name="request_new"),
    path("wnioski/podpis/<uuid:signature_id>/", views.signature, name="signature"),
    path("wnioski/podpis/<str:token>/", views.signature_link, name="signature_link"),
    path("wnioski/<slug:slug>/", views.one, name="request"),
    path("wnioski/<slug:slug>/wycofaj/", views.withdraw, name="request_withdraw"),
]
