"""Staff: preparing, publishing and closing a consultation, its documents and meetings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.selectors import may
from miasto.kernel.participation import selectors, services
from miasto.kernel.participation.selectors import ANSWER, MANAGE
from miasto.modules.idea import panel_forms as forms
from miasto.modules.idea import uploads
from miasto.modules.idea.naming import KIND, brand
from miasto.modules.idea.surveys import services as surveys
from miasto.modules.idea.views import timeline
from miasto.modules.idea.views_remark import refuse

PER_PAGE = 30


def managed(request: HttpRequest, process_id: UUID, permission: str = MANAGE) -> Any:
    """The consultation for who may work on it; 404 for everybody else."""
    process = selectors.process_by_id(process_id, request.viewer, permission)
    if process is None or process.process_kind != KIND:
        raise Http404
    return process


@require_safe
@panel(ANSWER)
def index(request: HttpRequest) -> HttpResponse:
    """The consultations of one's units and what waits in each."""
    page = Paginator(selectors.staff_processes(request.viewer, KIND), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(one, selectors.state_names()[selectors.state_of(one)] if one.published_at else "") for one in page]
    context = {"brand": brand(), "page": page, "rows": rows, "may_manage": request.viewer.holds(MANAGE)}
    return render(request, "idea/panel_list.html", context)


