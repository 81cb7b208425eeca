"""Messages written for the tests."""

from __future__ import annotations

from email.message import EmailMessage
from email.utils import format_datetime

from miasto.kernel.core import clock

SENDER = "jan.kowal@przyklad.pl"


def message(text: str = "Na ulicy Próbnej jest dziura w jezdni.", *, subject: str = "Dziura", **headers: str) -> EmailMessage:
    """A message of a resident; headers by name with underscores for hyphens, None leaves one out."""
    made = EmailMessage()
    given = {
        "From": f"Jan Kowal <{SENDER}>",
        "To": "kontakt@miasto.invalid",
        "Subject": subject,
        "Message-ID": f"<{abs(hash((text, subject)))}.1@przyklad.pl>",
        "Date": format_datetime(clock.now()),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    for name, value in given.items():
        if value is not None:
            made[name] = value
    made.set_content(text)
    return made


def reply_to(mail, text: str, *, sender: str = SENDER, by_address: bool = True, **headers: str) -> EmailMessage:
    """What a mail program makes of "reply" to one of our messages (``django.core.mail`` outbox)."""
    to = mail.extra_headers.get("Reply-To", mail.from_email) if by_address else "kontakt@miasto.invalid"
    quoted = "\n".join(f"> {line}" for line in mail.body.splitlines())
    return message(
        f"{text}\n\nW dniu 12.05.2026 o 10:00, Platforma pisze:\n{quoted}\n",
        subject=f"Re: {mail.subject}",
        From=sender,
        To=to,
        In_Reply_To=mail.extra_headers["Message-ID"],
        References=mail.extra_headers["Message-ID"],
        **headers,
    )


def bounce_of(mail, *, status: str = "5.1.1") -> bytes:
    """A delivery report of a mail server about one of our messages (RFC 3464)."""
    return f"""From: MAILER-DAEMON@mx.przyklad.pl
To: {mail.extra_headers.get("Reply-To", mail.from_email)}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce.{status}@mx.przyklad.pl>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail system could not deliver your message.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.przyklad.pl

Final-Recipient: rfc822; {mail.to[0]}
Action: failed
Status: {status}
--b
Content-Type: text/rfc822-headers

Message-ID: {mail.extra_headers["Message-ID"]}
Subject: {mail.subject.encode("ascii", "replace").decode()}
--b--
""".replace("\n", "\r\n").encode()
