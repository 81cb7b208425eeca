"""What residents write comes in once, from those who can prove who they are, and machines do not talk with machines."""

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock
from miasto.kernel.core.testing import listening
from miasto.kernel.files.testing import picture_bytes
from miasto.modules.contact_centre.messages import services
from miasto.modules.contact_centre.messages.models import Conversation, Message, Picture
from miasto.modules.contact_centre.messages.tests.conftest import (
    PAGE,
    PERSON,
    VERIFY,
    chat_message,
    comment,
    page_event,
    post_chat,
    post_meta,
    said,
)

pytestmark = pytest.mark.django_db
META = "/api/wiadomosci/facebook/"


def test_meta_verifies_the_address_by_the_word_that_was_agreed():
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY, "hub.challenge": "1158201444"}
    answer = Client().get(META, asked)
    assert (answer.status_code, answer.content) == (200, b"1158201444")
    assert answer["Content-Type"].startswith("text/plain")
    assert Client().get(META, {**asked, "hub.verify_token": "zgaduje"}).status_code == 403
    assert Client().get(META, {**asked, "hub.challenge": "<script>"}).status_code == 403


def test_a_message_begins_a_conversation_that_waits():
    assert post_meta(said("Nie świeci latarnia")).status_code == 200
    found = Conversation.objects.get()
    assert (found.source, found.kind, found.state, found.person_id) == ("facebook", "private", "waiting", PERSON)
    assert found.waiting_since is not None
    assert [one.text for one in found.messages.all()] == ["Nie świeci latarnia"]


def test_meta_repeats_what_it_is_not_sure_of_and_it_is_one_message():
    for _time in range(3):
        assert post_meta(said(mid="m_7")).status_code == 200
    assert Message.objects.count() == 1


@pytest.mark.parametrize("secret", ["inna tajemnica", ""])
def test_a_wrong_signature_says_nothing_and_leaves_nothing(secret):
    assert post_meta(said(), secret=secret).status_code == 403
    assert post_chat(chat_message(), secret=secret or "x").status_code == 403
    assert not Conversation.objects.exists()


def test_a_source_without_a_secret_takes_nothing_in(monkeypatch):
    monkeypatch.delenv("MIASTO_MESSAGES_FACEBOOK_SECRET")
    assert post_meta(said(), secret="").status_code == 404
    assert Client().post("/api/wiadomosci/nie-ma/").status_code == 404


def test_a_body_of_another_form_is_refused_although_signed():
    assert post_meta(None, body=b"not json").status_code == 400
    assert post_meta({"object": "page", "entry": [{"messaging": "x"}]}).status_code == 400
    assert post_chat({"text": "bez identyfikatora"}).status_code == 400
    assert post_meta({"object": "user"}).status_code == 200
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("minutes", [-6, 6, 60 * 24])
def test_an_old_webhook_is_refused_even_with_the_right_signature(minutes):
    stamp = int(clock.now().timestamp()) + minutes * 60
    assert post_chat(chat_message(), stamp=stamp).status_code == 403
    assert not Message.objects.exists()


def test_a_chat_message_repeated_under_another_delivery_is_one_message():
    assert post_chat(chat_message(), identifier="msg_1").status_code == 200
    assert post_chat(chat_message(), identifier="msg_2").status_code == 200
    found = Conversation.objects.get()
    assert (found.person_name, found.external_id, found.messages.count()) == ("Ola", "!pokoj:przyklad.pl", 1)


def test_a_comment_is_a_public_conversation_of_its_author():
    post_meta(comment("Dziura!", "77_1"))
    post_meta(comment("Nadal dziura!", "77_2", parent_id="77_1"))
    post_meta(comment("Popieram", "77_3", person="4004"))
    assert Conversation.objects.count() == 2
    first = Conversation.objects.order_by("created_at").first()
    assert (first.kind, first.person_name, first.messages.count()) == ("public", "Jan Komentujący", 2)


