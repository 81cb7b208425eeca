"""The page on which staff handle a case, and everything that can be done there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.accounts.selectors import current_units, people_in
from miasto.kernel.cases import presenting, selectors, services
from miasto.kernel.cases.access import SEE
from miasto.kernel.cases.family import open_parts
from miasto.kernel.cases.forms import AssigneeForm, CategoryForm, MessageForm, StepForm, TextForm, UnitForm
from miasto.kernel.cases.masking import found_in, masked
from miasto.kernel.cases.models import CaseFile, Category
from miasto.kernel.cases.parts import parts_of
from miasto.kernel.cases.retention import SUPERVISE, current_hold
from miasto.kernel.cases.uploads import Basket, collect, complain, refuse
from miasto.kernel.cases.views import found
from miasto.kernel.cases.work_relations import around_work

AUDIENCES = ("internal", "parties", "public")
Bound = dict[str, Any]


def view_for_staff(request: HttpRequest, number: str) -> selectors.CaseView:
    """The case of a number for its unit's staff; 403 for others."""
    view = found(number, request)
    if not view.is_staff:
        raise PermissionDenied
    return view


@require_safe
@panel(SEE)
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Everything of one case in one place; ``?fragment=1`` is the part that a map's panel shows."""
    view = view_for_staff(request, number)
    if "fragment" in request.GET:
        return render(request, "cases/fragment.html", {"case": view, "url": reverse("cases_panel:case", args=[number])})
    return work_page(request, view)


