"""Addresses of the classifier, under ``/panel/sprawy/klasyfikator/``."""

from django.urls import path

from miasto.modules.contact_centre.likeness import views

app_name = "contact_centre_classifier"
urlpatterns = [
    path("", views.classifier, name="classifier"),
    path("ucz/", views.train, name="train"),
    path("<uuid:training_id>/zatrzymaj/", views.stop, name="stop"),
]