@pytest.mark.parametrize(
    "document",
    [
        page_event(message={"mid": "m_9", "text": "echo", "is_echo": True}),
        page_event(message={"mid": "m_9", "text": "od nas"}, sender={"id": PAGE}),
        comment(person=PAGE),
        comment(verb="remove"),
        comment(item="like"),
        page_event(message={"mid": "m_9"}),
        page_event(postback={"payload": "START"}),
    ],
)
def test_the_pages_own_words_and_other_events_are_no_messages_of_residents(document):
    assert post_meta(document).status_code == 200
    assert not Message.objects.exists()


def test_a_bot_is_not_listened_to():
    post_chat(chat_message(**{"from": {"id": "@bot:przyklad.pl", "bot": True}}))
    assert not Message.objects.exists()


def test_a_machine_that_answers_our_answers_is_not_listened_to_for_long():
    for number in range(6):
        post_meta(said("Dziękujemy za wiadomość. Odpowiemy wkrótce.", mid=f"m_{number}"))
    assert Message.objects.count() == services.SAME_MOST


def test_a_flood_of_messages_ends_at_the_limit(monkeypatch):
    monkeypatch.setattr(services, "FLOOD_PER_HOUR", 5)
    for number in range(8):
        post_meta(said(f"wiadomość {number}", mid=f"m_{number}"))
    assert Message.objects.count() == 5


def test_pictures_are_brought_and_other_attachments_are_named(run_jobs):
    with listening(lambda asked: (200, {"Content-Type": "image/jpeg"}, picture_bytes(position=(20.6, 50.8)))) as url:
        attachments = [
            {"type": "image", "payload": {"url": f"{url}/a.jpg"}},
            {"type": "video", "payload": {"url": f"{url}/b.mp4"}},
            {"type": "image", "payload": {"url": f"{url}/like.png", "sticker_id": 369239263222822}},
        ]
        post_meta(said("Zobaczcie", attachments=attachments))
        run_jobs(only="contact_centre.bring_picture")
    message = Message.objects.get()
    assert message.left_out == ["video", "sticker"]
    picture = message.pictures.get()
    assert picture.url == ""
    assert picture.file.owner_id == message.pk


def test_what_is_no_picture_is_named_and_our_own_network_is_not_asked(run_jobs):
    payloads = ["http://127.0.0.1:5432/", "http://10.0.0.1/photo.jpg"]
    attachments = [{"type": "image", "payload": {"url": url}} for url in payloads]
    post_meta(said("Zobaczcie", attachments=attachments))
    run_jobs(only="contact_centre.bring_picture")
    assert Message.objects.get().left_out == ["image", "image"]
    assert not Picture.objects.exists()


def test_a_sent_position_becomes_the_place_of_the_conversation():
    coordinates = {"lat": 50.87, "long": 20.63}
    post_meta(
        page_event(message={"mid": "m_1", "attachments": [{"type": "location", "payload": {"coordinates": coordinates}}]})
    )
    found = Conversation.objects.get()
    assert (found.lon, found.lat) == (20.63, 50.87)


def test_a_closed_conversation_waits_again_after_the_next_message():
    post_meta(said())
    found = Conversation.objects.get()
    services.close(conversation=found, by=SYSTEM)
    post_meta(said("I jeszcze jedno", mid="m_2"))
    found.refresh_from_db()
    assert (found.state, found.waiting_since is not None) == ("waiting", True)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=10)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(
        ["id", "mid", "text", "sender", "message", "attachments", "type", "payload", "url", "timestamp", "coordinates", "lat",
         "long", "changes", "value", "field", "item", "verb", "comment_id", "from", "data", "place", "sent_at", "message_id",
         "conversation_id", "delivery", "watermark", "status"]), inner, max_size=5)),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=150)
@given(inner=JSON, own=st.sampled_from(["messaging", "changes"]))
def test_no_signed_document_breaks_the_server(inner, own):
    assert post_meta({"object": "page", "entry": [{"id": PAGE, own: [inner]}]}).status_code in (200, 400)
    assert post_chat(inner).status_code in (200, 400)
