"""Staff: the ledger, remarks from other channels, grouping, letting words be read, answering."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.core import clock
from miasto.kernel.participation import selectors, services
from miasto.kernel.participation.selectors import ANSWER
from miasto.modules.idea import panel_forms as forms
from miasto.modules.idea import uploads
from miasto.modules.idea.forms import LedgerForm
from miasto.modules.idea.naming import brand
from miasto.modules.idea.panel_views import managed
from miasto.modules.idea.views_remark import refuse

PER_PAGE = 50


@require_safe
@panel(ANSWER)
@never_cache
def ledger(request: HttpRequest, process_id: UUID) -> HttpResponse:
    """The remarks with their words, to be grouped and answered."""
    return _ledger(request, managed(request, process_id, ANSWER))


def _ledger(request: HttpRequest, one: Any, group_form: Any = None) -> HttpResponse:
    form = LedgerForm(request.GET, process=one, documents=selectors.documents(one))
    rows = selectors.ledger(one, request.viewer, form.filters())
    if request.GET.get("tresc") == "czeka":
        rows = rows.filter(text_state="waiting")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    groups = list(selectors.groups(one))
    context = {
        "brand": brand(),
        "process": one,
        "form": form,
        "page": page,
        "rows": [(row, row.text.body, row.get_status_display(), selectors.COLOURS[row.status]) for row in page],
        "groups": groups,
        "group_form": group_form or forms.GroupForm(groups=groups),
        "statuses": selectors.statuses(one),
        "chosen": request.POST.getlist("uwaga"),
    }
    return render(request, "idea/panel_ledger.html", context, status=422 if group_form else 200)


@require_POST
@panel(ANSWER)
def regroup(request: HttpRequest, process_id: UUID) -> HttpResponse:
    """Group the chosen remarks, put them into a group, or take them out."""
    one = managed(request, process_id, ANSWER)
    form = forms.GroupForm(request.POST, groups=list(selectors.groups(one)))
    ids = [UUID(value) for value in request.POST.getlist("uwaga") if _is_uuid(value)]
    if form.is_valid():
        try:
            number = _regroup(request, one, form.cleaned_data, ids)
        except ValidationError as error:
            refuse(form, error)
        else:
            if number:
                return redirect("idea_panel:group", process_id=process_id, number=number)
            messages.success(request, _("Uwagi są poza grupą."))
            return redirect("idea_panel:ledger", process_id=process_id)
    return _ledger(request, one, form)


def _is_uuid(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _regroup(request: HttpRequest, one: Any, data: dict[str, Any], ids: list[UUID]) -> int | None:
    if request.POST.get("do") == "leave":
        services.leave_group(process=one, contribution_ids=ids, by=request.viewer)
        return None
    if data["known"]:
        group = selectors.group_for(one, int(data["known"]))
        if group is None:
            raise ValidationError(_("Nie ma takiej grupy."))
        return services.add_to_group(group=group, contribution_ids=ids, by=request.viewer).number
    return services.make_group(process=one, title=data["title"], contribution_ids=ids, by=request.viewer).number


@panel(ANSWER)
def enter(request: HttpRequest, process_id: UUID) -> HttpResponse:
    """Write down a remark from paper, a call, a meeting, an e-mail."""
    one = managed(request, process_id, ANSWER)
    sent = request.POST if request.method == "POST" else None
    given = uploads.collect(request, most=selectors.files_most()) if sent is not None else uploads.Uploads()
    closed = one.closed_at is not None
    form = forms.EnterForm(
        sent,
        process=one,
        closed=closed,
        paragraphs=_paragraphs(one),
        meetings=selectors.meetings(one),
        initial={"received_on": clock.today(), "channel": selectors.Channel.LETTER},
    )
    if sent is not None and form.is_valid() and not uploads.complain(form, given):
        try:
            made = _enter(request, one, form, given)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Uwaga wpisana. Ma numer %(n)d.") % {"n": made.number})
            if closed:
                messages.success(
                    request, _("Jest w uzupełnieniu raportu. Zdecyduj jeszcze, czy wszyscy mogą przeczytać jej treść.")
                )
            elif made.late:
                messages.warning(request, _("Przyszła po terminie. Zostaje w rejestrze i też czeka na odpowiedź."))
            return redirect("idea_panel:remark", process_id=process_id, number=made.number)
    context = {"brand": brand(), "process": one, "form": form, "closed": closed, "uploads": given}
    return render(request, "idea/panel_enter.html", context, status=422 if sent is not None else 200)


def _enter(request: HttpRequest, process: Any, form: Any, given: uploads.Uploads) -> Any:
    """The remark in the ledger; of a closed process with its answer."""
    data = form.cleaned_data
    values = {
        "process": process,
        "row": form.row(given.ids),
        "channel": data["channel"],
        "received_on": data["received_on"],
        "meeting_id": UUID(data["meeting"]) if data["meeting"] else None,
        "posted_on": data["posted_on"],
        "by": request.viewer,
    }
    if process.closed_at is None:
        return services.enter(**values)
    return services.enter_after_close(**values, outcome=data["outcome"], reasons=data["reasons"])


def _paragraphs(process: Any) -> list[tuple[str, str]]:
    """The paragraphs of the newest versions that take remarks, for a list."""
    return [
        (str(paragraph.pk), f"{view.document.title[:40]} · {paragraph.number}. {paragraph.text[:60]}")
        for view in selectors.documents(process)
        for paragraph, _count in selectors.paragraphs(view.version)
        if not paragraph.heading
    ]


@dataclass(frozen=True)
class Piece:
    """A piece of a text; ``mark`` where personal data were found in it."""

    text: str
    mark: bool


def pieces(text: str, spans: list[Any]) -> list[Piece]:
    """A text cut at what was found in it."""
    made, at = [], 0
    for span in spans:
        made += [Piece(text[at : span.start], False), Piece(text[span.start : span.end], True)]
        at = span.end
    return [one for one in [*made, Piece(text[at:], False)] if one.text]


@panel(ANSWER)
@never_cache
def remark(request: HttpRequest, process_id: UUID, number: int) -> HttpResponse:
    """One remark: its words and author, whether everybody may read it, and the answer."""
    one = managed(request, process_id, ANSWER)
    view = selectors.remark(one, number, request.viewer) if number < 2**31 else None
    if view is None:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    form = forms.DecideForm(sent, late=view.row.late, initial=_late_words(one, view.row))
    if sent is not None and form.is_valid():
        try:
            services.decide(process=one, contribution=view.row, by=request.viewer, **form.cleaned_data)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Odpowiedź zapisana. Autor dostanie wiadomość."))
            return _next(request, one, number)
    spans, proposed = selectors.findings(view.row.text.body)
    context = {
        "brand": brand(),
        "process": one,
        "view": view,
        "form": form,
        "pieces": pieces(view.row.text.body, spans),
        "found": len(spans),
        "proposed": view.row.text.published or proposed,
        "answers": _answers(one, view.row.text.answers),
    }
    return render(request, "idea/panel_remark.html", context, status=422 if sent is not None else 200)


def _late_words(process: Any, row: Any) -> dict[str, str]:
    """The proposed answer to a remark that came too late and has none yet."""
    if not row.late or row.decision_id:
        return {}
    ends = selectors.remarks_end(process)
    words = _("Uwaga przyszła %(day)s, a uwagi przyjmowaliśmy do %(end)s.")
    reasons = words % {"day": f"{row.received_on:%d.%m.%Y}", "end": f"{ends:%d.%m.%Y}"} if ends else ""
    return {"outcome": selectors.Status.LATE, "reasons": reasons}


def _answers(process: Any, answers: dict[str, str]) -> list[tuple[str, str]]:
    """The statutory form's answers in words."""
    fields = {one.key: one for one in selectors.law.basis(process.basis).fields}
    return [(fields[key].label, dict(fields[key].choices).get(value, value)) for key, value in answers.items() if key in fields]


