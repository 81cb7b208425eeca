"""What keys of programs allow in Open311, and who acts when a program files a report."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import Viewer

FILE = "contact_centre.open311_file"
UPDATE = "contact_centre.open311_update"


def viewer_of(key: Any, *cases: UUID) -> Viewer:
    """Who acts when a program files a report, or adds to those that it filed."""
    return Viewer(api_key=key.pk, links=frozenset(cases))
