"""Declarations of what people can be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from miasto.kernel.core.module import Spec


@dataclass(frozen=True, kw_only=True)
class Topic(Spec):
    """A kind of message. ``template`` is the stem of ``<stem>.subject.txt``, ``<stem>.txt`` and ``<stem>.html``.

    ``subscribable`` topics may be chosen by anyone; others go to the people whom the sender names. ``urgent`` ones ignore
    the reader's choice of channels (a duty of the city, or a danger). One with ``own_page`` is chosen there and nowhere
    else, so it does not stand among the choices of an account. ``subjects(those of some subscriptions)`` gives what they are
    about in words, where they are no slugs or objects; it is asked only for who owns the subscriptions.
    """

    name: Any
    summary: Any
    template: str
    subscribable: bool = False
    urgent: bool = False
    channels: tuple[str, ...] = ("email", "inbox")
    own_page: bool = False
    subjects: Callable[[Iterable[str]], dict[str, str]] | None = None


@dataclass(frozen=True, kw_only=True)
class Following(Spec):
    """A page on which anybody may ask to be told of something (``url_name``), for the list of what one follows.

    The query of the list's address is handed on to it.
    """

    label: Any
    hint: Any
    url_name: str
    icon: str = "bell"
    order: int = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class NewsItem:
    """One thing that can be told in a letter to many: public words, the path of its page, the day it is about."""

    key: str
    title: str
    summary: str
    url: str
    day: date | None = None


@dataclass(frozen=True, kw_only=True)
class NewsSource(Spec):
    """Things worth telling residents about now (open consultations, meetings). ``items(language)`` are public and few."""

    name: Any
    items: Callable[[str], Iterable[NewsItem]]
    order: int = 100