def _next(request: HttpRequest, process: Any, number: int) -> HttpResponse:
    """The next remark without an answer and without a group, else the ledger."""
    waiting = selectors.ledger(process, request.viewer, selectors.LedgerFilters(status="waiting")).filter(group=None)
    after = waiting.filter(number__gt=number).first() or waiting.first()
    if after is None:
        return redirect("idea_panel:ledger", process_id=process.pk)
    return redirect("idea_panel:remark", process_id=process.pk, number=after.number)


@require_POST
@panel(ANSWER)
def text(request: HttpRequest, process_id: UUID, number: int) -> HttpResponse:
    """Let everybody read a remark as edited, or keep its words from the public."""
    one = managed(request, process_id, ANSWER)
    view = selectors.remark(one, number, request.viewer) if number < 2**31 else None
    if view is None:
        raise Http404
    publish = request.POST.get("decision") == "publish"
    edited = request.POST.get("edited", "") if publish else None
    shown = [UUID(value) for value in request.POST.getlist("plik") if _is_uuid(value)]
    try:
        services.decide_text(contribution=view.row, publish=publish, edited=edited, files=shown, by=request.viewer)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Opublikowano treść uwagi.") if publish else _("Treść nie będzie publikowana."))
    if request.POST.get("dalej") and (following := selectors.next_unread(one)):
        return redirect("idea_panel:remark", process_id=process_id, number=following.number)
    return redirect(reverse("idea_panel:remark", args=[process_id, number]) + "#odpowiedz")


@panel(ANSWER)
@never_cache
def group(request: HttpRequest, process_id: UUID, number: int) -> HttpResponse:
    """A group: its remarks, and one answer for all of them."""
    one = managed(request, process_id, ANSWER)
    found = selectors.group_for(one, number) if number < 2**31 else None
    if found is None:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    form = forms.DecideForm(sent, late=selectors.all_late(found))
    if sent is not None and form.is_valid():
        try:
            services.decide(process=one, group=found, by=request.viewer, **form.cleaned_data)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Odpowiedź zapisana dla całej grupy. Autorzy dostaną wiadomości."))
            return redirect("idea_panel:ledger", process_id=process_id)
    rows = selectors.ledger(one, request.viewer, selectors.LedgerFilters(group_number=number))
    page = Paginator(rows.select_related("decision", "text", "group", "paragraph", "version__document"), PER_PAGE)
    shown = page.get_page(request.GET.get("page"))
    context = {
        "brand": brand(),
        "process": one,
        "group": found,
        "form": form,
        "page": shown,
        "rows": [(row, row.text.body, row.get_status_display(), selectors.COLOURS[row.status]) for row in shown],
        "decision": next((row.decision for row in shown if row.decision), None),
    }
    return render(request, "idea/panel_group.html", context, status=422 if sent is not None else 200)
