"""The address of one's own cases, under ``/konto/sprawy/``."""

from django.urls import path

from miasto.kernel.cases import views

app_name = "cases_account"
urlpatterns = [path("", views.mine, name="mine")]
