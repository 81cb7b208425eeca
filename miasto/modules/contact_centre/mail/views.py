"""The pages of correspondence in the staff's panel."""

from __future__ import annotations

import secrets
from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.kernel.cases import services as case_services
from miasto.kernel.core import clock, live
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.likeness.selectors import likely_category
from miasto.modules.contact_centre.mail import selectors, services
from miasto.modules.contact_centre.mail.classes import CLASSES, letter_class
from miasto.modules.contact_centre.mail.deciding import UNDECIDED, case_of_number
from miasto.modules.contact_centre.mail.forms import DecideForm, JoinForm, ListForm, PaperForm, PlaceForm, WriteForm
from miasto.modules.contact_centre.mail.intake import KIND
from miasto.modules.contact_centre.mail.models import PERMISSION, Letter, State

REFUSALS = {
    "program": _("program – nie przyjmujemy takich plików"),
    "active": _("zawiera makra lub osadzone obiekty – nie przyjmujemy takich plików"),
    "unknown": _("plik, którego nie przyjmujemy"),
    "winmail": _("załącznik programu Outlook, którego nie da się otworzyć"),
    "too_large": _("za duży"),
    "empty": _("pusty"),
}
NOTES = {
    "encrypted": _("Wiadomość jest zaszyfrowana i nie umiemy jej odczytać. Poproś o przysłanie jej bez szyfrowania."),
    "too_many": _("Było więcej załączników, niż przyjmujemy; pozostałych nie zachowano."),
    "truncated": _("Wiadomość miała zbyt wiele części; nie wszystkie odczytano."),
}
TABS = (
    ("", _("Czekają na decyzję"), "czekajace"),
    ("dolaczone", _("Dołączone do spraw"), "dolaczone"),
    ("rozstrzygniete", _("Rozstrzygnięte"), "rozstrzygniete"),
    ("automatyczne", _("Automatyczne"), "automatyczne"),
)


@require_safe
@panel(PERMISSION)
def letters(request: HttpRequest) -> HttpResponse:
    """The list. Everything asked is in the address."""
    form = ListForm(request.GET)
    form.is_valid()
    tab = request.GET.get("widok", "")
    found = selectors.letters(
        request.viewer,
        tab=tab,
        text=form.cleaned_data.get("szukaj", ""),
        letter_class=form.cleaned_data.get("rodzaj", ""),
    )
    page = Paginator(found, selectors.PAGE).get_page(request.GET.get("strona"))
    counts = selectors.counts(request.viewer)
    context = {
        "filter_form": form,
        "page_obj": page,
        "rows": selectors.rows(page.object_list),
        "tab": tab,
        "tabs": [(key, label, counts[name], key == tab) for key, label, name in TABS],
        "narrowed": any(request.GET.get(name) for name in form.fields),
        "live_url": reverse("letters:live"),
    }
    return render(request, "contact_centre/letters/list.html", context)


@require_safe
@panel(PERMISSION)
def follow(request: HttpRequest) -> Any:
    """Server-sent events of letters that came or changed."""
    return live.stream(request, kinds=(KIND,), tell=lambda note: {"changed": True})


def _letter(request: HttpRequest, number: str) -> Letter:
    try:
        return selectors.letter_for(number, request.viewer)
    except Letter.DoesNotExist as error:
        raise Http404 from error


@require_safe
@panel("cases.see_unit")
def letter(request: HttpRequest, number: str) -> HttpResponse:
    """One letter: what it says, who wrote it before, what may be done with it."""
    return _page(request, _letter(request, number))


def _page(request: HttpRequest, found: Letter, *, bound: Form | None = None, name: str = "", status: int = 200) -> HttpResponse:
    view = selectors.letter_page(found, request.viewer)
    may = request.viewer.holds(PERMISSION)
    open_case = found.case is not None and found.case.progress != "closed"
    may_decide = may and (found.state in UNDECIDED or open_case or (found.state == State.SORTED and found.case is None))
    context = {
        "view": view,
        "letter": found,
        "text": view.text,
        "form": bound,
        "may": may,
        "files": [(row, REFUSALS.get(row.refused, "")) for row in view.attachments if not row.picture],
        "pictures": [row for row in view.attachments if row.picture],
        "notes": [NOTES[note] for note in view.text.notes if note in NOTES],
        "choices": _choices(found, bound, name) if may_decide else [],
        "decided": letter_class(found.letter_class) if found.letter_class else None,
        "undecided": found.state in UNDECIDED,
        "join_form": _form(bound, name, "join") or JoinForm(initial={"number": found.maybe_case or ""}),
        "write_form": _form(bound, name, "write") or WriteForm(),
        "place_form": _place_form(found, bound, name),
        "joinable": may and found.case is None and found.state in UNDECIDED,
        "cut": view.text.whole.strip() != view.text.body.strip(),
    }
    return render(request, "contact_centre/letters/letter.html", context, status=status)


def _form(bound: Form | None, name: str, wanted: str) -> Form | None:
    return bound if name == wanted else None


def _place_form(found: Letter, bound: Form | None, name: str) -> Form | None:
    lacking = found.case is not None and found.case.case_type == KEY and found.case.geom is None
    return (_form(bound, name, "place") or PlaceForm(auto_id="place_%s")) if lacking else None


