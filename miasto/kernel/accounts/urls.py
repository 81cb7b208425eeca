"""``/konto/``: our pages, and those of allauth's that we offer, under Polish addresses. What is not listed does not exist."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.urls import include, path, re_path

from miasto.kernel.accounts import views
from miasto.kernel.core.ratelimit import limited

own = [
    path("", views.overview, name="overview"),
    path("dane/", views.own_data, name="own_data"),
    path("dane/pobierz/", views.export, name="export"),
    path("usun/", views.erase, name="erase"),
    path("usuniete/", views.erased, name="erased"),
    path("bezpieczenstwo/", views.security, name="security"),
]
login = limited("accounts.login", limit=60, per_s=300)
signup = limited("accounts.signup", limit=20, per_s=3600)
urlpatterns = [
    path("", include((own, "accounts"))),
    path("zaloguj/", login(account.login), name="account_login"),
    path("zaloguj/kod/", login(mfa.authenticate), name="mfa_authenticate"),
    path("wyloguj/", account.logout, name="account_logout"),
    path("zarejestruj/", signup(account.signup), name="account_signup"),
    path("wylaczone/", account.account_inactive, name="account_inactive"),
    path("potwierdz-tozsamosc/", account.reauthenticate, name="account_reauthenticate"),
    path("potwierdz-tozsamosc/kod/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("adres-e-mail/", account.email, name="account_email"),
    path("potwierdz-adres/", account.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^potwierdz-adres/(?P<key>[-:\w]+)/$", account.confirm_email, name="account_confirm_email"),
    path("haslo/", account.password_change, name="account_change_password"),
    path("haslo/ustaw/", account.password_set, name="account_set_password"),
    path("haslo/przypomnij/", login(account.password_reset), name="account_reset_password"),
    path("haslo/przypomnij/wyslane/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^haslo/nowe/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("haslo/zmienione/", account.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("dwuskladnikowe/", mfa.index, name="mfa_index"),
    path("dwuskladnikowe/wlacz/", totp.activate_totp, name="mfa_activate_totp"),
    path("dwuskladnikowe/wylacz/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("dwuskladnikowe/kody/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("dwuskladnikowe/kody/nowe/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("dwuskladnikowe/kody/pobierz/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
]
