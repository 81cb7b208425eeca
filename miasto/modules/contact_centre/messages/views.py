"""Conversations in the panel: the list, the thread, the answer, the report that comes of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import live
from miasto.kernel.places import selectors as places
from miasto.modules.contact_centre import selectors as reports
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.forms import QuestionsForm
from miasto.modules.contact_centre.messages import selectors, services
from miasto.modules.contact_centre.messages.forms import FilterForm, ReplyForm, ReportForm
from miasto.modules.contact_centre.messages.models import Conversation, Message
from miasto.modules.contact_centre.messages.services import PERMISSION

TEMPLATES = "contact_centre/messages"


@panel(PERMISSION)
def conversations(request: HttpRequest) -> HttpResponse:
    """The list: what waits for an answer, unless the reader asks for something else."""
    query = request.GET.copy()
    query.setdefault("stan", Conversation.State.WAITING)
    form = FilterForm(query, sources=selectors.source_choices())
    form.is_valid()
    data = form.cleaned_data
    state = data.get("stan", "")
    number = int(query["strona"]) if query.get("strona", "").isascii() and query.get("strona", "").isdigit() else 1
    page = min(max(number, 1), 10_000)
    rows, more = selectors.rows(
        request.viewer,
        state=state if state in Conversation.State.values else "",
        source_slug=data.get("skad", ""),
        text=data.get("szukaj", ""),
        page=page,
    )
    counts = selectors.counts(request.viewer)
    tabs = [
        {
            "label": label,
            "url": f"?stan={key}",
            "count": counts.get(key, 0),
            "current": state == key,
            "urgent": key == "waiting",
        }
        for key, label in (("waiting", _("Czekają")), ("answered", _("Odpisaliśmy")), ("closed", _("Zamknięte")))
    ]
    tabs.append(
        {"label": _("Wszystkie"), "url": "?stan=wszystkie", "count": sum(counts.values()), "current": state == "wszystkie"}
    )
    context = {"rows": rows, "form": form, "tabs": tabs, "narrowed": bool(data.get("skad") or data.get("szukaj"))}
    return render(request, f"{TEMPLATES}/list.html", {**context, **_neighbours(query, page, more)})


@require_safe
@panel(PERMISSION)
def follow(request: HttpRequest) -> Any:
    """Server-sent events of conversations in which something was said or done."""
    return live.stream(request, kinds=(services.KIND,), tell=lambda note: {"changed": True})


def _refuse(form: Any, error: ValidationError) -> None:
    """Put what a service refused under the fields of the form that it speaks of."""
    problems = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for name, words in problems.items():
        field = {"point": "place", "files": "pictures"}.get(name, name)
        for one in words:
            form.add_error(field if field in form.fields else None, one)


def _neighbours(query: Any, page: int, more: bool) -> dict[str, str]:
    def address(number: int) -> str:
        query["strona"] = str(number)
        return f"?{query.urlencode()}"

    return {"newer_url": address(page - 1) if page > 1 else "", "older_url": address(page + 1) if more else ""}


def _thread(request: HttpRequest, conversation_id: UUID) -> selectors.Thread:
    try:
        return selectors.thread(conversation_id, request.viewer)
    except Conversation.DoesNotExist:
        raise Http404 from None


@panel(PERMISSION)
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """One thread; POST sends an answer."""
    found = _thread(request, conversation_id)
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.reply(conversation=found.conversation, text=form.cleaned_data["text"], by=request.viewer)
            messages.success(request, _("Wiadomość czeka na wysłanie."))
            return redirect("contact_centre_messages:thread", conversation_id)
        except ValidationError as error:
            _refuse(form, error)
    return render(request, f"{TEMPLATES}/thread.html", {"found": found, "form": form})


@require_POST
@panel(PERMISSION)
def act(request: HttpRequest, conversation_id: UUID, action: str) -> HttpResponse:
    """Close, ask for the place, or erase."""
    found = _thread(request, conversation_id).conversation
    said = {
        "zamknij": _("Rozmowa jest zamknięta."),
        "miejsce": _("Poprosiliśmy o miejsce."),
        "usun": _("Treść rozmowy usunięto."),
    }
    does = {"zamknij": services.close, "miejsce": services.ask_place, "usun": services.erase}
    if action not in does:
        raise Http404
    does[action](conversation=found, by=request.viewer)
    messages.success(request, said[action])
    return redirect("contact_centre_messages:thread", conversation_id)


@require_POST
@panel(PERMISSION)
def message(request: HttpRequest, conversation_id: UUID, message_id: UUID, action: str) -> HttpResponse:
    """Send a message once more, or add it to the report."""
    found = _thread(request, conversation_id).conversation
    row = Message.objects.filter(conversation=found, pk=message_id).first()
    if row is None or action not in ("ponow", "dopisz"):
        raise Http404
    try:
        if action == "ponow":
            services.retry(message=row, by=request.viewer)
            messages.success(request, _("Wiadomość znów czeka na wysłanie."))
        elif services.add_to_case(message=row, by=request.viewer) is not None:
            messages.success(request, _("Dopisano do zgłoszenia."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("contact_centre_messages:thread", conversation_id)


@panel(PERMISSION)
def report(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Make a report of the conversation. The questions of the category come after it is chosen."""
    found = _thread(request, conversation_id)
    if found.conversation.erased_at:
        raise Http404
    shown = [(str(pk), file_id) for line in found.lines if line.incoming for pk, file_id in line.pictures]
    choices = [(pk, _("Zdjęcie %(number)d") % {"number": number}) for number, (pk, _file) in enumerate(shown, start=1)]
    form = ReportForm(request.POST or None, pictures=choices, initial=_initial(found, choices))
    asked = _questions(request, form)
    if request.method == "POST" and form.is_valid() and asked.is_valid():
        number = _filed(request, found, form, asked)
        if number:
            messages.success(request, _("Utworzono zgłoszenie %(number)s.") % {"number": number})
            return redirect("contact_centre_messages:thread", conversation_id)
    context = {"found": found, "form": form, "asked": asked, "shown": shown}
    return render(request, f"{TEMPLATES}/report.html", context)


