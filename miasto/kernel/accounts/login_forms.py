"""allauth's forms in our words: labels above the fields, plain hints, no placeholders."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django.utils.translation import gettext_lazy as _

Words = dict[str, tuple[Any, Any]]
EMAIL = _("Adres e-mail")
PASSWORD = _("Hasło")
NEW_PASSWORD = _("Nowe hasło")
AGAIN = _("Powtórz nowe hasło")
GOOD_PASSWORD = _("Co najmniej 12 znaków. Najłatwiej zapamiętać kilka słów, które nie mają ze sobą związku.")
CODE = _("Kod z aplikacji")


class _Plain:
    """``words`` holds (label, hint) by field."""

    words: ClassVar[Words] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # type: ignore[attr-defined]
            field.widget.attrs.pop("placeholder", None)
            field.label, field.help_text = self.words.get(name, (field.label, ""))
            kind = "govuk-input--width-10" if "code" in name else "govuk-input--width-20"
            field.widget.attrs.setdefault("class", kind)
            if "code" in name:
                field.widget.attrs.update({"spellcheck": "false", "autocapitalize": "none"})


class LoginForm(_Plain, account.LoginForm):
    words: ClassVar[Words] = {"login": (EMAIL, ""), "password": (PASSWORD, "")}


class SignupForm(_Plain, account.SignupForm):
    words: ClassVar[Words] = {
        "email": (EMAIL, _("Wyślemy na niego odsyłacz, którym potwierdzisz, że adres należy do Ciebie.")),
        "password1": (PASSWORD, GOOD_PASSWORD),
    }


class ChangeEmailForm(_Plain, account.AddEmailForm):
    words: ClassVar[Words] = {
        "email": (_("Nowy adres e-mail"), _("Zacznie obowiązywać, gdy otworzysz odsyłacz, który na niego wyślemy."))
    }


class ChangePasswordForm(_Plain, account.ChangePasswordForm):
    words: ClassVar[Words] = {
        "oldpassword": (_("Obecne hasło"), ""),
        "password1": (NEW_PASSWORD, GOOD_PASSWORD),
        "password2": (AGAIN, ""),
    }


class SetPasswordForm(_Plain, account.SetPasswordForm):
    words: ClassVar[Words] = {"password1": (NEW_PASSWORD, GOOD_PASSWORD), "password2": (AGAIN, "")}


class ResetPasswordForm(_Plain, account.ResetPasswordForm):
    words: ClassVar[Words] = {"email": (EMAIL, "")}


class NewPasswordForm(_Plain, account.ResetPasswordKeyForm):
    words: ClassVar[Words] = {"password1": (NEW_PASSWORD, GOOD_PASSWORD), "password2": (AGAIN, "")}


class ReauthenticateForm(_Plain, account.ReauthenticateForm):
    words: ClassVar[Words] = {"password": (PASSWORD, "")}


class CodeForm(_Plain, mfa.AuthenticateForm):
    words: ClassVar[Words] = {"code": (CODE, _("Sześć cyfr. Jeśli nie masz telefonu, wpisz jeden z kodów zapasowych."))}


class CodeAgainForm(_Plain, mfa.ReauthenticateForm):
    words: ClassVar[Words] = {"code": (CODE, _("Sześć cyfr albo jeden z kodów zapasowych."))}


class ActivateForm(_Plain, totp.ActivateTOTPForm):
    words: ClassVar[Words] = {"code": (CODE, _("Sześć cyfr, które aplikacja pokazuje teraz."))}
