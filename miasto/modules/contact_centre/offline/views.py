"""The page that works without a network, and the address to which the device sends what it kept."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST, require_safe

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import limited
from miasto.modules.contact_centre import selectors
from miasto.modules.contact_centre.case_type import REPORT
from miasto.modules.contact_centre.forms import MOST_TEXT
from miasto.modules.contact_centre.offline import services
from miasto.modules.contact_centre.offline.forms import NeededQuestions, OfflineForm
from miasto.modules.contact_centre.views import hit_upload


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The form and the outbox. The same for everybody: the device keeps a copy of it."""
    groups = selectors.category_groups()
    needed = [
        NeededQuestions(category=category, questions=asked)
        for category in selectors.choosable(groups).values()
        if (asked := [question for question in selectors.questions_of(category) if question.required])
    ]
    context = {"groups": groups, "needed": needed, "most_text": MOST_TEXT, "photo_limit": REPORT.photos}
    return render(request, "contact_centre/offline/page.html", context)


@require_GET
@never_cache
@limited("contact_centre.offline_token", limit=600, per_s=600, methods=("GET",))
def token(request: HttpRequest) -> JsonResponse:
    """A fresh token against forged requests (CSRF), asked for just before sending.

    The kept page is the same for everybody and may be months old, so it can hold no token. Django's own check stays on for
    the sending address: the cookie set here, the header of the request, and over https its origin.
    """
    return JsonResponse({"token": get_token(request)})


@require_POST
@limited("contact_centre.send", limit=city().limit("reports_per_hour", 10), per_s=3600)
def send(request: HttpRequest) -> JsonResponse:
    """File one report from a device: 200 ``{number, link}``, or 422 ``{errors: {field: [sentences]}}``. Repeat it freely.

    It is filed without an account: whoever is signed in when the network comes back need not be whoever wrote it.
    """
    form = OfflineForm(request.POST, request.FILES)
    uploads = request.FILES.getlist("photos")
    if uploads:
        hit_upload(request)
    valid = form.is_valid()
    category = selectors.choosable(selectors.category_groups()).get(form.cleaned_data.get("category"))
    if category is None and "category" not in form.errors:
        form.add_error("category", _("Wybierz, czego dotyczy zgłoszenie."))
    if not valid or category is None:
        return _refused(form.errors)
    typed = form.cleaned_data
    try:
        sent = services.file_report(
            key=typed["key"],
            category=category,
            description=typed["description"],
            point=form.point,
            place=typed["place"],
            answers=_answers(request, category),
            photos=uploads,
            email=typed["email"],
            language=request.LANGUAGE_CODE if request.LANGUAGE_CODE in ("pl", "en") else "pl",
            by=ANONYMOUS,
        )
    except ValidationError as error:
        return _refused(error.message_dict)
    link = request.build_absolute_uri(reverse("cases:secret", args=[sent.token]))
    return JsonResponse({"number": sent.number, "link": link})


def _answers(request: HttpRequest, category: Any) -> dict[str, str]:
    given = {question.key: request.POST.getlist(f"q-{question.key}") for question in selectors.questions_of(category)}
    return {key: ",".join(values) for key, values in given.items() if values}


def _refused(errors: Any) -> JsonResponse:
    told = {name: [str(sentence) for sentence in sentences] for name, sentences in errors.items()}
    return JsonResponse({"errors": told}, status=422)
