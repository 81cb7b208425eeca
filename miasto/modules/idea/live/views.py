"""Pages of those who vote, the screen for the hall, the results."""

from __future__ import annotations

import csv
import io
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from miasto.kernel.accounts.selectors import may
from miasto.kernel.core import clock, live, ratelimit
from miasto.modules.idea.live import codes, selectors, services, wording
from miasto.modules.idea.live.casting import role_for
from miasto.modules.idea.live.forms import AnswerForm, CodeForm, JoinForm
from miasto.modules.idea.live.models import MANAGE, Admission, Role
from miasto.modules.idea.live.writing import KIND
from miasto.modules.idea.naming import brand

COOKIE, SALT, DAYS = "glosuj", "idea.live", 2
WRONG_CODES, JOINS, PER_S = 100, 2000, 3600  # a whole hall may stand behind one address
PER_PAGE = 20


def found(code: str) -> selectors.Stage:
    """The meeting of the address; 404 where no meeting has the code."""
    stage = selectors.stage(codes.plain(code)) if len(code) <= codes.MEETING else None
    if stage is None:
        raise Http404
    return stage


def language() -> str:
    """The language of the page."""
    return (get_language() or "pl")[:2]


def mine(request: HttpRequest, stage: selectors.Stage) -> list[Any]:
    """Who this browser is at the meeting: nobody, somebody, a card, or both."""
    given = request.get_signed_cookie(f"{COOKIE}_{stage.meeting.code}", default="", salt=SALT) or ""
    try:
        ids = [UUID(one) for one in given.split(".") if one]
    except ValueError:
        return []
    return selectors.participants(stage.meeting, ids[:4]) if ids else []


