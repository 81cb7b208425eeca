"""Roles that sleep until their holder has set up a second factor (the profile's ``[security] mfa_required_roles``)."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from miasto.kernel.accounts.viewer import Viewer
from miasto.kernel.core.city import city


def roles_that_need_mfa() -> frozenset[str]:
    """The role keys that the city's profile names."""
    return frozenset(city().section("security").get("mfa_required_roles", ()))


def has_second_factor(person_id: UUID) -> bool:
    """Whether a person has set up an authenticator application."""
    from allauth.mfa.models import Authenticator

    return Authenticator.objects.filter(user_id=person_id, type=Authenticator.Type.TOTP).exists()


def put_to_sleep(viewer: Viewer) -> Viewer:
    """Withhold the roles that need a second factor from somebody without one; one query, and only for such roles."""
    needing = roles_that_need_mfa() & {role for role, _unit in viewer.grants}
    if not needing or viewer.person_id is None or has_second_factor(viewer.person_id):
        return viewer
    return replace(
        viewer,
        grants=frozenset((role, unit) for role, unit in viewer.grants if role not in needing),
        withheld=frozenset(needing),
    )
