"""Surveys for everybody: the list, one of them, answering page by page, the results."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core.city import city
from miasto.kernel.core.device import device_of, new_device, remember_device
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.places.selectors import shapes_named
from miasto.kernel.ui.charts import Series
from miasto.modules.idea.naming import brand
from miasto.modules.idea.surveys import exports, inviting, selectors, services, structure
from miasto.modules.idea.surveys.forms import EmailForm
from miasto.modules.idea.surveys.models import Access, Survey
from miasto.modules.idea.surveys.sheet import MapBlock, Sheet
from miasto.modules.idea.views import LANGUAGES, reader_language

PER_PAGE = 20
COOKIE, COOKIE_S = "idea_ankieta", 30 * 24 * 3600
GO = re.compile(r"(next|back|send|show|find|take|drop)(?::(\w{1,12}))?(?::(\d{1,3}))?")


def found(request: HttpRequest, slug: str) -> Survey:
    """The survey of the address for this viewer; 404 where there is none."""
    try:
        return selectors.survey_for(slug, request.viewer)
    except Survey.DoesNotExist:
        raise Http404 from None


def card(survey: Survey) -> dict[str, Any]:
    """What a list shows of a survey; asks nothing."""
    state = selectors.state_of(survey)
    names = {"open": _("można odpowiadać"), "planned": _("wkrótce"), "closed": _("zakończona")}
    colours = {"open": "green", "planned": "blue", "closed": "grey"}
    language = reader_language()
    return {
        "survey": survey,
        "title": survey.said("title", language),
        "about": survey.said("about", language),
        "state": state,
        "state_name": names[state],
        "colour": colours[state],
        "results": selectors.shows_results(survey),
        "url": reverse("idea:survey", args=[survey.slug]),
    }


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All published surveys, newest first."""
    page = Paginator(selectors.surveys(ANONYMOUS), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "idea/surveys/list.html", {"brand": brand(), "page": page, "cards": [card(one) for one in page]})


@require_safe
def survey(request: HttpRequest, slug: str) -> HttpResponse:
    """What is asked, by whom, what happens with the answers; the way to answer or to the results."""
    one = found(request, slug)
    language = _language(request, one)
    pages = structure.pages_of(one, language)
    context = {
        "brand": brand(),
        "survey": one,
        "card": card(one),
        "language": language,
        "languages": [(key, LANGUAGES[key], key == language) for key in ("pl", *one.languages)],
        "said": {name: one.said(name, language) for name in ("title", "about")},
        "pages": len(pages),
        "questions": sum(len(page.questions) for page in pages),
        "on_map": any(question.kind == "marks" for page in pages for question in page.questions),
        "answers": selectors.total(one) if selectors.shows_results(one) else None,
        "least": selectors.LEAST,
        "months": inviting.months(),
    }
    return render(request, "idea/surveys/survey.html", context)


def _language(request: HttpRequest, survey: Survey) -> str:
    asked = request.POST.get("language") or request.GET.get("jezyk") or reader_language()
    return asked if asked in survey.languages else "pl"


# Answering


def _who(request: HttpRequest, survey: Survey, device: str = "") -> str | HttpResponse:
    """The digest of who answers, or the page that leads to it; empty for a browser that has no mark yet."""
    if survey.access == Access.ACCOUNT:
        if request.viewer.person_id is None:
            return redirect_to_login(request.get_full_path())
        return services.digest(survey, "person", str(request.viewer.person_id))
    if survey.access == Access.LINK:
        who = request.get_signed_cookie(COOKIE, default="", salt=str(survey.pk))
        return who or redirect("idea:survey_invite", slug=survey.slug)
    mark = device_of(request) or device
    return services.digest(survey, "device", mark) if mark else ""


