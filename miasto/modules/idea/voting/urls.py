"""Public addresses of votes."""

from django.urls import path

from miasto.modules.idea.voting import views, views_ballot, views_receipt

ONE = "glosowania/<uuid:election_id>/"
urlpatterns = [
    path("glosowania/", views.index, name="elections"),
    path(ONE, views.election, name="election"),
    path(f"{ONE}zacznij/", views.start, name="start"),
    path(f"{ONE}konto/", views.by_account, name="by_account"),
    path(f"{ONE}dane/", views.by_details, name="by_details"),
    path(f"{ONE}kod/", views.code, name="code"),
    path(f"{ONE}karta/", views_ballot.ballot, name="ballot"),
    path(f"{ONE}oddaj/", views_ballot.cast, name="cast"),
    path(f"{ONE}koniec/", views.leave, name="leave"),
    path(f"{ONE}zgoda-opiekuna/", views.consent, name="consent"),
    path(f"{ONE}zgoda-opiekuna.pdf", views.consent_pdf, name="consent_pdf"),
    path(f"{ONE}pokwitowanie/", views_receipt.check, name="receipt"),
    path(f"{ONE}pokwitowanie/plik/", views_receipt.file, name="receipt_file"),
]
