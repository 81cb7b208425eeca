"""``/panel/osoby/`` and ``/panel/jednostki/``: people, their roles, units."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from miasto.kernel.accounts import people as accounts
from miasto.kernel.accounts import second_factor, security, selectors, services, tree
from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.forms import GrantForm, InviteForm, PeopleFilter, UnitForm
from miasto.kernel.accounts.models import Competence, Person, RoleGrant, Unit
from miasto.kernel.core import clock
from miasto.kernel.core.registry import registry
from miasto.kernel.spec.accounts import Role

PER_PAGE = 50
FORM_METHODS = ["GET", "HEAD", "POST"]
manages = panel(services.MANAGE)


@require_safe
@manages
@never_cache
def people(request: HttpRequest) -> HttpResponse:
    """The list of people; at first only those who have a role."""
    form = PeopleFilter(request.GET or None)
    found = _found(form.cleaned_data if form.is_bound and form.is_valid() else {})
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    roles = _roles_of([person.id for person in page])
    rows = [{"person": person, "roles": roles.get(person.id, [])} for person in page]
    return render(request, "accounts/panel/people.html", {"filter": form, "page": page, "rows": rows})


def _found(wanted: dict[str, Any]) -> QuerySet[Person]:
    grants = selectors.valid_grants().filter(person=OuterRef("pk"))
    if wanted.get("role"):
        grants = grants.filter(role=wanted["role"])
    found = Person.objects.filter(erased_at=None)
    who = wanted.get("who") or "staff"
    if who == "inactive":
        found = found.filter(is_active=False)
    if who == "staff" or wanted.get("role"):
        found = found.filter(Exists(grants))
    for word in (wanted.get("q") or "").split():
        found = found.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return found.order_by("name", "id")


def _roles_of(ids: list[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    for grant in selectors.valid_grants().filter(person__in=ids).select_related("unit").order_by("role"):
        found.setdefault(grant.person_id, []).append(f"{_role_name(grant.role)}: {_unit_name(grant)}")
    return found


def _role_name(key: str) -> str:
    return str(registry().get(Role, key).name) if registry().has(Role, key) else key


def _unit_name(grant: RoleGrant) -> str:
    return grant.unit.short_name or grant.unit.name if grant.unit else _("całe miasto")


@require_http_methods(FORM_METHODS)
@manages
@never_cache
def invite(request: HttpRequest) -> HttpResponse:
    """A new account of the staff; the person sets the password by a link in a message."""
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.invite(by=request.viewer, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Wysłaliśmy zaproszenie. Nadaj teraz role."))
            return redirect("accounts_people:person", made.id)
    return render(request, "accounts/panel/invite.html", {"form": form})


@require_safe
@manages
@never_cache
def person(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """One person: data, roles, state."""
    return _person_page(request, _person(person_id), GrantForm())


def _person(person_id: UUID) -> Person:
    return get_object_or_404(Person, pk=person_id, erased_at=None)


def _person_page(request: HttpRequest, someone: Person, form: GrantForm, status: int = 200) -> HttpResponse:
    today = clock.today()
    grants = list(RoleGrant.objects.filter(person=someone).select_related("unit").order_by("role", "valid_from"))
    rows = [
        {
            "grant": grant,
            "role": _role_name(grant.role),
            "unit": _unit_name(grant),
            "over": bool(grant.valid_to and grant.valid_to < today),
        }
        for grant in grants
    ]
    context = {
        "someone": someone,
        "form": form,
        "present": [row for row in rows if not row["over"]],
        "past": [row for row in rows if row["over"]],
        "second_factor": security.has_second_factor(someone.id),
        "proofs": second_factor.Proof.choices if someone.id != request.viewer.person_id else [],
        "awaited": not someone.has_usable_password(),
        "reads_log": request.viewer.holds("accounts.log"),
    }
    return render(request, "accounts/panel/person.html", context, status=status)


@require_POST
@manages
def grant(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Give a role; a mistake shows the person's page with the form."""
    someone, form = _person(person_id), GrantForm(request.POST)
    if form.is_valid():
        try:
            services.grant_role(person=someone, by=request.viewer, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Rola została nadana."))
            return redirect("accounts_people:person", someone.id)
    return _person_page(request, someone, form)


@require_POST
@manages
def revoke(request: HttpRequest, person_id: UUID, grant_id: UUID) -> HttpResponse:
    """Take a role away."""
    found = get_object_or_404(RoleGrant, pk=grant_id, person_id=person_id)
    return _done(request, person_id, _("Rola została odebrana."), lambda: services.revoke_role(grant=found, by=request.viewer))


@require_POST
@manages
def switch(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Switch an account off or on."""
    someone = _person(person_id)
    if request.POST.get("active") == "1":
        return _done(
            request, person_id, _("Konto zostało włączone."), lambda: services.reactivate(person=someone, by=request.viewer)
        )
    return _done(
        request, person_id, _("Konto zostało wyłączone."), lambda: services.deactivate(person=someone, by=request.viewer)
    )


@require_POST
@manages
def remove_second_factor(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Let in somebody who lost the telephone and the recovery codes."""
    someone, proof = _person(person_id), request.POST.get("proof", "")
    return _done(
        request,
        person_id,
        _("Usunęliśmy logowanie dwuskładnikowe i napisaliśmy o tym do tej osoby."),
        lambda: second_factor.remove(person=someone, proof=proof, by=request.viewer),
    )


@require_POST
@manages
def invite_again(request: HttpRequest, person_id: UUID) -> HttpResponse:
    """Send another link to set the password."""
    someone = _person(person_id)
    return _done(
        request,
        person_id,
        _("Wysłaliśmy zaproszenie."),
        lambda: accounts.send_invitation(person=someone, by=request.viewer),
    )


def _done(request: HttpRequest, person_id: UUID, success: str, act: Any) -> HttpResponse:
    try:
        act()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, success)
    return redirect("accounts_people:person", person_id)


@require_safe
@manages
@never_cache
def units(request: HttpRequest) -> HttpResponse:
    """Organisations with the tree of their units and what each answers for."""
    return render(request, "accounts/panel/units.html", {"organisations": tree.organisations_with_units()})


@require_http_methods(FORM_METHODS)
@manages
@never_cache
def unit(request: HttpRequest, unit_id: UUID) -> HttpResponse:
    """One unit: name, contact, validity; what it answers for and who works there."""
    one = get_object_or_404(Unit.objects.select_related("organisation", "parent"), pk=unit_id)
    form = UnitForm(request.POST or None, instance=one)
    if request.method == "POST" and form.is_valid():
        try:
            fresh = Unit.objects.get(pk=unit_id)
            services.update_unit(unit=fresh, by=request.viewer, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Zapisaliśmy zmiany."))
            return redirect("accounts_units:unit", unit_id)
    staff = selectors.valid_grants().filter(unit_id=unit_id, person__is_active=True).select_related("person")
    context = {
        "one": one,
        "form": form,
        "competences": Competence.objects.filter(unit_id=unit_id).order_by("key", "since"),
        "staff": [(grant.person, _role_name(grant.role)) for grant in staff.order_by("person__name")],
    }
    return render(request, "accounts/panel/unit.html", context)
