"""Public pages around a case: "me too", watching, the page of a supporter's address, the answer of a body outside."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from miasto.kernel.accounts.access import enter_by_link
from miasto.kernel.cases import selectors, services
from miasto.kernel.cases.forms_relations import OutsideForm, SupportForm
from miasto.kernel.cases.models import CaseFile, Forwarding, Moderation, Supporter
from miasto.kernel.cases.outside import ANSWER_LINK
from miasto.kernel.cases.supporting import SUPPORT_LINK
from miasto.kernel.cases.uploads import Basket, collect, complain, refuse
from miasto.kernel.core.city import city
from miasto.kernel.core.device import device_of, new_device, remember_device
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.discussions import selectors as discussions

VOICES = city().limit("voices_per_hour", 30)


def around(request: HttpRequest, view: selectors.CaseView, **more: Any) -> dict[str, Any]:
    """What the page of a case shows around it; at most 8 queries, 2 for a stranger at a case without relations."""
    device = device_of(request)
    known = bool(device or request.viewer.person_id)
    return {
        "related": selectors.related(view, request.viewer),
        "forwardings": selectors.forwardings_of(view),
        "supported": known and selectors.supported_by(view.id, request.viewer, device),
        "watched": selectors.is_watched(view.id, request.viewer),
        "may_support": view.public and view.type.supported and view.progress != "closed" and not view.is_filer,
        "support_form": more.get("support_form") or SupportForm(),
    }


@require_POST
@limited("cases.support", limit=VOICES, per_s=3600)
def support(request: HttpRequest, number: str) -> HttpResponse:
    """ "Me too", or taking it back. Works without scripts; a browser that keeps no cookies is counted at each press."""
    from miasto.kernel.cases.views import found, public_page

    view = found(number, request)
    case = selectors.case_for(view.number, request.viewer)
    device = device_of(request) or new_device()
    if "withdraw" in request.POST:
        main = services.withdraw_support(case=case, by=request.viewer, device=device)
        messages.success(request, _("Cofnęliśmy Twój głos."))
        return redirect("cases:case", number=main.number)
    form = SupportForm(request.POST)
    if not form.is_valid():
        return public_page(request, view, form=form, support_form=form)
    contact = services.Contact(email=form.cleaned_data["email"], language=(get_language() or "pl").split("-")[0])
    try:
        made = services.support(case=case, by=request.viewer, device=device, contact=contact)
    except ValidationError as error:
        refuse(form, error)
        return public_page(request, view, form=form, support_form=form)
    _thank(request, made)
    response = redirect("cases:case", number=made.case.number)
    if not request.viewer.person_id:
        remember_device(response, device)
    return response


def _thank(request: HttpRequest, made: services.Supported) -> None:
    if made.to_confirm:
        messages.success(request, _("Dziękujemy. Sprawdź pocztę i potwierdź adres – dopiero wtedy zaczniemy pisać."))
    elif made.fresh:
        messages.success(request, _("Dziękujemy. Jednostka widzi, że ta sprawa dotyczy także Ciebie."))
    else:
        messages.info(request, _("Ten głos już policzyliśmy."))


@require_POST
@limited("cases.watch", limit=120, per_s=3600)
def watch(request: HttpRequest, number: str) -> HttpResponse:
    """Watch a case, or no longer; for accounts."""
    from miasto.kernel.cases.views import found

    view = found(number, request)
    if request.viewer.person_id is None:
        raise PermissionDenied
    case = selectors.case_for(view.number, request.viewer)
    if "stop" in request.POST:
        services.unwatch(case=case, by=request.viewer)
        messages.success(request, _("Nie obserwujesz już tej sprawy."))
    else:
        services.watch(case=case, by=request.viewer)
        messages.success(request, _("Obserwujesz tę sprawę. O każdym kroku powiemy w powiadomieniach."))
    back = request.POST.get("back", "")
    return redirect("cases_panel:case", number=view.number) if back == "panel" and view.is_staff else redirect(view.url)


@limited("cases.supporter", limit=60, per_s=600, methods=("GET",))
@require_safe
def supporter_link(request: HttpRequest, token: str) -> HttpResponse:
    """From the address in an e-mail to the page of a supporter; the address bar does not keep the token."""

    def url_of(link: Any) -> str | None:
        known = link.purpose == SUPPORT_LINK and Supporter.objects.filter(pk=link.object_id).exists()
        return reverse("cases:supporter", args=[link.object_id]) if known else None

    return enter_by_link(request, token, url_of, gone="cases/opened_wrong.html")


@require_http_methods(["GET", "HEAD", "POST"])
def supporter(request: HttpRequest, supporter_id: UUID) -> HttpResponse:
    """Confirm an address or stop the messages: a press of a button, because mail programs open links by themselves."""
    row = Supporter.objects.select_related("case__category").filter(pk=supporter_id).first()
    if row is None or supporter_id not in request.viewer.links:
        raise Http404
    if request.method == "POST":
        if "stop" in request.POST:
            services.stop_support(supporter_id=row.pk, by=request.viewer)
            messages.success(request, _("Nie będziemy już pisać o tej sprawie."))
        else:
            services.confirm_support(supporter_id=row.pk, by=request.viewer)
            messages.success(request, _("Adres potwierdzony. Napiszemy o każdym kroku w tej sprawie."))
        return redirect("cases:supporter", supporter_id=row.pk)
    return render(request, "cases/supporter.html", {"row": row})


@limited("cases.outside", limit=60, per_s=600, methods=("GET",))
@require_safe
def outside_link(request: HttpRequest, token: str) -> HttpResponse:
    """From the address in an e-mail to the page on which a body outside answers."""

    def url_of(link: Any) -> str | None:
        known = link.purpose == ANSWER_LINK and Forwarding.objects.filter(pk=link.object_id).exists()
        return reverse("cases:outside", args=[link.object_id]) if known else None

    return enter_by_link(request, token, url_of, gone="cases/opened_wrong.html")


@require_http_methods(["GET", "HEAD", "POST"])
@limited("cases.outside_answer", limit=60, per_s=3600)
def outside(request: HttpRequest, forwarding_id: UUID) -> HttpResponse:
    """The matter as a body outside may see it, and its answer; without an account, by the link that it was sent."""
    if forwarding_id not in request.viewer.links:
        raise Http404
    try:
        row = selectors.forwarding(forwarding_id)
    except Forwarding.DoesNotExist:
        raise Http404 from None
    form, basket = OutsideForm(), Basket()
    if request.method == "POST":
        basket = collect(request)
        form = OutsideForm(request.POST, request.FILES)
        complain(form, basket)
        if form.is_valid() and _answered(request, row, form, basket):
            messages.success(request, _("Dziękujemy, odpowiedź jest w sprawie."))
            return redirect("cases:outside", forwarding_id=forwarding_id)
    return render(request, "cases/outside.html", {"row": row, "form": form, "basket": basket, **_matter(row)})


def _answered(request: HttpRequest, row: Forwarding, form: OutsideForm, basket: Basket) -> bool:
    data = form.cleaned_data
    try:
        services.answer_from_body(
            forwarding=row,
            outcome=data["outcome"],
            words=data["words"],
            reference=data["reference"],
            file_ids=basket.ids,
            by=request.viewer,
        )
    except ValidationError as error:
        refuse(form, error)
        return False
    return True


def _matter(row: Forwarding) -> dict[str, Any]:
    """What of the case a body outside sees: what the city wrote to it, and what everybody may see."""
    case = row.case
    approved = case.text_state == Moderation.APPROVED
    photos = CaseFile.objects.filter(case=case, state=Moderation.APPROVED).exclude(phase=CaseFile.Phase.RESOLVED)
    return {
        "case": case,
        "said": discussions.body_of(row.comment_id) if row.comment_id else "",
        "description": case.text.published_description if approved else "",
        "photos": photos if case.public else [],
        "is_open": row.state in Forwarding.OPEN,
        "point": (case.geom.x, case.geom.y) if case.geom else None,
    }
