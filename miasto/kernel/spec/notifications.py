"""Declarations of what people can be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from miasto.kernel.core.module import Spec


@dataclass(frozen=True, kw_only=True)
class Topic(Spec):
    """A kind of message. ``template`` is the stem of ``<stem>.subject.txt``, ``<stem>.txt`` and ``<stem>.html``.

    ``subscribable`` topics may be chosen by anyone; others go to the people whom the sender names. ``urgent`` ones ignore
    the reader's choice of channels (a duty of the city, or a danger).
    """

    name: Any
    summary: Any
    template: str
    subscribable: bool = False
    urgent: bool = False
    channels: tuple[str, ...] = ("email", "inbox")
