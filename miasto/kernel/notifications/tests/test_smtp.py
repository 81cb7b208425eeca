"""A message on its way through a real SMTP server."""

import smtplib
from contextlib import suppress
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller

from miasto.kernel.core import mail
from miasto.kernel.core.models import OutgoingMail

pytestmark = pytest.mark.django_db


class Server:
    """Keeps what it accepts; answers the first ``failures`` messages with ``answer``."""

    def __init__(self, failures=0, answer="451 try again later"):
        self.failures, self.answer, self.seen, self.kept = failures, answer, [], []

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content)
        self.seen.append(message["Message-ID"])
        if len(self.seen) <= self.failures:
            return self.answer
        self.kept.append(message)
        return "250 OK"


class OnFreePort(Controller):
    """Asks the system for a port instead of trying out one that another test may hold."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@pytest.fixture
def smtp(settings):
    """``smtp(handler)`` starts a server on a free port and points the platform to it."""
    running = []

    def start(handler):
        controller = OnFreePort(handler, hostname="127.0.0.1", port=0)
        controller.start()
        running.append(controller)
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = controller.port
        return handler

    yield start
    for controller in running:
        controller.stop()


def queue():
    return mail.enqueue(to="ktos@przyklad.pl", subject="Zażółć", text="Treść", html="<p>Treść</p>")


def test_a_message_arrives_with_both_its_forms(smtp):
    server, queued = smtp(Server()), queue()
    mail.send(str(queued.pk))
    kinds = [part.get_content_type() for part in server.kept[0].walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]


def test_a_refusal_for_now_is_raised_for_a_retry_and_the_retry_carries_the_same_message_id(smtp):
    server, queued = smtp(Server(failures=1)), queue()
    with pytest.raises(smtplib.SMTPException):
        mail.send(str(queued.pk))
    assert OutgoingMail.objects.get().state == "queued"
    mail.send(str(queued.pk))
    assert server.seen == [queued.message_id, queued.message_id]
    assert len(server.kept) == 1
    assert OutgoingMail.objects.get().state == "sent"


def test_a_message_that_was_sent_is_not_sent_again(smtp):
    server, queued = smtp(Server()), queue()
    mail.send(str(queued.pk))
    mail.send(str(queued.pk))
    assert len(server.seen) == 1


def test_a_server_that_is_away_leaves_the_message_in_the_queue(smtp, settings):
    smtp(Server())
    settings.EMAIL_PORT = 1
    queued = queue()
    with pytest.raises(OSError):
        mail.send(str(queued.pk))
    assert OutgoingMail.objects.get().state == "queued"


@pytest.mark.parametrize(("answer", "state"), [("452 4.2.2 Mailbox full", "queued"), ("550 5.1.1 No such user", "failed")])
def test_an_address_refused_for_now_is_tried_again_and_one_refused_for_good_is_not(smtp, answer, state):
    class Refusing(Server):
        async def handle_RCPT(self, server, session, envelope, address, options):
            return answer

    smtp(Refusing())
    queued = queue()
    with suppress(smtplib.SMTPRecipientsRefused):
        mail.send(str(queued.pk))
    assert OutgoingMail.objects.get().state == state
