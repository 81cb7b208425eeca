"""The account's page of own remarks."""

from django.urls import path

from miasto.modules.idea import views_remark

app_name = "idea_account"
urlpatterns = [path("", views_remark.mine, name="mine")]
