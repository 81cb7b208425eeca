"""Step 2 of a report: where it is, and the questions of its category."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from miasto.kernel.core.ratelimit import limited
from miasto.kernel.places import selectors as places
from miasto.modules.contact_centre import selectors, services
from miasto.modules.contact_centre.forms import PlaceForm, QuestionsForm
from miasto.modules.contact_centre.likeness.views_same import ask_or_go_on
from miasto.modules.contact_centre.models import Draft
from miasto.modules.contact_centre.views import current, missing_step

FOUND_MOST = 6
READY = ("", "contact_centre:place", "contact_centre:contact")


@limited("contact_centre.place", limit=200, per_s=3600)
def place(request: HttpRequest) -> HttpResponse:
    """A point on the map, an address, the device's position or the photo's; then the category's questions."""
    draft = current(request)
    if missing_step(draft) not in READY:
        return redirect(missing_step(draft))
    questions = selectors.questions_of(draft.category)
    if request.method == "POST":
        return _sent(request, draft, questions)
    form = PlaceForm(initial={"place": draft.place_text or draft.address_text, "lon": draft.lon, "lat": draft.lat})
    return _page(request, draft, form, QuestionsForm(questions=questions, initial=draft.answers))


def _sent(request: HttpRequest, draft: Draft, questions: Any) -> HttpResponse:
    form, asked = PlaceForm(request.POST), QuestionsForm(request.POST, questions=questions)
    form.is_valid()
    typed = form.cleaned_data.get("place", "")
    retyped = typed != (draft.place_text or draft.address_text)
    answered = asked.is_valid()
    services.save(draft=draft, place_text=typed[:200], answers=asked.answers(), questions_done=answered)
    if "find" in request.POST:
        return _page(request, draft, form, QuestionsForm(questions=questions, initial=asked.answers()), found=find(typed))
    chosen = _chosen_point(request, form, draft, retyped)
    found: list[Any] = []
    if chosen is None:
        found = find(typed) if typed else []
        form.add_error("place", _question_of_place(typed, found))
    else:
        try:
            services.choose_place(draft=draft, lon=chosen[0], lat=chosen[1])
        except services.OutsideCity as error:
            form.add_error("place", _refusal(error))
    if form.errors or not answered:
        return _page(request, draft, form, asked, found=found)
    return ask_or_go_on(draft)


def _chosen_point(request: HttpRequest, form: PlaceForm, draft: Draft, retyped: bool) -> tuple[float, float] | None:
    """The point that the resident chose last: a found address, the photo's place, or the point on the map.

    A new address typed over an old point is no choice yet: without scripts the old point is still in the form.
    """
    choice = request.POST.get("choice", "")
    if choice == "photo" and draft.photo_lon is not None:
        return draft.photo_lon, draft.photo_lat
    if choice:
        return point_of(*choice.partition(",")[::2])
    lon, lat = form.cleaned_data.get("lon"), form.cleaned_data.get("lat")
    if lon is None or lat is None or (retyped and draft.placed and (lon, lat) == (draft.lon, draft.lat)):
        return None
    return lon, lat


def point_of(lon: str, lat: str) -> tuple[float, float] | None:
    """A point from two texts; None where they are none."""
    try:
        point = float(lon), float(lat)
    except ValueError:
        return None
    return point if abs(point[0]) <= 180 and abs(point[1]) <= 85 else None


def _question_of_place(typed: str, found: list[Any]) -> str:
    if found:
        return _("Wybierz jedno z miejsc, które znaleźliśmy.")
    if typed:
        return _("Nie znaleźliśmy takiego miejsca. Sprawdź pisownię, wpisz samą nazwę ulicy albo wskaż punkt na mapie.")
    return _("Podaj miejsce: wpisz adres albo wskaż punkt na mapie.")


def _refusal(error: services.OutsideCity) -> str:
    if error.commune:
        return _("To miejsce leży poza granicami miasta. Zgłoś sprawę tutaj: %(commune)s.") % {"commune": error.commune}
    return _("To miejsce leży poza granicami miasta. Zgłoś sprawę w urzędzie gminy, na terenie której leży to miejsce.")


def find(text: str) -> list[Any]:
    """Places that fit a text, best first."""
    return list(places.geocode(text, limit=FOUND_MOST)) if len(text.strip()) >= 2 else []


def _page(request: HttpRequest, draft: Draft, form: PlaceForm, asked: QuestionsForm, found: Any = None) -> HttpResponse:
    photo_place = places.reverse(draft.photo_lon, draft.photo_lat) if draft.photo_lon is not None else None
    return render(
        request,
        "contact_centre/place.html",
        {
            "draft": draft,
            "form": form,
            "asked": asked,
            "found": found,
            "searched": found is not None,
            "photo_place": photo_place,
            "zoom": 16 if draft.placed else None,
            "step": 2,
        },
    )


@require_GET
@limited("contact_centre.address", limit=600, per_s=600, methods=("GET",))
def address(request: HttpRequest) -> JsonResponse:
    """For scripts: places that fit a text (``q``), or the address of a point (``lon``, ``lat``)."""
    if "q" in request.GET:
        rows = [
            {"value": f"{one.lon},{one.lat}", "label": one.label, "detail": str(one.detail), "lon": one.lon, "lat": one.lat}
            for one in find(request.GET["q"][:200])
        ]
        return JsonResponse({"results": rows})
    point = point_of(request.GET.get("lon", ""), request.GET.get("lat", ""))
    if point is None:
        return JsonResponse({"detail": "lon and lat are degrees"}, status=400)
    position = places.reverse(*point)
    if not position.inside:
        refusal = services.OutsideCity("", position.commune_name)
        return JsonResponse({"inside": False, "message": _refusal(refusal)})
    return JsonResponse(
        {
            "inside": True,
            "address": position.address_text or _("punkt na mapie"),
            "district": position.district_name or "",
        }
    )
