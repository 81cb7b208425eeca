"""Sends queued messages and brings pictures: what the jobs do.

Before a message is sent, "sending" is committed. A job that finds a message in that state was killed, or got no answer: the
message may have gone out. A gateway knows a repetition by our identifier; Meta does not, but sends back an echo with it, so
there the next try waits for the echo.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import make_link
from miasto.kernel.cases.selectors import number_of
from miasto.kernel.core import clock, outbound
from miasto.kernel.core.city import city
from miasto.kernel.files import services as files
from miasto.modules.contact_centre.messages import meta, signed
from miasto.modules.contact_centre.messages.heard import Failed, Unsure
from miasto.modules.contact_centre.messages.models import Conversation, Message, Picture
from miasto.modules.contact_centre.messages.services import LINK, count_attempt
from miasto.modules.contact_centre.messages.sources import META, Source, source

CASE_LINK = "cases.mail"
ATTEMPTS = 8
ECHO_S = 120
PICTURE_ATTEMPTS, PICTURE_S = 4, 20


class Later(Exception):
    """Not now; the worker tries again."""


class Named(BytesIO):
    """Bytes with a name, as the files engine takes them."""

    name = "zdjęcie z wiadomości"


def protocol(kind: str) -> Any:
    """The protocol of a kind of source: a module with ``is_genuine``, ``read`` and ``send``."""
    return meta if kind == META else signed


def send(message_id: str) -> bool:
    """Send one message; True when the other side has taken it. Raises ``Later`` (or a network error) for another try."""
    message = _due(UUID(message_id))
    if message is None:
        return False
    conversation, found = message.conversation, source(message.conversation.source)
    if found is None or not found.can_send:
        return _give_up(message, "unset")
    count_attempt(message)
    try:
        taken = _sent(found, conversation, message)
    except Failed as problem:
        return _give_up(message, str(problem))
    except (Unsure, outbound.NotSent, outbound.Unanswered, outbound.Forbidden) as problem:
        return _again(message, problem)
    Message.objects.filter(pk=message.pk, state__in=("sending", "queued")).update(
        state=Message.State.SENT, external_id=taken[:200] or None, error=""
    )
    return True


def _due(message_id: UUID) -> Message | None:
    """The message, if it still has to go out. Locked by nothing: two workers cannot hold one job."""
    message = Message.objects.select_related("conversation").filter(pk=message_id, state__in=("queued", "sending")).first()
    if message is None:
        return None
    unsure = message.state == Message.State.SENDING and message.tried_at is not None
    found = source(message.conversation.source)
    if unsure and found is not None and found.kind == META and (clock.now() - message.tried_at).total_seconds() < ECHO_S:
        raise Later("waiting for the echo")
    return message


def _sent(found: Source, conversation: Conversation, message: Message) -> str:
    last = conversation.messages.filter(incoming=True).exclude(external_id=None).order_by("-at").first()
    text = message.text
    if LINK in text:
        text = text.replace(LINK, _link(conversation))
    sent: str = protocol(found.kind).send(
        found,
        own_id=str(message.pk),
        thread=conversation.external_id,
        person_id=conversation.person_id,
        answer_to=last.external_id if last else "",
        public=conversation.is_public,
        text=text,
    )
    return sent


def _link(conversation: Conversation) -> str:
    """The address of the conversation's report: a secret one where only the resident reads it, made anew for each sending."""
    if conversation.case_id is None:
        return ""
    if conversation.is_public:
        return f"{settings.BASE_URL}/sprawy/{number_of(conversation.case_id)}/"
    token = make_link(object_id=conversation.case_id, purpose=CASE_LINK, by=SYSTEM)
    return f"{settings.BASE_URL}/sprawy/s/{token}/"


def _give_up(message: Message, error: str) -> bool:
    Message.objects.filter(pk=message.pk).update(state=Message.State.FAILED, error=error[:40])
    return False


def _again(message: Message, problem: Exception) -> bool:
    """Another try, unless there were enough; what certainly did not go out need not wait for an echo."""
    if message.attempts + 1 >= ATTEMPTS or isinstance(problem, outbound.Forbidden):
        return _give_up(message, "unreachable")
    if isinstance(problem, outbound.NotSent):
        Message.objects.filter(pk=message.pk, state="sending").update(state=Message.State.QUEUED)
    raise Later(type(problem).__name__) from problem


def bring_picture(picture_id: str) -> bool:
    """Bring one picture of a message; True when it is here. What is no picture, or cannot be had, is left out."""
    picture = Picture.objects.select_related("message").filter(pk=UUID(picture_id), file=None).exclude(url="").first()
    if picture is None:
        return False
    picture.attempts += 1
    picture.save(update_fields=["attempts"])
    try:
        answer = outbound.fetch(picture.url, most=city().limit("photo_bytes", 15_000_000), seconds=PICTURE_S)
        if answer.status >= 500:
            raise outbound.Unanswered(f"status {answer.status}")
        if answer.status != 200:
            return _without(picture)
        stored = files.store_image(upload=Named(answer.body), by=SYSTEM, owner_id=picture.message_id)
    except (outbound.Forbidden, ValidationError):
        return _without(picture)
    except (outbound.NotSent, outbound.Unanswered):
        if picture.attempts < PICTURE_ATTEMPTS:
            raise
        return _without(picture)
    with transaction.atomic():
        taken = Picture.objects.select_for_update().filter(pk=picture.pk, file=None).first()
        if taken is None:
            files.remove(file=stored.file, by=SYSTEM)
            return False
        taken.file, taken.url = stored.file, ""
        taken.save(update_fields=["file", "url"])
    return True


def _without(picture: Picture) -> bool:
    """The picture is left out and the message says so."""
    with transaction.atomic():
        message = Message.objects.select_for_update().get(pk=picture.message_id)
        message.left_out = [*message.left_out, "image"]
        message.save(update_fields=["left_out"])
        picture.delete()
    return False


def learn_name(conversation_id: str) -> None:
    """Ask Meta for the name of the person of a conversation that has none."""
    conversation = Conversation.objects.filter(pk=UUID(conversation_id), person_name="", erased_at=None).first()
    found = source(conversation.source) if conversation else None
    if conversation is None or found is None or found.kind != META or not found.can_send:
        return
    try:
        name = meta.name_of(found, conversation.person_id)
    except outbound.Forbidden:
        return
    if name:
        Conversation.objects.filter(pk=conversation.pk, person_name="").update(person_name=name)
