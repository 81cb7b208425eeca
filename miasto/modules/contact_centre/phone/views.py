"""The operator's console: one page from the first ring to the outcome, usable without scripts and without a mouse."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.selectors import current_units
from miasto.kernel.cases import services as cases
from miasto.kernel.content.selectors import answers
from miasto.kernel.core import clock, live
from miasto.kernel.core.city import city
from miasto.kernel.places import selectors as places
from miasto.modules.contact_centre import selectors as reports
from miasto.modules.contact_centre.forms import QuestionsForm
from miasto.modules.contact_centre.likeness.selectors import likely_duplicates
from miasto.modules.contact_centre.phone import selectors, services
from miasto.modules.contact_centre.phone.forms import SHORTCUTS, CallForm, ExtensionForm, StartForm
from miasto.modules.contact_centre.phone.models import CALLS, Call, State
from miasto.modules.contact_centre.phone.numbers import e164, shown
from miasto.modules.contact_centre.views_place import find, point_of
from miasto.modules.contact_centre.waiting import waiting

ASKED_MOST = 300  # letters: what the caller said last is what they ask now
FIELDS_OF_ERRORS = {"point": "place", "category": "category_other", "description": "words"}


@require_safe
@panel(CALLS)
def home(request: HttpRequest) -> HttpResponse:
    """What waits in each channel, the calls now, and those who wait for a call."""
    viewer = request.viewer
    context = {
        "waiting": waiting(viewer),
        "live_calls": selectors.live(viewer),
        "to_call_back": selectors.to_call_back(viewer),
        "calls": selectors.recent(viewer),
        "start_form": StartForm(auto_id="start_%s"),
        "extension_form": ExtensionForm(initial={"extension": selectors.extension_of(viewer)}),
        "keep_days": services.KEEP_DAYS,
    }
    return render(request, "contact_centre/phone/home.html", context)


@panel(CALLS)
def console(request: HttpRequest) -> HttpResponse:
    """To the operator's call, or the one field that begins a new one."""
    if request.method == "POST":
        form = StartForm(request.POST)
        if form.is_valid():
            return redirect(
                "contact_centre_desk:call", services.start(by=request.viewer, number=form.cleaned_data["number"]).pk
            )
    else:
        own = selectors.own_open(request.viewer)
        if own is not None and "nowa" not in request.GET:
            return redirect("contact_centre_desk:call", own.pk)
        form = StartForm()
    return render(request, "contact_centre/phone/start.html", {"form": form, "own": selectors.own_open(request.viewer)})


def found(request: HttpRequest, call_id: UUID) -> Call:
    """The call, or 404."""
    try:
        return selectors.call_for(call_id, request.viewer)
    except Call.DoesNotExist:
        raise Http404 from None


