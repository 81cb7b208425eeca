"""The presenter's desk: meetings, the agenda, opening and closing votes, cards and the list of people."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.access import panel
from miasto.modules.idea.live import codes, forms, selectors, services, wording
from miasto.modules.idea.live.casting import role_for
from miasto.modules.idea.live.models import MANAGE, Kind, LiveMeeting, LiveQuestion, Role, State
from miasto.modules.idea.live.views import qr
from miasto.modules.idea.naming import brand
from miasto.modules.idea.views_remark import refuse

PER_PAGE = 30
DESK = "idea_panel:live_meeting"


def managed(request: HttpRequest, meeting_id: UUID) -> LiveMeeting:
    """The meeting for who leads it; 404 for everybody else."""
    one = selectors.managed(meeting_id, request.viewer)
    if one is None:
        raise Http404
    return one


def asked(meeting: LiveMeeting, question_id: UUID) -> LiveQuestion:
    """A question of the meeting; 404 where it is not of it."""
    one = meeting.questions.filter(pk=question_id).first()
    if one is None:
        raise Http404
    one.meeting = meeting
    return one


@require_safe
@panel(MANAGE)
def index(request: HttpRequest) -> HttpResponse:
    """The meetings of one's units."""
    page = Paginator(selectors.managed_meetings(request.viewer), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "idea/live/staff_list.html", {"brand": brand(), "page": page, "rows": list(page)})


@panel(MANAGE)
def edit(request: HttpRequest, meeting_id: UUID | None = None) -> HttpResponse:
    """A new meeting, or other words and rules of one."""
    known = managed(request, meeting_id) if meeting_id else None
    sent = request.POST if request.method == "POST" else None
    form = forms.MeetingForm(sent, viewer=request.viewer, initial=forms.initial_of(known) if known else None)
    if sent is not None and form.is_valid():
        try:
            if known is None:
                made = services.create_meeting(row=form.row(), by=request.viewer)
            else:
                made = services.update_meeting(meeting=known, row=form.row(), by=request.viewer)
        except ValidationError as error:
            refuse(form, error)
        else:
            messages.success(request, _("Zapisano."))
            return redirect(DESK, meeting_id=made.pk)
    context = {"brand": brand(), "meeting": known, "form": form}
    return render(request, "idea/live/staff_edit.html", context, status=422 if sent is not None else 200)


