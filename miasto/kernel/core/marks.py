"""Facts about this database that commands must remember between runs."""

from typing import Any

from miasto.kernel.core.models import Mark


def get(key: str, default: Any = None) -> Any:
    """The remembered value, or ``default``."""
    return Mark.objects.filter(pk=key).values_list("value", flat=True).first() or default


def put(key: str, value: Any) -> None:
    """Remember a JSON value."""
    Mark.objects.update_or_create(pk=key, defaults={"value": value})
