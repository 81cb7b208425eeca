"""Addresses of the path of a report."""

from django.urls import path

from miasto.modules.contact_centre import views, views_place
from miasto.modules.contact_centre.likeness import views_same
from miasto.modules.contact_centre.offline import views as offline

app_name = "contact_centre"
urlpatterns = [
    path("", views.what, name="what"),
    path("podpowiedzi/", views.suggest, name="suggest"),
    path("zdjecia/", views.photo, name="photo"),
    path("zdjecia/zmiana/", views.photo_change, name="photo_change"),
    path("szkic/", views.keep, name="keep"),
    path("112/", views.danger, name="danger"),
    path("miejsce/", views_place.place, name="place"),
    path("miejsce/adres/", views_place.address, name="address"),
    path("to-samo/", views_same.same_thing, name="same"),
    path("to-samo/<str:number>/", views_same.join, name="join"),
    path("kontakt/", views.contact, name="contact"),
    path("sprawdz/", views.check, name="check"),
    path("gotowe/", views.done, name="done"),
    path("bez-sieci/", offline.page, name="offline"),
    path("bez-sieci/klucz/", offline.token, name="offline_token"),
    path("bez-sieci/wyslij/", offline.send, name="offline_send"),
    path("od-nowa/", views.again, name="again"),
]