@never_cache
@limited("idea.survey", limit=city().limit("survey_steps_per_hour", 400), per_s=3600)
def answer(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of the survey; everything given so far travels in the form."""
    one = found(request, slug)
    if not one.open:
        return render(request, "idea/surveys/not_open.html", {"brand": brand(), "card": card(one), "survey": one}, status=410)
    who = _who(request, one)
    if isinstance(who, HttpResponse):
        return who
    if who and services.answered(one, who) and not _just_sent(request, one):
        return _again(request, one)
    return walk(request, one, send=_send)


def _just_sent(request: HttpRequest, survey: Survey) -> bool:
    """A form sent twice is thanked for twice."""
    key = request.POST.get("client_key", "")
    return bool(key) and selectors.responses(survey, exact=True).filter(client_key=key).exists()


def _again(request: HttpRequest, survey: Survey) -> HttpResponse:
    return render(request, "idea/surveys/again.html", {"brand": brand(), "card": card(survey), "survey": survey}, status=409)


def walk(request: HttpRequest, survey: Survey, *, send: Callable[..., HttpResponse], **extra: Any) -> HttpResponse:
    """One step through the pages of a survey: the next, back, a place added or taken away, or ``send``."""
    posted = request.POST if request.method == "POST" else None
    strict = extra.get("strict", True)
    sheet = Sheet(survey, posted, language=_language(request, survey), strict=strict)
    at = min(max(int(posted.get("at", "0")) if posted and posted.get("at", "").isdecimal() else 0, 0), len(sheet.pages) - 1)
    if posted is None:
        return _page(request, survey, sheet, 0, **extra)
    match = GO.fullmatch(posted.get("go", "next"))
    act, key, number = match.groups() if match else ("show", None, None)
    if act in ("find", "take", "drop") and key:
        return _places(request, survey, sheet, at, (act, key, int(number or 0)), **extra)
    if act in ("next", "send") and not sheet.check(at):
        return _page(request, survey, sheet, at, status=422, **extra)
    if act == "send":
        wrong = sheet.first_wrong()
        if wrong is not None:
            return _page(request, survey, sheet, wrong, status=422, **extra)
        return send(request, survey, sheet, at)
    step = {"next": 1, "back": -1}.get(act, 0)
    there = at + step
    while step and 0 < there < len(sheet.pages) - 1 and sheet.empty_page(there):
        there += step
    return _page(request, survey, sheet, min(max(there, 0), len(sheet.pages) - 1), **extra)


def _places(
    request: HttpRequest, survey: Survey, sheet: Sheet, at: int, what: tuple[str, str, int], **extra: Any
) -> HttpResponse:
    """The way without the map: look a place up, take one of those found, take one away."""
    act, key, number = what
    block = next((one for one in sheet.maps(at) if one.question.key == key), None)
    if block is None:
        return _page(request, survey, sheet, at, **extra)
    if act == "drop":
        sheet.drop(key, number)
        return _page(request, survey, sheet, at, goto=key, **extra)
    shapes = block.question.shapes
    shape = block.asked["as"] if block.asked["as"] in shapes else shapes[0]
    named = shapes_named(shape, block.asked["find"], start=block.asked["from"], end=block.asked["to"])
    if act == "find" and len(named) != 1:
        block.found = named
        block.missing = "" if named else _("Nie znaleźliśmy takiego miejsca. Sprawdź nazwę albo podaj inną w pobliżu.")
        return _page(request, survey, sheet, at, goto=key, **extra)
    if number < len(named) and not block.full:
        sheet.add(key, named[number].geom, label=named[number].label)
    return _page(request, survey, sheet, at, goto=key, **extra)


def _page(
    request: HttpRequest, survey: Survey, sheet: Sheet, at: int, *, status: int = 200, goto: str = "", **extra: Any
) -> HttpResponse:
    items = sheet.items(at)
    maps = [one for one in items if isinstance(one, MapBlock)]
    form = sheet.form(at)
    context = {
        "brand": brand(),
        "survey": survey,
        "card": card(survey),
        "language": sheet.language,
        "page": sheet.pages[at],
        "at": at,
        "step": at + 1,
        "steps": len(sheet.pages),
        "last": at == len(sheet.pages) - 1,
        "items": [(isinstance(one, MapBlock), one) for one in items],
        "forms": [form, *(mark for block in maps for mark in block.marks if at in sheet.checked)],
        "wrong": [(block, error) for block in maps for error in block.errors],
        "form": form if status == 422 else None,
        "carried": sheet.carried(at),
        "client_key": sheet.data.get("client_key", "")[:40] or uuid4().hex,
        "goto": goto,
        **extra,
    }
    return render(request, extra.get("template", "idea/surveys/answer.html"), context, status=status)


def _send(request: HttpRequest, survey: Survey, sheet: Sheet, at: int) -> HttpResponse:
    device = "" if device_of(request) else new_device()
    who = _who(request, survey, device)
    if isinstance(who, HttpResponse):
        return who
    version = request.POST.get("version", "")
    try:
        services.respond(
            survey=survey,
            row=sheet.row(),
            who=who,
            version=int(version) if version.isdecimal() else survey.version,
            client_key=request.POST.get("client_key", "")[:40] or uuid4().hex,
        )
    except ValidationError as error:
        if error.code == "again":
            return _again(request, survey)
        if error.code == "not_open":
            return render(
                request, "idea/surveys/not_open.html", {"brand": brand(), "card": card(survey), "survey": survey}, status=410
            )
        return _page(request, survey, sheet, at, status=422, refused=error.messages)
    response = redirect("idea:survey_thanks", slug=survey.slug)
    if device and survey.access == Access.ANYONE:
        remember_device(response, device)
    return response


@require_safe
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """After sending: what happens next."""
    one = found(request, slug)
    return render(request, "idea/surveys/thanks.html", {"brand": brand(), "card": card(one), "survey": one})


@limited("idea.survey_invite", limit=10, per_s=3600)
def invite(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the link by which one address answers once."""
    one = found(request, slug)
    if one.access != Access.LINK or not one.open:
        raise Http404
    form = EmailForm(request.POST if request.method == "POST" else None)
    sent = form.is_bound and form.is_valid()
    if sent:
        inviting.invite(survey=one, email=form.cleaned_data["email"])
    context = {"brand": brand(), "card": card(one), "survey": one, "form": form, "sent": sent}
    return render(request, "idea/surveys/invite.html", context, status=422 if form.is_bound and not sent else 200)


@never_cache
@require_safe
def enter(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The link from the message: this browser may answer for its address."""
    one = found(request, slug)
    try:
        who = inviting.who_of(one, token)
    except signing.BadSignature:
        raise Http404 from None
    response = redirect("idea:survey_answer", slug=slug)
    response.set_signed_cookie(
        COOKIE,
        who,
        salt=str(one.pk),
        max_age=COOKIE_S,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path=reverse("idea:survey", args=[slug]),
    )
    return response


# Results


def _shown(request: HttpRequest, slug: str) -> tuple[Survey, bool]:
    """The survey and whether the reader sees exact numbers; 404 where the results are not for them."""
    one = found(request, slug)
    exact = selectors.reads_all(one, request.viewer) and request.GET.get("dokladne") == "1"
    if not exact and not selectors.shows_results(one):
        raise Http404
    return one, exact


@require_safe
def results(request: HttpRequest, slug: str) -> HttpResponse:
    """The results: a chart with its table for each question, the heat map with its list, a table by another question."""
    one = found(request, slug)
    if not selectors.shows_results(one) and not selectors.reads_all(one, request.viewer):
        return render(request, "idea/surveys/no_results.html", {"brand": brand(), "card": card(one), "survey": one}, status=404)
    return render(request, "idea/surveys/results.html", {"brand": brand(), **results_context(request, one, exact=False)})


def results_context(request: HttpRequest, survey: Survey, *, exact: bool) -> dict[str, Any]:
    """What the page of results shows, for everybody or with exact numbers."""
    language = _language(request, survey)
    by = request.GET.get("wedlug", "")
    return {
        "survey": survey,
        "card": card(survey),
        "exact": exact,
        "total": selectors.total(survey, exact=exact),
        "results": [(one, chart(one)) for one in selectors.results(survey, exact=exact, language=language)],
        "maps": [
            (one, [(part, chart(part)) for part in one.parts])
            for one in selectors.map_results(survey, exact=exact, language=language)
        ],
        "countable": structure.countable(survey, language),
        "by": by,
        "tables": selectors.cross_tables(survey, by, exact=exact, language=language) if by else [],
        "least": selectors.LEAST,
    }


def chart(result: selectors.Result) -> Series | None:
    """The chart of a result, under the question's own heading; None where a table says it better."""
    if result.columns or not result.rows or result.question.kind == "ranking":
        return None
    return Series("", _("Odpowiedź"), _("Liczba odpowiedzi"), result.rows)


@require_safe
def cells(request: HttpRequest, slug: str, question: str) -> JsonResponse:
    """The heat map of one question as GeoJSON: hexagons with counts."""
    one, exact = _shown(request, slug)
    data = selectors.cells_geojson(one, question, exact=exact)
    return JsonResponse(data, content_type="application/geo+json")


@require_safe
def places(request: HttpRequest, slug: str) -> HttpResponse:
    """What may be published of the places as one GeoJSON file: exact ones where the survey said so beforehand, else counts."""
    one, exact = _shown(request, slug)
    if exact or one.marks_public:
        data = selectors.marks_geojson(one, exact=exact)
    else:
        keys = [row.key for row in structure.questions_of(one) if row.kind == "marks"]
        features = []
        for key in keys:
            made = selectors.cells_geojson(one, key, exact=False)["features"]
            features += [{**row, "properties": {**row["properties"], "question": key}} for row in made]
        data = {"type": "FeatureCollection", "features": features}
    response = JsonResponse(data, content_type="application/geo+json")
    response["Content-Disposition"] = f'attachment; filename="{one.slug}.geojson"'
    return response


@require_safe
def table(request: HttpRequest, slug: str) -> HttpResponse:
    """The published numbers and words as CSV."""
    one, _exact = _shown(request, slug)
    response = HttpResponse(exports.csv_of(exports.public_rows(one, reader_language())), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{one.slug}.csv"'
    return response
