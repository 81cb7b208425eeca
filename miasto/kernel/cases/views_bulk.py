"""Bulk actions from the queue: what to do with the selected cases, and what came of it. Works without scripts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.selectors import current_units, people_in
from miasto.kernel.cases import bulk, selectors, services
from miasto.kernel.cases.access import SEE
from miasto.kernel.cases.forms import MOST_TEXT, category_choices
from miasto.kernel.cases.models import BulkRun
from miasto.kernel.cases.queue import queue_cases
from miasto.kernel.cases.uploads import refuse
from miasto.kernel.cases.views_queue import asked

SIMPLE_NEEDS = {"answer", "question", "reason"}


class BulkForm(forms.Form):
    """What to do, and with what: only the field of the chosen action counts."""

    ACTIONS = (
        ("unit", _("Przekaż jednostce")),
        ("assignee", _("Przydziel osobie")),
        ("category", _("Zmień kategorię")),
        ("step", _("Wykonaj krok")),
        ("merge", _("Połącz z jedną sprawą")),
    )
    action = forms.ChoiceField(
        label=_("Co zrobić?"),
        choices=ACTIONS,
        widget=forms.RadioSelect(attrs={"legend_class": "govuk-fieldset__legend--m"}),
        error_messages={"required": _("Wybierz, co zrobić.")},
    )
    unit = forms.ChoiceField(label=_("Jednostka"), required=False)
    assignee = forms.ChoiceField(label=_("Osoba"), required=False)
    category = forms.ChoiceField(label=_("Kategoria"), required=False)
    transition = forms.ChoiceField(label=_("Krok"), required=False)
    template = forms.ChoiceField(label=_("Szablon odpowiedzi"), required=False)
    answer = forms.CharField(
        label=_("Odpowiedź albo pytanie"),
        help_text=_("Puste, gdy wybierasz szablon: numer, miejsce i jednostkę wstawimy w każdej sprawie osobno."),
        max_length=MOST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "hide_optional": True}),
    )
    reason = forms.CharField(
        label=_("Powód (gdy krok go wymaga)"),
        max_length=MOST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "hide_optional": True}),
    )
    into = forms.CharField(
        label=_("Numer sprawy, która idzie dalej"),
        max_length=24,
        required=False,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "hide_optional": True}),
    )
    conditional = {
        "action": {
            "unit": ("unit",),
            "assignee": ("assignee",),
            "category": ("category",),
            "step": ("transition", "template", "answer", "reason"),
            "merge": ("into",),
        }
    }

    def __init__(self, *args: Any, case_type: Any, units: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = [step for step in case_type.transitions if not step.effect and _by_staff(step)]
        choices = {
            "unit": [(str(row.pk), row.name) for row in current_units().order_by("name")],
            "assignee": [(str(row.pk), row.name) for row in people_in(units, "cases.handle")],
            "category": category_choices(case_type.key),
            "transition": [(step.key, step.label) for step in steps],
            "template": [(str(row.pk), row.name) for row in selectors.answer_templates(case_type.key)],
        }
        empty = {"assignee": _("nikt – pula jednostki")}
        for name, rows in choices.items():
            self.fields[name].choices = [("", empty.get(name, _("wybierz"))), *rows]
            self.fields[name].widget.attrs["hide_optional"] = True

    @property
    def values(self) -> dict[str, Any]:
        """The plain values of the chosen action."""
        data = self.cleaned_data
        names = self.conditional["action"][data["action"]]
        return {name: data[name] for name in names if data[name]}


def _by_staff(step: Any) -> bool:
    return any("." in who for who in step.by) and set(step.needs) <= {*SIMPLE_NEEDS, "photo_or_reason"}


@require_POST
@panel(SEE)
def choose(request: HttpRequest) -> HttpResponse:
    """From the queue's checkboxes to the form, and from the form to the run.

    ``all`` means everything that the queue's filters leave (``query`` is the queue's own address), 5,000 at most.
    """
    query = QueryDict(request.POST.get("query", ""))
    _form, filters = asked(request, query)
    ids = _ids(request, filters)
    if not ids:
        messages.warning(request, _("Zaznacz co najmniej jedną sprawę."))
        return redirect(f"{reverse('cases_panel:queue')}?{query.urlencode()}")
    # A queue of several types of case: the choices are those of the first; another type's case refuses what it does not know.
    key = filters.case_type or selectors.visible_cases(request.viewer).values_list("case_type", flat=True).get(pk=ids[0])
    kind = selectors.case_type(key)
    sent = request.POST if "action" in request.POST or "go" in request.POST else None
    form = BulkForm(sent, case_type=kind, units=request.viewer.units_with("cases.handle"))
    if sent is not None and form.is_valid():
        try:
            run = services.start_run(
                case_ids=ids, action=form.cleaned_data["action"], back=query.urlencode(), by=request.viewer, **form.values
            )
        except ValidationError as error:
            refuse(form, error)
        else:
            return redirect("cases_panel:bulk_run", run_id=run.pk)
    context = {
        "form": form,
        "count": len(ids),
        "whole": "all" in request.POST,
        "chosen": [] if "all" in request.POST else ids,
        "query": query.urlencode(),
        "most": bulk.MOST,
    }
    return render(request, "cases/bulk.html", context)


def _ids(request: HttpRequest, filters: selectors.QueueFilters) -> list[UUID]:
    if "all" in request.POST:
        return list(queue_cases(request.viewer, filters).order_by("due_on", "id").values_list("pk", flat=True)[: bulk.MOST])
    found = []
    for text in request.POST.getlist("case")[: bulk.MOST]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return list(
        queue_cases(request.viewer, selectors.QueueFilters(active=False)).filter(pk__in=found).values_list("pk", flat=True)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@panel(SEE)
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """How far a run is, what was done, what was refused and why; whoever ordered it may stop it."""
    row = BulkRun.objects.filter(pk=run_id, person=request.viewer.person_id).first()
    if row is None:
        raise Http404
    if request.method == "POST":
        services.cancel_run(run=row, by=request.viewer)
        messages.info(request, _("Zatrzymamy się po sprawach, które są właśnie w toku."))
        return redirect("cases_panel:bulk_run", run_id=run_id)
    going = row.state in (BulkRun.State.WAITING, BulkRun.State.RUNNING)
    back = f"{reverse('cases_panel:queue')}?{row.back}" if row.back else reverse("cases_panel:queue")
    context = {"row": row, "total": len(row.ids), "going": going, "back": back}
    return render(request, "cases/bulk_run.html", context)