@panel(MANAGE)
def edit(request: HttpRequest, process_id: UUID | None = None) -> HttpResponse:
    """A new consultation, or other words and dates of one."""
    known = managed(request, process_id) if process_id else None
    sent = request.POST if request.method == "POST" else None
    form = forms.ProcessForm(sent, viewer=request.viewer, initial=forms.initial_of(known) if known else None)
    phases = forms.PhaseFormSet(sent, initial=forms.phase_initial(known), prefix="etap")
    if sent is not None and form.is_valid() & phases.is_valid():
        row = form.row(forms.phase_rows(phases), known)
        try:
            if known is None:
                made = services.create_process(process_kind=KIND, row=row, by=request.viewer)
            else:
                made = services.update_process(process=known, row=row, by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Zapisano."))
            return redirect("idea_panel:process", process_id=made.pk)
    context = {"brand": brand(), "process": known, "form": form, "phases": phases, "bases": selectors.law.bases()}
    return render(request, "idea/panel_edit.html", context, status=422 if sent is not None else 200)


@require_safe
@panel(ANSWER)
def process(request: HttpRequest, process_id: UUID) -> HttpResponse:
    """The workbench of one consultation."""
    return _page(request, managed(request, process_id, ANSWER))


def _page(request: HttpRequest, one: Any, close_form: Any = None) -> HttpResponse:
    statuses = selectors.statuses(one)
    unanswered = statuses[0][3]
    context = {
        "brand": brand(),
        "process": one,
        "state": selectors.state_names()[selectors.state_of(one)] if one.published_at else _("szkic"),
        "statuses": statuses,
        "total": sum(count for *_rest, count in statuses),
        "unanswered": unanswered,
        "unread": selectors.ledger(one, request.viewer, selectors.LedgerFilters(waiting_text=True)).count(),
        "phases": timeline(one),
        "documents": selectors.documents(one),
        "meetings": selectors.meetings(one),
        "basis": selectors.law.basis(one.basis),
        "may_manage": may(request.viewer, MANAGE, one),
        "close_form": close_form or _close_form(one, request.viewer),
        "open": selectors.open_phase(one) is not None,
    }
    return render(request, "idea/panel_process.html", context, status=422 if close_form else 200)


def _close_form(process: Any, viewer: Any, sent: Any = None) -> Any:
    """The form of closing; it offers the results of the consultation's survey to who may publish them."""
    waiting = process.published_at and surveys.unpublished_of(process.pk, viewer).exists()
    return (forms.CloseWithResultsForm if waiting else forms.CloseForm)(sent)


@require_POST
@panel(MANAGE)
def publish(request: HttpRequest, process_id: UUID) -> HttpResponse:
    """Show it to everybody."""
    one = managed(request, process_id)
    try:
        services.publish_process(process=one, by=request.viewer)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Opublikowano. Wszyscy widzą te konsultacje."))
    return redirect("idea_panel:process", process_id=process_id)


@require_POST
@panel(MANAGE)
def close(request: HttpRequest, process_id: UUID) -> HttpResponse:
    """End it; refused while one remark has no answer."""
    one = managed(request, process_id)
    form = _close_form(one, request.viewer, request.POST)
    if form.is_valid():
        try:
            with transaction.atomic():
                services.close_process(process=one, outcome=form.cleaned_data["outcome"], by=request.viewer)
                if form.cleaned_data.get("results"):
                    surveys.publish_of_process(process_id=one.pk, by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Konsultacje zamknięte. Raport właśnie powstaje, a każdy autor dostanie wiadomość."))
            return redirect("idea_panel:process", process_id=process_id)
    return _page(request, one, form)


@panel(MANAGE)
def document(request: HttpRequest, process_id: UUID, document_id: UUID | None = None) -> HttpResponse:
    """A new document, or the next version of one."""
    one = managed(request, process_id)
    known = selectors.document_of(one, document_id) if document_id else None
    if document_id and known is None:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    given = uploads.collect(request, most=forms.VERSION_FILES) if sent is not None else uploads.Uploads()
    form = (forms.VersionForm if known else forms.DocumentForm)(sent)
    if sent is not None and form.is_valid() and not uploads.complain(form, given):
        data = {**form.cleaned_data, "files": given.kept}
        try:
            if known is None:
                services.add_document(process=one, by=request.viewer, **data)
            else:
                services.add_version(document=known, by=request.viewer, **data)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Dokument zapisany i podzielony na akapity."))
            return redirect("idea_panel:process", process_id=process_id)
    context = {"brand": brand(), "process": one, "form": form, "document": known, "uploads": given}
    return render(request, "idea/panel_document.html", context, status=422 if sent is not None else 200)


@panel(MANAGE)
def meeting(request: HttpRequest, process_id: UUID, meeting_id: UUID | None = None) -> HttpResponse:
    """A new meeting, or one with who registered for it."""
    one = managed(request, process_id)
    known = _meeting(one, meeting_id) if meeting_id else None
    sent = request.POST if request.method == "POST" else None
    form = forms.MeetingForm(sent, initial=forms.meeting_initial(known) if known else None)
    if sent is not None and form.is_valid():
        try:
            services.save_meeting(process=one, meeting=known, row=form.row(), by=request.viewer)
        except ValidationError as error:
            _refuse_meeting(form, error)
        else:
            messages.success(request, _("Spotkanie zapisane."))
            return redirect("idea_panel:process", process_id=process_id)
    context = {
        "brand": brand(),
        "process": one,
        "form": form,
        "meeting": known,
        "minutes_form": forms.MinutesForm(initial={"minutes": known.minutes}) if known else None,
        "registrations": list(selectors.registrations(known, request.viewer)) if known else [],
    }
    return render(request, "idea/panel_meeting.html", context, status=422 if sent is not None else 200)


def _refuse_meeting(form: Any, error: ValidationError) -> None:
    for field, words in error.message_dict.items() if hasattr(error, "error_dict") else [("", error.messages)]:
        form.add_error({"ends_at": "ends", "starts_at": "begins"}.get(field, field) or None, words)


def _meeting(process: Any, meeting_id: UUID) -> Any:
    known = selectors.meeting_for(process, meeting_id)
    if known is None:
        raise Http404
    return known


@require_POST
@panel(MANAGE)
def minutes(request: HttpRequest, process_id: UUID, meeting_id: UUID) -> HttpResponse:
    """Publish what was said."""
    known = _meeting(managed(request, process_id), meeting_id)
    form = forms.MinutesForm(request.POST)
    try:
        if not form.is_valid():
            raise ValidationError(_("Napisz, co się działo na spotkaniu."))
        services.publish_minutes(meeting=known, minutes=form.cleaned_data["minutes"], by=request.viewer)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, _("Notatka opublikowana."))
    return redirect("idea_panel:meeting", process_id=process_id, meeting_id=meeting_id)


@require_POST
@panel(MANAGE)
def cancel(request: HttpRequest, process_id: UUID, meeting_id: UUID) -> HttpResponse:
    """Call a meeting off."""
    known = _meeting(managed(request, process_id), meeting_id)
    if known.cancelled_at is not None:
        raise PermissionDenied
    services.cancel_meeting(meeting=known, by=request.viewer)
    messages.success(request, _("Spotkanie odwołane. Zapisane osoby dostaną wiadomość."))
    return redirect("idea_panel:process", process_id=process_id)
