"""The addresses of the webhooks."""

from django.urls import path

from miasto.modules.contact_centre.messages.webhook import webhook

app_name = "contact_centre_webhooks"
urlpatterns = [path("<slug:source_slug>/", webhook, name="webhook")]
