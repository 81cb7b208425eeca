"""The model that this process has loaded: one, kept until the database names another."""

from __future__ import annotations

from threading import Lock
from uuid import UUID

from miasto.modules.contact_centre.likeness.linear import BadModel, LinearModel
from miasto.modules.contact_centre.likeness.models import Training

_LOCK = Lock()
_held: tuple[UUID, LinearModel | None] | None = None


def current_model() -> LinearModel | None:
    """The model in use; None where none was trained or the stored one cannot be read. 1 query, 2 after a new training."""
    global _held
    wanted = Training.objects.filter(current=True).values_list("pk", flat=True).first()
    if wanted is None:
        return None
    held = _held
    if held is None or held[0] != wanted:
        with _LOCK:
            held = _held = (wanted, _loaded(wanted))
    return held[1]


def _loaded(training_id: UUID) -> LinearModel | None:
    data = Training.objects.filter(pk=training_id).values_list("data", flat=True).first()
    try:
        return LinearModel.from_bytes(data) if data else None
    except BadModel:
        return None
