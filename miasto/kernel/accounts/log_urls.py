"""The address ``/panel/dziennik/``."""

from django.urls import path

from miasto.kernel.accounts import log_views as views

app_name = "accounts_log"
urlpatterns = [path("", views.log, name="log")]
