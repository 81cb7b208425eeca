"""The public forms for letters: complaints, proposals, petitions, requests for public information; they need no scripts."""

from __future__ import annotations

import secrets
from typing import Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from miasto.kernel.accounts.access import remember_link
from miasto.kernel.accounts.selectors import contacts_of
from miasto.kernel.accounts.services import open_link
from miasto.kernel.cases import services as cases
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import limited
from miasto.modules.contact_centre.mail.classes import letter_class
from miasto.modules.contact_centre.mail.forms import InformationForm, LetterForm, PetitionForm

COOKIE, COOKIE_S = "letter_done", 3600


@limited("letters.file", limit=city().limit("reports_per_hour", 10), per_s=3600)
def complaint(request: HttpRequest) -> HttpResponse:
    """A complaint or a proposal (KPA art. 221-247)."""
    return _page(request, LetterForm, "contact_centre/letters/web_complaint.html")


@limited("letters.file", limit=city().limit("reports_per_hour", 10), per_s=3600)
def information(request: HttpRequest) -> HttpResponse:
    """A request for public information (act of 6 September 2001)."""
    return _page(request, InformationForm, "contact_centre/letters/web_information.html")


@limited("letters.file", limit=city().limit("reports_per_hour", 10), per_s=3600)
def petition(request: HttpRequest) -> HttpResponse:
    """A petition (act of 11 July 2014)."""
    return _page(request, PetitionForm, "contact_centre/petitions/new.html")


def _page(request: HttpRequest, kind: type[Any], template: str) -> HttpResponse:
    key = request.POST.get("form_key", "")[:40] or secrets.token_urlsafe(24)
    if request.method == "POST":
        form = kind(request.POST)
        if form.is_valid():
            try:
                return _file(request, form, key)
            except ValidationError as error:
                _complain(form, error)
            except LookupError:
                messages.error(request, _("Tego pisma nie można teraz wysłać przez stronę. Wyślij je e-mailem."))
    else:
        form = kind(initial=_own_contact(request))
    return render(request, template, {"form": form, "form_key": key, "inbox": city().contacts.get("inbox", "")})


def _own_contact(request: HttpRequest) -> dict[str, str]:
    person_id = request.viewer.person_id
    own = contacts_of([person_id]).get(person_id) if person_id else None
    return {"email": own["email"]} if own else {}


def _file(request: HttpRequest, form: Any, key: str) -> HttpResponse:
    letter = form.letter()
    chosen = letter_class(letter["key"])
    answers = {name: letter[name] for name in ("form",) if letter.get(name)}
    filed = cases.file_case(
        case_type=chosen.case_type,
        category=None,
        description=letter["body"],
        point=None,
        answers={"address": letter["postal"], **answers},
        contact=cases.Contact(name=letter["name"], email=letter["email"], name_public=letter.get("name_public", False)),
        by=request.viewer,
        client_key=f"letter:{key}",
    )
    link = open_link(filed.token)
    if link is not None:
        remember_link(request, link)
    response = redirect("letters_web:done")
    value = signing.dumps({"number": filed.case.number, "token": filed.token}, salt=COOKIE)
    response.set_cookie(
        COOKIE, value, max_age=COOKIE_S, path=reverse("letters_web:complaint"), secure=request.is_secure(), httponly=True,
        samesite="Lax",
    )  # fmt: skip
    return response


def _complain(form: forms.Form, error: ValidationError) -> None:
    names = {"description": "body", "answer_address": "postal"}
    for name, texts in error.message_dict.items() if hasattr(error, "error_dict") else [(None, error.messages)]:
        field = names.get(name, name) if name else None
        for text in texts:
            form.add_error(field if field in form.fields else None, text)


@require_safe
def done(request: HttpRequest) -> HttpResponse:
    """The number, the secret link and the last day for the answer."""
    try:
        kept = signing.loads(request.COOKIES.get(COOKIE, ""), salt=COOKIE, max_age=COOKIE_S)
    except signing.BadSignature:
        return redirect("letters_web:complaint")
    from miasto.modules.contact_centre.selectors import filed

    link = request.build_absolute_uri(reverse("cases:secret", args=[kept["token"]]))
    context = {"case": filed(kept["number"], request.viewer), "number": kept["number"], "link": link}
    return render(request, "contact_centre/letters/web_done.html", context)
