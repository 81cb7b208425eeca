"""The path of a report: what, where, contact, check, done. Each step is a page that works without scripts."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from miasto.kernel.accounts.access import remember_link
from miasto.kernel.accounts.selectors import contact_of
from miasto.kernel.accounts.services import open_link
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import client, hit, limited
from miasto.modules.contact_centre import selectors, services
from miasto.modules.contact_centre.case_type import REPORT
from miasto.modules.contact_centre.forms import MOST_TEXT, ContactForm, WhatForm
from miasto.modules.contact_centre.likeness import same
from miasto.modules.contact_centre.models import Draft

SESSION_KEY = "contact_centre_draft"
DONE_COOKIE = "zgloszenie"
DONE_COOKIE_S = 3600
FORM_KEY = "formularz"
STEPS = 4


def current(request: HttpRequest) -> Draft | None:
    """The unsent draft of this session."""
    draft = selectors.draft_of(request.session.get(SESSION_KEY))
    return draft if draft is not None and not draft.sent else None


def current_or_new(request: HttpRequest) -> Draft:
    """The unsent draft of this session, made where there is none."""
    draft = current(request)
    if draft is None:
        draft = services.start(by=request.viewer, **_known_contact(request))
        request.session[SESSION_KEY] = str(draft.id)
    return draft


def _known_contact(request: HttpRequest) -> dict[str, str]:
    person = contact_of(request.viewer.person_id) if request.viewer.person_id else None
    language = request.LANGUAGE_CODE if request.LANGUAGE_CODE in ("pl", "en") else "pl"
    if person is None:
        return {"language": language}
    return {key: person[key] for key in ("name", "email", "phone", "language")}


def missing_step(draft: Draft | None) -> str:
    """The name of the first step that is not done yet; empty where the report is complete."""
    if draft is None or draft.category is None or not draft.description:
        return "contact_centre:what"
    if draft.category.danger and not draft.danger_read:
        return "contact_centre:danger"
    if not draft.placed or not draft.questions_done:
        return "contact_centre:place"
    return "" if draft.contact_done else "contact_centre:contact"


def onward(draft: Draft) -> HttpResponse:
    """To the next step that is not done, or to the last look."""
    return redirect(missing_step(draft) or "contact_centre:check")


@limited("contact_centre.what", limit=200, per_s=3600)
def what(request: HttpRequest) -> HttpResponse:
    """Step 1: what is wrong, in the resident's own words; photos; the category that fits."""
    if request.method == "POST":
        return _what_sent(request)
    draft = current(request)
    form = WhatForm(initial={"description": draft.description} if draft else None)
    return _what_page(request, draft, form)


def _what_sent(request: HttpRequest) -> HttpResponse:
    draft = current_or_new(request)
    form = WhatForm(request.POST, request.FILES)
    services.save(draft=draft, description=request.POST.get("description", "").replace("\r\n", "\n").strip()[: 2 * MOST_TEXT])
    groups = selectors.category_groups()
    if form.is_valid() or "category" not in form.errors:
        chosen = selectors.choosable(groups).get(form.cleaned_data.get("category"))
        if chosen is None:
            form.add_error("category", _("Wybierz, czego dotyczy zgłoszenie."))
        else:
            services.choose_category(draft=draft, category=chosen)
    changed = _photo_buttons(request, draft)
    uploads = request.FILES.getlist("photos")
    if uploads:
        hit_upload(request)
        for problem in services.add_photos(draft=draft, uploads=uploads, by=request.viewer):
            form.add_error("photos", problem)
    if changed or "stay" in request.POST:
        return redirect(
            reverse("contact_centre:what") + ("#kategoria" if request.POST.get("stay") == "category" else "#zdjecia")
        )
    return _what_page(request, draft, form, groups) if form.errors else onward(draft)


def _photo_buttons(request: HttpRequest, draft: Draft) -> bool:
    if photo := request.POST.get("remove"):
        services.remove_photo(draft=draft, photo=photo)
    elif photo := request.POST.get("first"):
        services.put_photo_first(draft=draft, photo=photo)
    return bool(photo)


