"""Public addresses of citizen panels; joined by the module's ``urls.py``."""

from django.urls import path

from miasto.modules.idea.panels import views

ONE = "panele/<slug:slug>/"
urlpatterns = [
    path("panele/", views.index, name="panels"),
    path("panele/recount.py", views.script, name="panel_script"),
    path(ONE, views.panel, name="panel"),
    path(f"{ONE}zgloszenie/", views.apply, name="panel_apply"),
    path(f"{ONE}wycofaj/", views.withdraw, name="panel_withdraw"),
    path(f"{ONE}odpowiedz/", views.answer, name="panel_answer"),
    path(f"{ONE}lista.csv", views.list_file, name="panel_list_file"),
    path(f"{ONE}losowanie.json", views.draw_file, name="panel_draw_file"),
]
