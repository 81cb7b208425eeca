"""What the answers of all institutions have in common."""

from __future__ import annotations

import json
import math
from typing import Any


class Unreadable(ValueError):
    """The answer has another shape than its service promises."""


def number(value: Any) -> float | None:
    """A finite number that may be written as text, with a point or a comma; None of anything else."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = float(str(value).replace(",", "."))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def document(body: bytes) -> Any:
    """A JSON document; raises ``Unreadable``."""
    try:
        return json.loads(body)
    except ValueError as error:
        raise Unreadable("not JSON") from error
