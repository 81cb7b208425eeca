"""Mail through real servers: our LMTP server, and an IMAP server that the test starts."""

import imaplib
import os
import smtplib
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection

from miasto.kernel.core.incoming import imap
from miasto.modules.contact_centre.mail.models import Letter
from miasto.modules.contact_centre.mail.tests.letters import message

pytestmark = pytest.mark.django_db(transaction=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(holds, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """The environment of a process of the platform on the database of this test."""
    given = connection.settings_dict
    url = f"postgresql://{given['USER']}@/{given['NAME']}?host={given['HOST']}"
    return {**os.environ, "DATABASE_URL": url, "MIASTO_VAR": str(folder), "MIASTO_INBOX": "kontakt@miasto.invalid", **more}


class Lmtp:
    """Our LMTP server as a process of its own."""

    def __init__(self, folder: Path, **more: str) -> None:
        self.socket, self.folder, self.more = str(folder / "lmtp.sock"), folder, more
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "miasto", "lmtp", "--socket", self.socket],
            env=environment(self.folder, **self.more),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().startswith("LMTP: ")

    def send(self, mail, sender: str = "jan.kowal@przyklad.pl", to: str = "kontakt@miasto.invalid"):
        with smtplib.LMTP(self.socket) as client:
            return client.sendmail(sender, [to], mail if isinstance(mail, bytes) else mail.as_bytes())

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def lmtp(tmp_path):
    server = Lmtp(tmp_path)
    yield server
    server.kill()


def test_a_message_by_lmtp_is_committed_before_it_is_accepted(lmtp, run_jobs):
    lmtp.send(message("Na ulicy Próbnej nie świeci latarnia."), to="kontakt+znak@miasto.invalid")
    letter = Letter.objects.select_related("text").get()
    assert (letter.source, letter.text.envelope["to"]) == ("lmtp", ["kontakt+znak@miasto.invalid"])
    run_jobs()
    letter.refresh_from_db()
    assert letter.state == "waiting"


def test_a_message_that_the_sender_repeats_after_a_lost_answer_is_one_letter(lmtp):
    mail = message()
    lmtp.send(mail)
    lmtp.kill()
    lmtp.start()
    lmtp.send(mail)
    assert Letter.objects.count() == 1


def test_a_server_killed_at_any_moment_loses_and_doubles_nothing(lmtp):
    """The sender behaves as a mail server does: it repeats until it is told 250."""
    sent = 0
    for number in range(6):
        mail = message(f"List {number}. " + "Bardzo długi opis. " * 2000, Message_ID=f"<kill.{number}@przyklad.pl>")
        for attempt in range(4):
            try:
                with smtplib.LMTP(lmtp.socket) as client:
                    client.ehlo_or_helo_if_needed()
                    client.mail("jan.kowal@przyklad.pl")
                    client.rcpt("kontakt@miasto.invalid")
                    client.putcmd("data")
                    client.getreply()
                    client.send(mail.as_bytes().replace(b"\n", b"\r\n") + b"\r\n.\r\n")
                    if attempt == 0:
                        time.sleep(0.004 * number)
                        lmtp.kill()
                        lmtp.start()
                    code, _words = client.getreply()
                if code == 250:
                    sent += 1
                    break
            except (OSError, smtplib.SMTPException):
                continue
    assert sent == 6
    assert Letter.objects.count() == 6


def test_two_recipients_are_two_transactions_and_one_letter(lmtp):
    mail = message()
    with smtplib.LMTP(lmtp.socket) as client:
        client.ehlo_or_helo_if_needed()
        client.mail("jan.kowal@przyklad.pl")
        assert client.rcpt("kontakt@miasto.invalid")[0] == 250
        assert client.rcpt("urzad@miasto.invalid")[0] == 452
        assert client.data(mail.as_bytes())[0] == 250
    lmtp.send(mail, to="urzad@miasto.invalid")
    assert Letter.objects.count() == 1


def test_while_the_database_is_away_the_sender_is_asked_to_try_later(tmp_path):
    server = Lmtp(tmp_path, DATABASE_URL="postgresql://miasto@/miasto?host=/nie/ma/takiej")
    try:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            server.send(message())
    finally:
        server.kill()
    assert refused.value.smtp_code == 451


def test_a_message_over_the_limit_is_refused_for_good(lmtp):
    with pytest.raises(smtplib.SMTPResponseException) as refused:
        lmtp.send(b"Subject: x\r\n\r\n" + (b"x" * 70 + b"\r\n") * 600_000)
    assert refused.value.smtp_code == 552


def test_a_stopped_server_removes_its_socket(lmtp):
    lmtp.process.terminate()
    assert lmtp.process.wait(timeout=10) == 0
    assert not Path(lmtp.socket).exists()


@pytest.fixture
def box(tmp_path):
    """A mailbox on an IMAP server (pymap) of its own."""
    port = free_port()
    command = [str(Path(sys.executable).parent / "pymap"), "--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    command += ["--no-service", "managesieve", "dict", "--demo-data"]
    log = (tmp_path / "imap.log").open("wb")
    process = subprocess.Popen(command, stdout=log, stderr=log)

    def listens() -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", port)) == 0

    until(listens)
    made = imap.Account("127.0.0.1", port, "demouser", "demopass", tls="none", folder="Listy", move_to="")
    with_folder(made)
    yield made
    process.kill()
    process.wait()


def logged_in(box: imap.Account) -> imaplib.IMAP4:
    client = imaplib.IMAP4(box.host, box.port)
    client.login(box.user, box.password)
    return client


def with_folder(box: imap.Account) -> None:
    client = logged_in(box)
    client.create(box.folder)
    client.create("Przeczytane")
    client.logout()


def put(box: imap.Account, mail, flags: str = "") -> None:
    client = logged_in(box)
    client.append(box.folder, flags, None, mail.as_bytes().replace(b"\n", b"\r\n"))
    client.logout()


def unseen(box: imap.Account, folder: str = "") -> int:
    client = logged_in(box)
    client.select(folder or box.folder, readonly=True)
    count = len(client.search(None, "UNSEEN")[1][0].split())
    client.logout()
    return count


def count_in(box: imap.Account, folder: str) -> int:
    client = logged_in(box)
    count = int(client.select(folder, readonly=True)[1][0])
    client.logout()
    return count


def test_what_came_into_the_mailbox_is_fetched_once_and_marked_as_read(box, run_jobs):
    put(box, message("Pierwszy list.", Message_ID="<1@p.pl>"))
    put(box, message("Drugi list.", Message_ID="<2@p.pl>"))
    assert imap.poll(box) == 2
    assert unseen(box) == 0
    assert imap.poll(box) == 0
    assert Letter.objects.filter(source="imap").count() == 2
    put(box, message("Trzeci list.", Message_ID="<3@p.pl>"))
    assert imap.poll(box) == 1


def test_a_message_that_somebody_opened_elsewhere_is_not_missed(box):
    put(box, message("Pierwszy.", Message_ID="<1@p.pl>"))
    imap.poll(box)
    put(box, message("Otwarty w telefonie.", Message_ID="<2@p.pl>"), r"\Seen")
    assert imap.poll(box) == 1


def test_of_a_mailbox_met_for_the_first_time_only_the_unread_messages_are_taken(box):
    put(box, message("Stary, dawno załatwiony.", Message_ID="<1@p.pl>"), r"\Seen")
    put(box, message("Nowy.", Message_ID="<2@p.pl>"))
    assert imap.poll(box) == 1


def test_a_poll_that_dies_after_our_commit_and_before_the_mark_takes_nothing_twice(box, monkeypatch):
    put(box, message("List.", Message_ID="<1@p.pl>"))

    def die(*_arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(imap, "_done", die)
    with pytest.raises(KeyboardInterrupt):
        imap.poll(box)
    assert (Letter.objects.count(), unseen(box)) == (1, 1)
    monkeypatch.undo()
    imap.poll(box)
    assert (Letter.objects.count(), unseen(box)) == (1, 0)


def test_another_uidvalidity_starts_the_folder_anew_and_doubles_nothing(box):
    put(box, message("List.", Message_ID="<1@p.pl>"))
    imap.poll(box)
    progress = apps.get_model("core", "Mailbox").objects
    progress.update(uidvalidity=1, last_uid=999_999)
    put(box, message("Po odtworzeniu skrzynki.", Message_ID="<2@p.pl>"))
    assert imap.poll(box) == 1
    assert Letter.objects.count() == 2
    assert progress.get().last_uid < 999_999


def test_messages_are_moved_where_that_is_asked(box):
    from dataclasses import replace

    moving = replace(box, move_to="Przeczytane")
    put(box, message("List.", Message_ID="<1@p.pl>"))
    assert imap.poll(moving) == 1
    assert (count_in(box, box.folder), count_in(box, "Przeczytane")) == (0, 1)


def test_a_mailbox_that_is_away_is_no_disaster():
    assert imap.poll(imap.Account("127.0.0.1", free_port(), "kto", "co", tls="none")) == 0


def test_only_one_process_reads_a_mailbox_at_a_time(box, tmp_path):
    put(box, message("List.", Message_ID="<1@p.pl>"))
    script = "from django.db import connection as c; u=c.cursor(); " + (
        f"u.execute('SELECT pg_advisory_lock(hashtextextended(%s, 0))', ['core.imap:{box.key}']); "
        "print('locked', flush=True); input()"
    )
    other = subprocess.Popen(
        [sys.executable, "-m", "miasto", "shell", "-v", "0", "-c", script],
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdout.readline().strip() == "locked"
    assert imap.poll(box) == 0
    other.kill()
    other.wait()
    until(lambda: imap.poll(box) == 1)
