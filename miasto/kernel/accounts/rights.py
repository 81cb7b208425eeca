"""Whether a viewer may do something."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied

from miasto.kernel.accounts.viewer import Viewer


def may(viewer: Viewer, permission: str, obj: Any = None) -> bool:
    """Whether the viewer may do the action, to ``obj`` where one is given.

    An object belongs to ``obj.unit_id``; where that is None only a citywide role reaches it.
    """
    if obj is None:
        return viewer.holds(permission)
    units = viewer.units_with(permission)
    return units is None or getattr(obj, "unit_id", None) in units


def require(viewer: Viewer, permission: str, obj: Any = None) -> None:
    """As ``may``; raises ``PermissionDenied`` instead of returning False."""
    if not may(viewer, permission, obj):
        raise PermissionDenied
