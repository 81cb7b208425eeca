"""Staff: making a survey without code, its answers, words to read, paper, export."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel as gate
from miasto.kernel.core import clock
from miasto.kernel.participation.selectors import findings
from miasto.modules.idea.surveys import exports, forms, selectors, services, structure
from miasto.modules.idea.surveys.models import ANSWER, MANAGE, State, Survey
from miasto.modules.idea.surveys.sheet import Sheet
from miasto.modules.idea.surveys.views import results_context, walk
from miasto.modules.idea.views_remark import refuse

PER_PAGE = 30
HOME = "idea_panel:survey"


def managed(request: HttpRequest, survey_id: UUID, permission: str = MANAGE) -> Survey:
    """The survey for who may work on it; 404 for everybody else."""
    one = selectors.managed(survey_id, request.viewer, permission)
    if one is None:
        raise Http404
    return one


@require_safe
@gate(ANSWER)
def index(request: HttpRequest) -> HttpResponse:
    """The surveys of one's units."""
    page = Paginator(selectors.for_staff(request.viewer, ANSWER), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(one, stage_of(one)) for one in page]
    return render(request, "idea/surveys/staff_list.html", {"page": page, "rows": rows})


def stage_of(survey: Survey) -> tuple[str, str]:
    """The name and the colour of where a survey stands."""
    if survey.published_at is None:
        return _("szkic"), "grey"
    if survey.results_at is not None:
        return _("wyniki opublikowane"), "purple"
    if survey.closed_at is not None:
        return _("zamknięta"), "yellow"
    return (_("trwa"), "green") if survey.open else (_("opublikowana"), "blue")


