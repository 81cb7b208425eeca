"""Addresses of conversations in the panel."""

from django.urls import path

from miasto.modules.contact_centre.messages import views

app_name = "contact_centre_messages"
urlpatterns = [
    path("", views.conversations, name="list"),
    path("na-zywo/", views.follow, name="live"),
    path("<uuid:conversation_id>/", views.conversation, name="thread"),
    path("<uuid:conversation_id>/zgloszenie/", views.report, name="report"),
    path("<uuid:conversation_id>/<slug:action>/", views.act, name="act"),
    path("<uuid:conversation_id>/wiadomosc/<uuid:message_id>/<slug:action>/", views.message, name="message"),
]
