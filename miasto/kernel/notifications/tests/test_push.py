"""Web push: only the browser that agreed reads a message, the service knows who sends it, nobody takes another's device."""

import json
import time
from contextlib import suppress
from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from miasto.kernel.accounts.selectors import ANONYMOUS, viewer_for_person
from miasto.kernel.accounts.testing import make_person
from miasto.kernel.core import clock
from miasto.kernel.core.module import Setup
from miasto.kernel.core.registry import registry
from miasto.kernel.core.testing import declared
from miasto.kernel.notifications import privacy, push, services
from miasto.kernel.notifications.models import PushDevice, PushKey, Subscription
from miasto.kernel.notifications.services import Recipient, Scope, notify
from miasto.kernel.notifications.testing import Browser, _bytes, push_service
from miasto.kernel.spec.notifications import Topic

pytestmark = pytest.mark.django_db
WAYS = ("email", "inbox", "push")
NEWS = Topic(key="notifications.trial", name="Próba", summary="Dlaczego", template="trial", channels=WAYS, subscribable=True)
PUBLIC = "https://push.example.org/send/abc"


@pytest.fixture(autouse=True)
def _topics(settings, tmp_path):
    (tmp_path / "trial.subject.txt").write_text("{{ number }}: jest odpowiedź", "utf-8")
    (tmp_path / "trial.txt").write_text("{{ words }}", "utf-8")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    with declared(NEWS):
        yield


@pytest.fixture
def service():
    with push_service() as made:
        yield made


def agree(browser, by=ANONYMOUS):
    return push.add(**browser.given, language="pl", by=by)


def tell(person, once="raz"):
    context = {"number": "PR-2026-000001", "words": "tajne słowa mieszkanki"}
    return notify(
        topic=NEWS.key, to=[Recipient(person_id=person.pk)], context=context, url="/sprawy/PR/", about_id=None, once=once
    )


def waiting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT args FROM procrastinate_jobs WHERE task_name = 'notifications.push' ORDER BY id")
        return [row[0] if isinstance(row[0], dict) else json.loads(row[0]) for row in cursor.fetchall()]


def test_the_browser_reads_what_was_sent_and_the_service_knows_who_sent_it(service, run_jobs):
    person = make_person(email="osoba@przyklad.pl")
    browser = service.browser()
    agree(browser, viewer_for_person(person.pk))
    assert tell(person) == 3
    run_jobs(only="notifications.push")
    (asked,) = service.received
    message = browser.read(asked.body)
    assert (message["title"], message["body"]) == ("PR-2026-000001: jest odpowiedź", "Dlaczego")
    assert (message["url"], message["lang"]) == ("/sprawy/PR/", "pl")
    assert b"jest odpowied" not in asked.body
    assert "tajne" not in json.dumps(message)
    assert (asked.path, asked.headers["Content-Encoding"], asked.headers["Urgency"]) == ("/push/a", "aes128gcm", "normal")
    assert int(asked.headers["TTL"]) > 0
    assert len(asked.headers["Topic"]) <= 32


def test_the_signature_is_ours_for_this_service_and_for_less_than_a_day(service, run_jobs):
    person = make_person(email="osoba@przyklad.pl")
    agree(service.browser(), viewer_for_person(person.pk))
    tell(person)
    run_jobs(only="notifications.push")
    scheme, _, rest = service.received[0].headers["Authorization"].partition(" ")
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert (scheme, given["k"]) == ("vapid", push.public_key())
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(given["k"]))
    claims = jwt.decode(given["t"], key, algorithms=["ES256"], audience=service.url)
    assert time.time() < claims["exp"] <= time.time() + 24 * 3600
    assert "sub" not in claims  # the first city's addresses are of the demo and belong to nobody


