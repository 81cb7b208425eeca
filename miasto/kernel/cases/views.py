"""The page of a case: for everybody, and with more on it for the person who filed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import enter_by_link, login_required, remember_link
from miasto.kernel.cases import presenting, selectors, services
from miasto.kernel.cases.forms import AddForm, InviteForm, StepForm
from miasto.kernel.cases.models import Case
from miasto.kernel.cases.parts import parts_of
from miasto.kernel.cases.types import case_types
from miasto.kernel.cases.uploads import Basket, collect, complain, refuse
from miasto.kernel.cases.views_related import around
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.ui.lists import cursor_urls

ADDITIONS = city().limit("additions_per_hour", 20)


@dataclass
class Action:
    """A step that the filer may take now, with its form."""

    key: str
    label: Any
    button: Any
    until: Any
    prominent: bool
    form: StepForm
    basket: Basket


def found(number: str, request: HttpRequest) -> selectors.CaseView:
    """The case of a number as this reader may see it, or 404."""
    try:
        return selectors.case_page(number, request.viewer)
    except Case.DoesNotExist:
        raise Http404 from None


@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """One page for the public and for the filer; ``?fragment=1`` is the part that a map's panel shows."""
    view = found(number, request)
    if "fragment" in request.GET:
        return render(request, "cases/fragment.html", {"case": view, "url": view.url})
    return public_page(request, view)


def public_page(request: HttpRequest, view: selectors.CaseView, **more: Any) -> HttpResponse:
    """The page of a case; ``more`` holds forms that were sent."""
    bound = more.pop("bound", None)
    context = {
        "case": view,
        "place": view.address_text or view.district_name,
        "deadline": presenting.deadline(view),
        "history": presenting.lines(view),
        "filed_photos": view.photos_of("filed") + view.photos_of("added"),
        "resolved_photos": view.photos_of("resolved"),
        "filer_actions": _actions(view, bound),
        "question": presenting.open_question(view),
        "add_form": more.pop("add_form", None) or AddForm(),
        "add_basket": more.pop("add_basket", None) or Basket(),
        "group_form": more.pop("group_form", None) or InviteForm(auto_id="group_%s"),
        "register_url": register_url(view.type),
        "parts": parts_of(view, request.viewer, "public"),
        "public_url": request.build_absolute_uri(view.url),
        "point_url": reverse("cases:point", args=[view.number]),
        **around(request, view, **more),
        **more,
    }
    return render(request, "cases/case.html", context)


def case_response(request: HttpRequest, view: selectors.CaseView, **more: Any) -> HttpResponse:
    """The page of a case after something was sent from it, with what ``more`` brings (a form with errors)."""
    return public_page(request, view, **more)


def _actions(view: selectors.CaseView, bound: tuple[StepForm, Basket] | None) -> list[Action]:
    made = []
    for step in view.steps:
        if not step.by_filer:
            continue
        form, basket = bound if bound and bound[0].step.key == step.key else (StepForm(step=step), Basket())
        words = step.transition.button or step.label
        made.append(Action(step.key, step.label, words, step.until, step.transition.prominent, form, basket))
    return made


def register_url(case_type: Any) -> str:
    """The address of the register of a type of case, where its module has one."""
    try:
        return reverse(case_type.register) if case_type.register else ""
    except NoReverseMatch:
        return ""


@require_safe
def point(request: HttpRequest, number: str) -> JsonResponse:
    """The place of one case as GeoJSON (RFC 7946), for the small map."""
    view = found(number, request)
    features = []
    if view.lon is not None:
        geometry = {"type": "Point", "coordinates": [view.lon, view.lat]}
        properties = {"colour": presenting.map_colour(view.stage.colour), "label": str(view.stage.name)}
        features.append({"type": "Feature", "geometry": geometry, "properties": properties})
    return JsonResponse({"type": "FeatureCollection", "features": features}, content_type="application/geo+json")


