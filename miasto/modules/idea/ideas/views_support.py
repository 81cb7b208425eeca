"""What readers do with an idea: support, follow, comment, report what breaks the rules."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from miasto.kernel.accounts.access import enter_by_link, login_required
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import client, limited
from miasto.modules.idea.ideas import selectors, services
from miasto.modules.idea.ideas.forms import CommentForm, FlagForm, SupportForm
from miasto.modules.idea.ideas.models import IdeaSupport
from miasto.modules.idea.ideas.supporting import ADDRESS
from miasto.modules.idea.ideas.views import found, idea_page
from miasto.modules.idea.naming import brand
from miasto.modules.idea.views_remark import refuse


def _language() -> str:
    return "en" if (get_language() or "pl").startswith("en") else "pl"


def _said(request: HttpRequest, number: int, act: Any, said: str, anchor: str = "") -> HttpResponse:
    """Do something and come back; what was refused is said above the page."""
    try:
        act()
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        messages.success(request, said)
    return redirect(reverse("idea:idea", args=[number]) + anchor)


@require_POST
@limited("idea.support", limit=city().limit("supports_per_hour", 30), per_s=3600)
def support(request: HttpRequest, number: int) -> HttpResponse:
    """Support by account at once, by an address after its link was used."""
    one = found(request, number)
    if request.viewer.person_id is not None:
        act = lambda: services.support(idea=one, by=request.viewer, language=_language())  # noqa: E731
        return _said(request, number, act, _("Dziękujemy, poparcie policzone. Napiszemy o każdym kroku."), "#poparcie")
    form = SupportForm(request.POST)
    if form.is_valid():
        try:
            email = form.cleaned_data["email"]
            services.support(idea=one, by=request.viewer, email=email, language=_language())
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Wysłaliśmy odsyłacz na ten adres. Poparcie policzymy, gdy go użyjesz."))
            return redirect(reverse("idea:idea", args=[number]) + "#poparcie")
    return idea_page(request, one, 422, support_form=form, form=form)


@require_POST
def unsupport(request: HttpRequest, number: int) -> HttpResponse:
    """Take the support back."""
    one = found(request, number)
    act = lambda: services.withdraw_support(idea=one, by=request.viewer)  # noqa: E731
    return _said(request, number, act, _("Poparcie wycofane."), "#poparcie")


@require_POST
@login_required
def follow(request: HttpRequest, number: int) -> HttpResponse:
    """Be told of every step, or no more."""
    one, on = found(request, number), request.POST.get("on") == "1"
    said = _("Napiszemy o każdym kroku tego pomysłu.") if on else _("Nie będziemy już pisać o tym pomyśle.")
    return _said(request, number, lambda: services.follow(idea=one, by=request.viewer, on=on), said)


@require_POST
@login_required
@limited("idea.comment", limit=city().limit("idea_comments_per_hour", 30), per_s=3600)
def comment(request: HttpRequest, number: int) -> HttpResponse:
    """Write under an idea; the first time, with the name to be seen by."""
    one = found(request, number)
    form = CommentForm(request.POST, known=selectors.own_name(request.viewer))
    if form.is_valid():
        try:
            if "name" in form.cleaned_data:
                services.choose_name(name=form.cleaned_data["name"], by=request.viewer)
            services.comment(idea=one, body=form.cleaned_data["body"], by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Komentarz dodany."))
            return redirect(reverse("idea:idea", args=[number]) + "#komentarze")
    return idea_page(request, one, 422, comment_form=form, form=form)


@require_http_methods(["GET", "HEAD", "POST"])
@limited("idea.flag", limit=20, per_s=3600)
def flag(request: HttpRequest, number: int) -> HttpResponse:
    """Say that an idea, or a comment (``komentarz``), breaks a rule of publication."""
    one = found(request, number)
    about = _comment_of(request, one)
    form = FlagForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        who = f"person:{request.viewer.person_id}" if request.viewer.person_id else f"client:{client(request)}"
        services.flag(
            idea=one, rule=form.cleaned_data["rule"], who=who, comment_id=about.row.pk if about else None, by=request.viewer
        )
        messages.success(request, _("Dziękujemy. Pracownik urzędu to sprawdzi."))
        return redirect("idea:idea", number=number)
    context = {"brand": brand(), "idea": one, "comment": about, "form": form}
    return render(request, "idea/ideas/flag.html", context, status=422 if form.errors else 200)


def _comment_of(request: HttpRequest, one: Any) -> Any:
    text = request.GET.get("komentarz", "")
    if not text:
        return None
    shown = selectors.idea_view(one, request.viewer).comments
    about = next((row for row in shown if str(row.row.pk) == text), None)
    if about is None:
        raise Http404
    return about


@require_safe
@limited("idea.link", limit=60, per_s=600, methods=("GET",))
def link(request: HttpRequest, token: str) -> HttpResponse:
    """From the address in an e-mail to the page of a supporter; the address bar does not keep the token."""

    def url_of(secret: Any) -> str | None:
        known = secret.purpose == ADDRESS.purpose and IdeaSupport.objects.filter(pk=secret.object_id).exists()
        return reverse("idea:idea_supporter", args=[secret.object_id]) if known else None

    return enter_by_link(request, token, url_of, gone="idea/link_gone.html")


@require_http_methods(["GET", "HEAD", "POST"])
def supporter(request: HttpRequest, support_id: UUID) -> HttpResponse:
    """Confirm, take back or silence: a press of a button, because mail programs open links by themselves."""
    row = selectors.support_for(support_id, request.viewer)
    if row is None:
        raise Http404
    if request.method == "POST":
        return _decided(request, row)
    return render(request, "idea/ideas/supporter.html", {"brand": brand(), "row": row, "idea": row.idea})


def _decided(request: HttpRequest, row: Any) -> HttpResponse:
    number = row.idea.number
    if "withdraw" in request.POST:
        act = lambda: services.withdraw_support(idea=row.idea, support_id=row.pk, by=request.viewer)  # noqa: E731
        return _said(request, number, act, _("Poparcie wycofane, adres usunięty."))
    if "stop" in request.POST:
        act = lambda: services.silence(support_id=row.pk, by=request.viewer)  # noqa: E731
        return _said(request, number, act, _("Adres usunięty. Nie napiszemy więcej o tym pomyśle."))
    act = lambda: services.confirm_support(support_id=row.pk, by=request.viewer)  # noqa: E731
    return _said(request, number, act, _("Dziękujemy, poparcie policzone. Napiszemy o każdym kroku."), "#poparcie")
