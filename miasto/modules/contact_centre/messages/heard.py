"""What a webhook may say, whatever protocol it speaks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

TEXT_MOST = 10_000


class Unreadable(ValueError):
    """The body has the right signature but not the form that the protocol promises."""


@dataclass(frozen=True)
class Heard:
    """A message of a resident. ``thread`` and ``id`` are the source's names of conversation and message.

    ``place`` is (longitude, latitude); ``pictures`` are addresses; ``left_out`` names attachments that cannot be taken.
    """

    thread: str
    id: str
    at: datetime
    text: str = ""
    person_id: str = ""
    person_name: str = ""
    public: bool = False
    pictures: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    place: tuple[float, float] | None = None


@dataclass(frozen=True)
class Told:
    """What became of a message of ours: "sent", "delivered", "read" or "failed".

    ``id`` is the source's name of the message, ``own_id`` ours, where the source repeats it; ``before`` (of "delivered" and
    "read") means every message of the thread up to that moment.
    """

    status: str
    id: str = ""
    own_id: str = ""
    thread: str = ""
    before: datetime | None = None


class Failed(Exception):
    """A message will never go out; the argument says why ("late", "blocked", "credentials", "refused", "unset")."""


class Unsure(Exception):
    """The other side is in trouble: the message may or may not have gone out, and is worth another try."""