def work_page(
    request: HttpRequest, view: selectors.CaseView, bound: Bound | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    """The work page; ``bound`` holds forms that were sent, by name, so that nothing typed is lost."""
    bound = bound or {}
    may = view.may
    context = {
        "case": view,
        "form": bound.get("form"),
        "history": presenting.lines(view),
        "deadline": presenting.deadline(view),
        "days_words": presenting.days_words(view.days_left),
        "confirm_until": presenting.confirm_until(view),
        "steps": _steps(view, bound),
        "messages_forms": _message_forms(view, bound) if "cases.comment" in may else [],
        "text_form": bound.get("text") or TextForm(initial={"edited": view.published or masked(view.original or "")}),
        "found": found_in(view.original or "") if view.text_state == "waiting" else [],
        "assignee_form": bound.get("assignee") or AssigneeForm(case=view, initial={"assignee": view.assignee_id}),
        "unit_form": (bound.get("unit") or UnitForm(case=view)) if "cases.assign" in may else None,
        "category_form": _category_form(view, bound) if "cases.assign" in may else None,
        "mine": view.assignee_id == request.viewer.person_id,
        "data_hold": current_hold(view.id) if SUPERVISE in may else None,
        "photos": view.photos,
        "seen": len(view.history),
        "parts": parts_of(view, request.viewer, "work"),
        **more,
    }
    context |= around_work(view, request.viewer, bound, context["unit_form"], context["category_form"])
    return render(request, "cases/work.html", context, status=status)


def _category_form(view: selectors.CaseView, bound: Bound) -> CategoryForm:
    return bound.get("category") or CategoryForm(
        case=view, initial={"category": view.category.pk if view.category else None, "move": True}
    )


def _steps(view: selectors.CaseView, bound: Bound) -> list[dict[str, Any]]:
    """The staff's transitions with their forms and the prepared answers that suit them, the prominent ones first."""
    made = []
    wants_words = any({"answer", "question"} & set(step.needs) for step in view.steps if not step.by_filer)
    templates = _templates(view) if wants_words else []
    opened = bool(open_parts(view.id))
    for step in view.steps:
        if step.by_filer:
            continue
        form, basket = bound.get(f"step:{step.key}") or (StepForm(step=step, **_asked(view, step, opened)), Basket())
        spoken = {"answer", "question"} & set(step.needs)
        made.append(
            {
                "key": step.key,
                "label": step.label,
                "prominent": step.transition.prominent,
                "public": "answer" in step.needs and view.type.public_register,
                "form": form,
                "basket": basket,
                "open": f"step:{step.key}" in bound,
                "templates": templates if spoken else [],
            }
        )
    return sorted(made, key=lambda one: not one["prominent"])


def _asked(view: selectors.CaseView, step: selectors.AllowedStep, opened: bool) -> dict[str, bool]:
    """Who reads what is said with a step, whether it stops the clock, and whether it ends a case whose parts are open."""
    held = view.type.stage(step.transition.target).clock
    return {"public": view.type.public_register, "holds": held == "paused", "despite": opened and held == "stopped"}


def _templates(view: selectors.CaseView) -> list[dict[str, Any]]:
    rows = selectors.answer_templates(
        view.type.key, category_id=view.category.pk if view.category else None, unit_id=view.unit_id
    )
    return [{"id": row.pk, "name": row.name, "body": presenting.fill_template(row.body, view)} for row in rows]


def _message_forms(view: selectors.CaseView, bound: Bound) -> list[dict[str, Any]]:
    words = {
        "internal": (_("Notatka wewnętrzna"), _("Widzą ją tylko pracownicy."), "lock", _("Zapisz notatkę")),
        "parties": (
            _("Wiadomość do osoby zgłaszającej"),
            _("Przeczyta ją tylko osoba zgłaszająca i pracownicy."),
            "user-round",
            _("Wyślij wiadomość"),
        ),
        "public": (
            _("Komentarz publiczny"),
            _("Zobaczą go wszyscy, od razu po zapisaniu."),
            "globe",
            _("Opublikuj dla wszystkich"),
        ),
    }
    return [
        {
            "audience": audience,
            "label": words[audience][0],
            "who": words[audience][1],
            "icon": words[audience][2],
            "button": words[audience][3],
            "form": bound.get(f"message:{audience}") or MessageForm(audience=audience),
            "open": f"message:{audience}" in bound,
        }
        for audience in AUDIENCES
        if audience != "public" or view.type.public_register
    ]


def carry_out(
    request: HttpRequest,
    view: selectors.CaseView,
    name: str,
    form: Form | None,
    kept: Any,
    call: Callable[[int | None], Any],
    done: str,
) -> HttpResponse:
    """Call a service for a valid form. What is refused or was overtaken by somebody comes back with all that was typed."""
    bound: Bound = {"form": form, **({name: kept} if form is not None else {})}
    if form is not None and not form.is_valid():
        return work_page(request, view, bound)
    try:
        call(_version(request))
    except services.Conflict as conflict:
        fresh = view_for_staff(request, view.number)
        news = presenting.lines(fresh)[: max(len(fresh.history) - _seen(request), 0)]
        return work_page(request, fresh, bound, status=409, conflict=str(conflict), news=news)
    except ValidationError as error:
        if form is None:
            for message in error.messages:
                messages.error(request, message)
            return redirect("cases_panel:case", number=view.number)
        refuse(form, error)
        return work_page(request, view, bound)
    messages.success(request, done)
    return _after(request, view)


def _after(request: HttpRequest, view: selectors.CaseView) -> HttpResponse:
    """Back to the case, or to the queue where the step took the case out of the reader's units."""
    if selectors.standing(request.viewer, selectors.visible_cases(request.viewer).filter(pk=view.id).first() or view).staff:
        return redirect("cases_panel:case", number=view.number)
    return redirect("cases_panel:queue")


def _version(request: HttpRequest) -> int:
    """The version of the case that the page showed; one that no case has where the form brings none."""
    return _number(request, "version", -1)


def _seen(request: HttpRequest) -> int:
    """How many lines of the history the page showed."""
    return _number(request, "seen", 0)


def _number(request: HttpRequest, name: str, otherwise: int) -> int:
    given = request.POST.get(name, "")
    return int(given) if given.isdecimal() and len(given) <= 9 else otherwise


@require_POST
@panel(SEE)
def step(request: HttpRequest, number: str, transition: str) -> HttpResponse:
    """Take a transition with what it needs, or put a prepared answer into its form."""
    view = view_for_staff(request, number)
    allowed = next((one for one in view.steps if one.key == transition and not one.by_filer), None)
    if allowed is None:
        messages.warning(request, _("Tego kroku nie da się już wykonać – sprawa jest na innym etapie."))
        return redirect("cases_panel:case", number=number)
    basket = collect(request)
    if "insert" in request.POST:
        return work_page(request, view, {f"step:{transition}": (_with_template(request, view, allowed), basket)})
    asked = _asked(view, allowed, bool(open_parts(view.id)))
    form = StepForm(request.POST, request.FILES, step=allowed, has_photos=bool(basket.ids), **asked)
    complain(form, basket)

    def call(version: int | None) -> None:
        services.take_step(
            case=selectors.case_for(number, request.viewer),
            transition=transition,
            answer=form.cleaned_data.get("answer", ""),
            reason=form.cleaned_data.get("reason", ""),
            despite=form.cleaned_data.get("despite", ""),
            file_ids=basket.ids,
            by=request.viewer,
            version=version,
        )

    return carry_out(
        request, view, f"step:{transition}", form, (form, basket), call, _("Zapisano: %(step)s.") % {"step": allowed.label}
    )


def _with_template(request: HttpRequest, view: selectors.CaseView, allowed: Any) -> StepForm:
    wanted = request.POST.get("template", "")
    body = next((row["body"] for row in _templates(view) if str(row["id"]) == wanted), "")
    typed = request.POST.get("answer", "").strip()
    initial = {"answer": f"{typed}\n\n{body}".strip(), "reason": request.POST.get("reason", "")}
    return StepForm(step=allowed, initial=initial, **_asked(view, allowed, bool(open_parts(view.id))))


@require_POST
@panel(SEE)
def write(request: HttpRequest, number: str, audience: str) -> HttpResponse:
    """A note for staff, a message to the filer, or a public comment."""
    if audience not in AUDIENCES:
        raise Http404
    view = view_for_staff(request, number)
    form = MessageForm(request.POST, audience=audience)

    def call(version: int | None) -> None:
        case = selectors.case_for(number, request.viewer)
        services.comment(case=case, body=form.cleaned_data["body"], audience=audience, by=request.viewer)

    done = {"internal": _("Zapisano notatkę."), "parties": _("Wysłano wiadomość."), "public": _("Opublikowano komentarz.")}[
        audience
    ]
    return carry_out(request, view, f"message:{audience}", form, form, call, done)


@require_POST
@panel("cases.moderate")
def text(request: HttpRequest, number: str) -> HttpResponse:
    """Publish the description, perhaps masked, or withhold it."""
    view = view_for_staff(request, number)
    publish = request.POST.get("decision") == "publish"
    form = TextForm(request.POST) if publish else None

    def call(version: int | None) -> None:
        case = selectors.case_for(number, request.viewer)
        edited = form.cleaned_data["edited"] if form else None
        services.decide_text(case=case, publish=publish, edited=edited, by=request.viewer, version=version)

    done = _("Opis jest opublikowany.") if publish else _("Opis nie będzie publikowany.")
    return carry_out(request, view, "text", form, form, call, done)


@require_POST
@panel("cases.moderate")
def photo(request: HttpRequest, number: str, photo_id: int) -> HttpResponse:
    """Publish a photo or withhold it."""
    view = view_for_staff(request, number)
    row = get_object_or_404(CaseFile, pk=photo_id, case_id=view.id)
    publish = request.POST.get("decision") == "publish"

    def call(version: int | None) -> None:
        services.decide_file(case_file=row, publish=publish, by=request.viewer)

    done = _("Zdjęcie jest opublikowane.") if publish else _("Zdjęcie nie będzie publikowane.")
    return carry_out(request, view, "photo", None, None, call, done)


@require_POST
@panel("cases.moderate")
def message(request: HttpRequest, number: str, comment_id: str) -> HttpResponse:
    """Publish a message of the filer or withhold it."""
    view = view_for_staff(request, number)
    publish = request.POST.get("decision") == "publish"

    def call(version: int | None) -> None:
        case = selectors.case_for(number, request.viewer)
        services.decide_comment(case=case, comment_id=UUID(comment_id), publish=publish, by=request.viewer)

    done = _("Wiadomość jest opublikowana.") if publish else _("Wiadomość nie będzie publikowana.")
    return carry_out(request, view, "message", None, None, call, done)


@require_POST
@panel(SEE)
def assignee(request: HttpRequest, number: str) -> HttpResponse:
    """Give the case to a person of the unit, take it oneself, or give it back to the unit."""
    view = view_for_staff(request, number)
    if "take" in request.POST:
        form, wanted = None, str(request.viewer.person_id)
    else:
        form = AssigneeForm(request.POST, case=view)
        wanted = form.cleaned_data["assignee"] if form.is_valid() else ""

    def call(version: int | None) -> None:
        person = people_in(None, "cases.handle").filter(pk=wanted).first() if wanted else None
        services.assign(case=selectors.case_for(number, request.viewer), assignee=person, by=request.viewer, version=version)

    return carry_out(request, view, "assignee", form, form, call, _("Zapisano, kto prowadzi sprawę."))


@require_POST
@panel("cases.assign")
def unit(request: HttpRequest, number: str) -> HttpResponse:
    """Give the case to another unit."""
    view = view_for_staff(request, number)
    form = UnitForm(request.POST, case=view)

    def call(version: int | None) -> None:
        wanted = current_units().get(pk=form.cleaned_data["unit"])
        services.assign(case=selectors.case_for(number, request.viewer), unit=wanted, by=request.viewer, version=version)

    return carry_out(request, view, "unit", form, form, call, _("Przekazano sprawę."))


@require_POST
@panel("cases.assign")
def category(request: HttpRequest, number: str) -> HttpResponse:
    """Another category, and where asked the unit that answers for it."""
    view = view_for_staff(request, number)
    form = CategoryForm(request.POST, case=view)

    @transaction.atomic
    def call(version: int | None) -> None:
        wanted = Category.objects.select_related("parent").get(pk=form.cleaned_data["category"])
        case = selectors.case_for(number, request.viewer)
        case = services.recategorise(case=case, category=wanted, by=request.viewer, version=version)
        if form.cleaned_data["move"]:
            point = (view.lon, view.lat) if view.lon is not None and view.lat is not None else None
            chosen = services.route(wanted, point, kind=view.type)
            services.assign(case=case, unit=chosen.unit, rule_id=chosen.rule_id, by=request.viewer)

    return carry_out(request, view, "category", form, form, call, _("Zmieniono kategorię."))
