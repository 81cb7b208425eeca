"""Public addresses of the newsletter, under ``/newsletter/``."""

from django.urls import path

from miasto.modules.idea.newsletter import views

app_name = "newsletter"
urlpatterns = [
    path("", views.home, name="home"),
    path("rss/", views.rss, name="rss"),
    path("ustawienia/", views.settings, name="settings"),
    path("ustawienia/<uuid:subscriber_id>/", views.change, name="change"),
    path("s/<str:token>/", views.enter, name="enter"),
    path("u/<str:mark>/", views.own, name="own"),
    path("koniec/<str:mark>/<int:number>/", views.stop, name="stop"),
    path("<int:number>/", views.issue, name="issue"),
]
