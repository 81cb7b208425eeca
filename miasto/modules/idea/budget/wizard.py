"""The wizard of a proposal: each step is a page that works without scripts; what was typed is kept at every step."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry, Point
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from miasto.kernel.accounts.access import remember_link
from miasto.kernel.accounts.selectors import contact_of
from miasto.kernel.accounts.services import open_link
from miasto.kernel.core.city import city
from miasto.kernel.core.ratelimit import limited
from miasto.kernel.files import selectors as stored
from miasto.kernel.files import services as files
from miasto.modules.idea.budget import forms, plots, proposing, selectors, timing
from miasto.modules.idea.budget.editions import rules_of
from miasto.modules.idea.budget.models import Edition, Project, ProposalDraft
from miasto.modules.idea.budget.proposing import AuthorRow, ProposalRow
from miasto.modules.idea.budget.states import PhaseKind, ProjectState
from miasto.modules.idea.budget.views import edition_of, page, project_of
from miasto.modules.idea.views_remark import refuse

STEPS = (
    ("pomysl", gettext_lazy("Pomysł")),
    ("miejsce", gettext_lazy("Miejsce")),
    ("sprawdzenie", gettext_lazy("Sprawdzenie miejsca")),
    ("koszty", gettext_lazy("Koszty i załączniki")),
    ("autorzy", gettext_lazy("Autorzy")),
    ("podsumowanie", gettext_lazy("Podsumowanie")),
)
KEYS = [key for key, _name in STEPS]
IMAGES = (".jpg", ".jpeg", ".png", ".webp", ".heic", ".heif")
WORDS = ("shape", "address", "start", "end")
WRITE = {"limit": city().limit("proposals_per_hour", 200), "per_s": 3600}


def _session_key(edition: Edition) -> str:
    return f"idea_budget_{edition.pk.hex[:12]}"


def current(request: HttpRequest, edition: Edition) -> ProposalDraft | None:
    """The unsent draft of this session, or of the account where the session has none."""
    found = selectors.draft_of(request.session.get(_session_key(edition)), edition)
    if found is None and request.viewer.person_id:
        rows = ProposalDraft.objects.filter(edition=edition, person_id=request.viewer.person_id, project_id=None)
        found = rows.order_by("-changed_at").first()
    return found


def _begun(request: HttpRequest, edition: Edition) -> ProposalDraft:
    draft = current(request, edition)
    if draft is None:
        draft = proposing.begin(edition=edition, by=request.viewer)
    request.session[_session_key(edition)] = str(draft.pk)
    return draft


@limited("idea.budget.write", **WRITE)
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """What the rules ask, before the first question; goes on with a draft where there is one."""
    edition = edition_of(request, slug)
    if not timing.is_open(edition, PhaseKind.PROPOSALS):
        return page(request, "idea/budget/not_now.html", edition=edition, phase=timing.phase(edition, PhaseKind.PROPOSALS))
    if request.method == "POST":
        draft = _begun(request, edition)
        return redirect("idea:budget_step", slug=slug, step=missing(draft) or KEYS[-1])
    context = {"edition": edition, "rules": rules_of(edition), "pools": edition.pools.all(), "draft": current(request, edition)}
    return page(request, "idea/budget/start.html", **context)


def missing(draft: ProposalDraft) -> str:
    """The first step that is not done; empty where all are."""
    data = draft.data
    done = {
        "pomysl": bool(data.get("idea_done")),
        "miejsce": bool(data.get("place_done")),
        "sprawdzenie": bool(data.get("check_done")),
        "koszty": bool(data.get("cost_done")),
        "autorzy": bool(data.get("authors_done")) or bool(data.get("corrects")),
    }
    return next((key for key, ready in done.items() if not ready), "")


@never_cache
@limited("idea.budget.write", **WRITE)
def step(request: HttpRequest, slug: str, step: str) -> HttpResponse:
    """One step of the draft; a later step than the first unfinished one leads back to it."""
    edition = edition_of(request, slug)
    draft = current(request, edition)
    if step not in KEYS:
        raise Http404
    if draft is None:
        return redirect("idea:budget_new", slug=slug)
    first = missing(draft)
    if first and KEYS.index(step) > KEYS.index(first):
        return redirect("idea:budget_step", slug=slug, step=first)
    return _PAGES[step](request, edition, draft)


def _page(request: HttpRequest, edition: Edition, draft: ProposalDraft, key: str, **context: Any) -> HttpResponse:
    at = KEYS.index(key)
    number = at + 1
    context |= {
        "edition": edition,
        "draft": draft,
        "data": draft.data,
        "corrects": draft.data.get("corrects"),
        "step_number": number,
        "steps": len(STEPS),
        "step_name": STEPS[at][1],
        "back": reverse("idea:budget_step", args=[edition.slug, KEYS[at - 1]]) if at else "",
    }
    form = context.get("form")
    status = 422 if request.method == "POST" and (form is None or form.is_bound) else 200
    return page(request, f"idea/budget/step_{key}.html", status=status, **context)


def _onward(edition: Edition, key: str) -> HttpResponse:
    return redirect("idea:budget_step", slug=edition.slug, step=KEYS[KEYS.index(key) + 1])


def _idea(request: HttpRequest, edition: Edition, draft: ProposalDraft) -> HttpResponse:
    pools = list(edition.pools.all())
    if request.method != "POST":
        return _page(request, edition, draft, "pomysl", form=forms.IdeaForm(pools=pools, initial=draft.data))
    form = forms.IdeaForm(request.POST, pools=pools)
    fine = form.is_valid()
    typed = {name: request.POST.get(name, "")[:8000] for name in form.fields}
    moved = typed["pool"] != draft.data.get("pool")
    proposing.keep(draft=draft, **typed, idea_done=fine)
    if moved:
        proposing.keep(draft=draft, place_done=False, check_done=False, cost_done=False)
    return _onward(edition, "pomysl") if fine else _page(request, edition, draft, "pomysl", form=form)


def _pool(edition: Edition, draft: ProposalDraft) -> Any:
    return next((one for one in edition.pools.all() if one.key == draft.data.get("pool")), None)


def _place(request: HttpRequest, edition: Edition, draft: ProposalDraft) -> HttpResponse:
    pool = _pool(edition, draft)
    if request.method != "POST":
        place = place_of(draft)
        initial = draft.data | {"geom": place.geojson if place is not None else ""}
        form = forms.PlaceForm(citywide=pool.citywide, initial=initial)
        return _page(request, edition, draft, "miejsce", form=form, pool=pool)
    form = forms.PlaceForm(_fresh_place(request, draft), citywide=pool.citywide)
    fine = form.is_valid()
    kept = {"place_note": request.POST.get("place_note", "")[:600]}
    if fine:
        data = form.cleaned_data
        geom = data.get("geom") if not data.get("whole_city") else None
        fine = geom is None or _inside(edition, pool, form, geom)
        kept |= {name: data.get(name) for name in (*WORDS, "whole_city")}
        kept |= {"geom": geom.geojson if geom is not None else "", "lat": None, "lon": None}
    proposing.keep(draft=draft, **kept, place_done=fine, check_done=False)
    return _onward(edition, "miejsce") if fine else _page(request, edition, draft, "miejsce", form=form, pool=pool)


def _fresh_place(request: HttpRequest, draft: ProposalDraft) -> Any:
    """The posted fields; words changed over an old shape (without scripts it is still in the form): the shape is dropped."""
    sent = request.POST.copy()
    place = place_of(draft)
    same = place is not None and sent.get("geom") == place.geojson
    if same and any(sent.get(name, "") != (draft.data.get(name) or "") for name in WORDS if name in sent):
        sent["geom"] = ""
    return sent


def _inside(edition: Edition, pool: Any, form: forms.PlaceForm, geom: GEOSGeometry) -> bool:
    found, position = proposing.pool_at(edition, geom)
    if not position.inside:
        form.add_error("address", _("To miejsce leży poza granicami miasta."))
    elif not pool.citywide and found != pool:
        words = _("To miejsce należy do puli „%(where)s”. Wybierz inne miejsce albo wróć i zmień pulę.")
        form.add_error("address", words % {"where": found.name if found else edition.pools.all()[0].name})
    return not form.errors


def place_of(draft: ProposalDraft) -> GEOSGeometry | None:
    """The place of a draft, EPSG:4326; None for the whole city. Drafts begun before places were drawn hold ``lat``, ``lon``."""
    data = draft.data
    if data.get("whole_city"):
        return None
    if data.get("geom"):
        return GEOSGeometry(data["geom"])
    if data.get("lat") is None or data.get("lon") is None:
        return None
    return Point(float(data["lon"]), float(data["lat"]), srid=4326)


def _check(request: HttpRequest, edition: Edition, draft: ProposalDraft) -> HttpResponse:
    """What the city knows of the place; nothing here stops a proposal, the author decides knowing it."""
    if request.method == "POST":
        proposing.keep(draft=draft, check_done=True)
        return _onward(edition, "sprawdzenie")
    place = place_of(draft)
    context: dict[str, Any] = {"place": place}
    if place is not None:
        pool, position = proposing.pool_at(edition, place)
        found = plots.findings(plots.check(place))
        context |= {
            "size": plots.size_words(place),
            "district_pool": pool,
            "position": position,
            "checks": plots.by_role(found),
            "worst": plots.worst(found),
            "near_projects": selectors.near_projects(place, request.viewer),
            "near_cases": selectors.near_cases(place),
        }
    return _page(request, edition, draft, "sprawdzenie", **context)


def _costs(request: HttpRequest, edition: Edition, draft: ProposalDraft) -> HttpResponse:
    limits = rules_of(edition).pool(draft.data["pool"])
    items = draft.data.get("items", [])
    rows = max(forms.ROWS, len(items) + 2)
    if request.method != "POST":
        initial = {}
        for number, (name, amount) in enumerate(items, 1):
            initial[f"name_{number}"], initial[f"amount_{number}"] = name, amount
        form = forms.CostForm(limits=limits, rows=rows, initial=initial)
        return _costs_page(request, edition, draft, form)
    going_on = not ({"remove", "more", "add"} & set(request.POST))
    sent_rows = sum(name.startswith("name_") for name in request.POST)
    form = forms.CostForm(request.POST, request.FILES, limits=limits, rows=sent_rows, check=going_on)
    fine = form.is_valid()
    if fine or going_on is False:
        proposing.keep(draft=draft, items=form.items, cost_done=fine and going_on)
    _files(request, edition, draft, form)
    if "more" in request.POST and fine:
        return redirect("idea:budget_step", slug=edition.slug, step="koszty")
    if not going_on and not form.errors:
        return redirect(reverse("idea:budget_step", args=[edition.slug, "koszty"]) + "#pliki")
    return _onward(edition, "koszty") if fine and not form.errors else _costs_page(request, edition, draft, form)


def _costs_page(request: HttpRequest, edition: Edition, draft: ProposalDraft, form: forms.CostForm) -> HttpResponse:
    found = stored.files_by_id([UUID(one) for one in draft.files])
    kept = [found[UUID(one)] for one in draft.files if UUID(one) in found]
    most = rules_of(edition).proposals.files
    total = sum(amount for _name, amount in draft.data.get("items", []))
    return _page(request, edition, draft, "koszty", form=form, kept=kept, most=most, pool=_pool(edition, draft), total=total)


def _files(request: HttpRequest, edition: Edition, draft: ProposalDraft, form: forms.CostForm) -> None:
    """Keep the files that can be kept, say of each other one why not; take away the one whose button was pressed."""
    ids = [one for one in draft.files if one != request.POST.get("remove")]
    most = rules_of(edition).proposals.files
    for upload in request.FILES.getlist("files"):
        if len(ids) >= most:
            form.add_error("files", _("Można dodać najwyżej %(most)d plików.") % {"most": most})
            break
        try:
            if str(upload.name).lower().endswith(IMAGES):
                ids.append(str(files.store_image(upload=upload, by=request.viewer).file.pk))
            else:
                ids.append(str(files.store_document(upload=upload, by=request.viewer).pk))
        except (ValidationError, files.NoRoom) as error:
            form.add_error("files", error.messages)
    if ids != draft.files:
        proposing.set_files(draft=draft, ids=[UUID(one) for one in ids])


def _authors(request: HttpRequest, edition: Edition, draft: ProposalDraft) -> HttpResponse:
    asked = rules_of(edition).proposals
    signed_in = request.viewer.person_id is not None
    options = {"guardian_under": asked.guardian_under, "signed_in": signed_in, "co_authors": asked.co_authors}
    if request.method != "POST":
        known = contact_of(request.viewer.person_id) if signed_in else None
        initial = {"name": known["name"], "phone": known["phone"]} if known else {}
        return _page(request, edition, draft, "autorzy", form=forms.AuthorForm(initial=initial | draft.data, **options))
    form = forms.AuthorForm(request.POST, **options)
    fine = form.is_valid()
    typed = {name: form.cleaned_data.get(name, request.POST.get(name, "")[:800]) for name in form.fields}
    proposing.keep(draft=draft, **typed, authors_done=fine)
    return _onward(edition, "autorzy") if fine else _page(request, edition, draft, "autorzy", form=form)


def row_of(draft: ProposalDraft, language: str = "pl") -> ProposalRow:
    """The proposal that a whole draft makes."""
    data = draft.data
    names = [line.strip() for line in (data.get("co_authors") or "").splitlines() if line.strip()]
    lead = AuthorRow(
        name=data.get("name") or "",
        email=data.get("email") or "",
        phone=data.get("phone") or "",
        postal_address=data.get("postal_address") or "",
        name_public=bool(data.get("name_public")),
        child=bool(data.get("child")),
        guardian_name=data.get("guardian_name") or "",
        guardian_email=data.get("guardian_email") or "",
        language=language,
    )
    return ProposalRow(
        pool=data.get("pool", ""),
        title=data.get("title", ""),
        summary=data.get("summary", ""),
        description=data.get("description", ""),
        for_whom=data.get("for_whom", ""),
        place=place_of(draft),
        address_text=data.get("address") or "",
        place_note=data.get("place_note") or "",
        items=[(name, int(amount)) for name, amount in data.get("items", [])],
        authors=[lead, *(AuthorRow(name=one, name_public=lead.name_public) for one in names)],
        file_ids=[UUID(one) for one in draft.files],
    )


def _summary(request: HttpRequest, edition: Edition, draft: ProposalDraft) -> HttpResponse:
    form = forms.forms.Form(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _correct(request, edition, draft) if draft.data.get("corrects") else _file(request, edition, draft)
        except ValidationError as error:
            refuse(form, error)
    total = sum(amount for _name, amount in draft.data.get("items", []))
    context = {"form": form, "pool": _pool(edition, draft), "total": total, "row": row_of(draft), "place": place_of(draft)}
    return _page(request, edition, draft, "podsumowanie", **context)


def _file(request: HttpRequest, edition: Edition, draft: ProposalDraft) -> HttpResponse:
    language = request.LANGUAGE_CODE if request.LANGUAGE_CODE in ("pl", "en") else "pl"
    made = proposing.file_project(edition=edition, row=row_of(draft, language), client_key=draft.pk, by=request.viewer)
    _sent(draft, made.project)
    secret = open_link(made.token) if made.token else None
    if secret is not None and request.viewer.person_id is None:
        remember_link(request, secret)
    return redirect(reverse("idea:budget_project", args=[edition.slug, made.project.number]) + "?zlozony")


def _sent(draft: ProposalDraft, project: Project) -> None:
    """Of what was typed nothing stays in the draft."""
    ProposalDraft.objects.filter(pk=draft.pk).update(data={}, files=[], project_id=project.pk)


def _correct(request: HttpRequest, edition: Edition, draft: ProposalDraft) -> HttpResponse:
    project = project_of(request, edition, int(draft.data["corrects"]))
    proposing.correct_project(project=project, row=row_of(draft), by=request.viewer)
    ProposalDraft.objects.filter(pk=draft.pk).delete()
    return redirect("idea:budget_project", slug=edition.slug, number=project.number)


@require_POST
def correct(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The author opens the proposal again to correct what the city asked for."""
    edition = edition_of(request, slug)
    project = project_of(request, edition, number)
    proposing.require_author(request.viewer, project)
    if project.state != ProjectState.CORRECTION:
        return redirect("idea:budget_project", slug=slug, number=number)
    known = current(request, edition)
    if known is None or known.data.get("corrects") != number:
        known = proposing.begin(edition=edition, by=request.viewer)
        proposing.keep(draft=known, **_data_of(project))
        kept = [one.file_id for one in project.files.filter(entry=None)]
        proposing.set_files(draft=known, ids=kept)
    request.session[_session_key(edition)] = str(known.pk)
    return redirect("idea:budget_step", slug=slug, step="pomysl")


def _data_of(project: Project) -> dict[str, Any]:
    done = {f"{key}_done": True for key in ("idea", "place", "check", "cost", "authors")}
    return {
        "corrects": project.number,
        "pool": project.pool.key,
        "whole_city": project.whole_city,
        "geom": "" if project.whole_city else project.geom.geojson,
        "address": project.address_text,
        "items": [[one.name, one.amount] for one in project.items.all()],
        **{name: getattr(project, name) for name in ("title", "summary", "description", "for_whom", "place_note")},
        **done,
    }


_PAGES = {
    "pomysl": _idea,
    "miejsce": _place,
    "sprawdzenie": _check,
    "koszty": _costs,
    "autorzy": _authors,
    "podsumowanie": _summary,
}
