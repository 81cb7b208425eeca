"""The register of personal data, for the data-protection officer."""

from __future__ import annotations

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from miasto.kernel.accounts import personal
from miasto.kernel.accounts.access import panel
from miasto.kernel.core import clock

AHEAD = timedelta(days=31)


@require_safe
@panel("accounts.privacy")
def register(request: HttpRequest) -> HttpResponse:
    """What is kept, why, how long, and what the next month will anonymise; all of it from the declarations."""
    return render(request, "accounts/privacy_register.html", {"holdings": personal.holdings(clock.now() + AHEAD)})
