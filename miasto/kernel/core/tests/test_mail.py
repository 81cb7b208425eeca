"""Outgoing mail: queued with the write, sent once, repeated with the same Message-ID."""

from email import message_from_bytes
from pathlib import Path

import pytest
from django.core import mail as django_mail
from django.db import transaction

from miasto.kernel.core import mail
from miasto.kernel.core.models import OutgoingMail

pytestmark = pytest.mark.django_db


def queued():
    return mail.enqueue(to="ala@example.org", subject="Dziura\nw jezdni", text="Dziękujemy za zgłoszenie.")


def test_a_message_is_sent_by_the_worker_and_only_once(run_jobs):
    row = queued()
    run_jobs()
    mail.send(str(row.id))
    assert [message.subject for message in django_mail.outbox] == ["Dziura w jezdni"]
    row.refresh_from_db()
    assert row.state == "sent"


def test_a_rolled_back_write_sends_nothing(run_jobs):
    with transaction.atomic():
        queued()
        transaction.set_rollback(True)
    run_jobs()
    assert django_mail.outbox == []


def test_a_message_repeated_after_a_kill_before_the_commit_carries_the_same_id_and_is_one_file(settings, tmp_path):
    settings.MAILBOX = str(tmp_path)
    settings.EMAIL_BACKEND = "miasto.kernel.core.mailbox.EmailBackend"
    row = queued()
    with transaction.atomic():
        mail.send(str(row.id))
        transaction.set_rollback(True)
    assert OutgoingMail.objects.get().state == "queued"
    mail.send(str(row.id))
    files = list(Path(tmp_path).glob("*.eml"))
    assert len(files) == 1
    assert message_from_bytes(files[0].read_bytes())["Message-ID"] == row.message_id


def test_messages_sent_long_ago_are_deleted_and_waiting_ones_kept(run_jobs, tuesday_noon):
    from datetime import timedelta

    from miasto.kernel.core import clock

    queued()
    run_jobs()
    waiting = queued()
    with clock.at(tuesday_noon + timedelta(days=31)):
        mail.forget_sent()
    assert list(OutgoingMail.objects.all()) == [waiting]