def _what_page(request: HttpRequest, draft: Draft | None, form: WhatForm, groups: Any = None) -> HttpResponse:
    groups = groups or selectors.category_groups()
    text = draft.description if draft else ""
    suggested = selectors.suggestions(text)
    chosen = (draft.category if draft else None) or _wanted(request, groups)
    if chosen is not None and chosen not in suggested:
        suggested = [chosen, *suggested]
    return render(
        request,
        "contact_centre/what.html",
        {
            "draft": draft,
            "form": form,
            "groups": groups,
            "suggested": suggested,
            "chosen": chosen,
            "most_text": MOST_TEXT,
            "photo_limit": REPORT.photos,
            "emergency": city().contacts,
            "step": 1,
        },
    )


def _wanted(request: HttpRequest, groups: Any) -> Any:
    """The category to which another page of the platform led (``?kategoria=``)."""
    slug = request.GET.get("kategoria", "")
    return next((row for row in selectors.choosable(groups).values() if slug and row.slug == slug), None)


def hit_upload(request: HttpRequest) -> None:
    """Count one request with photos."""
    from django.conf import settings

    limit = city().limit("uploads_per_hour", 60) * settings.RATE_LIMIT_FACTOR
    hit(name="contact_centre.upload", who=client(request), limit=limit, per_s=3600)


@require_GET
@limited("contact_centre.suggest", limit=600, per_s=600, methods=("GET",))
def suggest(request: HttpRequest) -> HttpResponse:
    """The categories that fit the words typed so far, as the part of the page that shows them."""
    text = request.GET.get("q", "")[:MOST_TEXT]
    found = selectors.suggestions(text)
    draft = current(request)
    chosen = draft.category if draft else None
    context = {"suggested": found, "chosen": chosen, "asked": True}
    return render(request, "contact_centre/parts/suggestions.html", context)


@require_POST
def photo(request: HttpRequest) -> JsonResponse:
    """Keep one photo chosen on the page; answers with the list of photos, or with the reason of the refusal."""
    hit_upload(request)
    draft = current_or_new(request)
    upload = request.FILES.get("photo")
    problems = (
        services.add_photos(draft=draft, uploads=[upload], by=request.viewer) if upload else [_("Nie dotarł żaden plik.")]
    )
    return _photos_json(request, draft, problems[0] if problems else "")


@require_POST
@limited("contact_centre.photo_change", limit=200, per_s=3600)
def photo_change(request: HttpRequest) -> JsonResponse:
    """Remove a photo or put it first; answers with the list of photos."""
    draft = current_or_new(request)
    _photo_buttons(request, draft)
    return _photos_json(request, draft, "")


def _photos_json(request: HttpRequest, draft: Draft, problem: str) -> JsonResponse:
    page = render(request, "contact_centre/parts/photos.html", {"draft": draft})
    left = REPORT.photos - len(draft.photos)
    return JsonResponse({"photos": page.content.decode(), "left": left, "problem": problem}, status=422 if problem else 200)


@require_POST
@limited("contact_centre.keep", limit=200, per_s=3600)
def keep(request: HttpRequest) -> HttpResponse:
    """Keep the text typed so far when the reader leaves the page."""
    draft = current_or_new(request)
    services.save(draft=draft, description=request.POST.get("description", "").strip()[: 2 * MOST_TEXT])
    return HttpResponse(status=204)


@limited("contact_centre.danger", limit=200, per_s=3600)
def danger(request: HttpRequest) -> HttpResponse:
    """Before a report of something dangerous: call 112 first."""
    draft = current(request)
    if draft is None or draft.category is None:
        return redirect("contact_centre:what")
    if request.method == "POST":
        services.save(draft=draft, danger_read=True)
        return onward(draft)
    return render(request, "contact_centre/danger.html", {"draft": draft, "step": 1})


