"""The author's pages: drafts, publication, new versions, withdrawal, the petition."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from miasto.kernel.accounts.access import login_required
from miasto.kernel.accounts.selectors import contact_of
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.files import selectors as files_of
from miasto.kernel.files import services as files
from miasto.modules.idea.ideas import rules, selectors, services
from miasto.modules.idea.ideas.forms import IdeaForm, PetitionForm, ReasonForm, initial_of
from miasto.modules.idea.ideas.models import Idea
from miasto.modules.idea.ideas.petitioning import may_petition
from miasto.modules.idea.ideas.views import found
from miasto.modules.idea.naming import brand
from miasto.modules.idea.views_remark import refuse

PER_HOUR = city().limit("ideas_per_hour", 30)


def _draft(request: HttpRequest, draft_id: UUID | None) -> Idea | None:
    if draft_id is None:
        return None
    one = selectors.draft_for(draft_id, request.viewer)
    if one is None:
        raise Http404
    return one


@login_required
@limited("idea.write", limit=PER_HOUR, per_s=3600)
def write(request: HttpRequest, draft_id: UUID | None = None) -> HttpResponse:
    """The form of an idea; each step keeps the draft, so that nothing is lost."""
    known = _draft(request, draft_id)
    if request.method == "POST":
        return _written(request, known)
    start = initial_of(known, known.versions.get(number=1), selectors.own_name(request.viewer)) if known else {}
    form = IdeaForm(initial={"name": selectors.own_name(request.viewer), **start})
    return _form(request, form, known)


def _form(request: HttpRequest, form: IdeaForm, known: Idea | None, status: int = 200) -> HttpResponse:
    photos = files_of.files_of([known.pk]).get(known.pk, []) if known else []
    thresholds = {name: rules.threshold(name) for name in rules.REACHES}
    context = {"brand": brand(), "form": form, "draft": known, "photos": photos, "thresholds": thresholds}
    return render(request, "idea/ideas/write.html", context, status=status)


def _written(request: HttpRequest, known: Idea | None) -> HttpResponse:
    form = IdeaForm(request.POST, request.FILES)
    if not form.is_valid():
        return _form(request, form, known, 422)
    ids, wrong = _photos(request)
    try:
        made = services.keep_draft(row=form.row(), by=request.viewer, idea=known, file_ids=ids)
    except ValidationError as error:
        refuse(form, error)
        return _form(request, form, known, 422)
    for words in wrong:
        messages.error(request, words)
    gone = request.POST.get("remove_photo")
    if gone:
        services.remove_photo(idea=made, file_id=UUID(gone), by=request.viewer)
    if wrong or gone or "keep" in request.POST:
        if "keep" in request.POST:
            messages.success(request, _("Szkic zapisany. Znajdziesz go w swoich pomysłach."))
        return redirect("idea:idea_draft", draft_id=made.pk)
    return redirect("idea:idea_check", draft_id=made.pk)


def _photos(request: HttpRequest) -> tuple[list[UUID], list[str]]:
    """The stored pictures of a POST, and why others were refused."""
    ids, wrong = [], []
    for upload in request.FILES.getlist("photos")[: services.PHOTOS]:
        try:
            ids.append(files.store_image(upload=upload, by=request.viewer).file.pk)
        except (ValidationError, files.NoRoom) as error:
            wrong += error.messages
    return ids, wrong


@require_POST
@login_required
@limited("idea.keep", limit=20 * PER_HOUR, per_s=3600)
def keep(request: HttpRequest, draft_id: UUID | None = None) -> HttpResponse:
    """What was typed so far, sent by the page while it is written; answers with the draft's addresses."""
    known = _draft(request, draft_id)
    form = IdeaForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"saved": False}, status=422)
    row = form.row()
    if known is None and not (row.title.strip() or row.text.strip()):
        return JsonResponse({"saved": False})
    try:
        made = services.keep_draft(row=row, by=request.viewer, idea=known)
    except ValidationError:
        return JsonResponse({"saved": False}, status=422)
    return JsonResponse(
        {"saved": True, "page": f"/idea/pomysly/szkic/{made.pk}/", "keep": f"/idea/pomysly/szkic/{made.pk}/zapis/"}
    )


