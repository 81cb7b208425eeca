"""Declarations of what a service page may lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from miasto.kernel.core.module import Spec


@dataclass(frozen=True, kw_only=True)
class ServiceLink(Spec):
    """Something a resident may do next, offered on a service page ("Zgłoś problem").

    ``choices()`` gives ``[(value, label)]`` for the editor; ``url(value)`` the address, or None where that is no more.
    """

    label: Any
    choices: Callable[[], list[tuple[str, str]]]
    url: Callable[[str], str | None]
    icon: str = "megaphone"
