"""A receipt held against the bulletin: by the server for who asks it to, by the browser alone for who has scripts."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from miasto.kernel.participation.selectors import voting as seen
from miasto.kernel.participation.services import voting
from miasto.modules.idea.voting.views import base, found

LONGEST = 20_000


def read(text: str, election: UUID) -> Any:
    """A receipt from what was pasted: the JSON of a receipt, a downloaded file, or the four values one below another.

    ValueError where it is none.
    """
    text = text.strip()[:LONGEST]
    if text.startswith("{"):
        found_json = json.loads(text)
        inner = found_json.get("receipt")
        return voting.Receipt.from_json(inner if isinstance(inner, dict) else found_json)
    parts = re.findall(r"[0-9a-f]+", re.sub(r"(?<=[0-9a-f])[ -](?=[0-9a-f]{4}\b)", "", text.lower()))
    by_length = {len(one): one for one in parts}
    values = {"election": str(election), "number": by_length.get(32, ""), "digest": by_length.get(64, "")}
    return voting.Receipt.from_json({**values, "signature": by_length.get(128, "")})


@never_cache
def check(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """Whether the ballot of a receipt is in the bulletin, in plain words."""
    one = found(election_id)
    pasted = request.POST.get("pokwitowanie", "") if request.method == "POST" else ""
    verdict = verdict_on(pasted, one) if pasted.strip() else ""
    context = base(
        one, verdict=verdict, pasted=pasted[:LONGEST], root=seen.root(one.pk), verify_key=bytes(one.verify_key or b"").hex()
    )
    return render(request, "idea/voting/check.html", context)


def verdict_on(text: str, one: Any) -> str:
    """unreadable, other (of another vote), forged, early (no bulletin yet), in, or absent."""
    try:
        receipt = read(text, one.pk)
    except (ValueError, AttributeError):
        return "unreadable"
    if receipt.election != one.pk:
        return "other"
    if not seen.is_genuine(receipt):
        return "forged"
    try:
        proof = seen.inclusion(election=one.pk, number=receipt.number, digest=receipt.digest)
    except seen.NotYet:
        return "early"
    return "in" if proof else "absent"


@require_POST
@never_cache
def file(request: HttpRequest, election_id: UUID) -> HttpResponse:
    """The receipt as a file to keep, in the shape that the device keeps (docs/voting.md), without the choice."""
    one = found(election_id)
    try:
        receipt = read(request.POST.get("pokwitowanie", ""), one.pk)
    except (ValueError, AttributeError):
        return HttpResponseBadRequest()
    if receipt.election != one.pk or not seen.is_genuine(receipt):
        return HttpResponseBadRequest()
    entry = {"v": 1, "election": str(one.pk), "title": one.title, "url": request.path.replace("pokwitowanie/plik/", "")}
    text = json.dumps({**entry, "receipt": receipt.as_json(), "choice": None}, ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="pokwitowanie-{receipt.number.hex[:8]}.json"'
    return response
