"""Writing a remark, its page with the answer, and what a secret link opens."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import enter_by_link, login_required, remember_link
from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.services import open_link
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.participation import selectors, services
from miasto.modules.idea import uploads
from miasto.modules.idea.forms import PlaceForm, RemarkForm
from miasto.modules.idea.naming import brand
from miasto.modules.idea.views import PER_PAGE, found, reader_language

COOKIE, COOKIE_S = "idea_remark", 3600


@limited("idea.remark", limit=city().limit("remarks_per_hour", 20), per_s=3600)
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """The form of a remark: about a paragraph (``akapit``), a document (``wersja``), a place (``miejsce``) or the whole."""
    one = found(request, slug)
    if selectors.open_phase(one) is None:
        return render(request, "idea/not_open.html", {"brand": brand(), "process": one}, status=410)
    about = _about(request, one)
    sent = request.method == "POST"
    signed_in = request.viewer.person_id is not None
    given = uploads.collect(request, most=selectors.files_most()) if sent else uploads.Uploads()
    form = RemarkForm(request.POST if sent else None, process=one, signed_in=signed_in, initial={"client_key": uuid4().hex})
    place = PlaceForm(request.POST if sent else None) if about["place"] else None
    if sent and form.is_valid() and (place is None or place.is_valid()) and not uploads.complain(form, given):
        try:
            language = "en" if reader_language() == "en" else "pl"
            row = form.row(target=_target(about, place), language=language, file_ids=given.ids)
            written = services.contribute(
                process=one, row=row, by=request.viewer, client_key=form.cleaned_data.get("client_key") or ""
            )
        except ValidationError as error:
            refuse(form, error)
        else:
            return _sent(request, one, written)
    basis = selectors.law.basis(one.basis)
    context = {
        "brand": brand(),
        "process": one,
        "form": form,
        "place_form": place,
        **about,
        "basis": basis,
        "form_name": selectors.law.form_name(basis.form),
        "uploads": given,
    }
    return render(request, "idea/write.html", context, status=422 if sent else 200)


def _about(request: HttpRequest, process: Any) -> dict[str, Any]:
    paragraph, version = _uuid(request.GET.get("akapit")), _uuid(request.GET.get("wersja"))
    found_paragraph = selectors.paragraph_of(process, paragraph) if paragraph else None
    found_version = selectors.version_of(process, version) if version else None
    if (paragraph and found_paragraph is None) or (version and found_version is None):
        raise Http404
    return {"paragraph": found_paragraph, "version": found_version, "place": "miejsce" in request.GET}


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Http404 from None


def _target(about: dict[str, Any], place: PlaceForm | None) -> services.Target:
    data = place.cleaned_data if place is not None else {}
    return services.Target(
        paragraph_id=about["paragraph"].pk if about["paragraph"] else None,
        version_id=about["version"].pk if about["version"] else None,
        geom=data.get("geom"),
        address_text=data.get("address", ""),
    )


def refuse(form: Any, error: ValidationError) -> None:
    """Show what a service refused at the fields that it names, else above the form."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error.messages)
        return
    for field, messages_of in error.message_dict.items():
        form.add_error(field if field in form.fields else None, messages_of)


def _sent(request: HttpRequest, process: Any, written: services.Written) -> HttpResponse:
    row = written.contribution
    response = redirect("idea:remark", slug=process.slug, number=row.number)
    secret = open_link(written.token) if written.token else None
    if secret is not None:
        remember_link(request, secret)
        response.set_signed_cookie(
            COOKIE,
            f"{row.pk}:{written.token}",
            max_age=COOKIE_S,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure(),
            path=reverse("idea:process", args=[process.slug]),
        )
    messages.success(request, _("Przyjęliśmy Twoją uwagę. Ma numer %(n)d.") % {"n": row.number})
    return response


@require_safe
@never_cache
def remark(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """One remark with its answer and the reasons."""
    one = found(request, slug)
    view = selectors.remark(one, number, request.viewer) if number < 2**31 else None
    if view is None:
        raise Http404
    kept = request.get_signed_cookie(COOKIE, "", max_age=COOKIE_S)
    owner, _colon, token = kept.partition(":")
    secret = request.build_absolute_uri(reverse("idea:link", args=[token])) if owner == str(view.row.pk) and view.mine else ""
    to_confirm = bool(view.mine and view.author and view.author.email and not view.author.confirmed_at)
    by_link = _by_confirm_link(request, view.row.pk)
    context = {
        "brand": brand(),
        "process": one,
        "view": view,
        "secret": secret,
        "to_confirm": to_confirm,
        "may_confirm": to_confirm and by_link,
        "address_gone": by_link and view.author is not None and not view.author.email,
    }
    return render(request, "idea/remark.html", context)


def _by_confirm_link(request: HttpRequest, contribution_id: UUID) -> bool:
    """Whether the link that was sent to the address was opened, and not the one shown after sending."""
    ids = [link_id for object_id, link_id in request.viewer.link_ids if object_id == contribution_id]
    return selectors.CONFIRM_LINK in selectors.link_purposes(ids) if ids else False


@require_POST
def contact(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The owner of the address says yes or no."""
    one = found(request, slug)
    view = selectors.remark(one, number, request.viewer) if number < 2**31 else None
    if view is None:
        raise Http404
    if not _by_confirm_link(request, view.row.pk):
        raise PermissionDenied
    if request.POST.get("do") == "stop":
        services.stop_contact(contribution_id=view.row.pk, by=request.viewer)
        messages.success(request, _("Usunęliśmy ten adres. Nie napiszemy więcej."))
        return redirect("idea:process", slug=slug)
    services.confirm_contact(contribution_id=view.row.pk, by=request.viewer)
    messages.success(request, _("Adres potwierdzony. Napiszemy, gdy będzie odpowiedź."))
    return redirect("idea:remark", slug=slug, number=number)


@require_safe
@limited("idea.link", limit=60, per_s=600, methods=("GET",))
def link(request: HttpRequest, token: str) -> HttpResponse:
    """A secret link: to one's remark or one's seat at a meeting."""
    return enter_by_link(request, token, _page_of_link, gone="idea/link_gone.html")


def _page_of_link(secret: Any) -> str | None:
    if secret.purpose == selectors.SEAT_LINK:
        return reverse("idea:seat", args=[secret.object_id])
    if secret.purpose not in (selectors.REMARK_LINK, selectors.CONFIRM_LINK):
        return None
    row = selectors.contribution_for(secret.object_id, SYSTEM)
    return reverse("idea:remark", args=[row.process.slug, row.number]) if row is not None else None


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """The remarks that the account wrote."""
    page = Paginator(selectors.mine(request.viewer), PER_PAGE).get_page(request.GET.get("page"))
    rows = [(row, selectors.COLOURS[row.status]) for row in page]
    return render(request, "idea/mine.html", {"brand": brand(), "page": page, "rows": rows})
