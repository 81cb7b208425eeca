"""``/panel/pomiary/wgraj/``: files in, what is in them, what became of them."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.selectors import display_names
from miasto.kernel.core.registry import registry
from miasto.kernel.observations.access import MANAGE
from miasto.kernel.observations.alerts.describing import valued
from miasto.kernel.observations.importing import (
    checking,
    faults,
    opening,
    running,
    storing,
    tables,
    targets,
    undoing,
    workbooks,
)
from miasto.kernel.observations.importing.faults import Unreadable
from miasto.kernel.observations.importing.forms import Mapping, Upload
from miasto.kernel.observations.importing.layout import EPANET, EPANET_RESULTS, MBUS, TABLE, Layout
from miasto.kernel.observations.importing.models import FileImport
from miasto.kernel.observations.importing.moments import instant
from miasto.kernel.spec.observations import ReadingsFormat

PER_PAGE, SHOWN_SERIES, PREVIEW = 25, 50, 5
WRITTEN = ("header", "delimiter", "decimal", "order", "double", "encoding")
State = FileImport.State
COLOURS = {
    "new": "grey", "checking": "blue", "checked": "yellow", "writing": "blue", "done": "green", "failed": "red",
    "cancelled": "grey", "undoing": "blue", "undone": "grey",
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@panel(MANAGE)
def imports(request: HttpRequest) -> HttpResponse:
    """A form for a file, and the history of files."""
    form = Upload(request.POST or None, request.FILES or None, viewer=request.viewer)
    if request.method == "POST" and form.is_valid():
        upload, unit = form.cleaned_data["file"], form.cleaned_data["unit"]
        try:
            one = running.take(
                pieces=upload.chunks(1 << 20), name=upload.name or _("plik"), by=request.viewer, unit_id=unit and unit.pk
            )
        except Unreadable as error:
            form.add_error("file", str(error))
        else:
            return redirect("observations_importing:one", import_id=one.pk)
    found = FileImport.objects.visible_to(request.viewer).select_related("profile").order_by("-started_at")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    names = display_names([one.person_id for one in page])
    rows = [{"one": one, "who": names.get(one.person_id, ""), "colour": COLOURS[one.state]} for one in page]
    return render(request, "observations/importing/imports.html", {"form": form, "page": page, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@panel(MANAGE)
def one_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """One file: its columns while they may be chosen, its progress, its result."""
    one = get_object_or_404(FileImport.objects.visible_to(request.viewer).select_related("profile", "unit"), pk=import_id)
    if request.method == "POST" and (done := _act(request, one)) is not None:
        return done
    context: dict[str, Any] = {"one": one, "colour": COLOURS[one.state], "format": _format_name(one)}
    context["kept"] = (storing.folder(one.pk) / storing.SOURCE).exists()
    context["lost"] = one.open and not context["kept"]
    if one.open and context["kept"]:
        context |= _open(request, one)
    if one.state in (State.CHECKED, State.DONE, State.UNDONE):
        context |= _counted(one)
    context["undoable"] = undoing.possible(one)
    context["who"] = display_names([one.person_id]).get(one.person_id, "")
    context["listed"] = (storing.folder(one.pk) / checking.REFUSED).exists()
    context["reasons"] = [(faults.REASONS[why], n) for why, n in one.reasons.items() if why in faults.REASONS]
    return render(request, "observations/importing/one.html", context)


def _act(request: HttpRequest, one: FileImport) -> HttpResponse | None:
    """Do what a button says; None where the form must be shown again with its errors."""
    what = request.POST.get("do", "")
    if what == "check":
        return _declare(request, one)
    if what == "write" and not running.ask(one=one, to=State.WRITING, by=request.viewer):
        messages.warning(request, _("Ten plik nie czeka już na potwierdzenie."))
    elif what == "sheet":
        _choose_sheet(request, one)
    elif what == "stop":
        running.ask_to_stop(one=one)
    elif what == "again" and not running.again(one=one):
        messages.warning(request, _("Plik już usunęliśmy. Wgraj go jeszcze raz."))
    elif what == "discard":
        if running.discard(one=one):
            messages.success(request, _("Plik odrzucony. Nic z niego nie wpisaliśmy."))
            return redirect("observations_importing:list")
        messages.warning(request, _("Tego pliku nie można już odrzucić. To, co wpisaliśmy, można wycofać."))
    return redirect("observations_importing:one", import_id=one.pk)


def _choose_sheet(request: HttpRequest, one: FileImport) -> None:
    try:
        running.choose_sheet(one=one, sheet=request.POST.get("sheet", ""))
    except (Unreadable, ValidationError) as error:
        messages.warning(request, " ".join(getattr(error, "messages", [str(error)])))


def _declare(request: HttpRequest, one: FileImport) -> HttpResponse | None:
    if not (storing.folder(one.pk) / storing.SOURCE).exists():
        return redirect("observations_importing:one", import_id=one.pk)
    form = _form(request, one)
    if not form.is_valid():
        return None
    data = form.cleaned_data
    try:
        running.declare(
            one=one,
            layout=form.found(),
            profile_name=data["name"],
            thing_name=data.get("thing_name", ""),
            thing_kind=data.get("thing_kind") or "observations.thing",
            audience=data["audience"],
            meter_keys=data.get("keys"),
            by=request.viewer,
        )
    except ValidationError as error:
        if error.code == running.TAKEN:
            one.taken = error.messages
            return None
        messages.warning(request, " ".join(error.messages))
    else:
        one.refresh_from_db()
        running.ask(one=one, to=State.CHECKING, by=request.viewer)
    return redirect("observations_importing:one", import_id=one.pk)


def _form(request: HttpRequest, one: FileImport) -> Mapping:
    sent = request.POST if request.method == "POST" else None
    return Mapping(sent, one=one, width=len(Layout.of(one.layout).names), viewer=request.viewer)


def _open(request: HttpRequest, one: FileImport) -> dict[str, Any]:
    """The form with examples of each column, and what the first rows would become."""
    form, layout = _form(request, one), Layout.of(one.layout)
    for text in getattr(one, "taken", ()):
        form.add_error("name", text)
    timed = layout.format == TABLE and layout.date is not None
    written = [form[name] for name in (*WRITTEN, *(("start", "step") if timed else ())) if name in form.fields]
    chosen = [form[f"target_{place}"] for place in form.targets]
    return {
        "form": form,
        "columns": _columns(form, layout, one),
        "written": written,
        "timed": timed,
        "targets": chosen,
        "sheets": _sheets(layout, one),
        "sheet": layout.sheet,
        **_preview(layout, one),
    }


def _sheets(layout: Layout, one: FileImport) -> list[str]:
    """The sheets among which may be chosen: of a workbook with more than one."""
    if not layout.sheet:
        return []
    found = workbooks.sheets(storing.folder(one.pk) / storing.SOURCE)
    return found if len(found) > 1 else []


def _columns(form: Mapping, layout: Layout, one: FileImport) -> list[dict[str, Any]]:
    if layout.format != TABLE:
        return []
    head = opening.head(storing.folder(one.pk) / storing.SOURCE, 65_536, layout.sheet)
    rows = list(islice(tables.rows_of(tables.text_of(io.BytesIO(head), layout.encoding), layout), 4))
    rows = rows[1:] if layout.header else rows[:3]
    return [
        {
            "name": layout.names[place] or str(place + 1),
            "examples": [row[place][:40] for row in rows if place < len(row) and row[place]],
            "role": form[f"role_{place}"],
            "code": form[f"code_{place}"] if f"code_{place}" in form.fields else None,
            "unit": form[f"unit_{place}"] if f"unit_{place}" in form.fields else None,
        }
        for place in range(form.width)
    ]


def _preview(layout: Layout, one: FileImport) -> dict[str, Any]:
    """The first readings as they would be read, and the first places that would be refused."""
    place, found, wrong = storing.folder(one.pk) / storing.SOURCE, [], []
    if not layout.start and (layout.format in (EPANET, EPANET_RESULTS) or (layout.format == TABLE and layout.date is None)):
        return {"preview": [], "wrong": []}
    try:
        known, chunks = checking.reading(place, layout, running.keys_of(one), most=3 * PREVIEW)
        for chunk in chunks:
            wrong += chunk.faults
            found += zip(chunk.series.tolist(), chunk.time.tolist(), chunk.value.tolist(), chunk.line.tolist(), strict=True)
    except (Unreadable, ValueError, csv.Error) as error:
        return {"preview": [], "wrong": [], "unreadable": str(error)}
    found.sort(key=lambda row: row[3])
    rows = [
        {"series": known.all[series].key, "at": instant(time), "value": valued(value, known.all[series].unit), "line": line}
        for series, time, value, line in found[:PREVIEW]
    ]
    said = [
        {"line": fault.line, "column": fault.column, "text": fault.text, "why": faults.REASONS[fault.why]}
        for fault in wrong[:3]
    ]
    return {"preview": rows, "wrong": said}


def _counted(one: FileImport) -> dict[str, Any]:
    """The series of a checked file: how many readings each has, and whether it is a new one."""
    try:
        series, counts = checking.series_of(storing.folder(one.pk))
    except OSError:
        return {"series": []}
    shown = series[:SHOWN_SERIES]
    there = targets.existing(shown, one.profile) if one.profile else {}
    rows = [
        {
            "name": row.key,
            "n": counted["n"],
            "least": valued(counted["least"], row.unit) if counted["n"] else "",
            "most": valued(counted["most"], row.unit) if counted["n"] else "",
            "stream": there.get(targets.source_of(row, one.profile)) if one.profile else None,
        }
        for row, counted in zip(shown, counts, strict=False)
    ]
    return {"series": rows, "more_series": max(0, len(series) - SHOWN_SERIES)}


def _format_name(one: FileImport) -> str:
    key = one.layout.get("format", TABLE)
    own = {MBUS: _("telegramy M-Bus"), EPANET: _("model sieci EPANET"), EPANET_RESULTS: _("wyniki EPANET")}
    own[TABLE] = _("arkusz programu Excel") if one.layout.get("sheet") else _("tabela (CSV)")
    if key in own:
        return own[key]
    return str(registry().get(ReadingsFormat, key).name) if registry().has(ReadingsFormat, key) else key


@require_http_methods(["GET", "HEAD", "POST"])
@panel(MANAGE)
def undo(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What taking a file back would do, and the button that does it."""
    one = get_object_or_404(FileImport.objects.visible_to(request.viewer), pk=import_id)
    there = redirect("observations_importing:one", import_id=one.pk)
    if request.method == "POST":
        if not undoing.ask(one=one, by=request.viewer):
            messages.warning(request, _("Tego pliku nie można teraz wycofać. Może ktoś już to robi."))
        return there
    if not undoing.possible(one):
        return there
    return render(request, "observations/importing/undo.html", {"one": one, "found": undoing.foreseen(one)})


@require_safe
@panel(MANAGE)
def refused(request: HttpRequest, import_id: UUID) -> FileResponse:
    """The list of refused places, while the file is kept."""
    one = get_object_or_404(FileImport.objects.visible_to(request.viewer), pk=import_id)
    path = storing.folder(one.pk) / checking.REFUSED
    if not path.exists():
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename="odrzucone.csv", content_type="text/csv; charset=utf-8")
