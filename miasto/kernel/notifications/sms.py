"""Text messages: the HTTP interface of a carrier's gateway, as SMSAPI.pl describes it (``sms.do``, answers in JSON).

``MIASTO_SMS_URL`` is the gateway's address, ``MIASTO_SMS_TOKEN`` its token, ``MIASTO_SMS_SENDER`` the sender's name that the
carrier has registered. A city that tries the platform out gets a file for each message, beside its e-mails.

A message is sent at once and kept nowhere: neither its number nor its text is in a job, a table or a log.
"""

from __future__ import annotations

import json
import os
import re
import uuid
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.views.decorators.debug import sensitive_variables

from miasto.kernel.core import outbound
from miasto.kernel.core.mailbox import written

POLAND = "48"
SECONDS = 10.0


class NotSent(Exception):
    """The carrier did not take the message; the reason is the carrier's number or the kind of failure, never the text."""


class BadNumber(ValueError):
    """What was typed is no number that gets text messages."""


def available() -> bool:
    """Whether this platform can send text messages."""
    return bool(os.environ.get("MIASTO_SMS_URL") or settings.MAILBOX)


def number_of(text: str) -> str:
    """A number as digits with the country's code (``48600700800``), however it was typed; raises ``BadNumber``.

    A number without a country's code is Polish and has nine digits (E.164: at most fifteen).
    """
    if not re.fullmatch(r"\s*(\+|00)?[0-9 ()./-]{7,24}\s*", text):
        raise BadNumber(text)
    abroad = text.strip().startswith(("+", "00"))
    digits = re.sub(r"\D", "", text)
    digits = digits.removeprefix("00") if text.strip().startswith("00") else digits
    if not abroad and len(digits) == 9:
        return POLAND + digits
    if not 8 <= len(digits) <= 15 or (not abroad and not digits.startswith(POLAND)):
        raise BadNumber(text)
    if digits.startswith(POLAND) and len(digits) != 11:
        raise BadNumber(text)
    return digits


@sensitive_variables()
def send(*, to: str, text: str) -> None:
    """Hand one message to the carrier; ``to`` as ``number_of`` gives it. Raises ``NotSent``."""
    url = os.environ.get("MIASTO_SMS_URL", "")
    if not url:
        _into_file(to, text)
        return
    asked = {"to": to, "message": text, "format": "json", "encoding": "utf-8", "normalize": "1"}
    if sender := os.environ.get("MIASTO_SMS_SENDER", ""):
        asked["from"] = sender
    headers = {"Authorization": f"Bearer {os.environ.get('MIASTO_SMS_TOKEN', '')}"}
    try:
        answer = outbound.send(
            url,
            urlencode(asked).encode(),
            media_type="application/x-www-form-urlencoded",
            most=20_000,
            seconds=SECONDS,
            headers=headers,
        )
    except (outbound.Forbidden, outbound.NotSent, outbound.Unanswered) as error:
        raise NotSent(type(error).__name__) from None
    _check(answer)


def _check(answer: outbound.Answer) -> None:
    """The gateway answers ``{"count", "list": [{"status", "error"}]}``, or ``{"error": number}`` with status 200 too."""
    try:
        said = json.loads(answer.body)
        error = said.get("error") or next((one["error"] for one in said.get("list", []) if one.get("error")), None)
    except (ValueError, AttributeError, KeyError, TypeError):
        raise NotSent(f"HTTP {answer.status}") from None
    if error or answer.status != 200 or not said.get("count"):
        raise NotSent(f"error {error or answer.status}")


def _into_file(to: str, text: str) -> None:
    """One ``.sms`` file, complete at once: the number in the first line, the words in the second."""
    if not settings.MAILBOX:
        raise NotSent("no carrier is set up")
    folder = Path(settings.MAILBOX)
    folder.mkdir(parents=True, exist_ok=True)
    name = uuid.uuid4().hex
    part = folder / f".{name}"
    written(part, f"{to}\n{text}\n".encode()).replace(folder / f"{name}.sms")
