"""The kiosk: a few large choices. Whoever comes next finds nothing of whoever was here before."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.kernel.content.selectors import answers, desks
from miasto.kernel.content.selectors import services as content_pages
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import limited
from miasto.modules.contact_centre import selectors, services
from miasto.modules.contact_centre.case_type import REPORT
from miasto.modules.contact_centre.forms import QuestionsForm
from miasto.modules.contact_centre.kiosk import session
from miasto.modules.contact_centre.kiosk.forms import ContactForm, GuideForm, NumberForm, PhotoForm, PlaceForm, WordsForm
from miasto.modules.contact_centre.kiosk.session import kiosk
from miasto.modules.contact_centre.models import Draft
from miasto.modules.contact_centre.views import hit_upload
from miasto.modules.contact_centre.views_place import find, point_of

CHANNEL = "kiosk"
PHOTOS_MOST = REPORT.photos
SENT_IN_AN_HOUR = city().limit("kiosk_reports_per_hour", 30)


def page(request: HttpRequest, name: str, **context: Any) -> HttpResponse:
    """A page of the kiosk with what its frame needs."""
    frame = {"idle_s": session.IDLE_S, "warning_s": session.WARNING_S, "server_s": session.SERVER_S}
    return render(request, f"contact_centre/kiosk/{name}.html", {**frame, "busy": session.KEY in request.session, **context})


@require_safe
@kiosk
def home(request: HttpRequest) -> HttpResponse:
    """What can be done here."""
    return page(request, "home")


@kiosk
def what(request: HttpRequest) -> HttpResponse:
    """Choose a group, then a category: two touches."""
    groups = selectors.category_groups()
    if request.method == "POST":
        given = request.POST.get("category", "")
        chosen = selectors.choosable(groups).get(int(given) if given.isdecimal() and len(given) < 10 else 0)
        if chosen is not None:
            services.choose_category(draft=_begun(request), category=chosen)
            return redirect("contact_centre_kiosk:place")
    wanted = request.GET.get("grupa", "")
    group = groups[int(wanted)] if wanted.isdecimal() and int(wanted[:4]) < len(groups) else None
    return page(request, "what", groups=groups, group=group)


def _begun(request: HttpRequest) -> Draft:
    draft = session.draft(request)
    if draft is None:
        draft = services.start(by=ANONYMOUS, language="en" if get_language() == "en" else "pl")
        session.remember(request, draft=str(draft.pk))
    return draft


@kiosk
def place(request: HttpRequest) -> HttpResponse:
    """Where it is: an address typed and touched, or a point on the map."""
    draft = session.draft(request)
    if draft is None or draft.category is None:
        return redirect("contact_centre_kiosk:what")
    form = PlaceForm(request.POST if request.method == "POST" else None, initial={"place": draft.place_text})
    if request.method == "POST" and form.is_valid():
        point = point_of(*request.POST.get("choice", "").partition(",")[::2])
        if point is None and "here" in request.POST:
            point = point_of(request.POST.get("lon", ""), request.POST.get("lat", ""))
        if point is None:
            # led to a page of its own, so that the back button of the next person has nothing to send again
            services.save(draft=draft, place_text=form.cleaned_data["place"])
            return redirect("contact_centre_kiosk:place")
        try:
            services.choose_place(draft=draft, lon=point[0], lat=point[1])
        except services.OutsideCity as error:
            form.add_error("place", error.messages[0])
        else:
            return redirect("contact_centre_kiosk:words")
    found = find(draft.place_text)
    missing = bool(draft.place_text) and not found
    return page(request, "place", draft=draft, form=form, found=found, missing=missing, danger=draft.category.danger)


@kiosk
def words(request: HttpRequest) -> HttpResponse:
    """What is wrong, in own words, the questions of the category, and a photo."""
    draft = session.draft(request)
    if draft is None or not draft.placed:
        return redirect("contact_centre_kiosk:place")
    questions = selectors.questions_of(draft.category)
    frame = {"draft": draft, "camera": PhotoForm(), "room": len(draft.photos) < PHOTOS_MOST}
    if request.method != "POST":
        form = WordsForm(initial={"description": draft.description})
        return page(request, "words", form=form, asked=QuestionsForm(questions=questions, initial=draft.answers), **frame)
    form, asked = WordsForm(request.POST), QuestionsForm(request.POST, questions=questions)
    if request.POST.get("remove"):
        services.drop_photo(draft=draft, photo=request.POST["remove"])
    frame["camera"] = _photographed(request, draft)
    frame["room"] = len(draft.photos) < PHOTOS_MOST
    right = form.is_valid() & asked.is_valid() & frame["camera"].is_valid()
    typed = request.POST.get("description", "").replace("\r\n", "\n").strip()[:5000]
    services.save(draft=draft, description=typed, answers=asked.answers(), questions_done=right)
    if "remove" in request.POST or "add" in request.POST:
        # led to the page anew: nobody can send the photo of the person before by going back
        return (
            redirect("contact_centre_kiosk:words")
            if frame["camera"].is_valid()
            else page(request, "words", form=WordsForm(initial={"description": typed}), asked=asked, **frame)
        )
    return redirect("contact_centre_kiosk:contact") if right else page(request, "words", form=form, asked=asked, **frame)


def _photographed(request: HttpRequest, draft: Draft) -> PhotoForm:
    """Keep the photos that came with the form; it holds what is wrong with those that cannot be kept."""
    form, uploads = PhotoForm(request.POST, request.FILES), request.FILES.getlist("photos")
    if not uploads:
        return form
    hit_upload(request)
    problems = services.add_photos(draft=draft, uploads=uploads, by=ANONYMOUS)
    form.is_valid()
    for problem in problems:
        form.add_error("photos", problem)
    return form


@kiosk
def contact(request: HttpRequest) -> HttpResponse:
    """How to tell the person of the outcome, if they wish."""
    draft = session.draft(request)
    if draft is None or not draft.description:
        return redirect("contact_centre_kiosk:words")
    form = ContactForm(request.POST if request.method == "POST" else None, initial={"email": draft.email, "phone": draft.phone})
    if request.method == "POST" and form.is_valid():
        services.save(draft=draft, **form.cleaned_data, contact_done=True)
        return redirect("contact_centre_kiosk:check")
    return page(request, "contact", form=form)


@kiosk
@limited("contact_centre.kiosk_send", limit=SENT_IN_AN_HOUR, per_s=3600)
def check(request: HttpRequest) -> HttpResponse:
    """Everything once more, then sending."""
    draft = session.draft(request)
    if draft is None or not draft.contact_done or not draft.questions_done or not draft.placed:
        return redirect("contact_centre_kiosk:contact")
    problems: list[str] = []
    if request.method == "POST":
        try:
            sent = services.send(draft=draft, by=ANONYMOUS, channel=CHANNEL)
        except ValidationError as error:
            problems = error.messages
        else:
            told = bool(draft.email)
            session.remember(request, sent={"number": sent.number, "token": sent.token, "told": told})
            return redirect("contact_centre_kiosk:done")
    return page(request, "check", draft=draft, problems=problems)


@require_safe
@kiosk
def done(request: HttpRequest) -> HttpResponse:
    """The number, and the secret link as a picture for the telephone; shown to nobody else and not kept."""
    sent = session.recall(request, "sent")
    if sent is None:
        return redirect("contact_centre_kiosk:home")
    link = request.build_absolute_uri(reverse("cases:secret", args=[sent["token"]]))
    return page(request, "done", number=sent["number"], told=sent["told"], picture=_picture(link))


def _picture(link: str) -> str:
    """A QR code (ISO/IEC 18004) as an address of a picture."""
    import segno

    return str(segno.make(link, error="m", micro=False).svg_data_uri(scale=8, border=4, dark="#000", light="#fff"))


@require_safe
@kiosk
@limited("contact_centre.kiosk_find", limit=120, per_s=600, methods=("GET",))
def case(request: HttpRequest) -> HttpResponse:
    """What everybody may know of a case, by its number."""
    asked = request.GET.get("numer", "").strip().upper().replace(" ", "")[:24]
    found = selectors.filed(asked, ANONYMOUS) if asked else None
    form = NumberForm(request.GET if asked else None)
    if asked and found is None and form.is_valid():
        form.add_error("numer", _("Nie ma sprawy o takim numerze. Sprawdź cyfry."))
    return page(request, "case", form=form, case=found, example=f"{REPORT.prefix}-{clock.today().year}-000123")


FACTS = (
    ("who", _l("Kto")),
    ("place", _l("Gdzie")),
    ("when", _l("Kiedy")),
    ("duration", _l("Jak długo")),
    ("cost", _l("Ile kosztuje")),
)


@require_safe
@kiosk
@limited("contact_centre.kiosk_guide", limit=240, per_s=600, methods=("GET",))
def guide(request: HttpRequest) -> HttpResponse:
    """How to get something done: the knowledge base, the answer first."""
    asked, language = request.GET.get("q", "").strip()[:200], get_language() or "pl"
    found = answers(asked, limit=4, language=language) if asked else []
    pages = content_pages(ANONYMOUS).in_bulk([one.service_id for one in found])
    rows = [{"answer": one, "facts": _facts(pages.get(one.service_id), language)} for one in found]
    form = GuideForm(request.GET if asked else None)
    return page(request, "guide", form=form, rows=rows, asked=asked)


def _facts(row: Any, language: str) -> list[tuple[Any, str]]:
    """What a page of the guide says in short, in the reader's language where it is told in it."""
    if row is None:
        return []
    ending = "_en" if language.startswith("en") else ""
    said = [(label, getattr(row, f"{field}{ending}") or getattr(row, field)) for field, label in FACTS]
    return [(label, words) for label, words in said if words]


@require_safe
@kiosk
def office(request: HttpRequest) -> HttpResponse:
    """Hours of the office and the way to it."""
    contacts = city().contacts
    desk = next((desk for desk in desks().values() if desk.unit.slug == contacts.get("unit")), None)
    spot = next(iter(find(contacts.get("address", "").split(",")[0])), None)
    return page(request, "office", contacts=contacts, desk=desk, spot=spot)


@require_POST
@kiosk
def alive(request: HttpRequest) -> HttpResponse:
    """A sign of life while somebody types."""
    return HttpResponse(status=204)


def end(request: HttpRequest) -> HttpResponse:
    """Forget the person who was here. Also by GET, for a screen without scripts that nobody touches."""
    response = session.wiped(request)
    response["Cache-Control"] = "no-store"
    return response
