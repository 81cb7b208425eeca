"""Addresses of the desk of publication, under ``/panel/centrum/publikacja/``."""

from django.urls import path, re_path

from miasto.kernel.cases import views_publishing
from miasto.kernel.cases.urls import NUMBER

UUID = r"(?P<comment_id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
PHOTO = r"(?P<photo_id>\d{1,18})"

app_name = "cases_publishing"
urlpatterns = [
    path("", views_publishing.desk, name="desk"),
    re_path(rf"^{NUMBER}/$", views_publishing.case, name="case"),
    re_path(rf"^{NUMBER}/opis/$", views_publishing.text, name="text"),
    re_path(rf"^{NUMBER}/wiadomosc/{UUID}/$", views_publishing.text, name="message"),
    re_path(rf"^{NUMBER}/zdjecie/{PHOTO}/$", views_publishing.photo, name="photo"),
    re_path(rf"^{NUMBER}/zdjecie/{PHOTO}/podglad/$", views_publishing.preview, name="preview"),
]
