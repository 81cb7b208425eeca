"""The exchange's webhook, under ``/api/telefon/``."""

from django.urls import path

from miasto.modules.contact_centre.phone import webhook

app_name = "contact_centre_telephony"
urlpatterns = [path("", webhook.receive, name="webhook")]