@panel(CALLS)
def call(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """The console of one call; of an ended one, or of a colleague's, what became of it."""
    row = found(request, call_id)
    if not row.live or not (row.operator_id is None or selectors.is_for(row, request.viewer)):
        return render(
            request, "contact_centre/phone/ended.html", {"call": selectors.rows([row])[0], "caller": _caller(request, row)}
        )
    if request.method == "POST":
        return _sent(request, row)
    return _page(request, row)


def _caller(request: HttpRequest, row: Call) -> selectors.Caller:
    return selectors.caller(row.number, request.viewer, but=row.pk)


def typed_in(request: HttpRequest) -> dict[str, Any]:
    """What the form brings, right or wrong, as it is kept while somebody types."""
    data = request.POST
    kept: dict[str, Any] = {name: data.get(name, "").replace("\r\n", "\n").strip() for name in ("name", "words", "notes")}
    kept |= {name: data.get(name, "").strip()[:1000] for name in ("place", "email", "together")}
    with suppress(ValueError):  # a half-typed number is not kept; the field keeps it on the page
        kept["number"] = e164(data.get("number", ""))
    chosen = data.get("category_other") or data.get("category", "")
    kept["category"] = int(chosen) if chosen.isdecimal() and len(chosen) < 10 else None
    point = point_of(*data.get("choice", "").partition(",")[::2]) or point_of(data.get("lon", ""), data.get("lat", ""))
    kept["lon"], kept["lat"] = point or (None, None)
    kept["answers"] = {name[2:]: value[:1000] for name, value in data.items() if name.startswith("q-") and value}
    return kept


def _sent(request: HttpRequest, row: Call) -> HttpResponse:
    row = services.keep(call=row, by=request.viewer, typed=typed_in(request))
    groups = reports.category_groups()
    form = CallForm(request.POST, groups=groups, keep_days=services.KEEP_DAYS)
    asked = QuestionsForm(request.POST, questions=reports.questions_of(_category(row, groups)))
    if "stay" in request.POST:
        return redirect(reverse("contact_centre_desk:call", args=[row.pk]) + f"#{request.POST['stay'][:20]}")
    valid = form.is_valid()
    if "file" in request.POST:
        if _filed(request, row, form, asked, groups) and valid:
            return redirect("contact_centre_desk:call", row.pk)
    elif valid and _ended(request, row, form):
        return redirect("contact_centre_desk:console")
    return _page(request, row, form=form, asked=asked, groups=groups)


def _filed(request: HttpRequest, row: Call, form: CallForm, asked: QuestionsForm, groups: Any) -> bool:
    category = _category(row, groups)
    if category is None:
        form.add_error("category_other", _("Wybierz, czego dotyczy zgłoszenie."))
    if not row.words:
        form.add_error("words", _("Wpisz, co mówi rozmówca."))
    if row.form.get("lon") is None and "place" not in form.errors:
        form.add_error("place", _("Wybierz miejsce z podpowiedzi."))
    if not asked.is_valid() or form.errors:
        return False
    number = form.cleaned_data["number"]
    contact = cases.Contact(name=form.cleaned_data["name"], email=form.cleaned_data["email"], phone=shown(number))
    try:
        services.file_report(
            call=row, by=request.viewer, category=category, contact=contact, invited=form.cleaned_data["together"]
        )
    except ValidationError as error:
        return _refused(form, error)
    return True


def _ended(request: HttpRequest, row: Call, form: CallForm) -> bool:
    data = form.cleaned_data
    unit = current_units().filter(pk=data["unit"]).first() if data["unit"] else None
    try:
        services.end(call=row, by=request.viewer, outcome=data["outcome"], unit=unit, call_back_at=data["call_back_at"])
    except ValidationError as error:
        return _refused(form, error)
    messages.success(request, _("Zapisano wynik rozmowy."))
    return True


def _refused(form: CallForm, error: ValidationError) -> bool:
    for name, words in (error.message_dict if hasattr(error, "error_dict") else {"": error.messages}).items():
        field = FIELDS_OF_ERRORS.get(name, name)
        form.add_error(field if field in form.fields else None, words)
    return False


def _category(row: Call, groups: Any) -> Any:
    return reports.choosable(groups).get(row.form.get("category"))


def _page(request: HttpRequest, row: Call, form: Any = None, asked: Any = None, groups: Any = None) -> HttpResponse:
    groups = groups or reports.category_groups()
    kept = row.form
    form = form or CallForm(
        initial={
            "number": shown(row.number),
            "name": row.name,
            "words": row.words,
            "notes": row.notes,
            **{name: kept.get(name, "") for name in ("place", "lon", "lat", "email", "together")},
        },
        groups=groups,
        keep_days=services.KEEP_DAYS,
    )
    context = {
        "call": row,
        "number": shown(row.number),
        "form": form,
        "groups": groups,
        "found": find(kept.get("place", "")) if kept.get("place") and kept.get("lon") is None else [],
        "emergency": city().contacts,
        "shortcuts": SHORTCUTS,
        **_parts(request, row, groups),
    }
    if asked is not None:
        context["asked"] = asked
    return render(request, "contact_centre/phone/call.html", context)


def _parts(request: HttpRequest, row: Call, groups: Any) -> dict[str, Any]:
    """What follows from what was typed so far: suggested categories, the questions, who calls."""
    chosen = _category(row, groups)
    suggested = reports.suggestions(row.words)
    if chosen is not None and chosen not in suggested:
        suggested = [chosen, *suggested]
    position = places.reverse(row.form["lon"], row.form["lat"]) if row.form.get("lon") is not None else None
    return {
        "suggested": suggested,
        "chosen": chosen,
        "asked": QuestionsForm(questions=reports.questions_of(chosen), initial=row.form.get("answers", {})),
        "position": position,
        "caller": _caller(request, row),
        "answers": answers(row.words[-ASKED_MOST:], limit=3, language=get_language() or "pl"),
        "similar": _similar(request, row, chosen),
    }


def _similar(request: HttpRequest, row: Call, category: Any) -> list[Any]:
    """Unfinished reports that may tell of the same thing, once category and place are known."""
    if category is None or row.form.get("lon") is None:
        return []
    point = row.form["lon"], row.form["lat"]
    return likely_duplicates(category=category, point=point, text=row.words, viewer=request.viewer)[:3]


@require_POST
@panel(CALLS)
def keep(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Keep what is typed and answer with what follows from it, as parts of the page by name."""
    row = found(request, call_id)
    if not row.live:
        return JsonResponse({"ended": True}, status=409)
    row = services.keep(call=row, by=request.viewer, typed=typed_in(request))
    if "beacon" in request.POST:
        return HttpResponse(status=204)
    context = {"call": row, **_parts(request, row, reports.category_groups())}
    names = ("suggestions", "questions", "caller", "place", "answers")
    made = {name: render_to_string(f"contact_centre/phone/parts/{name}.html", context, request) for name in names}
    saved = _("Zapisano o %(time)s") % {"time": clock.local(row.changed_at).strftime("%H:%M:%S")}
    return JsonResponse({"saved": saved, "parts": made})


@require_safe
@panel(CALLS)
def address(request: HttpRequest) -> JsonResponse:
    """Places that fit a text (``q``), for the field that suggests while typing."""
    rows = [
        {"value": f"{one.lon},{one.lat}", "label": one.label, "detail": str(one.detail), "lon": one.lon, "lat": one.lat}
        for one in find(request.GET.get("q", "")[:200])
    ]
    return JsonResponse({"results": rows})


@require_POST
@panel(CALLS)
def take_over(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Open a call that nobody has."""
    row = services.take_over(call=found(request, call_id), by=request.viewer)
    return redirect("contact_centre_desk:call", row.pk)


@require_POST
@panel(CALLS)
def called_back(request: HttpRequest, call_id: UUID) -> HttpResponse:
    """Take a call off the list of those who wait for one; with ``start`` a new call to that number begins."""
    row = services.called_back(call=found(request, call_id), by=request.viewer)
    if "start" in request.POST:
        return redirect("contact_centre_desk:call", services.start(by=request.viewer, number=row.number).pk)
    messages.success(request, _("Zapisano: oddzwoniono."))
    return redirect("contact_centre_desk:home")


@require_POST
@panel(CALLS)
def extension(request: HttpRequest) -> HttpResponse:
    """Where the operator sits."""
    form = ExtensionForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(form.errors["extension"])
        number = services.sit_at(by=request.viewer, extension=form.cleaned_data["extension"])
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        words = (
            _("Rozmowy z numeru wewnętrznego %(number)s otworzą się u Ciebie.")
            if number
            else _("Nie masz numeru wewnętrznego.")
        )
        messages.success(request, words % {"number": number} if number else words)
    return redirect("contact_centre_desk:home")


@require_safe
@panel(CALLS)
def follow(request: HttpRequest) -> HttpResponse:
    """Server-sent events of calls; an operator's own one carries the address of its console."""
    viewer = request.viewer
    if not viewer.holds(CALLS):
        raise PermissionDenied

    def tell(note: live.Note) -> dict[str, Any] | None:
        row = Call.objects.visible_to(viewer).filter(pk=note.object_id).first()
        if row is None:
            return None
        mine = row.state in (State.RINGING, State.OPEN) and row.pbx_id is not None and selectors.is_for(row, viewer)
        url = reverse("contact_centre_desk:call", args=[row.pk]) if mine else ""
        return {"id": str(row.pk), "state": row.state, "url": url, "number": shown(row.number) if mine else ""}

    return live.stream(request, kinds=[services.KIND], tell=tell)
