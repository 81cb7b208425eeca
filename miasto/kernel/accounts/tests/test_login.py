"""Log-in, sign-up, new password, second factor: the whole way, as a browser goes it."""

import base64
import hashlib
import hmac
import re
import struct
import time
from pathlib import Path

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.account.views import EmailVerificationSentView
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.template.loader import get_template
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, resolve, reverse

from miasto.kernel.accounts import allauth_forms, security
from miasto.kernel.accounts.models import Person
from miasto.kernel.accounts.testing import PASSWORD, make_person, make_staff
from miasto.kernel.core import changes
from miasto.kernel.core.city import city
from miasto.kernel.core.models import OutgoingMail

pytestmark = pytest.mark.django_db
LOGIN = "/konto/zaloguj/"


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()


def link_in(message: OutgoingMail) -> str:
    return re.search(r"https?://[^/]+(/konto/\S+)", message.text).group(1)


def log_in(client, person, password=PASSWORD):
    return client.post(LOGIN, {"login": person.email, "password": password})


def code_for(secret: str) -> str:
    """The code of the present half minute (RFC 6238 with the defaults: SHA-1, six digits, 30 s)."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def test_somebody_signs_up_confirms_the_address_and_logs_in(client):
    answer = client.post("/konto/zarejestruj/", {"email": "Nowa@Przyklad.pl", "password1": PASSWORD})
    assert answer["Location"] == "/konto/potwierdz-adres/"
    person = Person.objects.get()
    assert person.email == "nowa@przyklad.pl"
    assert log_in(client, person)["Location"] == "/konto/potwierdz-adres/"
    message = OutgoingMail.objects.filter(to="nowa@przyklad.pl").first()
    assert message.subject == "Dokończ zakładanie konta"
    address = link_in(message)
    assert "Czy adres <strong>nowa@przyklad.pl</strong> należy do Ciebie?" in client.get(address).content.decode()
    assert not EmailAddress.objects.get().verified
    client.post(address)
    assert EmailAddress.objects.get().verified
    assert [row.action for row in changes.history(person.id)] == ["accounts.person_registered", "accounts.email_confirmed"]
    fresh = Client()
    assert log_in(fresh, person)["Location"] == "/konto/"
    assert "nowa@przyklad.pl" in fresh.get("/konto/").content.decode()


def test_passwords_are_kept_by_argon2(real_hasher):
    assert make_person(password=PASSWORD).password.startswith("argon2$argon2id$")


def test_a_short_or_common_password_is_refused_in_polish(client):
    answer = client.post("/konto/zarejestruj/", {"email": "nowa@przyklad.pl", "password1": "password"})
    assert "hasło" in answer.content.decode().lower()
    assert "This password" not in answer.content.decode()
    assert not Person.objects.exists()


def test_nobody_learns_whether_an_address_has_an_account(client):
    make_person(email="jest@przyklad.pl", password=PASSWORD)

    def seen(answer):
        text = re.sub(r"csrfmiddlewaretoken\S* value=\S+|jest@przyklad.pl|nie-ma@przyklad.pl", "", answer.content.decode())
        return answer.status_code, answer.get("Location"), text

    for url, form in (
        (LOGIN, {"login": "{}", "password": "zupelnie-inne-haslo"}),
        ("/konto/zarejestruj/", {"email": "{}", "password1": PASSWORD}),
        ("/konto/haslo/przypomnij/", {"email": "{}"}),
    ):
        known, unknown = (
            seen(Client().post(url, {name: value.format(address) for name, value in form.items()}))
            for address in ("jest@przyklad.pl", "nie-ma@przyklad.pl")
        )
        assert known == unknown, url
    assert Person.objects.filter(email="jest@przyklad.pl").count() == 1
    assert {mail.subject for mail in OutgoingMail.objects.filter(to="jest@przyklad.pl")} == {
        "Masz już konto",
        "Ustaw nowe hasło",
    }


def test_a_forgotten_password_is_replaced_and_other_sessions_end(client):
    person = make_person(password=PASSWORD)
    elsewhere = Client()
    log_in(elsewhere, person)
    client.post("/konto/haslo/przypomnij/", {"email": person.email})
    form = client.get(link_in(OutgoingMail.objects.get()), follow=True)
    here = form.redirect_chain[-1][0]
    assert "set-password" in here
    client.post(here, {"password1": "calkiem-nowe-haslo-5", "password2": "calkiem-nowe-haslo-5"})
    assert log_in(Client(), person, "calkiem-nowe-haslo-5").status_code == 302
    assert elsewhere.get("/konto/").status_code == 302
    assert "accounts.password_changed" in [row.action for row in changes.history(person.id)]
    assert "stracił ważność" in Client().get(link_in(OutgoingMail.objects.first()), follow=True).content.decode()


def test_guessing_a_password_is_stopped_after_a_few_attempts(client):
    person = make_person(password=PASSWORD)
    answers = [log_in(Client(), person, f"zle-haslo-{number}") for number in range(12)]
    assert any("Za dużo nieudanych prób" in answer.content.decode() for answer in answers)
    assert log_in(client, person).status_code == 200


def test_the_address_changes_only_after_the_new_one_is_confirmed(client):
    person = make_person(email="stary@przyklad.pl", password=PASSWORD)
    log_in(client, person)
    client.post("/konto/adres-e-mail/", {"action_add": "", "email": "nowy@przyklad.pl"})
    person.refresh_from_db()
    assert person.email == "stary@przyklad.pl"
    page = client.get("/konto/adres-e-mail/").content.decode()
    assert "Zmiana czeka na potwierdzenie" in page
    client.post(link_in(OutgoingMail.objects.get(to="nowy@przyklad.pl")))
    person.refresh_from_db()
    assert person.email == "nowy@przyklad.pl"
    assert OutgoingMail.objects.filter(to="stary@przyklad.pl", subject="Zmieniono adres e-mail").exists()
    assert log_in(Client(), person).status_code == 302


def test_a_changed_password_is_told_by_a_message(client):
    person = make_person(password=PASSWORD)
    log_in(client, person)
    new = "calkiem-nowe-haslo-5"
    answer = client.post("/konto/haslo/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer["Location"] == "/konto/bezpieczenstwo/"
    assert client.get("/konto/").status_code == 200
    message = OutgoingMail.objects.get(to=person.email)
    assert message.subject == "Zmieniono hasło"
    assert city().platform_name in message.text


def test_messages_are_in_the_language_of_the_reader_and_go_through_the_queue(client):
    person = make_person(language="en")
    client.post("/konto/haslo/przypomnij/", {"email": person.email})
    assert OutgoingMail.objects.get().about_id == person.id


@pytest.fixture
def second_factor_on(django_capture_on_commit_callbacks):
    """``second_factor_on(client)`` goes through the pages that set up the second factor; then the mails are queued."""

    def run(client):
        with django_capture_on_commit_callbacks(execute=True):
            _set_up(client)

    return run


def _set_up(client) -> None:
    asked = client.get("/konto/dwuskladnikowe/wlacz/", follow=True)
    assert "Potwierdź, że to Ty" in asked.content.decode()
    page = client.post(asked.redirect_chain[-1][0], {"password": PASSWORD, "next": "/konto/dwuskladnikowe/wlacz/"}, follow=True)
    page = page.content.decode()
    secret = re.search(r'accounts-secret">([A-Z2-7]+)<', page).group(1)
    answer = client.post("/konto/dwuskladnikowe/wlacz/", {"code": code_for(secret)})
    assert answer["Location"] == "/konto/dwuskladnikowe/kody/"


def test_with_a_second_factor_the_password_alone_does_not_suffice(client, second_factor_on):
    person = make_person(password=PASSWORD)
    log_in(client, person)
    second_factor_on(client)
    codes = re.findall(r"<li><code>(\w+)</code>", client.get("/konto/dwuskladnikowe/kody/").content.decode())
    assert len(codes) == 10
    assert client.get("/konto/dwuskladnikowe/kody/pobierz/").content.decode().split() == codes
    fresh = Client()
    assert log_in(fresh, person)["Location"] == "/konto/zaloguj/kod/"
    assert fresh.get("/konto/").status_code == 302
    assert "Kod jest nieprawidłowy" in fresh.post("/konto/zaloguj/kod/", {"code": "000000"}).content.decode()
    assert fresh.post("/konto/zaloguj/kod/", {"code": codes[0]}).status_code == 302
    assert fresh.get("/konto/").status_code == 200
    again = Client()
    log_in(again, person)
    assert again.post("/konto/zaloguj/kod/", {"code": codes[0]}).status_code == 200
    assert [row.action for row in changes.history(person.id)] == ["accounts.totp_activated"]


def test_the_second_factor_can_be_switched_off_again(client, second_factor_on):
    person = make_person(password=PASSWORD)
    log_in(client, person)
    second_factor_on(client)
    assert client.get("/konto/dwuskladnikowe/wylacz/").status_code == 200
    client.post("/konto/dwuskladnikowe/wylacz/")
    assert not Authenticator.objects.exists()
    assert log_in(Client(), person)["Location"] == "/konto/"


def test_staff_who_need_a_second_factor_are_led_to_set_it_up_before_the_panel_opens(client, monkeypatch, second_factor_on):
    monkeypatch.setattr(security, "roles_that_need_mfa", lambda: frozenset({"accounts.admin"}))
    person = make_staff("accounts.admin", password=PASSWORD)
    log_in(client, person)
    assert client.get("/panel/osoby/")["Location"] == "/konto/dwuskladnikowe/wlacz/"
    assert "Włącz logowanie dwuskładnikowe" in client.get("/konto/").content.decode()
    second_factor_on(client)
    assert client.get("/panel/osoby/").status_code == 200


def test_after_the_log_in_the_pages_speak_the_persons_language(client):
    answer = log_in(client, make_person(password=PASSWORD, language="en"))
    assert answer.cookies["django_language"].value == "en"


def test_a_log_in_never_leads_to_another_site(client):
    person = make_person(password=PASSWORD)
    answer = client.post(LOGIN + "?next=https://zle.przyklad.pl/", {"login": person.email, "password": PASSWORD})
    assert answer["Location"] == "/konto/"


NOT_OFFERED = [
    "account_confirm_login_code", "account_request_login_code", "account_signup_by_passkey", "account_verify_phone",
    "mfa_list_webauthn", "mfa_add_webauthn", "mfa_trust", "usersessions_list", "socialaccount_connections",
]  # fmt: skip


@pytest.mark.parametrize("name", NOT_OFFERED)
def test_what_is_not_offered_has_no_address(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_every_page_of_allauth_that_is_offered_has_our_template():
    seen = 0
    for name in (name for name in get_resolver().reverse_dict if isinstance(name, str)):
        if not name.startswith(("account_", "mfa_")):
            continue
        kwargs = (
            {"uidb36": "a", "key": "b"}
            if name.endswith("from_key")
            else {"key": "b"}
            if name == "account_confirm_email"
            else {}
        )
        view = resolve(reverse(name, kwargs=kwargs)).func
        if name == "account_email_verification_sent":
            view = EmailVerificationSentView.as_view()
        while not hasattr(view, "view_class"):
            view = view.__wrapped__
        assert "kernel/accounts" in get_template(view.view_class.template_name).origin.name, name
        seen += 1
    assert seen >= 20


def test_every_template_of_ours_that_stands_for_one_of_allauth_exists_there_too():
    """A renamed template of allauth would otherwise leave its page with their look."""
    ours = Path(security.__file__).parent / "templates"
    theirs = Path(allauth.__file__).parent / "templates"
    for folder in ("account", "mfa"):
        for path in (ours / folder).rglob("*.*"):
            assert (theirs / path.relative_to(ours)).exists(), path


def test_our_forms_have_no_placeholder_and_a_label_in_polish(client):
    for url in (LOGIN, "/konto/zarejestruj/", "/konto/haslo/przypomnij/"):
        page = client.get(url).content.decode()
        assert "Adres e-mail" in page
        main = page.split("<main", 1)[1].split("</main>", 1)[0]
        assert "placeholder=" not in main
        assert "style=" not in page
    assert set(allauth_forms.ACCOUNT_FORMS) >= {"login", "signup", "reset_password"}