@login_required
def check(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The idea as everybody would see it, those like it, and the button that publishes it."""
    known = _draft(request, draft_id)
    if known is None:
        raise Http404
    version = known.versions.get(number=1)
    row = services.row_of(known, version)
    problems = services.problems(row)
    if not selectors.own_name(request.viewer):
        problems["name"] = _("Wybierz podpis, pod którym zobaczą Cię inni.")
    if problems:
        return _repair(request, known, version, problems)
    if request.method == "POST":
        one = services.publish_idea(idea=known, by=request.viewer)
        messages.success(request, _("Pomysł opublikowany. Ma numer %(n)d.") % {"n": one.number})
        return redirect("idea:idea", number=one.number)
    context = {
        "brand": brand(),
        "draft": known,
        "version": version,
        "topic": rules.topic(known.topic),
        "name": selectors.own_name(request.viewer),
        "photos": files_of.files_of([known.pk]).get(known.pk, []),
        "rows": selectors.similar(version.title, version.text, without=known.pk),
        "threshold": rules.threshold(known.reach),
        "decision_days": rules.days("decision_days"),
        "answer_days": rules.days("answer_days"),
        "rules": rules.publication_rules(),
    }
    return render(request, "idea/ideas/check.html", context)


def _repair(request: HttpRequest, known: Idea, version: Any, problems: dict[str, str]) -> HttpResponse:
    """The form again, with what is missing at its fields."""
    data = {
        key: value for key, value in initial_of(known, version, selectors.own_name(request.viewer)).items() if value is not None
    }
    form = IdeaForm(data)
    form.is_valid()
    for name, words in problems.items():
        form.add_error(name, words)
    return _form(request, form, known, 422)


@require_POST
@login_required
def discard(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Delete a draft."""
    known = _draft(request, draft_id)
    if known is not None:
        services.discard_draft(idea=known, by=request.viewer)
        messages.success(request, _("Szkic usunięty."))
    return redirect("idea:my_ideas")


def _own(request: HttpRequest, number: int) -> Idea:
    one = found(request, number)
    if one.author_id is None or one.author_id != request.viewer.person_id:
        raise PermissionDenied
    return one


@login_required
@limited("idea.write", limit=PER_HOUR, per_s=3600)
def revise(request: HttpRequest, number: int) -> HttpResponse:
    """A new version by the author."""
    one = _own(request, number)
    version = one.versions.get(number=one.version)
    if not one.gathers:
        messages.error(request, _("Treść można zmieniać, dopóki pomysł zbiera poparcie."))
        return redirect("idea:idea", number=number)
    sent = request.POST if request.method == "POST" else None
    form = IdeaForm(sent, published=True, initial=initial_of(one, version, ""))
    if sent is not None and form.is_valid():
        try:
            made = services.revise(idea=one, row=form.row(reach=one.reach), why=form.cleaned_data["why"], by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
        else:
            said = _("Zmieniono. O tej zmianie powiemy popierającym.") if made.substantial else _("Zmieniono.")
            messages.success(request, said)
            return redirect("idea:idea", number=number)
    context = {"brand": brand(), "idea": one, "form": form, "percent": rules.substantial_percent()}
    return render(request, "idea/ideas/revise.html", context, status=422 if sent is not None else 200)


@login_required
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """The author takes the idea back, with words for those who supported it."""
    one = _own(request, number)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_idea(idea=one, reason=form.cleaned_data["reason"], by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Pomysł wycofany. Jego strona zostaje, żeby było wiadomo, co się stało."))
            return redirect("idea:idea", number=number)
    context = {"brand": brand(), "idea": one, "form": form}
    return render(request, "idea/ideas/withdraw.html", context, status=422 if form.errors else 200)


@login_required
@limited("idea.petition", limit=10, per_s=3600)
def petition(request: HttpRequest, number: int) -> HttpResponse:
    """One's idea as a petition under the act."""
    one = _own(request, number)
    if one.petition_id is not None:
        return redirect(selectors.idea_view(one, request.viewer).petition_url)
    if not may_petition(one, request.viewer):
        raise Http404
    version = one.versions.get(number=one.version)
    contact = contact_of(request.viewer.person_id) or {}
    start = {"text": version.text, "name": contact.get("name", ""), "email": contact.get("email", "")}
    form = PetitionForm(request.POST or None, initial=start)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        try:
            filed = services.make_petition(idea=one, text=data.pop("text"), row=services.Petitioner(**data), by=request.viewer)
        except ValidationError as error:
            _petition_refused(form, error)
        except LookupError:
            messages.error(request, _("Petycji nie można teraz złożyć przez stronę."))
        else:
            said = _("Petycja złożona. Ma numer %(number)s. Odpowiedź należy się w ciągu trzech miesięcy.")
            messages.success(request, said % {"number": filed.case.number})
            return redirect("idea:idea", number=number)
    context = {"brand": brand(), "idea": one, "form": form}
    return render(request, "idea/ideas/petition.html", context, status=422 if form.errors else 200)


def _petition_refused(form: PetitionForm, error: ValidationError) -> None:
    names = {"description": "text", "answer_address": "postal"}
    for field, words in error.message_dict.items() if hasattr(error, "error_dict") else [(None, error.messages)]:
        name = names.get(field, field) if field else None
        form.add_error(name if name in form.fields else None, words)
