"""The address of the editor of texts; what is below it is decided in ``editor.py``."""

from django.urls import path

from miasto.kernel.content.editor import editor

app_name = "content_editor"
urlpatterns = [path("", editor, name="home"), path("<path:rest>", editor, name="page")]
