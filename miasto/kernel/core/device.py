"""What a browser without an account is told apart by: a random mark in a signed cookie, given when it joins something."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings

COOKIE, SALT, YEAR_S = "urzadzenie", "cases.device", 365 * 24 * 3600


def device_of(request: Any) -> str:
    """The mark that this browser was given when it first took part; empty before."""
    return request.get_signed_cookie(COOKIE, default="", salt=SALT) or ""


def new_device() -> str:
    """A mark for a browser that has none."""
    return secrets.token_urlsafe(18)


def remember_device(response: Any, device: str) -> None:
    """Give a browser its mark, for a year."""
    response.set_signed_cookie(
        COOKIE, device, salt=SALT, max_age=YEAR_S, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
