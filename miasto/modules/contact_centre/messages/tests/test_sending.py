"""Answers go out by the real protocols, once, and what became of them is told."""

import pytest

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import clock, outbound
from miasto.modules.contact_centre.messages import sending, services
from miasto.modules.contact_centre.messages.models import Conversation, Message
from miasto.modules.contact_centre.messages.tests.conftest import (
    PERSON,
    chat_message,
    comment,
    page_event,
    post_chat,
    post_meta,
    said,
)

pytestmark = pytest.mark.django_db


def answer(text="Dziękujemy"):
    return services.reply(conversation=Conversation.objects.get(), text=text, by=SYSTEM)


def state(message):
    message.refresh_from_db()
    return message.state


def test_an_answer_goes_out_by_the_send_api_with_our_mark(graph, run_jobs):
    post_meta(said())
    with graph() as meta:
        message = answer()
        assert state(message) == "queued"
        run_jobs(only="contact_centre.send_message")
    path, body = meta.sent[0]
    assert path == "/me/messages"
    assert body["recipient"] == {"id": PERSON}
    assert body["messaging_type"] == "RESPONSE"
    assert body["message"] == {"text": "Dziękujemy", "metadata": str(message.pk)}
    assert (state(message), message.external_id) == ("sent", "m_out_1")


def test_an_answer_to_a_comment_goes_under_the_last_comment(graph, run_jobs):
    post_meta(comment(comment_id="77_1"))
    with graph() as meta:
        message = answer()
        run_jobs(only="contact_centre.send_message")
    assert meta.sent == [("/77_1/comments", {"message": "Dziękujemy"})]
    assert state(message) == "sent"


def test_an_answer_goes_to_the_gateway_signed(gateway, run_jobs):
    post_chat(chat_message())
    with gateway() as chat:
        message = answer()
        run_jobs(only="contact_centre.send_message")
    sent = chat.sent[str(message.pk)]
    assert (sent["conversation_id"], sent["answer_to"], sent["text"]) == ("!pokoj:przyklad.pl", "$1", "Dziękujemy")
    assert (state(message), message.external_id) == ("sent", "$out-1")


def test_receipts_move_a_message_forward_and_never_back(graph, run_jobs):
    post_meta(said())
    with graph():
        message = answer()
        run_jobs(only="contact_centre.send_message")
    watermark = int(clock.now().timestamp() * 1000) + 1000
    post_meta(page_event(delivery={"watermark": watermark, "mids": ["m_out_1"]}))
    assert state(message) in ("sent", "delivered")
    with clock.at(clock.now() + (clock.now() - message.at) * 2):
        post_meta(page_event(read={"watermark": watermark}))
    post_meta(page_event(delivery={"watermark": watermark}))
    assert state(message) == "read"


def test_a_receipt_of_the_gateway_is_noted(gateway, run_jobs):
    post_chat(chat_message())
    with gateway():
        message = answer()
        run_jobs(only="contact_centre.send_message")
    post_chat({"status": "read", "message_id": "$out-1"}, kind="message.status")
    assert state(message) == "read"
    post_chat({"status": "delivered", "message_id": "$out-1"}, kind="message.status")
    assert state(message) == "read"


@pytest.mark.parametrize(
    ("status", "error", "why"),
    [
        (400, {"code": 10, "error_subcode": 2018278}, "late"),
        (400, {"code": 551}, "blocked"),
        (401, {"code": 190}, "credentials"),
        (400, {"code": 100}, "refused"),
    ],
)
def test_what_meta_refuses_for_good_is_not_tried_again_and_says_why(graph, status, error, why):
    post_meta(said())
    with graph() as meta:
        meta.fails.append((status, {"error": error}))
        message = answer()
        assert not sending.send(str(message.pk))
        assert (state(message), message.error) == ("failed", why)
        services.retry(message=message, by=SYSTEM)
        assert sending.send(str(message.pk))
    assert len(meta.sent) == 1


def test_a_passing_trouble_is_tried_again(gateway):
    post_chat(chat_message())
    with gateway() as chat:
        chat.fails += [503, 429]
        message = answer()
        for _attempt in range(2):
            with pytest.raises(sending.Later):
                sending.send(str(message.pk))
        assert sending.send(str(message.pk))
    assert len(chat.sent) == 1
    assert state(message) == "sent"


def test_a_server_that_is_away_keeps_the_message_in_the_queue_and_at_last_gives_up(monkeypatch):
    monkeypatch.setenv("MIASTO_MESSAGES_MATRIX_URL", "http://127.0.0.1:1/")
    monkeypatch.setenv("MIASTO_OUTBOUND_HOSTS", "127.0.0.1:1")
    post_chat(chat_message())
    message = answer()
    for _attempt in range(sending.ATTEMPTS - 1):
        with pytest.raises(sending.Later):
            sending.send(str(message.pk))
        assert state(message) == "queued"
    assert not sending.send(str(message.pk))
    assert (state(message), message.error) == ("failed", "unreachable")


def test_a_job_killed_while_sending_waits_for_the_echo_and_does_not_send_twice(graph, monkeypatch):
    post_meta(said())
    with graph() as meta:
        message = answer()
        monkeypatch.setattr(sending.meta, "send", killed_after(sending.meta.send))
        with pytest.raises(KeyboardInterrupt):
            sending.send(str(message.pk))
        assert (len(meta.sent), state(message)) == (1, "sending")
        with pytest.raises(sending.Later):
            sending.send(str(message.pk))
        post_meta(page_event(message={"mid": "m_out_1", "is_echo": True, "metadata": str(message.pk), "text": "Dziękujemy"}))
        assert (state(message), message.external_id) == ("sent", "m_out_1")
        assert not sending.send(str(message.pk))
    assert len(meta.sent) == 1


def killed_after(real):
    def send(*arguments, **named):
        real(*arguments, **named)
        raise KeyboardInterrupt

    return send


def test_without_settings_nothing_goes_out_and_the_reason_is_told():
    post_meta(said())
    message = answer()
    assert not sending.send(str(message.pk))
    assert (state(message), message.error) == ("failed", "unset")


def test_meta_tells_who_writes(graph, run_jobs):
    with graph():
        post_meta(said())
        run_jobs(only="contact_centre.learn_name")
    assert Conversation.objects.get().person_name == "Anna Nowak"


def test_an_address_of_our_own_network_is_not_asked_even_by_settings(monkeypatch):
    monkeypatch.setenv("MIASTO_MESSAGES_MATRIX_URL", "http://10.0.0.1/hook")
    post_chat(chat_message())
    message = answer()
    assert not sending.send(str(message.pk))
    assert Message.objects.get(pk=message.pk).error == "unreachable"
    with pytest.raises(outbound.Forbidden):
        outbound.send("http://10.0.0.1/hook", b"", media_type="text/plain")
