"""Sources with secrets, and stand-ins of what lies behind them: Meta's Graph API and a gateway of Standard Webhooks.

The stand-ins are real HTTP servers that speak the same protocols; the platform does not know them from the real ones.
"""

import hashlib
import hmac
import json
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from django.test import Client

from miasto.kernel.core import clock
from miasto.kernel.core.testing import listening
from miasto.modules.contact_centre.messages import signed, sources
from miasto.modules.contact_centre.tests.conftest import catalogue

__all__ = ["catalogue"]
APP_SECRET, VERIFY, TOKEN = "tajemnica-aplikacji", "slowo-sprawdzajace", "zeton-strony"
GATEWAY_SECRET = "whsec_" + "c2VrcmV0LWJyYW1raS1kby10ZXN0b3c="
PAGE, PERSON = "1001", "2002"


@pytest.fixture(autouse=True)
def two_sources(monkeypatch):
    """A page on Facebook and a chat behind a gateway."""
    made = [sources.Source("facebook", "Facebook i Messenger", "meta"), sources.Source("matrix", "Czat Matrix", "signed")]
    monkeypatch.setattr(sources, "sources", lambda: made)
    monkeypatch.setenv("MIASTO_MESSAGES_FACEBOOK_SECRET", APP_SECRET)
    monkeypatch.setenv("MIASTO_MESSAGES_FACEBOOK_VERIFY", VERIFY)
    monkeypatch.setenv("MIASTO_MESSAGES_MATRIX_SECRET", GATEWAY_SECRET)


def post_meta(document, *, secret=APP_SECRET, body=None):
    """Meta posts a webhook, signed with the app's secret."""
    data = json.dumps(document).encode() if body is None else body
    sign = "sha256=" + hmac.new(secret.encode(), data, hashlib.sha256).hexdigest()
    return Client().post(
        "/api/wiadomosci/facebook/", data, content_type="application/json", headers={"X-Hub-Signature-256": sign}
    )


def page_event(**event):
    """A webhook of the page with one messaging event."""
    now = int(clock.now().timestamp() * 1000)
    base = {"sender": {"id": PERSON}, "recipient": {"id": PAGE}, "timestamp": now}
    return {"object": "page", "entry": [{"id": PAGE, "time": now, "messaging": [{**base, **event}]}]}


def said(text="Nie świeci latarnia", mid="m_1", **message):
    """A resident's message on Messenger."""
    return page_event(message={"mid": mid, "text": text, **message})


def comment(text="Dziura!", comment_id="77_1", person="3003", **value):
    """A comment under a post of the page."""
    change = {
        "item": "comment", "verb": "add", "comment_id": comment_id, "post_id": "1001_55", "message": text,
        "from": {"id": person, "name": "Jan Komentujący"}, "created_time": int(clock.now().timestamp()), **value,
    }  # fmt: skip
    return {"object": "page", "entry": [{"id": PAGE, "changes": [{"field": "feed", "value": change}]}]}


def post_chat(data, *, kind="message.received", secret=GATEWAY_SECRET, stamp=None, identifier="msg_1"):
    """The gateway posts a webhook by Standard Webhooks."""
    body = json.dumps({"type": kind, "timestamp": clock.now().isoformat(), "data": data}).encode()
    stamp = str(int(clock.now().timestamp())) if stamp is None else str(stamp)
    headers = {
        "webhook-id": identifier,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1a,other " + signed.signature(secret, identifier, stamp, body),
    }
    return Client().post("/api/wiadomosci/matrix/", body, content_type="application/json", headers=headers)


def chat_message(text="Dzień dobry", message_id="$1", **data):
    """A resident's message in the chat."""
    return {
        "message_id": message_id, "conversation_id": "!pokoj:przyklad.pl", "text": text,
        "from": {"id": "@ola:przyklad.pl", "name": "Ola"}, **data,
    }  # fmt: skip


@pytest.fixture
def graph(monkeypatch):
    """``with graph() as meta:`` a stand-in of Graph: ``meta.sent``; ``meta.fails`` are answers given before it works."""

    @contextmanager
    def stand_in():
        state = SimpleNamespace(sent=[], fails=[], names={PERSON: {"first_name": "Anna", "last_name": "Nowak", "id": PERSON}})

        def answer(asked):
            if asked.headers["Authorization"] != f"Bearer {TOKEN}":
                return json_answer(400, {"error": {"message": "Invalid OAuth access token", "code": 190}})
            if asked.method == "GET":
                return json_answer(200, state.names.get(asked.path.split("/")[-1].split("?")[0], {}))
            if state.fails:
                return json_answer(*state.fails.pop(0))
            state.sent.append((asked.path, json.loads(asked.body)))
            number = len(state.sent)
            made = (
                {"recipient_id": PERSON, "message_id": f"m_out_{number}"}
                if "messages" in asked.path
                else {"id": f"77_{number}"}
            )
            return json_answer(200, made)

        with listening(answer) as url:
            monkeypatch.setenv("MIASTO_MESSAGES_FACEBOOK_URL", url)
            monkeypatch.setenv("MIASTO_MESSAGES_FACEBOOK_TOKEN", TOKEN)
            yield state

    return stand_in


@pytest.fixture
def gateway(monkeypatch):
    """``with gateway() as chat:`` a stand-in of the gateway, which checks our signature and knows repetitions."""

    @contextmanager
    def stand_in():
        state = SimpleNamespace(sent={}, fails=[])

        def answer(asked):
            identifier, stamp = asked.headers["webhook-id"], asked.headers["webhook-timestamp"]
            if asked.headers["webhook-signature"] != signed.signature(GATEWAY_SECRET, identifier, stamp, asked.body):
                return json_answer(401, {})
            state.sent.setdefault(identifier, json.loads(asked.body)["data"])
            if state.fails:
                return json_answer(state.fails.pop(0), {})
            return json_answer(200, {"message_id": f"$out-{len(state.sent)}"})

        with listening(answer) as url:
            monkeypatch.setenv("MIASTO_MESSAGES_MATRIX_URL", url)
            yield state

    return stand_in


def json_answer(status, document):
    return status, {"Content-Type": "application/json"}, json.dumps(document).encode()
