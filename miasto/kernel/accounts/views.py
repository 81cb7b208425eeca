"""``/konto/``: what a person sees of their own account."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from miasto.kernel.accounts import exporting, selectors, services
from miasto.kernel.accounts.access import login_required
from miasto.kernel.accounts.forms import EraseForm, OwnDataForm
from miasto.kernel.accounts.models import RoleGrant
from miasto.kernel.accounts.security import has_second_factor
from miasto.kernel.core import clock
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.accounts import PersonalData, Role

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_safe
@login_required
@never_cache
def overview(request: HttpRequest) -> HttpResponse:
    """The first page of the account: where everything is."""
    grants = selectors.valid_grants().filter(person=request.user).select_related("unit") if request.viewer.is_staff else []
    return render(request, "accounts/overview.html", {"roles": [_role(grant) for grant in grants]})


def _role(grant: RoleGrant) -> dict[str, Any]:
    known = registry().has(Role, grant.role)
    name = registry().get(Role, grant.role).name if known else grant.role
    return {"name": name, "unit": grant.unit.name if grant.unit else _("całe miasto"), "until": grant.valid_to}


@require_http_methods(FORM_METHODS)
@login_required
@never_cache
def own_data(request: HttpRequest) -> HttpResponse:
    """Name, telephone and language, to be changed by the person."""
    person = request.user
    initial = {"name": person.name, "phone": person.phone, "language": person.language}
    form = OwnDataForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        services.update_own_data(person=person, by=request.viewer, **form.cleaned_data)
        messages.success(request, _("Zapisaliśmy Twoje dane."))
        response = redirect("accounts:own_data")
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, person.language, max_age=31536000, secure=settings.HTTPS, samesite="Lax"
        )
        return response
    return render(request, "accounts/own_data.html", {"form": form, "kinds": registry().all(PersonalData)})


@require_POST
@login_required
@limited("accounts.export", limit=10, per_s=3600)
@never_cache
def export(request: HttpRequest) -> FileResponse:
    """All data of the person in one ZIP file: readable, for programs, and with their photos."""
    name = f"moje-dane-{clock.today().isoformat()}.zip"
    return FileResponse(exporting.archive(request.user.pk), as_attachment=True, filename=name, content_type="application/zip")


@require_http_methods(FORM_METHODS)
@login_required
@limited("accounts.erase", limit=10, per_s=3600)
@never_cache
def erase(request: HttpRequest) -> HttpResponse:
    """Erasure of the account, confirmed by the password."""
    form = EraseForm(request.user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.erase_person(person=request.user, by=request.viewer)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            logout(request)  # the person is erased already: nothing is left to forget
            return redirect("accounts:erased")
    return render(request, "accounts/erase.html", {"form": form, "kinds": registry().all(PersonalData)})


@require_safe
def erased(request: HttpRequest) -> HttpResponse:
    """What is seen after the erasure."""
    return render(request, "accounts/erased.html")


@require_safe
@login_required
@never_cache
def security(request: HttpRequest) -> HttpResponse:
    """Address, password and second factor, with the pages to change them."""
    return render(request, "accounts/security.html", {"second_factor": has_second_factor(request.user.pk)})