def _initial(found: selectors.Thread, choices: list[tuple[str, str]]) -> dict[str, Any]:
    words = selectors.words_for_report(found)
    likely = reports.suggestions(words)
    point = found.conversation
    values: dict[str, Any] = {"description": words, "pictures": [pk for pk, _label in choices]}
    values["category"] = likely[0].pk if likely else None
    if point.lon is not None and point.lat is not None:
        values |= {"lon": point.lon, "lat": point.lat, "place": places.reverse(point.lon, point.lat).address_text or ""}
    return values


def _questions(request: HttpRequest, form: ReportForm) -> QuestionsForm:
    """The questions of the category that was sent; they are answered only where they were on the page."""
    chosen = form.data.get("category", "") if form.is_bound else ""
    rows = {str(row.pk): row for row in cases.leaves(KEY)} if chosen else {}
    questions = reports.questions_of(rows.get(chosen))
    shown = {name.removeprefix("q-asked-") for name in request.POST if name.startswith("q-asked-")}
    bound = bool(questions) and chosen in shown
    return QuestionsForm(request.POST if bound or not questions else None, questions=questions)


def _filed(request: HttpRequest, found: selectors.Thread, form: ReportForm, asked: QuestionsForm) -> str:
    data = form.cleaned_data
    point, address = _point(form)
    if point is None:
        return ""
    try:
        filed = services.file_report(
            conversation=found.conversation,
            category=next(row for row in cases.leaves(KEY) if row.pk == data["category"]),
            description=data["description"],
            point=point,
            address_text=address,
            answers=asked.answers(),
            pictures=[UUID(pk) for pk in data["pictures"]],
            by=request.viewer,
        )
    except ValidationError as error:
        _refuse(form, error)
        return ""
    return str(filed.case.number)


def _point(form: ReportForm) -> tuple[tuple[float, float] | None, str]:
    """The point of the map, else the best place of the words typed; an error under the field where there is none."""
    data = form.cleaned_data
    if data["lon"] is not None and data["lat"] is not None:
        return (data["lon"], data["lat"]), data["place"]
    found = places.geocode(data["place"], limit=1)
    if not found:
        form.add_error("place", _("Nie znamy takiego miejsca. Sprawdź pisownię albo wskaż punkt na mapie."))
        return None, ""
    return (found[0].lon, found[0].lat), found[0].label