@gate(MANAGE)
def edit(request: HttpRequest, survey_id: UUID | None = None) -> HttpResponse:
    """A new survey, or other words, dates and rules of one."""
    known = managed(request, survey_id) if survey_id else None
    sent = request.POST if request.method == "POST" else None
    initial = forms.initial_of(known) if known else forms.new_survey()
    form = forms.SurveyForm(sent, viewer=request.viewer, initial=initial)
    if sent is not None and form.is_valid():
        try:
            if known is None:
                made = services.create_survey(row=form.row(), by=request.viewer)
            else:
                made = services.update_survey(survey=known, row=form.row(), by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Zapisano."))
            return redirect(HOME, survey_id=made.pk)
    here = _("Zmień ankietę") if known else _("Nowa ankieta")
    context = {"survey": known, "form": form, "here": here}
    return render(request, "idea/surveys/staff_form.html", context, status=422 if sent is not None else 200)


@require_safe
@gate(ANSWER)
def survey(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """The workbench of one survey: its questions, what comes next, what waits."""
    one = managed(request, survey_id, ANSWER)
    total = selectors.total(one, exact=True)
    pages = [(row, [(question, question_row) for question, question_row in _questions(row)]) for row in one.pages]
    context = {
        "survey": one,
        "stage": stage_of(one),
        "pages": [(structure.in_language(row.get("title"), "pl"), row, questions) for row, questions in pages],
        "problems": structure.problems(one.pages) if one.published_at is None else [],
        "frozen": one.closed_at is not None or (one.published_at is not None and total > 0),
        "total": total,
        "waiting": selectors.words(one, request.viewer).count(),
        "manages": selectors.managed(one.pk, request.viewer, MANAGE) is not None,
        "over": one.ends_on < clock.today(),
        "kinds": dict(forms.KIND_NAMES),
    }
    return render(request, "idea/surveys/staff_survey.html", context)


def _questions(page: dict[str, Any]) -> list[tuple[Any, dict[str, Any]]]:
    names = dict(forms.KIND_NAMES)
    made = []
    for row in page["questions"]:
        question = structure.question_of(row, "pl")
        parts = [(part, {"kind_name": names.get(part.kind, part.kind)}) for part in question.parts]
        made.append((question, {**row, "kind_name": names.get(question.kind, question.kind), "part_rows": parts}))
    return made


@gate(MANAGE)
def page(request: HttpRequest, survey_id: UUID, key: str = "") -> HttpResponse:
    """A new page of questions, or the words of one."""
    one = managed(request, survey_id)
    known = next((row for row in one.pages if row["key"] == key), None)
    if key and known is None:
        raise Http404
    sent = request.POST if request.method == "POST" else None
    form = forms.PageForm(sent, initial=forms.initial_of_page(known) if known else None)
    if sent is not None and form.is_valid():
        try:
            services.save_page(survey=one, key=key, by=request.viewer, **form.words())
        except ValidationError as error:
            refuse(form, error)
        else:
            return redirect(HOME, survey_id=one.pk)
    here = _("Zmień stronę") if known else _("Nowa strona")
    context = {"survey": one, "form": form, "here": here}
    return render(request, "idea/surveys/staff_form.html", context, status=422 if sent is not None else 200)


@gate(MANAGE)
def question(request: HttpRequest, survey_id: UUID, key: str = "") -> HttpResponse:
    """A new question of a page (``strona``) or of the places of another (``do``), or another shape of one."""
    one = managed(request, survey_id)
    page_key, parent, known = _place_of(one, request, key)
    sent = request.POST if request.method == "POST" else None
    initial = forms.initial_of_question(known) if known else {"kind": "choice"}
    form = forms.QuestionForm(sent, survey=one, key=key, part=bool(parent), initial=initial)
    if sent is not None and form.is_valid():
        try:
            services.save_question(survey=one, page=page_key, parent=parent, row=form.row(known), by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
        else:
            return redirect(HOME, survey_id=one.pk)
    here = _("Zmień pytanie") if known else _("Nowe pytanie")
    context = {"survey": one, "form": form, "here": here}
    return render(request, "idea/surveys/staff_form.html", context, status=422 if sent is not None else 200)


def _place_of(survey: Survey, request: HttpRequest, key: str) -> tuple[str, str, dict[str, Any] | None]:
    """(page, the question of places it belongs to, the row) of a known or a new question."""
    if not key:
        return request.GET.get("strona", ""), request.GET.get("do", ""), None
    for row in survey.pages:
        for one in row["questions"]:
            if one["key"] == key:
                return row["key"], "", one
            for part in one.get("parts", ()):
                if part["key"] == key:
                    return row["key"], one["key"], part
    raise Http404


def _act(
    request: HttpRequest, survey_id: UUID, act: Callable[[Survey], Any], said: str = "", permission: str = MANAGE
) -> HttpResponse:
    one = managed(request, survey_id, permission)
    try:
        act(one)
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        if said:
            messages.success(request, said)
    return redirect(HOME, survey_id=survey_id)


@require_POST
@gate(MANAGE)
def arrange(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """Move a question up or down, take a question or a page away."""
    act, _sign, key = request.POST.get("go", "").partition(":")
    by = request.viewer
    acts: dict[str, Callable[[Survey], Any]] = {
        "up": lambda one: services.move_question(survey=one, key=key, way=-1, by=by),
        "down": lambda one: services.move_question(survey=one, key=key, way=1, by=by),
        "drop": lambda one: services.drop_question(survey=one, key=key, by=by),
        "drop-page": lambda one: services.drop_page(survey=one, key=key, by=by),
    }
    if act not in acts:
        raise Http404
    return _act(request, survey_id, acts[act])


@require_POST
@gate(MANAGE)
def publish(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """Let people answer."""
    said = _("Opublikowano ankietę.")
    return _act(request, survey_id, lambda one: services.publish_survey(survey=one, by=request.viewer), said)


@require_POST
@gate(MANAGE)
def close(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """End the answering."""
    said = _("Zamknięto ankietę. Nie da się już ustalić, kto odpowiadał.")
    return _act(request, survey_id, lambda one: services.close_survey(survey=one, by=request.viewer), said)


@require_POST
@gate(MANAGE)
def publish_results(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """Show the results to everybody."""
    said = _("Opublikowano wyniki.")
    return _act(request, survey_id, lambda one: services.publish_results(survey=one, by=request.viewer), said)


@gate(MANAGE)
def preview(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """Walk through the survey as people will; nothing is sent."""
    one = managed(request, survey_id)
    if not structure.questions_of(one):
        messages.error(request, _("Dodaj przynajmniej jedno pytanie."))
        return redirect(HOME, survey_id=one.pk)

    def end(request: HttpRequest, survey: Survey, sheet: Sheet, at: int) -> HttpResponse:
        messages.success(request, _("To koniec podglądu. Odpowiedzi nie zapisano."))
        return redirect(HOME, survey_id=survey.pk)

    return walk(request, one, send=end, template="idea/surveys/staff_walk.html", here=_("Podgląd"), preview=True)


@gate(ANSWER)
def paper(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """Write down answers that came on paper."""
    one = managed(request, survey_id, ANSWER)
    day = forms.PaperForm(request.POST if request.method == "POST" else None, initial={"received_on": clock.today()})

    def save(request: HttpRequest, survey: Survey, sheet: Sheet, at: int) -> HttpResponse:
        if day.is_valid():
            try:
                services.enter_paper(
                    survey=survey, row=sheet.row(), received_on=day.cleaned_data["received_on"], by=request.viewer
                )
            except ValidationError as error:
                messages.error(request, error.messages[0])
            else:
                messages.success(request, _("Zapisano odpowiedź z papieru."))
                return redirect("idea_panel:survey_paper", survey_id=survey.pk)
        return walk(request, survey, send=save, **extra)

    extra = {"template": "idea/surveys/staff_walk.html", "here": _("Odpowiedź z papieru"), "strict": False, "day": day}
    if request.method == "POST" and request.POST.get("go") == "send" and not day.is_valid():
        shown = request.POST.copy()
        shown["go"] = "show"
        request.POST = shown  # type: ignore[assignment]
    return walk(request, one, send=save, **extra)


@require_safe
@gate(ANSWER)
def results(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """The results with exact numbers."""
    one = managed(request, survey_id, ANSWER)
    return render(request, "idea/surveys/staff_results.html", results_context(request, one, exact=True))


@gate(ANSWER)
def words(request: HttpRequest, survey_id: UUID) -> HttpResponse:
    """Words that wait to be read: let through, mask, or keep back."""
    one = managed(request, survey_id, ANSWER)
    if request.method == "POST":
        return _decide(request, one)
    page_obj = Paginator(selectors.words(one, request.viewer), PER_PAGE).get_page(request.GET.get("page"))
    labels = {row.key: row.label for row in structure.questions_of(one)}
    labels |= {part.key: part.label for row in structure.questions_of(one) for part in row.parts}
    rows = [(text, labels.get(text.question.partition("-")[0], ""), findings(text.body)[1]) for text in page_obj]
    return render(request, "idea/surveys/staff_words.html", {"survey": one, "rows": rows, "page_obj": page_obj})


def _decide(request: HttpRequest, survey: Survey) -> HttpResponse:
    try:
        text = selectors.words_of(UUID(request.POST.get("text", "")), survey, request.viewer)
    except ValueError:
        raise Http404 from None
    if text is None or text.state != State.WAITING:
        messages.error(request, _("Ta odpowiedź jest już rozpatrzona."))
    else:
        publish = request.POST.get("go") == "publish"
        try:
            services.decide_words(text=text, publish=publish, edited=request.POST.get("edited", "")[:4000], by=request.viewer)
        except ValidationError as error:
            messages.error(request, error.messages[0])
    return redirect("idea_panel:survey_words", survey_id=survey.pk)


@require_safe
@gate(ANSWER)
def export(request: HttpRequest, survey_id: UUID, kind: str) -> HttpResponse:
    """Every answer as CSV, or every place as GeoJSON."""
    one = managed(request, survey_id, ANSWER)
    if kind == "csv":
        response = HttpResponse(exports.csv_of(exports.staff_rows(one, request.viewer)), content_type="text/csv; charset=utf-8")
    else:
        response = JsonResponse(selectors.marks_geojson(one, exact=True), content_type="application/geo+json")
    response["Content-Disposition"] = f'attachment; filename="{one.slug}-dane.{kind}"'
    return response


@require_safe
@gate(ANSWER)
def cells(request: HttpRequest, survey_id: UUID, question: str) -> JsonResponse:
    """The heat map of one question with exact counts."""
    one = managed(request, survey_id, ANSWER)
    return JsonResponse(selectors.cells_geojson(one, question, exact=True), content_type="application/geo+json")