@pytest.mark.parametrize(
    ("email", "base_url", "contact"),
    [
        ("kontakt@miasto.pl", "https://platforma.miasto.pl", "mailto:kontakt@miasto.pl"),
        ("kontakt@miasto.invalid", "https://platforma.miasto.pl", "https://platforma.miasto.pl"),
        ("", "https://platforma.miasto.pl", "https://platforma.miasto.pl"),
        ("to nie jest adres", "https://platforma.miasto.pl", "https://platforma.miasto.pl"),
        ("kontakt@miasto.example", "http://127.0.0.1:8000", ""),
        ("", "https://localhost", ""),
        ("", "https://10.0.0.1", ""),
    ],
)
def test_the_contact_is_an_address_that_may_be_somebodys_or_none(email, base_url, contact):
    assert push.contact_of(email, base_url) == contact


def test_the_contact_stands_in_the_signature(service, run_jobs, settings):
    settings.BASE_URL = "https://platforma.miasto.pl"
    person = make_person(email="osoba@przyklad.pl")
    agree(service.browser(), viewer_for_person(person.pk))
    tell(person)
    run_jobs(only="notifications.push")
    token = service.received[0].headers["Authorization"].split("t=")[1].split(",")[0]
    assert jwt.decode(token, options={"verify_signature": False})["sub"] == "https://platforma.miasto.pl"


def test_the_keys_are_made_when_the_city_is_prepared():
    registry().get(Setup, "notifications.push_key").run()
    assert PushKey.objects.get().shown == push.public_key()


def test_the_keys_are_made_once():
    assert push.public_key() == push.public_key()
    assert PushKey.objects.count() == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_gone_is_forgotten(service, run_jobs, status):
    person = make_person(email="osoba@przyklad.pl")
    agree(service.browser(), viewer_for_person(person.pk))
    service.answers = [status]
    tell(person)
    run_jobs(only="notifications.push")
    assert not PushDevice.objects.exists()


def test_what_the_service_did_not_take_is_sent_again_and_only_once(service):
    person = make_person(email="osoba@przyklad.pl")
    browser = service.browser()
    agree(browser, viewer_for_person(person.pk))
    service.answers = [500]
    tell(person)
    tell(person)
    (arguments,) = waiting()
    with pytest.raises(push.Later):
        push.deliver(**arguments)
    assert PushDevice.objects.get().silent_since is not None
    push.deliver(**arguments)
    assert PushDevice.objects.get().silent_since is None
    first, second = service.received
    assert first.headers["Topic"] == second.headers["Topic"]
    assert browser.read(first.body)["tag"] == browser.read(second.body)["tag"]


def test_a_service_that_asks_to_wait_is_left_alone_for_so_long(service):
    person = make_person(email="osoba@przyklad.pl")
    agree(service.browser(), viewer_for_person(person.pk))
    service.answers, service.wait = [429], "90"
    tell(person)
    (arguments,) = waiting()
    push.deliver(**arguments)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT args, scheduled_at FROM procrastinate_jobs "
            "WHERE task_name = 'notifications.push' AND scheduled_at IS NOT NULL"
        )
        ((again, at),) = cursor.fetchall()
    assert (again if isinstance(again, dict) else json.loads(again)) == arguments
    assert 80 < (at - clock.now()).total_seconds() <= 90


def test_only_two_weeks_of_silence_lose_a_device(service):
    person = make_person(email="osoba@przyklad.pl")
    agree(service.browser(), viewer_for_person(person.pk))
    service.answers = [503, 503, 503]
    tell(person)
    (arguments,) = waiting()
    began = clock.now()
    for days, left in ((0, 1), (13, 1), (15, 0)):
        with clock.at(began + timedelta(days=days)), suppress(push.Later):
            push.deliver(**arguments)
        assert PushDevice.objects.count() == left


def test_a_refused_message_is_logged_without_the_address_and_not_repeated(service, run_jobs, caplog):
    person = make_person(email="osoba@przyklad.pl")
    agree(service.browser("sekret"), viewer_for_person(person.pk))
    service.answers = [413]
    tell(person)
    run_jobs(only="notifications.push")
    assert "413" in caplog.text
    assert "sekret" not in caplog.text
    assert len(service.received) == 1
    assert PushDevice.objects.exists()


