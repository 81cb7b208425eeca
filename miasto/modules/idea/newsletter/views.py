"""Pages for readers: signing up, the archive, one's own settings, resigning."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.feedgenerator import Rss201rev2Feed
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import enter_by_link
from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.core import conditional, replies
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.ui.kept import kept
from miasto.modules.idea.newsletter import forms, rules, selectors, services, words
from miasto.modules.idea.newsletter.subscribing import ADDRESS, LINK

PER_PAGE = 20
RSS_ITEMS = 20


@limited("idea.newsletter_ask", limit=20, per_s=3600)
def home(request: HttpRequest) -> HttpResponse:
    """Sign up, and what went out before."""
    viewer, sent = request.viewer, request.POST if request.method == "POST" else None
    language = rules.reader_language()
    initial = {"language": language if language in rules.LANGUAGES else "pl"}
    consent = rules.consent(language)[1]
    form = forms.SignUpForm(sent, needs_email=viewer.person_id is None, consent=consent, initial=initial)
    if sent is not None and form.is_valid() and _signed_up(request, form):
        return redirect("newsletter:settings" if viewer.person_id else "newsletter:home")
    page = Paginator(selectors.archive(), PER_PAGE).get_page(request.GET.get("page"))
    own = [row for row in selectors.own(viewer) if row.person_id] if viewer.person_id else []
    context = {
        "form": form,
        "page": page,
        "rows": [(one, selectors.said(one, language)) for one in page],
        "subscribed": bool(own),
        "inbox": replies.subaddress(rules.SUBADDRESS),
    }
    return render(request, "idea/newsletter/home.html", context, status=422 if sent is not None else 200)


def _signed_up(request: HttpRequest, form: forms.SignUpForm) -> bool:
    try:
        if request.viewer.person_id:
            services.join(wishes=form.wishes(), by=request.viewer)
            messages.success(request, _("Zapisane. Newsletter będzie przychodził na adres Twojego konta."))
        else:
            services.ask(services.Asked(email=form.cleaned_data["email"], wishes=form.wishes()), by=ANONYMOUS)
            messages.success(request, _("Sprawdź pocztę: wysłaliśmy odsyłacz, którym potwierdzisz zapis."))
    except ValidationError as error:
        form.add_error("email" if "email" in form.fields else None, error.messages)
        return False
    return True


@require_safe
def issue(request: HttpRequest, number: int) -> HttpResponse:
    """One issue as it was sent."""
    found = selectors.archive().filter(number=number).first()
    if found is None:
        raise Http404
    language = rules.reader_language()
    said = selectors.said(found, language)
    names = dict(selectors.area_choices()) if found.areas else {}
    topics = dict(selectors.topic_choices())
    context = {
        "issue": found,
        "said": said,
        "language": language if language in found.frozen else "pl",
        "parts": [_part(part) for part in said["parts"]],
        "topics": [topics[key] for key in found.topics if key in topics],
        "areas": [names[key] for key in found.areas if key in names],
    }
    return render(request, "idea/newsletter/issue.html", context)


def _part(part: dict[str, Any]) -> dict[str, Any]:
    return {key: value if key == "heading" else [words.html(line) for line in value] for key, value in part.items()}


@require_safe
def rss(request: HttpRequest) -> HttpResponse:
    """The newest issues as RSS 2.0; asked again with ``If-None-Match`` it answers 304 while nothing changed."""
    body: bytes = kept("idea.newsletter", f"rss {request.build_absolute_uri('/')}", lambda: _feed(request))
    return conditional.feed(request, body)


def _feed(request: HttpRequest) -> bytes:
    language = rules.reader_language()
    feed = Rss201rev2Feed(
        title=_("Newsletter – %(platform)s") % {"platform": city().platform_name},
        link=request.build_absolute_uri(reverse("newsletter:home")),
        description=_("Co dzieje się w mieście, co kilka tygodni w jednej wiadomości."),
        language=language,
        feed_url=request.build_absolute_uri(),
    )
    for one in selectors.archive()[:RSS_ITEMS]:
        url = request.build_absolute_uri(reverse("newsletter:issue", args=[one.number]))
        said = selectors.said(one, language)
        feed.add_item(title=said["title"], link=url, description=said["lead"], unique_id=url, pubdate=one.started_at)
    return feed.writeString("utf-8").encode()


@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    """The viewer's own subscriptions: confirm, choose, resign. Who has none is led to the sign-up."""
    rows = [(row, _wishes_form(row)) for row in selectors.own(request.viewer)]
    return render(request, "idea/newsletter/settings.html", {"rows": rows})


def _wishes_form(row: Any, sent: Any = None) -> forms.WishesForm:
    initial = {"topics": row.topics, "areas": row.areas, "language": row.language}
    return forms.WishesForm(sent, initial=initial, prefix=str(row.pk))


@require_POST
@limited("idea.newsletter_change", limit=120, per_s=3600)
def change(request: HttpRequest, subscriber_id: UUID) -> HttpResponse:
    """Confirm, choose other topics, or resign."""
    row = next((one for one in selectors.own(request.viewer) if one.pk == subscriber_id), None)
    if row is None:
        raise Http404
    if "stop" in request.POST:
        services.resign(subscriber_id=row.pk, by=request.viewer)
        messages.success(request, _("Nie będziemy już wysyłać newslettera, a adres usunęliśmy."))
        return redirect("newsletter:home")
    form = _wishes_form(row, request.POST)
    if form.is_valid():
        services.choose(subscriber_id=row.pk, wishes=form.wishes(), by=request.viewer)
        if "confirm" in request.POST:
            services.confirm(subscriber_id=row.pk, by=request.viewer)
            messages.success(request, _("Adres potwierdzony. Następny numer przyjdzie pocztą."))
        else:
            messages.success(request, _("Zapisaliśmy Twój wybór."))
    return redirect("newsletter:settings")


@require_safe
@limited("idea.newsletter_link", limit=60, per_s=600, methods=("GET",))
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """The link of a message about the sign-up."""
    return enter_by_link(request, token, lambda link: reverse("newsletter:settings") if link.purpose == LINK else None)


@require_safe
@limited("idea.newsletter_link", limit=60, per_s=600, methods=("GET",))
def own(request: HttpRequest, mark: str) -> HttpResponse:
    """The link to the settings in each issue: the mark in it is changed for a secret link of this visit."""
    subscriber_id = selectors.marked(mark)
    token = ADDRESS.page_of(subscriber_id).removeprefix(ADDRESS.page).rstrip("/") if subscriber_id else mark
    return enter_by_link(request, token, lambda link: reverse("newsletter:settings") if link.purpose == LINK else None)


@csrf_exempt
@limited("idea.newsletter_stop", limit=60, per_s=600)
def stop(request: HttpRequest, mark: str, number: int) -> HttpResponse:
    """One click ends it (RFC 8058): POST resigns, without a session or a cookie; GET only shows the button, since mail
    programs and scanners open what they find. Who has resigned already gets the same answer.
    """
    if request.method != "POST":
        response = render(request, "idea/newsletter/stop.html", {"done": False})
    else:
        subscriber_id = selectors.marked(mark)
        if subscriber_id is not None:
            _resign(subscriber_id, number)
        response = render(request, "idea/newsletter/stop.html", {"done": True})
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _resign(subscriber_id: UUID, number: int) -> None:
    try:
        services.resign(subscriber_id=subscriber_id, by=services.by_link(subscriber_id), number=number or None)
    except PermissionDenied:
        return  # somebody was faster: it is done
