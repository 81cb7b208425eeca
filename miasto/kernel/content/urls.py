"""Addresses of ``/poradnik/``."""

from django.urls import path

from miasto.kernel.content import views

app_name = "content"
urlpatterns = [
    path("", views.guide, name="guide"),
    path("odpowiedz/", views.answer, name="answer"),
    path("gdzie/", views.offices, name="offices"),
    path("gdzie/<slug:slug>/", views.office, name="office"),
    path("<slug:slug>/", views.service, name="service"),
    path("<slug:slug>/opinia/", views.opinion, name="opinion"),
]