def _choices(found: Letter, bound: Form | None, name: str) -> list[dict[str, Any]]:
    """The classes with what follows from each; the suggested one first and open. Of a case only other classes with a case."""
    received_on = clock.local(found.received_at).date()
    made = []
    for one in CLASSES:
        if found.case is not None and (not one.case_type or one.case_type == found.case.case_type):
            continue
        own = name == f"class:{one.key}"
        suggested = one.key == found.suggested and not found.letter_class
        made.append(
            {
                "one": one,
                "due_on": one.due_on(received_on),
                "form": bound if own else DecideForm(chosen=one, letter=found, initial=_guess(found, one)),
                "open": own or (suggested and not name),
                "suggested": suggested,
                "anonymous": one.identity and not (found.text.sender_name and found.text.sender_address),
            }
        )
    return sorted(made, key=lambda choice: not choice["suggested"])


def _guess(found: Letter, one: Any) -> dict[str, Any]:
    if one.key != "report":
        return {}
    likely = likely_category(f"{found.text.subject} {found.text.body}", limit=1)
    return {"category": str(likely[0].category.pk)} if likely else {}


def _carry_out(request: HttpRequest, found: Letter, name: str, form: Form, call: Any, done: str) -> HttpResponse:
    """Call a service for a valid form; what is refused comes back with all that was typed."""
    if not form.is_valid():
        return _page(request, found, bound=form, name=name)
    try:
        call()
    except case_services.Conflict:
        messages.warning(request, _("Ktoś w tym czasie zajął się tym pismem. Sprawdź, co zrobiono."))
        return redirect("letters:letter", number=found.number)
    except ValidationError as error:
        _refuse(form, error)
        return _page(request, _letter(request, found.number), bound=form, name=name)
    messages.success(request, done)
    return redirect("letters:letter", number=found.number)


def _refuse(form: Form, error: ValidationError) -> None:
    problems = error.message_dict.items() if hasattr(error, "error_dict") else [(None, error.messages)]
    for name, texts in problems:
        for text in texts:
            form.add_error(name if name in form.fields else None, text)


def _version(request: HttpRequest) -> int:
    given = request.POST.get("version", "")
    return int(given) if given.isdecimal() and len(given) < 10 else -1


@require_POST
@panel(PERMISSION)
def decide(request: HttpRequest, number: str, key: str) -> HttpResponse:
    """Give the letter its class."""
    found = _letter(request, number)
    try:
        chosen = letter_class(key)
    except KeyError as error:
        raise Http404 from error
    form = DecideForm(request.POST, chosen=chosen, letter=found)

    def call() -> None:
        services.decide(letter=found, decision=form.decision(), by=request.viewer, version=_version(request))

    done = _("Zapisano: %(name)s.") % {"name": chosen.name}
    return _carry_out(request, found, f"class:{key}", form, call, done)


@require_POST
@panel(PERMISSION)
def join(request: HttpRequest, number: str) -> HttpResponse:
    """Add the letter to a case that is there."""
    found, form = _letter(request, number), JoinForm(request.POST)

    def call() -> None:
        case = case_of_number(form.cleaned_data["number"])
        if case is None:
            raise ValidationError({"number": _("Nie ma sprawy o takim numerze.")})
        as_filer = form.cleaned_data["who"] == "filer"
        services.join(letter=found, case=case, as_filer=as_filer, by=request.viewer, version=_version(request))

    return _carry_out(request, found, "join", form, call, _("Dołączono pismo do sprawy."))


@require_POST
@panel(PERMISSION)
def write(request: HttpRequest, number: str) -> HttpResponse:
    """Write to the sender without deciding anything."""
    found, form = _letter(request, number), WriteForm(request.POST)

    def call() -> None:
        services.write_back(letter=found, body=form.cleaned_data["body"], by=request.viewer)

    return _carry_out(request, found, "write", form, call, _("Wysłano wiadomość do nadawcy."))


@require_POST
@panel(PERMISSION)
def place(request: HttpRequest, number: str) -> HttpResponse:
    """Say where the report of this letter is."""
    found, form = _letter(request, number), PlaceForm(request.POST, auto_id="place_%s")

    def call() -> None:
        typed = form.cleaned_data["place"]
        case_services.set_place(case=found.case, point=form.point(), address_text=typed, by=request.viewer)

    if found.case is None:
        raise Http404
    return _carry_out(request, found, "place", form, call, _("Zapisano miejsce."))


@require_POST
@panel(PERMISSION)
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    """Take back a decision that made no case."""
    found = _letter(request, number)
    try:
        services.reopen(letter=found, by=request.viewer, version=_version(request))
    except (ValidationError, case_services.Conflict) as error:
        messages.warning(request, " ".join(getattr(error, "messages", [str(error)])))
    else:
        messages.success(request, _("Pismo znów czeka na decyzję."))
    return redirect("letters:letter", number=number)


@panel(PERMISSION)
def paper(request: HttpRequest) -> HttpResponse:
    """Register a letter that came on paper."""
    form = PaperForm(request.POST or None, request.FILES or None, initial={"received_on": clock.today()})
    key = request.POST.get("client_key", "")[:40] or secrets.token_urlsafe(24)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        day = datetime.combine(data["received_on"], time(12), tzinfo=clock.zone())
        texts = {name: data[name] for name in ("subject", "body", "name", "email", "phone", "postal")}
        scans = tuple(request.FILES.getlist("scans"))[:20]
        try:
            made = services.register_paper(received_at=day, scans=scans, client_key=f"paper:{key}", by=request.viewer, **texts)
        except ValidationError as error:
            for message in error.messages:
                form.add_error("scans", message)
        else:
            messages.success(request, _("Zarejestrowano pismo %(number)s.") % {"number": made.number})
            return redirect("letters:letter", number=made.number)
    return render(request, "contact_centre/letters/paper.html", {"form": form, "client_key": key})
