"""The exchange announces calls: by AMI, spoken by a stand-in server, and by the signed webhook."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from miasto.kernel.core import clock
from miasto.modules.contact_centre.phone import selectors, services, webhook
from miasto.modules.contact_centre.phone.models import Call
from miasto.modules.contact_centre.phone.tests.exchange import Exchange, channel, hung_up, incoming

pytestmark = pytest.mark.django_db
KEY = "wspólny sekret centrali"


def play(monkeypatch, scenario):
    with Exchange(scenario) as exchange:
        monkeypatch.setenv("MIASTO_AMI", exchange.address())
        call_command("telephony", "--once")
        return exchange.asked


def test_a_ringing_call_opens_at_the_operators_extension(monkeypatch, viewer):
    services.sit_at(by=viewer, extension="101")
    play(monkeypatch, [*incoming(answers="")])
    call = Call.objects.get()
    assert (call.state, call.number, sorted(call.extensions)) == ("ringing", "+48600100200", ["101", "102"])
    assert selectors.own_open(viewer) == call


def test_who_answers_has_the_call(monkeypatch, viewer, operator):
    services.sit_at(by=viewer, extension="101")
    play(monkeypatch, incoming(answers="101"))
    call = Call.objects.get()
    assert (call.state, call.operator_id, call.extensions) == ("open", operator.pk, ["101"])


def test_a_call_answered_by_another_is_not_mine(monkeypatch, viewer):
    services.sit_at(by=viewer, extension="102")
    play(monkeypatch, incoming(answers="101"))
    assert selectors.own_open(viewer) is None
    assert not selectors.is_for(Call.objects.get(), viewer)


def test_a_call_that_nobody_answered_is_missed(monkeypatch):
    play(monkeypatch, [*incoming(answers=""), *hung_up()])
    call = Call.objects.get()
    assert (call.state, call.seconds) == ("missed", None)
    assert call.ended_at is not None


def test_an_answered_call_stays_open_after_the_caller_hung_up_until_its_outcome_is_said(monkeypatch, viewer):
    services.sit_at(by=viewer, extension="101")
    play(monkeypatch, [*incoming(), *hung_up()])
    call = Call.objects.get()
    assert call.state == "open"
    assert call.seconds is not None


def test_the_secret_does_not_travel_and_a_wrong_one_stops_the_command(monkeypatch):
    asked = play(monkeypatch, [])
    assert "tajne haslo" not in str(asked)
    assert asked[1]["AuthType"] == "MD5"
    with Exchange([]) as exchange:
        monkeypatch.setenv("MIASTO_AMI", exchange.address("zly"))
        with pytest.raises(CommandError, match="refused"):
            call_command("telephony", "--once")


def test_a_withheld_number_and_calls_between_extensions(monkeypatch):
    outgoing = [channel("Newchannel", "101", name="PJSIP/101-0000000f", linked="9.9"), *hung_up("101", linked="9.9")]
    play(monkeypatch, [*outgoing, *incoming("anonymous", linked="5.5")])
    call = Call.objects.get()
    assert (call.pbx_id, call.number) == ("5.5", "")


def test_without_an_address_the_command_says_what_is_missing(monkeypatch):
    monkeypatch.setenv("MIASTO_AMI", "")
    with pytest.raises(CommandError, match="MIASTO_AMI"):
        call_command("telephony", "--once")


def post(body, *, key=KEY, at=None, sign=None):
    raw = json.dumps(body).encode()
    stamp = str(int((at or clock.now()).timestamp()))
    headers = {"X-Miasto-Timestamp": stamp, "X-Miasto-Signature": sign or webhook.signature(key.encode(), stamp, raw)}
    return Client().post("/api/telefon/", raw, content_type="application/json", headers=headers)


@pytest.fixture
def secret(monkeypatch):
    monkeypatch.setenv("MIASTO_TELEPHONY_SECRET", KEY)


def test_the_webhook_tells_the_same_as_the_exchange(secret, viewer):
    services.sit_at(by=viewer, extension="101")
    begun = clock.now()
    for number, kind in enumerate(("ringing", "answered", "ended")):
        at = (begun + timedelta(seconds=10 * number)).isoformat()
        event = {"call": "abc", "event": kind, "caller": "0048 600 100 200", "extension": "101", "at": at}
        assert post(event).status_code == 202
    call = Call.objects.get()
    assert (call.number, call.state, call.seconds) == ("+48600100200", "open", 10)


def test_events_said_twice_or_in_another_order_make_the_same_call(secret):
    begun = clock.now()
    ended = {"call": "abc", "event": "ended", "at": (begun + timedelta(seconds=9)).isoformat()}
    ringing = {"call": "abc", "event": "ringing", "caller": "600100200", "extension": "101", "at": begun.isoformat()}
    for event in (ended, ringing, ringing, ended):
        post(event)
    call = Call.objects.get()
    assert (call.state, call.number, call.began_at) == ("missed", "+48600100200", begun)


def test_what_is_unsigned_old_or_malformed_is_refused(secret):
    event = {"call": "abc", "event": "ringing"}
    assert post(event, key="inny").status_code == 401
    assert post(event, sign="sha256=ą").status_code == 401
    assert post(event, at=clock.now() - timedelta(seconds=webhook.WINDOW_S + 2)).status_code == 401
    assert post(event, at=clock.now() + timedelta(seconds=webhook.WINDOW_S + 5)).status_code == 401
    assert Client().post("/api/telefon/", b"{}", content_type="application/json").status_code == 401
    for wrong in (
        [],
        {"call": "", "event": "ringing"},
        {"call": "a", "event": "burned"},
        {"call": "a", "event": "ringing", "at": "x"},
    ):
        assert post(wrong).status_code == 400, wrong
    assert post({"call": "a", "event": "ringing", "x": "y" * 9000}).status_code == 413
    assert not Call.objects.exists()


def test_without_a_secret_there_is_no_webhook(monkeypatch):
    monkeypatch.delenv("MIASTO_TELEPHONY_SECRET", raising=False)
    assert post({"call": "abc", "event": "ringing"}, key="").status_code == 404


def test_an_extension_belongs_to_the_last_who_sat_there(viewer, desk):
    from miasto.kernel.accounts.selectors import viewer_for_person
    from miasto.kernel.accounts.testing import make_staff

    other = viewer_for_person(make_staff("contact_centre.operator").pk)
    services.sit_at(by=other, extension="101")
    desk.post("/panel/centrum/numer-wewnetrzny/", {"extension": "101"})
    assert selectors.extension_of(viewer) == "101"
    assert selectors.extension_of(other) == ""
    assert "same cyfry" in desk.post("/panel/centrum/numer-wewnetrzny/", {"extension": "1a"}, follow=True).content.decode()