def _remember(response: HttpResponse, stage: selectors.Stage, who: list[Any]) -> None:
    response.set_signed_cookie(
        f"{COOKIE}_{stage.meeting.code}",
        ".".join(str(one.pk) for one in who),
        salt=SALT,
        max_age=DAYS * 24 * 3600,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path=reverse("glosuj:meeting", args=[stage.meeting.code]),
    )


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Type a code; below it the meetings whose results are public."""
    form = CodeForm(request.GET if "kod" in request.GET else None)
    if form.is_bound and form.is_valid():
        code = codes.plain(form.cleaned_data["kod"])
        if len(code) == codes.MEETING and selectors.stage(code) is not None:
            return redirect("glosuj:meeting", code=code)
        ratelimit.hit(name="idea.live_code", who=ratelimit.client(request), limit=_limit(), per_s=PER_S)
        form.add_error("kod", _("Nie ma spotkania o takim kodzie. Sprawdź, czy jest dobrze przepisany."))
    page = Paginator(selectors.published_meetings(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "idea/live/home.html", {"brand": brand(), "form": form, "page": page})


def _limit() -> int:
    return int(WRONG_CODES * settings.RATE_LIMIT_FACTOR)


@never_cache
@require_safe
def meeting(request: HttpRequest, code: str) -> HttpResponse:
    """The page of who takes part; at most 3 queries of its own while the meeting does not change."""
    stage = found(code)
    if code != stage.meeting.code:
        return redirect("glosuj:meeting", code=stage.meeting.code)
    return _page(request, stage, mine(request, stage))


def _page(
    request: HttpRequest, stage: selectors.Stage, who: list[Any], form: AnswerForm | None = None, join: JoinForm | None = None
) -> HttpResponse:
    for one in who:
        services.seen(participant=one)
    context = {"stage": stage, "meeting": stage.meeting, "brand": brand(), **_moment(request, stage, who)}
    if form is not None:
        context["form"] = form
    if join is not None:
        context["join"] = join
    refused = form is not None or join is not None
    return render(request, "idea/live/meeting.html", context, status=422 if refused else 200)


def _moment(request: HttpRequest, stage: selectors.Stage, who: list[Any]) -> dict[str, Any]:
    """What this reader sees now: coming in, a question to answer, one answered, a result, or waiting."""
    question = stage.open
    if stage.meeting.ended_at is not None:
        return {"state": "ended", "results": selectors.results(stage, language()) if stage.meeting.published_at else []}
    if question is not None:
        return _asked(request, stage, question, who)
    if not who:
        return {"state": "join", **_joining(request, stage, None)}
    has_card = any(one.role == Role.CARD for one in who)
    told = {"who": who, "has_card": has_card, "card_join": JoinForm(asks_secret=True, listed=False, auto_id="karta_%s")}
    if stage.shown is not None:
        return {"state": "result", "result": selectors.result(stage.shown, language()), **told}
    return {"state": "counting" if stage.counting else "waiting", **told}


def _asked(request: HttpRequest, stage: selectors.Stage, question: Any, who: list[Any]) -> dict[str, Any]:
    me = selectors.voter(stage.meeting, question, who)
    told = {"question": question, "title": question.said(language())[0], "rule": wording.rule(question), "who": who}
    if me is None:
        return {"state": "join", **told, **_joining(request, stage, question)}
    done, answer = selectors.voted(question, me)
    if done and not question.changeable:
        return {"state": "voted", **told}
    form = AnswerForm(question=question, language=language(), initial=_initial(answer))
    return {"state": "ask", "form": form, "changing": done, **told}


def _initial(answer: list[Any] | None) -> dict[str, Any]:
    if not answer:
        return {}
    words = {f"word_{place}": one for place, one in enumerate(answer)}
    one = answer[0] if len(answer) == 1 else answer
    return {"choice": answer if len(answer) > 1 else [str(one), one], "text": one, **words}


def _joining(request: HttpRequest, stage: selectors.Stage, question: Any) -> dict[str, Any]:
    """Which way in is asked for: by a card, a personal code, an account, or one press."""
    meeting = stage.meeting
    role = role_for(meeting, question) if question is not None else None
    by_code = role in (Role.CARD, Role.LISTED) if role else meeting.admission == Admission.LISTED
    card = role == Role.CARD
    account = not by_code and meeting.admission == Admission.ACCOUNTS
    return {
        "join": JoinForm(asks_secret=by_code, listed=not card),
        "by_code": by_code,
        "by_card": card,
        "must_sign_in": account and request.viewer.person_id is None,
    }


@never_cache
@sensitive_post_parameters("secret")
@ratelimit.limited("idea.live_join", limit=JOINS, per_s=PER_S)
@require_POST
def enter(request: HttpRequest, code: str) -> HttpResponse:
    """Come in. The code of a card comes in the body of the request, never in an address."""
    stage = found(code)
    who = mine(request, stage)
    given = "secret" in request.POST
    form = JoinForm(request.POST, asks_secret=given, listed=stage.meeting.admission == Admission.LISTED)
    try:
        if not form.is_valid():
            raise ValidationError(_("Powiedz, skąd bierzesz udział."))
        remote = form.cleaned_data["where"] == "remote"
        made = _join(request, stage, form.cleaned_data.get("secret", ""), given, remote, who)
    except ValidationError as error:
        if getattr(error, "code", "") == "unknown":
            ratelimit.hit(name="idea.live_secret", who=ratelimit.client(request), limit=_limit(), per_s=PER_S)
        form.add_error("secret" if given else None, error.messages)
        return _page(request, stage, who, join=form)
    response = redirect("glosuj:meeting", code=stage.meeting.code)
    _remember(response, stage, [made, *(one for one in who if one.role != made.role)])
    return response


def _join(request: HttpRequest, stage: selectors.Stage, secret: str, given: bool, remote: bool, who: list[Any]) -> Any:
    if given:
        return services.join_by_secret(meeting=stage.meeting, secret=secret, remote=remote)
    if stage.meeting.admission == Admission.ACCOUNTS:
        return services.join_by_account(meeting=stage.meeting, remote=remote, by=request.viewer)
    known = next((one for one in who if one.role == Role.GUEST), None)
    return known or services.join_as_guest(meeting=stage.meeting, remote=remote)


@require_POST
def leave(request: HttpRequest, code: str) -> HttpResponse:
    """Forget this browser, so that the next person may come in with a code of their own."""
    stage = found(code)
    response = redirect("glosuj:meeting", code=stage.meeting.code)
    path = reverse("glosuj:meeting", args=[stage.meeting.code])
    response.delete_cookie(f"{COOKIE}_{stage.meeting.code}", path=path, samesite="Lax")
    messages.success(request, _("To urządzenie nie bierze już udziału w spotkaniu. Oddane głosy zostają."))
    return response


@never_cache
@sensitive_post_parameters()
@require_POST
def vote(request: HttpRequest, code: str, question_id: UUID) -> HttpResponse:
    """Cast a vote; sent twice it is one."""
    stage = found(code)
    question = next((one for one in stage.questions if one.pk == question_id), None)
    if question is None:
        raise Http404
    who = mine(request, stage)
    me = selectors.voter(stage.meeting, question, who)
    if me is None:
        messages.error(request, _("Żeby zagłosować, wejdź najpierw na spotkanie."))
        return redirect("glosuj:meeting", code=stage.meeting.code)
    form = AnswerForm(request.POST, question=question, language=language())
    try:
        if not form.is_valid():
            raise services.Refused(_("Wybierz albo wpisz odpowiedź."), code="wrong")
        done = services.cast(question=question, participant=me, answer=form.answer(), by=request.viewer)
    except ValidationError as error:
        if getattr(error, "code", "") == "wrong" and stage.open == question:
            form.add_error(next(iter(form.fields)), error.messages)
            return _page(request, stage, who, form=form)
        messages.error(request, error.messages[0])
    else:
        _thank(request, question, done)
    return redirect("glosuj:meeting", code=stage.meeting.code)


def _thank(request: HttpRequest, question: Any, done: services.Cast) -> None:
    if done.state == services.SAVED:
        messages.success(request, _("Głos przyjęty."))
    elif done.state == services.CHANGED:
        messages.success(request, _("Zmiana przyjęta. Liczy się nowy głos."))
    elif question.secret:
        messages.info(request, _("Ten głos był już przyjęty. Liczy się pierwszy."))
    else:
        messages.info(request, _("Ten głos był już przyjęty."))


@require_safe
def follow(request: HttpRequest, code: str) -> HttpResponse:
    """Tell phones and screens that something of this meeting changed; they read their page anew."""
    meeting_id = found(code).meeting.pk

    def tell(note: live.Note) -> dict[str, Any] | None:
        return {"changed": True} if note.object_id == meeting_id else None

    return live.stream(request, kinds=(KIND,), tell=tell)


@never_cache
@require_safe
def screen(request: HttpRequest, code: str) -> HttpResponse:
    """The screen for the hall: the code, the question, how many have voted, the result."""
    stage = found(code)
    question = stage.open or stage.counting
    role = role_for(stage.meeting, question) if question else None
    address = request.build_absolute_uri(reverse("glosuj:meeting", args=[stage.meeting.code]))
    context = {
        "stage": stage,
        "meeting": stage.meeting,
        "question": question,
        "labels": wording.labels(question, language()) if question else [],
        "title": question.said(language())[0] if question else "",
        "rule": wording.rule(question) if question else "",
        "cast": selectors.cast_count(question) if question else 0,
        "presence": selectors.presence(stage.meeting, role, question) if role else None,
        "result": selectors.result(stage.shown, language()) if stage.shown and not question else None,
        "address": address.split("://", 1)[1].rstrip("/"),
        "qr": qr(address),
    }
    return render(request, "idea/live/screen.html", context)


def qr(text: str) -> str:
    """A QR code as a picture in the page (black on white, whatever the theme)."""
    import segno

    return str(segno.make(text, error="m", micro=False).svg_data_uri(scale=6, border=3, dark="#000", light="#fff"))


def _published(request: HttpRequest, code: str) -> selectors.Stage:
    """The meeting whose results are public; those who lead it see them before."""
    stage = found(code)
    if stage.meeting.published_at is None and not may(request.viewer, MANAGE, stage.meeting):
        raise Http404
    return stage


@require_safe
def results(request: HttpRequest, code: str) -> HttpResponse:
    """All results of a meeting."""
    stage = _published(request, code)
    context = {"brand": brand(), "meeting": stage.meeting, "results": selectors.results(stage, language())}
    return render(request, "idea/live/results.html", context)


def as_data(one: selectors.Result) -> dict[str, Any]:
    """One result for programs; names only of a roll-call."""
    question = one.question
    return {
        "question": one.title,
        "kind": question.kind,
        "secret": question.secret,
        "round": question.round,
        "opened": question.opened_at,
        "closed": question.closed_at,
        "majority": question.majority,
        "rule": one.rule,
        "cast": question.result["cast"],
        "entitled": question.entitled,
        "present": {"open": question.present_open, "close": question.present_close},
        "quorum": question.result["quorum"],
        "verdict": question.result["verdict"],
        "decision": one.verdict,
        "options": [{"name": bar.label, "votes": bar.votes, "won": bar.won} for bar in one.bars],
        "words": [{"word": word.text, "votes": word.votes} for word in one.words],
        "texts": one.texts,
        "roll_call": [{"name": named.name, "answer": named.answer, "by_hand": named.by_hand} for named in one.names],
    }


@require_safe
def results_json(request: HttpRequest, code: str) -> HttpResponse:
    """The results as JSON."""
    stage = _published(request, code)
    told = {
        "meeting": stage.meeting.title,
        "code": stage.meeting.code,
        "starts_at": stage.meeting.starts_at,
        "made_at": clock.now(),
        "results": [as_data(one) for one in selectors.results(stage, language())],
    }
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False, "indent": 1})


@require_safe
def results_csv(request: HttpRequest, code: str) -> HttpResponse:
    """The results as a table: a line for each answer, and for each name of a roll-call."""
    stage = _published(request, code)
    text = io.StringIO()
    table = csv.writer(text, delimiter=";")
    table.writerow([_("Pytanie"), _("Rodzaj"), _("Odpowiedź albo osoba"), _("Głosy albo głos"), _("Rozstrzygnięcie")])
    for one in selectors.results(stage, language()):
        for kind, name, value in _lines(one):
            table.writerow([_plain(one.title), kind, _plain(name), value, one.verdict])
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{stage.meeting.code}.csv"'
    return response


def _lines(one: selectors.Result) -> list[tuple[str, str, Any]]:
    bars = [(_("odpowiedź"), bar.label, bar.votes) for bar in one.bars]
    words = [(_("słowo"), word.text, word.votes) for word in one.words]
    texts = [(_("własnymi słowami"), text, "") for text in one.texts]
    names = [(_("głos imienny"), named.name, named.answer) for named in one.names]
    return [*bars, *words, *texts, *names]


def _plain(text: str) -> str:
    """What a spreadsheet would take for a formula is told to be text."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
