"""The address ``/panel/dane-osobowe/``."""

from django.urls import path

from miasto.kernel.accounts import privacy_views as views

app_name = "accounts_privacy"
urlpatterns = [path("", views.register, name="register")]
