"""Public pages of requests for consultations."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from miasto.kernel.accounts.access import enter_by_link, login_required
from miasto.kernel.core.ratelimit import limited
from miasto.modules.idea.naming import brand
from miasto.modules.idea.requests import services
from miasto.modules.idea.requests.forms import AskForm, SignForm
from miasto.modules.idea.requests.models import PUBLIC, ConsultationRequest, Fate, Signature
from miasto.modules.idea.views_remark import refuse

PER_PAGE = 20
COLOURS = {
    "checked": "grey",
    "collecting": "blue",
    "reached": "yellow",
    "accepted": "green",
    "rejected": "red",
    "refused": "grey",
}


def _language() -> str:
    return (get_language() or "pl")[:2]


def _signatures(row: ConsultationRequest) -> str:
    return _("Podpisy: %(n)d z %(all)d") % {"n": row.signed, "all": row.needed}


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All published requests, newest first."""
    rows = ConsultationRequest.objects.filter(fate__in=PUBLIC).order_by("-published_at")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "brand": brand(),
        "page": page,
        "rows": [(one, COLOURS[one.fate], [_signatures(one)]) for one in page],
        "needed": services.needed(),
    }
    return render(request, "idea/requests/list.html", context)


@login_required
@limited("idea.request", limit=5, per_s=3600)
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a consultation."""
    sent = request.POST if request.method == "POST" else None
    form = AskForm(sent, initial={"client_key": uuid4().hex})
    if sent is not None and form.is_valid():
        data = form.cleaned_data
        try:
            made = services.ask(
                title=data["title"],
                text=data["text"],
                client_key=data["client_key"],
                language=_language(),
                by=request.viewer,
            )
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Mamy Twój wniosek. Gdy sprawdzimy treść, zacznie zbierać podpisy."))
            return redirect("idea:request", slug=made.slug)
    context = {"brand": brand(), "form": form, "needed": services.needed()}
    return render(request, "idea/requests/ask.html", context, status=422 if sent is not None else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("idea.sign", limit=20, per_s=3600)
def one(request: HttpRequest, slug: str) -> HttpResponse:
    """A request, how many signed it, and what became of it."""
    row = ConsultationRequest.objects.visible_to(request.viewer).filter(slug=slug).select_related("unit", "process").first()
    if row is None:
        raise Http404
    signed_in = request.viewer.person_id is not None
    sent = request.POST if request.method == "POST" else None
    form = SignForm(sent, signed_in=signed_in)
    if sent is not None and form.is_valid():
        try:
            services.sign(request=row, email=form.cleaned_data.get("email", ""), language=_language(), by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
        else:
            said = _("Dziękujemy za podpis.") if signed_in else _("Wysłaliśmy e-mail. Otwórz odsyłacz i potwierdź podpis.")
            messages.success(request, said)
            return redirect("idea:request", slug=slug)
    context = {
        "brand": brand(),
        "row": row,
        "colour": COLOURS[row.fate],
        "form": form,
        "signed_in": signed_in,
        "mine": row.signatures.filter(person=request.viewer.person_id).first() if signed_in else None,
        "collecting": row.fate == Fate.COLLECTING,
        "left": max(row.needed - row.signed, 0),
        "process": row.process if row.process and row.process.published_at else None,
    }
    return render(request, "idea/requests/request.html", context, status=422 if sent is not None else 200)


@require_http_methods(["POST"])
@login_required
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Take one's signature back."""
    mine = Signature.objects.filter(request__slug=slug, person=request.viewer.person_id).first()
    if mine is not None:
        services.withdraw(signature_id=mine.pk, by=request.viewer)
        messages.success(request, _("Podpis wycofany."))
    return redirect("idea:request", slug=slug)


@limited("idea.signature", limit=60, per_s=600, methods=("GET",))
@require_safe
def signature_link(request: HttpRequest, token: str) -> HttpResponse:
    """From the address in an e-mail to the page of a signature."""

    def url_of(link: Any) -> str | None:
        known = link.purpose == services.LINK and Signature.objects.filter(pk=link.object_id).exists()
        return reverse("idea:signature", args=[link.object_id]) if known else None

    return enter_by_link(request, token, url_of, gone="idea/link_gone.html")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signature(request: HttpRequest, signature_id: UUID) -> HttpResponse:
    """Confirm or take back a signature: a press of a button, because mail programs open links by themselves."""
    row = Signature.objects.select_related("request").filter(pk=signature_id).first()
    if row is None or signature_id not in request.viewer.links:
        raise Http404
    if request.method == "POST":
        if "stop" in request.POST:
            services.withdraw(signature_id=row.pk, by=request.viewer)
            messages.success(request, _("Podpis i adres usunięte."))
        else:
            services.confirm(signature_id=row.pk, by=request.viewer)
            messages.success(request, _("Podpis potwierdzony. Dziękujemy."))
        return redirect("idea:request", slug=row.request.slug)
    return render(request, "idea/requests/signature.html", {"brand": brand(), "row": row})