def test_each_browser_of_a_person_is_told_once_and_nobody_elses(service, run_jobs):
    person, other = make_person(email="osoba@przyklad.pl"), make_person(email="inna@przyklad.pl")
    for name in ("a", "b"):
        agree(service.browser(name), viewer_for_person(person.pk))
    agree(service.browser("obca"), viewer_for_person(other.pk))
    tell(person)
    tell(person)
    run_jobs(only="notifications.push")
    assert sorted(one.path for one in service.received) == ["/push/a", "/push/b"]


def test_a_person_may_refuse_the_channel(service, run_jobs):
    person = make_person(email="osoba@przyklad.pl")
    viewer = viewer_for_person(person.pk)
    agree(service.browser(), viewer)
    services.choose(topic=NEWS.key, channel="push", wanted=False, by=viewer)
    assert tell(person) == 2
    assert run_jobs(only="notifications.push") == []


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.org/a",
        "https://127.0.0.1/a",
        "https://10.0.0.1/a",
        "https://[::1]/a",
        "https://localhost/a",
        "https://user:secret@push.example.org/a",
        "https://push.example.org:x/a",
        "https://push.example.org/a b",
        "https://push.example.org/" + "a" * 1000,
        "",
    ],
)
def test_addresses_that_are_no_push_service_are_refused(endpoint):
    with pytest.raises(ValidationError):
        agree(Browser(endpoint))


@pytest.mark.parametrize("wrong", [{"p256dh": "AAAA"}, {"auth": "AAAA"}, {"p256dh": ""}, {"auth": "ż"}])
def test_keys_that_nobody_could_read_with_are_refused(wrong):
    with pytest.raises(ValidationError):
        push.add(**{**Browser(PUBLIC).given, **wrong}, language="pl", by=ANONYMOUS)


def test_a_name_that_leads_into_our_own_network_is_never_asked(monkeypatch):
    agree(Browser(PUBLIC))
    monkeypatch.setattr("socket.getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", ("10.0.0.1", 443))])
    message = {"title": "a", "body": "b", "url": "/", "tag": "1", "lang": "pl"}
    push.deliver(device_id=str(PushDevice.objects.get().pk), payload=message, urgent=False)
    assert not PushDevice.objects.exists()


def test_a_device_of_another_person_cannot_be_taken_removed_or_told():
    owner, thief = make_person(email="osoba@przyklad.pl"), make_person(email="inna@przyklad.pl")
    device = agree(Browser(PUBLIC), viewer_for_person(owner.pk))
    with pytest.raises(ValidationError):
        agree(Browser(PUBLIC), viewer_for_person(thief.pk))
    assert not push.remove(endpoint=PUBLIC, auth=Browser(PUBLIC).given["auth"])
    for by in (viewer_for_person(thief.pk), ANONYMOUS):
        with pytest.raises(ValidationError):
            services.subscribe(topic=NEWS.key, scope=Scope(), by=by, device_id=device.pk)
    assert PushDevice.objects.get().person_id == owner.pk


def test_the_next_person_at_the_same_browser_takes_it_over():
    first, second = make_person(email="osoba@przyklad.pl"), make_person(email="inna@przyklad.pl")
    browser = Browser(PUBLIC)
    agree(browser, viewer_for_person(first.pk))
    agree(browser, viewer_for_person(second.pk))
    assert PushDevice.objects.get().person_id == second.pk


def test_who_signs_out_is_told_of_nothing_more_in_that_browser_and_still_in_the_others(client):
    person = make_person(email="osoba@przyklad.pl")
    elsewhere = agree(Browser(PUBLIC + "d"), viewer_for_person(person.pk))
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.post(reverse("notifications:push_add"), Browser(PUBLIC).given)
    assert PushDevice.objects.count() == 2
    client.post(reverse("account_logout"))
    assert PushDevice.objects.get().pk == elsewhere.pk


