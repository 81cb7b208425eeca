"""What a stranger may send: too much, too often, under another name, with numbers that are none."""

import asyncio

import pytest
from django.core import checks
from django.test import Client

from miasto.kernel.accounts.testing import PASSWORD, make_person
from miasto.kernel.core import ratelimit
from miasto.kernel.core.body_limit import BodyLimit
from miasto.kernel.core.freshness import Listener


async def ask(app, *, headers=(), parts=(b"",)):
    """The status that an ASGI application answers to a POST whose body comes in parts."""
    sent, waiting = [], list(parts)

    async def receive():
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": "/", "raw_path": b"/", "query_string": b"", "headers": list(headers)}
    await app(scope, receive, send)
    return [message["status"] for message in sent if message["type"] == "http.response.start"]


async def reading_app(scope, receive, send):
    """Reads as Django does: a client that goes away in the middle gets nothing."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        more = message.get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.mark.parametrize(
    ("headers", "parts", "status"),
    [
        ([(b"content-length", b"10")], [b"x" * 10], 200),
        ([(b"content-length", b"11")], [b"x" * 11], 413),
        ([], [b"x" * 6, b"x" * 6, b"x"], 413),
        ([], [b"x" * 6, b"x" * 4], 200),
        ([(b"content-length", b"1e9")], [b"x" * 11], 413),
    ],
)
def test_a_body_larger_than_any_form_is_refused_whether_its_length_is_told_or_not(headers, parts, status):
    assert asyncio.run(ask(BodyLimit(reading_app, most=10), headers=headers, parts=parts)) == [status]


def test_the_running_application_has_the_limit_in_front_of_django(monkeypatch):
    from miasto.config.asgi import application

    # a test process must not hear of changes: it would keep parts of pages that its rolled-back transactions never outdate
    monkeypatch.setattr(Listener, "start", lambda self: None)
    assert asyncio.run(ask(application, headers=[(b"content-length", b"900000000")])) == [413]


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/zglos/", "/szukaj/?q=rynek", "/konto/", "/mapa/lista/", "/dostepnosc/"])
def test_pages_of_somebody_logged_in_are_kept_by_no_cache(client, address):
    assert "no-store" not in client.get(address).headers.get("Cache-Control", "") or address == "/konto/"
    client.force_login(make_person(), backend="django.contrib.auth.backends.ModelBackend")
    assert "no-store" in client.get(address)["Cache-Control"]
    assert "private" in client.get(address)["Cache-Control"]


@pytest.mark.django_db
def test_the_page_that_begins_a_session_is_kept_by_no_cache(client):
    answer = client.post("/zglos/", {"description": "Ciemna latarnia"})
    assert client.session.session_key
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_what_everybody_may_keep_stays_so_for_somebody_logged_in(client):
    client.force_login(make_person(), backend="django.contrib.auth.backends.ModelBackend")
    assert "public" in client.get("/logo.svg")["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("address", "name", "limit"),
    [
        ("/szukaj/?q=rynek", "search.results", 1200),
        ("/mapa/lista/", "maps.listing", 300),
        ("/sprawy/?numer=ZG-2026-000001", "cases.find", 120),
        ("/sprawy/s/zgadywany-token/", "cases.secret", 60),
        ("/zglos/miejsce/adres/?q=rynek", "contact_centre.address", 600),
    ],
)
def test_costly_or_guessable_public_addresses_have_a_limit(client, settings, address, name, limit):
    settings.RATE_LIMIT_FACTOR = 1
    for _time in range(limit):
        ratelimit.hit(name=name, who="127.0.0.1", limit=limit, per_s=600)
    answer = client.get(address)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["https://obcy.example/", "//obcy.example/", "/\\obcy.example", "javascript:alert(1)"])
def test_no_form_leads_to_another_site(client, target):
    reader = client.post("/ustawienia/", {"text": "normal", "theme": "auto", "contrast": "normal", "next": target})
    language = client.post("/jezyk/", {"language": "en", "next": target})
    person = make_person(password=PASSWORD)
    login = client.post("/konto/zaloguj/", {"login": person.email, "password": PASSWORD, "next": target})
    for answer in (reader, language, login):
        assert "obcy.example" not in answer.headers.get("Location", "")
        assert not answer.headers.get("Location", "").startswith("javascript")


@pytest.mark.django_db
def test_a_foreign_host_is_refused():
    assert Client(headers={"host": "obcy.example"}).get("/").status_code == 400


@pytest.mark.django_db
def test_the_address_of_a_device_is_not_taken_from_a_header_that_anybody_can_send(rf, settings):
    request = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6"}, REMOTE_ADDR="10.0.0.1")
    settings.TRUST_PROXY = False
    assert ratelimit.client(request) == "10.0.0.1"
    settings.TRUST_PROXY = True
    forged = rf.get("/", headers={"X-Forwarded-For": "6.6.6.6, 81.2.3.4"}, REMOTE_ADDR="10.0.0.1")
    assert ratelimit.client(forged) == "81.2.3.4"


def test_the_refusal_of_a_large_body_says_what_to_do():
    sent = []

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "headers": [(b"content-length", b"90000000")]}
    asyncio.run(BodyLimit(reading_app, most=80_000_000)(scope, None, send))
    body = sent[1]["body"].decode()
    assert "najwyżej 80 MB" in body
    assert int(dict(sent[0]["headers"])[b"content-length"]) == len(sent[1]["body"])


def test_the_deploy_check_misses_a_secret_key_that_nobody_set(monkeypatch):
    monkeypatch.delenv("MIASTO_SECRET_KEY", raising=False)
    found = {problem.id for problem in checks.run_checks(include_deployment_checks=True)}
    assert "miasto.E001" in found
    monkeypatch.setenv("MIASTO_SECRET_KEY", "k" * 50)
    assert "miasto.E001" not in {problem.id for problem in checks.run_checks(include_deployment_checks=True)}
