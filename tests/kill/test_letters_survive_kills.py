"""LMTP server and worker killed again and again while letters come: none lost, none doubled, each acknowledged once."""

import random
import smtplib
import subprocess
import sys
import time
from email.message import EmailMessage

import pytest

LETTERS = 12
INBOX = "kontakt@miasto.invalid"


class Lmtp:
    """The LMTP server of the running city."""

    def __init__(self, city):
        self.city, self.socket = city, str(city.folder / "lmtp.sock")
        self.start()

    def start(self):
        command = [sys.executable, "-m", "miasto", "lmtp", "--socket", self.socket]
        self.process = subprocess.Popen(command, env=self.city.environment, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline().startswith("LMTP: ")

    def kill(self):
        self.process.kill()
        self.process.wait()


@pytest.fixture
def lmtp(running_city):
    server = Lmtp(running_city)
    yield server
    server.kill()


def letter(number):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"pisarz{number}@example.org", INBOX, f"List {number}"
    mail["Message-ID"] = f"<list.{number}@example.org>"
    mail.set_content(f"Treść listu numer {number}. " * 200)
    return mail


def delivered(server, number):
    """Whether the server said 250. A sender repeats until then."""
    try:
        with smtplib.LMTP(server.socket) as client:
            client.sendmail(f"pisarz{number}@example.org", [INBOX], letter(number).as_bytes())
    except (OSError, smtplib.SMTPException):
        return False
    return True


def test_no_letter_is_lost_or_doubled_when_the_server_and_the_worker_are_killed(running_city, lmtp):
    dice, repeated = random.Random(11), 0
    for number in range(LETTERS):
        if number % 4 == 1:
            running_city.kill("worker")
            running_city.start_worker()
        if number % 5 == 2:
            # the answer is lost: the server dies after its commit, as far as the sender knows nothing was taken
            assert delivered(lmtp, number)
            lmtp.kill()
            lmtp.start()
            repeated += 1
        while not delivered(lmtp, number):
            time.sleep(dice.uniform(0.1, 0.4))
    kept = running_city.sql("SELECT count(*), count(DISTINCT message_id) FROM contact_centre_letter "
                            "WHERE message_id LIKE '<list.%@example.org>'")  # fmt: skip
    assert kept == [(LETTERS, LETTERS)]
    assert repeated > 1, "nothing was repeated; the test proved nothing"
    for number in range(LETTERS):
        mails = running_city.wait_for_mail(f"pisarz{number}@example.org", seconds=240)
        assert len(mails) == 1
    waiting = running_city.sql("SELECT count(*) FROM contact_centre_letter WHERE state = 'waiting' "
                               "AND message_id LIKE '<list.%@example.org>'")  # fmt: skip
    assert waiting == [(LETTERS,)]
