"""A worker killed between the mail server's acceptance and the commit: the same message again, with the same Message-ID."""

import subprocess
import sys
import time
from email import message_from_bytes

import pytest
from aiosmtpd.controller import Controller

from tests.running_city import free_port

RESIDENT = "ala.po.awarii@example.org"


class KillingServer:
    """Accepts each message; after accepting the first it kills the worker before it can commit."""

    def __init__(self, city):
        self.city = city
        self.accepted = []

    async def handle_DATA(self, server, session, envelope):
        if RESIDENT not in envelope.rcpt_tos:
            return "250 accepted"
        self.accepted.append(message_from_bytes(envelope.content))
        if len(self.accepted) == 1:
            self.city.kill("worker")
        return "250 accepted"


@pytest.fixture
def smtp_city(running_city):
    server = KillingServer(running_city)
    controller = Controller(server, hostname="127.0.0.1", port=free_port())
    controller.start()
    running_city.kill("worker")
    running_city.extra = {"MIASTO_MAILBOX": "", "MIASTO_SMTP_HOST": "127.0.0.1", "MIASTO_SMTP_PORT": str(controller.port)}
    yield running_city, server
    running_city.kill("worker")
    running_city.extra = {}
    controller.stop()


def queue_a_message(city):
    script = (
        "from django.db import transaction\n"
        "from miasto.kernel.core import mail\n"
        f"print(mail.enqueue(to='{RESIDENT}', subject='Zgłoszenie', text='Dziękujemy').message_id)"
    )
    done = subprocess.run(
        [sys.executable, "-m", "miasto", "shell", "-v", "0", "-c", script],
        env=city.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip().splitlines()[-1]


def test_a_message_accepted_before_the_kill_is_repeated_with_the_same_message_id(smtp_city):
    city, server = smtp_city
    message_id = queue_a_message(city)
    city.start_worker()
    _until(lambda: len(server.accepted) == 1)
    assert city.sql("SELECT state FROM core_outgoingmail WHERE message_id = %s", message_id) == [("queued",)]
    city.start_worker()
    _until(lambda: len(server.accepted) == 2)
    _until(lambda: city.sql("SELECT state FROM core_outgoingmail WHERE message_id = %s", message_id) == [("sent",)])
    assert {mail["Message-ID"] for mail in server.accepted} == {message_id}


def _until(holds, seconds=120):
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)
