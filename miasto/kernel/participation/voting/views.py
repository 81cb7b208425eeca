"""The addresses of the ballot box: a ballot in, a receipt out; after the close the bulletin and the proof of one ballot."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from miasto.kernel.participation.voting import selectors, tickets
from miasto.kernel.participation.voting.batching import batcher
from miasto.kernel.participation.voting.casting import Refused
from miasto.kernel.participation.voting.rules import InvalidBallot

MOST_BYTES = 64 * 1024


@csrf_exempt  # the right to vote is the ticket in the body, which another site's page does not have; no cookie is looked at
@never_cache
@require_POST
async def cast(request: HttpRequest, election: UUID) -> HttpResponse:
    """Take ``{"ticket", "request", "ballot", "padding"?}`` and answer the receipt.

    ``request`` is a UUID that the sender keeps for repetitions; ``padding`` is thrown away and lets the sender hide the
    length of the ballot from who watches the wire. 400 for another shape, 403 without the right, 409 where the box does not
    take it, 422 with the errors of the ballot, 503 where the database does not answer: repeat with the same ``request``.
    """
    try:
        asked = _read(request)
        key = UUID(asked["request"])
        ticket = tickets.read(asked["ticket"], election=election)
        ballot = asked["ballot"]
    except tickets.BadTicket:
        return _answer(403, "ticket", _("Prawo do oddania głosu wygasło. Zacznij głosowanie jeszcze raz."))
    except (ValueError, KeyError, TypeError, AttributeError):
        return _answer(400, "shape", _("Nie udało się odczytać karty do głosowania."))
    try:
        receipt = await batcher().cast(
            election=election, voter_key=ticket.voter, ballot=ballot, channel=ticket.channel, request=key
        )
    except InvalidBallot as error:
        errors = [{"code": one.code, "message": one.message, "pool": one.pool} for one in error.errors]
        return JsonResponse({"errors": errors}, status=422)
    except Refused as error:
        return _answer(409, error.code, error.message)
    except Error:
        answer = _answer(503, "busy", _("Nie udało się przyjąć głosu. Spróbuj jeszcze raz."))
        answer["Retry-After"] = "1"
        return answer
    return JsonResponse(receipt.as_json())


def _read(request: HttpRequest) -> dict[str, Any]:
    if len(request.body) > MOST_BYTES:
        raise ValueError("too long")
    return json.loads(request.body)


def _answer(status: int, code: str, message: str) -> JsonResponse:
    return JsonResponse({"errors": [{"code": code, "message": message, "pool": None}]}, status=status)


@require_GET
def bulletin(request: HttpRequest, election: UUID) -> HttpResponse:
    """All sealed ballots, one a line: ``<number> <digest>``; from the close on."""
    try:
        lines = selectors.bulletin_lines(election)
    except selectors.NotYet:
        raise Http404 from None
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=ascii")


@require_GET
def proof(request: HttpRequest, election: UUID, number: UUID, digest: str) -> HttpResponse:
    """The proof for one receipt, as ``selectors.inclusion`` says it; 404 where its ballot is not in the bulletin."""
    try:
        found = selectors.inclusion(election=election, number=number, digest=bytes.fromhex(digest))
    except (selectors.NotYet, ValueError):
        raise Http404 from None
    if found is None:
        raise Http404
    return JsonResponse(found)
