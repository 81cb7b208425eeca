"""What happens to a request. Identifiers only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class RequestMoved(Event):
    """A request was made, published, refused, has its signatures or its answer; ``fate`` says which."""

    request_id: UUID
    fate: str


@dataclass(frozen=True, kw_only=True)
class SignatureToConfirm(Event):
    """Somebody signed by an address that is to be confirmed."""

    signature_id: UUID
    asked: int
