"""What a voter's own browser carries from page to page, in cookies of the election's path. Nothing of it is on the server.

Before the code: who votes (keyed hashes) and the number, encrypted. After it: the ticket, good for casting.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from miasto.kernel.core import clock
from miasto.kernel.core.sealed import Sealer, Unreadable
from miasto.kernel.participation.services import voting

TICKET, PENDING = "glos", "glos_kod"
TICKET_S, PENDING_S = 2 * 60 * 60, 20 * 60
SEALER = Sealer("idea.voting.pending")


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody who waits for a code: ``voter`` and ``mark`` in hexadecimal, ``number`` to send to, ``code`` the name of it."""

    election: str
    voter: str
    mark: str
    number: str
    code: str
    until: float


def put_pending(response: HttpResponse, request: HttpRequest, pending: Pending) -> HttpResponse:
    """Remember who waits for a code."""
    return _put(response, request, UUID(pending.election), PENDING, SEALER.seal(json.dumps(asdict(pending))), PENDING_S)


def pending_of(request: HttpRequest, election: UUID) -> Pending | None:
    """Who waits for a code in this browser."""
    try:
        found = Pending(**json.loads(SEALER.unseal(request.COOKIES.get(PENDING, ""))))
    except (Unreadable, ValueError, TypeError):
        return None
    return found if found.election == str(election) and found.until > clock.now().timestamp() else None


def put_ticket(response: HttpResponse, request: HttpRequest, election: UUID, ticket: str) -> HttpResponse:
    """Remember the right to cast, and nothing else any more."""
    _drop(response, election, PENDING)
    return _put(response, request, election, TICKET, ticket, TICKET_S)


def ticket_of(request: HttpRequest, election: UUID) -> Any:
    """The right to cast that this browser carries; None without one."""
    try:
        return voting.read_ticket(request.COOKIES.get(TICKET, ""), election=election)
    except voting.BadTicket:
        return None


def leave(response: HttpResponse, election: UUID) -> HttpResponse:
    """Forget both."""
    _drop(response, election, PENDING)
    _drop(response, election, TICKET)
    return response


def _put(response: HttpResponse, request: HttpRequest, election: UUID, name: str, value: str, seconds: int) -> HttpResponse:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
        path=reverse("idea:election", args=[election]),
    )
    return response


def _drop(response: HttpResponse, election: UUID, name: str) -> None:
    response.delete_cookie(name, path=reverse("idea:election", args=[election]))
