"""How allauth writes messages, redirects and reads addresses on this platform."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from miasto.kernel.accounts import second_factor
from miasto.kernel.accounts.models import Person
from miasto.kernel.core import changes, events, mail, ratelimit
from miasto.kernel.core.changes import Actor
from miasto.kernel.core.city import city
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.accounts import SigningOut


class Adapter(DefaultAccountAdapter):
    """Messages go through the durable queue, in the reader's language; errors are in Polish."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("To konto jest wyłączone."),
        "email_password_mismatch": _("Adres e-mail lub hasło są nieprawidłowe."),
        "email_taken": _("Osoba z tym adresem e-mail ma już konto."),
        "enter_current_password": _("Wpisz obecne hasło."),
        "incorrect_code": _("Kod jest nieprawidłowy. Wpisz kod, który aplikacja pokazuje teraz."),
        "incorrect_password": _("Hasło jest nieprawidłowe."),
        "invalid_or_expired_key": _("Odsyłacz jest nieprawidłowy albo stracił ważność."),
        "invalid_password_reset": _("Odsyłacz do zmiany hasła jest nieprawidłowy albo stracił ważność."),
        "too_many_login_attempts": _("Za dużo nieudanych prób logowania. Spróbuj ponownie za kilka minut."),
        "unverified_primary_email": _("Najpierw potwierdź swój adres e-mail."),
        "same_as_current": _("Nowa wartość musi się różnić od obecnej."),
        "rate_limited": _("Za dużo prób w krótkim czasie. Spróbuj ponownie za kilka minut."),
        "duplicate_email": _("Ten adres e-mail jest już przypisany do tego konta."),
        "max_email_addresses": _("Nie można dodać więcej niż %d adresów e-mail."),
        "cannot_remove_primary_email": _("Nie można usunąć głównego adresu e-mail."),
        "invalid_login": _("Logowanie się nie powiodło."),
        "select_only_one": _("Wybierz tylko jedną możliwość."),
    }

    def logout(self, request: HttpRequest) -> None:
        """End the session, and with it what engines and modules keep of the person for this browser."""
        for step in registry().all(SigningOut):
            step.forget(request)
        super().logout(request)

    def new_user(self, request: HttpRequest) -> Person:
        """A person who reads messages in the language of the page on which they signed up."""
        return Person(language="en" if (get_language() or "pl").startswith("en") else "pl")

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        """Store a new person together with the audit row and the event."""
        from miasto.kernel.accounts.events import PersonRegistered

        with transaction.atomic():
            person = super().save_user(request, user, form, commit)
            if commit:
                _record("accounts.person_registered", person.pk)
                events.publish(PersonRegistered(person_id=person.pk))
        return person

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Queue a message instead of sending it inside the request."""
        person = context.get("user")
        values = {**context, "email": email, "city": city(), "request": None}
        with translation.override(getattr(person, "language", None) or get_language() or "pl"):
            message = self.render_mail(template_prefix, email, values)
        mail.enqueue(to=email, subject=message.subject, text=str(message.body), about_id=getattr(person, "pk", None))

    def post_login(self, request: HttpRequest, user: Any, **options: Any) -> HttpResponse:
        """After the log-in the pages speak the person's language."""
        response = super().post_login(request, user, **options)
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, user.language, max_age=31536000, secure=settings.HTTPS, samesite="Lax"
        )
        return response

    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """Confirm an address, with the audit row."""
        with transaction.atomic():
            confirmed = super().confirm_email(request, email_address)
            if confirmed:
                _record("accounts.email_confirmed", email_address.user_id)
        return confirmed

    def set_password(self, user: Any, password: str) -> None:
        """Store a new password, with the audit row."""
        with transaction.atomic():
            super().set_password(user, password)
            _record("accounts.password_changed", user.pk)

    def send_notification_mail(self, template_prefix: str, user: Any, *args: Any, **kwargs: Any) -> None:
        """Tell the person of a change; those of the second factor get their audit row here."""
        with transaction.atomic():
            if template_prefix.startswith("mfa/"):
                _record(f"accounts.{template_prefix.rsplit('/', 1)[-1]}", user.pk)
            super().send_notification_mail(template_prefix, user, *args, **kwargs)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The device's address; a proxy's header is believed only where the settings say so."""
        return ratelimit.client(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the account after a change of the password."""
        from django.urls import reverse

        return reverse("accounts:security")


class MfaAdapter(DefaultMFAAdapter):
    """The second factor: the platform's name in the authenticator application, secrets encrypted, errors in Polish."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "unverified_email": _("Najpierw potwierdź swój adres e-mail."),
        "incorrect_code": _("Kod jest nieprawidłowy. Wpisz kod, który aplikacja pokazuje teraz."),
        "cannot_delete_authenticator": _("Nie można wyłączyć logowania dwuskładnikowego."),
        "cannot_generate_recovery_codes": _("Najpierw włącz logowanie dwuskładnikowe."),
        "add_email_blocked": _("Wyłącz logowanie dwuskładnikowe, aby zmienić adres e-mail."),
        "rate_limited": _("Za dużo prób w krótkim czasie. Spróbuj ponownie za kilka minut."),
    }

    def get_totp_issuer(self) -> str:
        """The name shown in the authenticator application."""
        return city().platform_name

    def encrypt(self, text: str) -> str:
        """Secrets are not stored as they are."""
        return second_factor.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret of a stored text."""
        return second_factor.decrypt(encrypted_text)


def _record(action: str, person_id: Any) -> None:
    changes.record(action=action, kind="accounts.person", object_id=person_id, actor=Actor("person", person_id))
