"""The address of stored files."""

from django.urls import path

from miasto.kernel.files import views

app_name = "files"
urlpatterns = [
    path("<uuid:file_id>/<slug:variant>/<int:expiry>/<str:signature>", views.file, name="file"),
]