@require_safe
def by_id(request: HttpRequest, case_id: UUID) -> HttpResponse:
    """From the identifier that maps carry to the page under the public number."""
    number = selectors.visible_cases(request.viewer).filter(pk=case_id).values_list("number", flat=True).first()
    if number is None:
        raise Http404
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return redirect(reverse("cases:case", args=[number]) + query)


@limited("cases.find", limit=120, per_s=600, methods=("GET",))
@require_safe
def find(request: HttpRequest) -> HttpResponse:
    """From a number typed in to the case's page."""
    asked = request.GET.get("numer", "").strip().upper()[:24]
    if asked and selectors.visible_cases(request.viewer).filter(number=asked).exists():
        return redirect("cases:case", number=asked)
    types = case_types()
    example = f"{types[0].prefix}-{clock.today().year}-000123" if types else ""
    return render(request, "cases/find.html", {"asked_number": asked, "example": example}, status=404 if asked else 200)


@limited("cases.secret", limit=60, per_s=600, methods=("GET",))
@require_safe
def secret(request: HttpRequest, token: str) -> HttpResponse:
    """Open a secret link: this session may see the case from now on, and the address bar does not keep the token."""

    def url_of(link: Any) -> str | None:
        number = Case.objects.filter(pk=link.object_id).values_list("number", flat=True).first()
        return reverse("cases:case", args=[number]) if number else None

    return enter_by_link(request, token, url_of, gone="cases/opened_wrong.html")


@require_POST
@limited("cases.step", limit=ADDITIONS, per_s=3600)
def step(request: HttpRequest, number: str, transition: str) -> HttpResponse:
    """The filer answers a question, confirms the solution or disagrees."""
    view = found(number, request)
    allowed = next((one for one in view.steps if one.key == transition and one.by_filer), None)
    if allowed is None:
        if not view.is_filer:
            raise PermissionDenied
        messages.warning(request, _("Tego nie da się już zrobić – sprawa jest na innym etapie."))
        return redirect(view.url)
    basket = collect(request)
    form = StepForm(request.POST, request.FILES, step=allowed, has_photos=bool(basket.ids))
    complain(form, basket)
    if form.is_valid():
        try:
            take(request, view, form, basket)
        except services.Conflict:
            messages.warning(request, _("W tym czasie sprawa się zmieniła. Sprawdź, co nowego, i wyślij jeszcze raz."))
            return public_page(request, found(number, request), form=form, bound=(form, basket))
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Dziękujemy, zapisaliśmy to w sprawie."))
            return redirect(view.url)
    return public_page(request, view, form=form, bound=(form, basket))


def take(request: HttpRequest, view: selectors.CaseView, form: StepForm, basket: Basket, version: int | None = None) -> None:
    """Take the step of a valid form."""
    services.take_step(
        case=selectors.case_for(view.number, request.viewer),
        transition=form.step.key,
        answer=form.cleaned_data.get("answer", ""),
        reason=form.cleaned_data.get("reason", ""),
        file_ids=basket.ids,
        by=request.viewer,
        version=version,
    )


@require_POST
@limited("cases.add", limit=ADDITIONS, per_s=3600)
def add(request: HttpRequest, number: str) -> HttpResponse:
    """The filer adds words or photos."""
    view = found(number, request)
    if not view.is_filer:
        raise PermissionDenied
    basket = collect(request)
    form = AddForm(request.POST, request.FILES, has_photos=bool(basket.ids))
    complain(form, basket)
    if form.is_valid():
        try:
            services.add_from_filer(
                case=selectors.case_for(number, request.viewer),
                body=form.cleaned_data["body"],
                file_ids=basket.ids,
                by=request.viewer,
            )
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Dopisaliśmy to do zgłoszenia."))
            return redirect(view.url)
    return public_page(request, view, form=form, add_form=form, add_basket=basket)


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """The cases of the account, also those that its owner joined by the address confirmed for it."""
    opened = services.open_joined(by=request.viewer)
    for link in opened:
        remember_link(request, link)
    if opened:
        return redirect(request.get_full_path())
    page = selectors.my_cases(request.viewer, cursor=request.GET.get("strona", ""))
    return render(request, "cases/my_cases.html", {"page": page, **cursor_urls(request, page)})