@limited("contact_centre.contact", limit=200, per_s=3600)
def contact(request: HttpRequest) -> HttpResponse:
    """Step 3: how to reach the person who reports, if they wish."""
    draft = current(request)
    if missing_step(draft) not in ("", "contact_centre:contact"):
        return redirect(missing_step(draft))
    if request.method == "POST":
        form = ContactForm(request.POST)
        names = ("email", "name", "phone")
        typed = {name: request.POST.get(name, "").strip()[: Draft._meta.get_field(name).max_length] for name in names}
        services.save(draft=draft, **typed)
        if form.is_valid():
            services.save(
                draft=draft,
                language=form.cleaned_data["language"],
                together=form.cleaned_data["together"],
                contact_done=True,
            )
            return onward(draft)
        services.save(draft=draft, contact_done=False, together=request.POST.get("together", "")[:4000])
    else:
        names = ("email", "name", "phone", "language", "together")
        form = ContactForm(initial={name: getattr(draft, name) for name in names})
    return render(request, "contact_centre/contact.html", {"draft": draft, "form": form, "step": 3})


@limited("contact_centre.send", limit=city().limit("reports_per_hour", 10), per_s=3600)
def check(request: HttpRequest) -> HttpResponse:
    """Step 4: everything once more, then sending. Pressed twice, it sends once."""
    draft = selectors.draft_of(request.session.get(SESSION_KEY)) or _draft_of_form(request)
    if draft is None or (missing_step(draft) and not draft.sent):
        return redirect(missing_step(draft))
    if request.method == "POST":
        return _send(request, draft)
    if draft.sent:
        return redirect("contact_centre:what")
    context = {
        "draft": draft,
        "answers": _answer_rows(draft),
        "step": 4,
        "alike": same.alike(draft),
        "form_key": signing.dumps(str(draft.pk), salt=FORM_KEY),
    }
    return render(request, "contact_centre/check.html", context)


def _draft_of_form(request: HttpRequest) -> Draft | None:
    """The draft that the form itself names.

    Sending gives the session a new key. When the server dies after that and before its answer arrives, the browser holds a
    key that opens nothing; its second attempt is known by the form.
    """
    try:
        return selectors.draft_of(signing.loads(request.POST.get(FORM_KEY, ""), salt=FORM_KEY, max_age=services.KEEP_DRAFT_S))
    except signing.BadSignature:
        return None


def _send(request: HttpRequest, draft: Draft) -> HttpResponse:
    told = bool(draft.email)
    try:
        sent = services.send(draft=draft, by=request.viewer)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
        return redirect("contact_centre:check")
    link = open_link(sent.token)
    if link is not None:
        remember_link(request, link)
    response = redirect("contact_centre:done")
    value = signing.dumps({"number": sent.number, "token": sent.token, "told": told}, salt=DONE_COOKIE)
    response.set_cookie(
        DONE_COOKIE,
        value,
        max_age=DONE_COOKIE_S,
        path=reverse("contact_centre:what"),
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response


def _answer_rows(draft: Draft) -> list[tuple[Any, Any]]:
    rows = []
    for question in selectors.questions_of(draft.category):
        value = draft.answers.get(question.key)
        if value not in (None, ""):
            rows.append((question.label, selectors.shown_answer(question, value)))
    return rows


def done(request: HttpRequest) -> HttpResponse:
    """The number, the secret link and what happens next. The link is kept only in a cookie of this device, for an hour."""
    try:
        kept = signing.loads(request.COOKIES.get(DONE_COOKIE, ""), salt=DONE_COOKIE, max_age=DONE_COOKIE_S)
    except signing.BadSignature:
        return redirect("contact_centre:what")
    case = selectors.filed(kept["number"], request.viewer)
    link = request.build_absolute_uri(reverse("cases:secret", args=[kept["token"]]))
    return render(
        request, "contact_centre/done.html", {"case": case, "number": kept["number"], "link": link, "told": kept["told"]}
    )


@require_POST
@limited("contact_centre.again", limit=200, per_s=3600)
def again(request: HttpRequest) -> HttpResponse:
    """Throw the draft away and begin anew."""
    draft = current(request)
    if draft is not None:
        services.discard(draft=draft)
    request.session.pop(SESSION_KEY, None)
    messages.info(request, _("Usunęliśmy niedokończone zgłoszenie."))
    return redirect("contact_centre:what")