@never_cache
@require_safe
@panel(MANAGE)
def desk(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """The presenter's desk."""
    return _desk(request, managed(request, meeting_id))


def _desk(request: HttpRequest, meeting: LiveMeeting, **extra: Any) -> HttpResponse:
    questions = list(meeting.questions.select_related("following"))
    for one in questions:
        one.meeting = meeting
    running = next((one for one in questions if one.state == State.OPEN), None)
    role = role_for(meeting, running or (questions[0] if questions else LiveQuestion(meeting=meeting, secret=False)))
    address = request.build_absolute_uri(reverse("glosuj:meeting", args=[meeting.code]))
    context = {
        "brand": brand(),
        "meeting": meeting,
        "questions": [(one, _told(one)) for one in questions],
        "running": running,
        "over": running is not None and selectors.time_is_over(running),
        "rule": wording.rule(running) if running else "",
        "cast": selectors.cast_count(running) if running else 0,
        "presence": selectors.presence(meeting, role, running),
        "cards": meeting.participants.filter(role=Role.CARD, removed_at=None).count() if meeting.cards else 0,
        "people": meeting.participants.filter(role=Role.LISTED, removed_at=None).count(),
        "address": address.split("://", 1)[1].rstrip("/"),
        "cards_form": forms.CardsForm(),
        **extra,
    }
    return render(request, "idea/live/staff_meeting.html", context, status=422 if extra else 200)


def _told(question: LiveQuestion) -> dict[str, Any]:
    """What a line of the agenda says besides the question."""
    closed = question.state == State.CLOSED
    return {
        "verdict": wording.verdict(question) if closed else "",
        "cast": question.result.get("cast", 0) if closed else 0,
        "colour": {State.PLANNED: "grey", State.OPEN: "green", State.CLOSED: "blue"}[State(question.state)],
        "again": bool(closed and question.result.get("again")) and not hasattr(question, "following"),
        "moderated": closed and question.kind in (Kind.WORDS, Kind.OPEN),
    }


@panel(MANAGE)
def question(request: HttpRequest, meeting_id: UUID, question_id: UUID | None = None) -> HttpResponse:
    """A new question, or other words and rules of one."""
    meeting = managed(request, meeting_id)
    known = asked(meeting, question_id) if question_id else None
    sent = request.POST if request.method == "POST" else None
    initial = forms.initial_question(known) if known else None
    if known and known.state == State.OPEN and sent is not None:
        sent = _with_words_only(sent, initial or {})
    form = forms.QuestionForm(sent, meeting=meeting, initial=initial)
    if sent is not None and form.is_valid():
        try:
            if known is None:
                services.add_question(meeting=meeting, row=form.row(), by=request.viewer)
            else:
                services.update_question(question=known, row=form.row(), by=request.viewer)
        except ValidationError as error:
            _refuse(form, error)
        else:
            messages.success(request, _("Pytanie zapisane."))
            return redirect(DESK, meeting_id=meeting.pk)
    context = {"brand": brand(), "meeting": meeting, "question": known, "form": form}
    context["words_only"] = known is not None and known.state == State.OPEN
    return render(request, "idea/live/staff_question.html", context, status=422 if sent is not None else 200)


def _with_words_only(sent: Any, initial: dict[str, Any]) -> Any:
    """While people vote the form asks only for the wording; the rest is as it was."""
    data = sent.copy()
    for name, value in initial.items():
        if name not in ("title", "note") and name not in data and value is not None and value is not False:
            data[name] = value
    return data


def _refuse(form: Any, error: ValidationError) -> None:
    if hasattr(error, "error_dict"):
        for field, words in error.message_dict.items():
            name = {"parts": "share"}.get(field, field)
            form.add_error(name if name in form.fields else None, words)
    else:
        refuse(form, error)


MEETING_ACTS: dict[str, tuple[Callable[..., Any], Any]] = {
    "rozpocznij": (services.start_meeting, lambda: _("Spotkanie trwa. Możesz otwierać głosowania.")),
    "zakoncz": (services.end_meeting, lambda: _("Spotkanie zakończone. Wyniki możesz teraz opublikować.")),
    "publikuj": (services.publish_results, lambda: _("Wyniki są opublikowane.")),
    "uniewaznij-karty": (services.withdraw_cards, lambda: _("Nieużyte karty są nieważne.")),
}
QUESTION_ACTS: dict[str, tuple[Callable[..., Any], Any]] = {
    "otworz": (services.open_question, lambda: _("Głosowanie otwarte.")),
    "zamknij": (services.close_question, lambda: _("Głosowanie zamknięte i policzone.")),
    "pokaz": (lambda **given: services.show_results(shown=True, **given), lambda: _("Wynik jest na ekranie i telefonach.")),
    "ukryj": (lambda **given: services.show_results(shown=False, **given), lambda: _("Wynik jest ukryty.")),
    "druga-tura": (services.prepare_second_round, lambda: _("Druga tura jest przygotowana w porządku obrad.")),
    "wyzej": (lambda **given: services.move_question(up=True, **given), lambda: ""),
    "nizej": (lambda **given: services.move_question(up=False, **given), lambda: ""),
    "usun": (services.delete_question, lambda: _("Pytanie usunięte.")),
}


@require_POST
@panel(MANAGE)
def act(request: HttpRequest, meeting_id: UUID, action: str) -> HttpResponse:
    """One press of a button for the meeting."""
    meeting = managed(request, meeting_id)
    if action not in MEETING_ACTS:
        raise Http404
    service, said = MEETING_ACTS[action]
    return _done(request, meeting, lambda: service(meeting=meeting, by=request.viewer), said())


@require_POST
@panel(MANAGE)
def act_on_question(request: HttpRequest, meeting_id: UUID, question_id: UUID, action: str) -> HttpResponse:
    """One press of a button for a question."""
    meeting = managed(request, meeting_id)
    one = asked(meeting, question_id)
    if action not in QUESTION_ACTS:
        raise Http404
    service, said = QUESTION_ACTS[action]
    return _done(request, meeting, lambda: service(question=one, by=request.viewer), said())


def _done(request: HttpRequest, meeting: LiveMeeting, do: Callable[[], Any], said: str, to: str = DESK) -> HttpResponse:
    try:
        do()
    except ValidationError as error:
        messages.error(request, error.messages[0])
    else:
        if said:
            messages.success(request, said)
    return redirect(to, meeting_id=meeting.pk)


@panel(MANAGE)
def moderate(request: HttpRequest, meeting_id: UUID, question_id: UUID) -> HttpResponse:
    """Words of a cloud to leave out or count together; answers in own words to let through."""
    meeting = managed(request, meeting_id)
    one = asked(meeting, question_id)
    if one.state != State.CLOSED or one.kind not in (Kind.WORDS, Kind.OPEN):
        raise Http404
    if request.method == "POST":
        return _done(request, meeting, lambda: _moderate(request, one), _("Zapisano. Tak to widać na ekranie."))
    words = sorted(selectors.spoken(one).items(), key=lambda pair: (-pair[1], pair[0])) if one.kind == Kind.WORDS else []
    context = {
        "brand": brand(),
        "meeting": meeting,
        "question": one,
        "words": [(word, votes, word in one.hidden_words, one.merged_words.get(word, "")) for word, votes in words],
        "answers": selectors.answers(one) if one.kind == Kind.OPEN else [],
    }
    return render(request, "idea/live/staff_moderate.html", context)


def _moderate(request: HttpRequest, one: LiveQuestion) -> None:
    if one.kind == Kind.WORDS:
        merged = {
            name.removeprefix("razem:"): value.strip()[:30]
            for name, value in request.POST.items()
            if name.startswith("razem:") and value.strip()
        }
        services.moderate_words(question=one, hidden=request.POST.getlist("ukryj"), merged=merged, by=request.viewer)
        return
    try:
        shown = {UUID(value) for value in request.POST.getlist("pokaz")}
    except ValueError:
        raise Http404 from None
    services.admit_answers(question=one, shown=shown, by=request.viewer)


@never_cache
@require_POST
@panel(MANAGE)
def cards(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """New voting cards as a page to print: their codes are shown this once and stored nowhere."""
    meeting = managed(request, meeting_id)
    form = forms.CardsForm(request.POST)
    if not form.is_valid():
        return _desk(request, meeting, cards_form=form)
    try:
        made = services.make_cards(meeting=meeting, count=form.cleaned_data["count"], by=request.viewer)
    except ValidationError as error:
        form.add_error("count", error.messages)
        return _desk(request, meeting, cards_form=form)
    return _sheet(request, meeting, [("", secret) for secret in made])


def _sheet(request: HttpRequest, meeting: LiveMeeting, rows: list[tuple[str, str]]) -> HttpResponse:
    """Cards or sheets with codes. The code stands behind ``#``: browsers send that part of an address to nobody."""
    address = request.build_absolute_uri(reverse("glosuj:meeting", args=[meeting.code]))
    made = [(name, codes.readable(secret), qr(f"{address}#{secret}")) for name, secret in rows]
    context = {"brand": brand(), "meeting": meeting, "rows": made, "address": address.split("://", 1)[1].rstrip("/")}
    return render(request, "idea/live/sheet.html", context)


@never_cache
@panel(MANAGE)
def people(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """The list of people, and adding to it; the answer to adding is the sheet of their codes."""
    meeting = managed(request, meeting_id)
    form = forms.PeopleForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            names = form.cleaned_data["names"].splitlines()
            made = services.list_people(meeting=meeting, names=names, by=request.viewer)
        except ValidationError as error:
            form.add_error("names", error.messages)
        else:
            return _sheet(request, meeting, made)
    running = meeting.questions.filter(state=State.OPEN, secret=False).first()
    voted = selectors.voters(running) if running else set()
    context = {
        "brand": brand(),
        "meeting": meeting,
        "form": form,
        "rows": [(one, selectors.is_here(one), one.pk in voted) for one in selectors.people(meeting)],
        "running": running,
        "labels": list(enumerate(wording.labels(running))) if running else [],
    }
    return render(request, "idea/live/staff_people.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_POST
@panel(MANAGE)
def act_on_person(request: HttpRequest, meeting_id: UUID, participant_id: UUID, action: str) -> HttpResponse:
    """Present without a phone, gone, a vote said aloud, a new code, off the list."""
    meeting = managed(request, meeting_id)
    one = selectors.people(meeting).filter(pk=participant_id).first()
    if one is None:
        raise Http404
    if action == "kod":
        return _sheet(request, meeting, services.new_codes(meeting=meeting, participant_id=one.pk, by=request.viewer))
    acts: dict[str, Callable[[], Any]] = {
        "obecna": lambda: services.mark_present(meeting=meeting, participant_id=one.pk, present=True, by=request.viewer),
        "nieobecna": lambda: services.mark_present(meeting=meeting, participant_id=one.pk, present=False, by=request.viewer),
        "skresl": lambda: services.remove_person(participant=one, by=request.viewer),
        "glos": lambda: _by_hand(request, meeting, one),
    }
    if action not in acts:
        raise Http404
    return _done(request, meeting, acts[action], _("Zapisano."), "idea_panel:live_people")


def _by_hand(request: HttpRequest, meeting: LiveMeeting, participant: Any) -> None:
    running = meeting.questions.filter(state=State.OPEN, secret=False).first()
    chosen = request.POST.get("odpowiedz", "")
    if running is None or not (chosen.isascii() and chosen.isdecimal()):
        raise services.Refused(_("Teraz nie trwa głosowanie imienne."), code="closed")
    running.meeting = meeting
    services.cast_by_hand(question=running, participant=participant, answer=[int(chosen)], by=request.viewer)
    services.mark_present(meeting=meeting, participant_id=participant.pk, present=True, by=request.viewer)


@never_cache
@require_POST
@panel(MANAGE)
def new_codes(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """Fresh codes for everybody on the list who has not come yet, to be printed."""
    meeting = managed(request, meeting_id)
    return _sheet(request, meeting, services.new_codes(meeting=meeting, by=request.viewer))