def test_signing_out_leaves_what_the_browser_follows_without_an_account(client):
    client.post(reverse("notifications:push_add"), Browser(PUBLIC).given)
    client.force_login(make_person(email="osoba@przyklad.pl"), backend="django.contrib.auth.backends.ModelBackend")
    client.post(reverse("account_logout"))
    assert PushDevice.objects.get().person_id is None


def test_a_page_that_only_asks_takes_over_no_browser(client):
    first, second = make_person(email="osoba@przyklad.pl"), make_person(email="inna@przyklad.pl")
    browser = Browser(PUBLIC)
    asked = {**browser.given, "again": "1"}
    assert client.post(reverse("notifications:push_add"), asked).json()["device"] is None
    device = agree(browser, viewer_for_person(first.pk))
    client.force_login(second, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(reverse("notifications:push_add"), asked).json()["device"] is None
    client.force_login(first, backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(reverse("notifications:push_add"), asked).json()["device"] == str(device.pk)
    assert client.post(reverse("notifications:push_add"), {**asked, "auth": "AAAA"}).json()["device"] is None
    assert PushDevice.objects.get().person_id == first.pk


def test_an_erased_person_leaves_no_device_and_the_export_holds_no_secret():
    person = make_person(email="osoba@przyklad.pl")
    browser = Browser(PUBLIC)
    agree(browser, viewer_for_person(person.pk))
    exported = json.dumps(privacy.export(person.pk))
    assert "push.example.org" in exported
    assert not any(secret in exported for secret in browser.given.values())
    privacy.erase(person.pk)
    assert not PushDevice.objects.exists()


def test_a_browser_without_an_account_follows_in_its_session_and_nobody_else_stops_it(client):
    browser = Browser(PUBLIC)
    answer = client.post(reverse("notifications:push_add"), browser.given).json()
    assert answer["known"] is False
    assert client.post(reverse("notifications:push_add"), browser.given).json() == {**answer, "known": True}
    viewer = client.get("/").wsgi_request.viewer
    row = services.subscribe(topic=NEWS.key, scope=Scope(), by=viewer, device_id=PushDevice.objects.get().pk)
    assert row.confirmed_at is not None
    with pytest.raises(PermissionDenied):
        services.stop(subscription_id=row.pk, by=ANONYMOUS)
    services.stop(subscription_id=row.pk, by=viewer)
    assert not Subscription.objects.exists()


def test_the_browser_that_refuses_is_forgotten_with_what_it_followed(client):
    browser = Browser(PUBLIC)
    client.post(reverse("notifications:push_add"), browser.given)
    viewer = client.get("/").wsgi_request.viewer
    services.subscribe(topic=NEWS.key, scope=Scope(), by=viewer, device_id=PushDevice.objects.get().pk)
    assert client.post(reverse("notifications:push_remove"), browser.given).status_code == 200
    assert not PushDevice.objects.exists()
    assert not Subscription.objects.exists()
    assert client.get("/").wsgi_request.viewer.links == frozenset()


def test_the_addresses_want_a_token_a_post_and_some_patience(settings):
    settings.RATE_LIMIT_FACTOR = 1
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("notifications:push_add"), Browser(PUBLIC).given).status_code == 403
    assert strict.post(reverse("notifications:push_remove"), {}).status_code == 403
    client = Client()
    assert client.get(reverse("notifications:push_add")).status_code == 405
    assert client.post(reverse("notifications:push_add"), {"endpoint": PUBLIC}).status_code == 400
    statuses = [client.post(reverse("notifications:push_remove"), {}).status_code for _ in range(61)]
    assert statuses[-1] == 429


def test_the_settings_offer_the_channel_and_leave_every_browser_at_once(client):
    person = make_person(email="osoba@przyklad.pl")
    agree(Browser(PUBLIC), viewer_for_person(person.pk))
    client.force_login(person)
    page = client.get(reverse("notifications:preferences")).content.decode()
    assert push.public_key() in page
    assert "powiadomienie w przeglądarce" in page
    client.post(reverse("notifications:push_remove_all"))
    assert not PushDevice.objects.exists()
