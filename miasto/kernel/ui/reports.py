"""Reports that staff ask for and a job draws: the page that asks for one, and the answer with its PDF or the word to wait."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

NOTE_MOST = 500
WAIT_S = 60


class ReportForm(forms.Form):
    """A period (``periods`` are its choices) whose report is to be made, and why a corrected one."""

    period = forms.ChoiceField(label=_("Okres"))
    note = forms.CharField(
        label=_("Co poprawiasz i dlaczego?"),
        help_text=_("Przeczyta to każdy, kto otworzy raport. Przy pierwszym wydaniu zostaw puste."),
        required=False,
        max_length=NOTE_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, periods: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["period"].choices = list(periods)


@dataclass(frozen=True)
class Version:
    """A row of the staff's page: one version, where it is read (empty: not yet), how far it is, who asked and why."""

    name: Any
    number: int
    url: str
    progress: Any
    colour: str
    who: Any
    at: datetime
    note: str = ""


@dataclass(frozen=True)
class Asking:
    """What the staff's page of a kind of report says; the rest of it is the same for all kinds."""

    title: Any
    about: Any
    summary: Any
    button: Any
    none_yet: Any


def asking_page(
    request: HttpRequest, form: ReportForm, asking: Asking, versions: Sequence[Version], *, going: bool
) -> HttpResponse:
    """The staff's page: ask for a report, see all versions. ``going``: the page reads itself anew until they are made."""
    context = {"form": form, "asking": asking, "versions": versions, "going": going}
    return render(request, "ui/reports_asking.html", context, status=422 if form.errors else 200)


def pdf_answer(request: HttpRequest, data: bytes | None, *, file_name: str, name: str, page: str) -> HttpResponse:
    """The PDF of a report; while it is being drawn (None), a page that says so and leads to ``page`` (503, "come back")."""
    if data is None:
        answer = render(request, "ui/report_drawing.html", {"name": name, "page": page}, status=503)
        answer["Retry-After"] = str(WAIT_S)
        return answer
    answer = HttpResponse(data, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{file_name}"'
    return answer
