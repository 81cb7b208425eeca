"""The life of a survey: its questions, publication, answers, the end, the results."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, require
from miasto.kernel.core import changes, clock, events
from miasto.kernel.participation.services import Refused, refuse_if
from miasto.kernel.spec.questions import OTHER, Question
from miasto.kernel.ui.questions import labels_of
from miasto.modules.idea.surveys import structure
from miasto.modules.idea.surveys.events import SurveyClosed, SurveyPublished, SurveyResultsPublished
from miasto.modules.idea.surveys.models import (
    ANSWER,
    MANAGE,
    Access,
    Shown,
    Source,
    State,
    Survey,
    SurveyMark,
    SurveyResponse,
    SurveyText,
)

KIND = "idea.survey"
_LETTERS = str.maketrans("łŁ", "lL")


@dataclass(frozen=True, kw_only=True)
class SurveyRow:
    """What a survey says of itself and by which rules it asks."""

    title: str
    unit_id: UUID
    starts_on: date
    ends_on: date
    about: str = ""
    translations: dict[str, dict[str, str]] = field(default_factory=dict)
    process_id: UUID | None = None
    access: str = Access.ANYONE
    shown: str = Shown.AFTER
    marks_public: bool = False


@dataclass(frozen=True, kw_only=True)
class MarkRow:
    """A marked place with what was said of it."""

    question: str
    geom: GEOSGeometry
    way: str = "map"
    label: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AnswerRow:
    """One respondent's answers: what is counted, what is in own words, and the places."""

    answers: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    marks: tuple[MarkRow, ...] = ()
    language: str = "pl"


def _lock(survey_id: UUID, by: Viewer, permission: str = MANAGE) -> Survey:
    locked = Survey.objects.select_for_update(of=("self",)).get(pk=survey_id)
    require(by, permission, locked)
    return locked


def _record(action: str, survey: Survey, by: Viewer, **data: Any) -> None:
    changes.record(
        action=f"idea.survey_{action}", kind=KIND, object_id=survey.pk, actor=by.actor, unit_id=survey.unit_id, data=data
    )


@transaction.atomic
def create_survey(*, row: SurveyRow, by: Viewer) -> Survey:
    """A draft with one empty page that its unit sees."""
    made = Survey(slug=_free_slug(row.title), pages=[_new_page("s1")], last_key=1)
    _fill(made, row)
    require(by, MANAGE, made)
    made.save(force_insert=True)
    _record("created", made, by)
    return made


@transaction.atomic
def update_survey(*, survey: Survey, row: SurveyRow, by: Viewer) -> Survey:
    """Other words or dates. Once published, who may answer and what of the answers is public stay as they were promised."""
    locked = _lock(survey.pk, by)
    refuse_if(locked.closed_at is not None, _("Ankieta jest zamknięta, więc nic nie można w niej zmienić."), "closed")
    if locked.published_at is not None:
        kept = ("access", "shown", "marks_public", "starts_on", "unit_id")
        changed = [name for name in kept if getattr(locked, name) != getattr(row, name)]
        refuse_if(bool(changed), _("Ankieta już trwa: można zmienić opis i ostatni dzień, ale nie zasady."), "rules")
        refuse_if(row.ends_on < clock.today(), _("Ostatni dzień nie może być w przeszłości."), "past")
    _fill(locked, row)
    locked.save()
    _record("updated", locked, by)
    return locked


def _fill(survey: Survey, row: SurveyRow) -> None:
    if row.ends_on < row.starts_on:
        raise ValidationError({"ends_on": _("Ostatni dzień nie może być wcześniej niż pierwszy.")})
    for name in SurveyRow.__dataclass_fields__:
        setattr(survey, name, getattr(row, name))


def _free_slug(title: str) -> str:
    stem = slugify(title.translate(_LETTERS))[:70].strip("-") or "ankieta"
    taken = set(Survey.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(name for name in [stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))] if name not in taken)


# The questions


def _new_page(key: str) -> dict[str, Any]:
    return {"key": key, "title": {}, "text": {}, "questions": []}


def _editable(survey: Survey, by: Viewer) -> Survey:
    """The locked survey whose questions may change: a draft, or a published one that nobody has answered."""
    locked = _lock(survey.pk, by)
    refuse_if(locked.closed_at is not None, _("Ankieta jest zamknięta, więc pytań nie można zmienić."), "closed")
    answered = locked.published_at is not None and locked.responses.exists()
    refuse_if(answered, _("Są już odpowiedzi, więc pytań nie można zmienić. Załóż nową ankietę."), "frozen")
    return locked


def _save_pages(survey: Survey, by: Viewer) -> None:
    if survey.published_at is not None:
        wrong = structure.problems(survey.pages)
        refuse_if(bool(wrong), " ".join(wrong), "problems")
        survey.version += 1
    survey.save(update_fields=["pages", "version", "last_key"])
    _record("questions", survey, by, version=survey.version)


def _next_key(survey: Survey, letter: str) -> str:
    survey.last_key += 1
    return f"{letter}{survey.last_key}"


@transaction.atomic
def save_page(*, survey: Survey, key: str, title: dict[str, str], text: dict[str, str], by: Viewer) -> str:
    """Another page (empty ``key``), or other words of one; returns its key."""
    locked = _editable(survey, by)
    page = next((one for one in locked.pages if one["key"] == key), None)
    if page is None:
        page = _new_page(_next_key(locked, "s"))
        locked.pages.append(page)
    page |= {"title": title, "text": text}
    # a new page of a published survey has no question yet: that is asked of it when one is saved
    locked.version += locked.published_at is not None
    locked.save(update_fields=["pages", "version", "last_key"])
    _record("questions", locked, by, version=locked.version)
    return str(page["key"])


@transaction.atomic
def drop_page(*, survey: Survey, key: str, by: Viewer) -> None:
    """Take a page with its questions away; the last one stays."""
    locked = _editable(survey, by)
    refuse_if(len(locked.pages) < 2, _("Ankieta musi mieć co najmniej jedną stronę."), "last")
    locked.pages = [one for one in locked.pages if one["key"] != key]
    _save_pages(locked, by)


@transaction.atomic
def save_question(*, survey: Survey, page: str, row: dict[str, Any], parent: str = "", by: Viewer) -> str:
    """Add a question (no ``key`` in the row) to a page, or to the marks question ``parent``; or change one. Returns its key."""
    locked = _editable(survey, by)
    row = dict(row)
    home = _home(locked, page, parent)
    known = next((n for n, one in enumerate(home) if one["key"] == row.get("key")), None)
    if known is None:
        refuse_if(
            sum(len(one["questions"]) for one in locked.pages) >= structure.MOST_QUESTIONS,
            _("Ankieta może mieć najwyżej 100 pytań."),
        )
        row["key"] = _next_key(locked, "q")
        home.append(row)
    else:
        row.setdefault("parts", home[known].get("parts", []))
        home[known] = row
    _save_pages(locked, by)
    return str(row["key"])


def _home(survey: Survey, page: str, parent: str) -> list[dict[str, Any]]:
    if parent:
        holder = next((one for one in structure.rows_of(survey.pages) if one["key"] == parent and one["kind"] == "marks"), None)
        refuse_if(holder is None, _("Nie ma takiego pytania."))
        return holder.setdefault("parts", [])  # type: ignore[union-attr]
    found = next((one for one in survey.pages if one["key"] == page), None)
    refuse_if(found is None, _("Nie ma takiej strony."))
    return found["questions"]  # type: ignore[index, no-any-return]


def _lists(survey: Survey) -> list[list[dict[str, Any]]]:
    """Every list that holds questions."""
    return [page["questions"] for page in survey.pages] + [
        one["parts"] for one in structure.rows_of(survey.pages) if one.get("parts")
    ]


@transaction.atomic
def move_question(*, survey: Survey, key: str, way: int, by: Viewer) -> None:
    """One place up (-1) or down (1); over the edge of a page to the next page."""
    locked = _editable(survey, by)
    pages = [page["questions"] for page in locked.pages]
    for home in _lists(locked):
        at = next((n for n, one in enumerate(home) if one["key"] == key), None)
        if at is None:
            continue
        if 0 <= at + way < len(home):
            home[at], home[at + way] = home[at + way], home[at]
        elif home in pages and 0 <= (there := pages.index(home) + way) < len(pages):
            pages[there].insert(0 if way > 0 else len(pages[there]), home.pop(at))
        break
    _save_pages(locked, by)


@transaction.atomic
def drop_question(*, survey: Survey, key: str, by: Viewer) -> None:
    """Take a question away, and the conditions that name it."""
    locked = _editable(survey, by)
    for home in _lists(locked):
        home[:] = [one for one in home if one["key"] != key]
        for one in home:
            if one.get("when") and one["when"][0] == key:
                one["when"] = None
    _save_pages(locked, by)


# Publication and the end


@transaction.atomic
def publish_survey(*, survey: Survey, by: Viewer) -> Survey:
    """Everybody sees it; from its first day one can answer."""
    locked = _lock(survey.pk, by)
    if locked.published_at is None:
        wrong = structure.problems(locked.pages)
        refuse_if(bool(wrong), " ".join(wrong), "problems")
        refuse_if(locked.ends_on < clock.today(), _("Ostatni dzień już minął. Zmień go przed publikacją."), "past")
        locked.published_at = clock.now()
        locked.key = secrets.token_hex(32)
        locked.save(update_fields=["published_at", "key"])
        _record("published", locked, by)
        events.publish(SurveyPublished(survey_id=locked.pk))
    return locked


@transaction.atomic
def close_survey(*, survey: Survey, by: Viewer) -> Survey:
    """Nobody answers any more; the digests of who answered and the key under which they were made are erased."""
    locked = _lock(survey.pk, by)
    refuse_if(locked.published_at is None, _("Ta ankieta nie jest jeszcze opublikowana."), "draft")
    if locked.closed_at is None:
        locked.closed_at = clock.now()
        locked.key = ""
        locked.save(update_fields=["closed_at", "key"])
        locked.responses.update(who=None, client_key=None)
        _record("closed", locked, by, answers=locked.responses.count())
        events.publish(SurveyClosed(survey_id=locked.pk))
    return locked


def close_overdue() -> int:
    """Close the surveys whose last day is over; returns how many. For the job; may be called again."""
    found = Survey.objects.filter(published_at__isnull=False, closed_at=None, ends_on__lt=clock.today())
    return len([close_survey(survey=one, by=SYSTEM) for one in found])


@transaction.atomic
def publish_results(*, survey: Survey, by: Viewer) -> Survey:
    """Everybody sees the results of a closed survey: counts, cells of the map, the words that were let through."""
    locked = _lock(survey.pk, by)
    refuse_if(locked.closed_at is None, _("Najpierw zamknij ankietę."), "open")
    if locked.results_at is None:
        locked.results_at = clock.now()
        locked.save(update_fields=["results_at"])
        _record("results", locked, by)
        events.publish(SurveyResultsPublished(survey_id=locked.pk))
    return locked


def unpublished_of(process_id: UUID, viewer: Viewer) -> QuerySet[Survey]:
    """The surveys of a consultation whose results the viewer may publish and nobody has."""
    return Survey.objects.managed_by(viewer, MANAGE).filter(process=process_id, published_at__isnull=False, results_at=None)


@transaction.atomic
def publish_of_process(*, process_id: UUID, by: Viewer) -> int:
    """Close those surveys and publish their results, with the closing of the consultation; returns how many."""
    found = list(unpublished_of(process_id, by).order_by("pk"))
    for survey in found:
        close_survey(survey=survey, by=by)
        publish_results(survey=survey, by=by)
    return len(found)


# Answers


def digest(survey: Survey, kind: str, value: str) -> str:
    """Who answers, under the survey's own key: ``kind`` is "device", "person" or "email". Nothing can be told from it later."""
    refuse_if(not survey.key, _("Ta ankieta jest już zamknięta."), "closed")
    return hmac.new(bytes.fromhex(survey.key), f"{kind}|{value}".encode(), hashlib.sha256).hexdigest()


def answered(survey: Survey, who: str) -> bool:
    """Whether the holder of a digest has answered."""
    return SurveyResponse.objects.filter(survey=survey, who=who).exists()


@transaction.atomic
def respond(*, survey: Survey, row: AnswerRow, who: str, version: int, client_key: str) -> SurveyResponse:
    """Take one respondent's answers. Sent twice under one ``client_key`` they are one.

    Raises ``Refused`` with the code "not_open", "changed" (other questions than ``version``) or "again" (``who`` answered).
    """
    locked = Survey.objects.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)
    known = SurveyResponse.objects.filter(survey=locked, client_key=client_key).first()
    if known is not None:
        return known
    refuse_if(not locked.open, _("Ta ankieta nie przyjmuje już odpowiedzi."), "not_open")
    refuse_if(
        locked.version != version, _("Pytania zmieniły się w tym czasie. Sprawdź odpowiedzi i wyślij jeszcze raz."), "changed"
    )
    try:
        with transaction.atomic():
            made = _write(locked, row, source=Source.WEB, day=clock.today(), who=who, client_key=client_key)
    except IntegrityError:
        raise Refused(_("Ta ankieta ma już Twoją odpowiedź."), code="again") from None
    return made


@transaction.atomic
def enter_paper(*, survey: Survey, row: AnswerRow, received_on: date, by: Viewer) -> SurveyResponse:
    """Write down answers that came on paper on a local date; the source is marked. Needs "participation.answer" in the unit."""
    locked = _lock(survey.pk, by, ANSWER)
    refuse_if(
        locked.published_at is None or locked.results_at is not None, _("Teraz nie można dopisać odpowiedzi."), "not_open"
    )
    refuse_if(received_on > clock.today(), _("Ta data jest w przyszłości."), "ahead")
    late = not locked.starts_on <= received_on <= locked.ends_on
    refuse_if(late, _("Tego dnia ankieta nie zbierała odpowiedzi."), "not_open")
    made = _write(locked, row, source=Source.PAPER, day=received_on)
    _record("paper", locked, by)
    return made


def _write(survey: Survey, row: AnswerRow, **values: Any) -> SurveyResponse:
    questions = {one.key: one for one in structure.questions_of(survey)}
    _check(questions, row.answers, row.texts)
    for mark in row.marks:
        question = questions.get(mark.question)
        refuse_if(question is None or question.kind != "marks", _("Ta ankieta nie pyta o takie miejsce."))
        _check({one.key: one for one in question.parts}, mark.answers, mark.texts)  # type: ignore[union-attr]
    made = SurveyResponse.objects.create(survey=survey, answers=row.answers, language=row.language, **values)
    texts = [_text(made, key, body) for key, body in row.texts.items()]
    marks = []
    for mark in row.marks:
        marks.append(
            SurveyMark(
                survey=survey,
                response=made,
                question=mark.question,
                geom=mark.geom,
                way=mark.way,
                label=mark.label,
                answers=mark.answers,
            )
        )
        texts += [_text(made, key, body, marks[-1]) for key, body in mark.texts.items()]
    SurveyMark.objects.bulk_create(marks)
    SurveyText.objects.bulk_create(texts)
    return made


def _text(response: SurveyResponse, key: str, body: str, mark: SurveyMark | None = None) -> SurveyText:
    clean = body.replace("\r\n", "\n").replace("\x00", "").strip()
    return SurveyText(survey_id=response.survey_id, response=response, mark=mark, question=key, body=clean)


def _check(questions: dict[str, Question], answers: dict[str, Any], texts: dict[str, str]) -> None:
    """Only answers that the questions offer; what is required is the form's to ask."""
    for key, value in answers.items():
        question = questions.get(key)
        refuse_if(question is None, _("Ta ankieta nie ma takiego pytania."))
        known = {one for one, _label in labels_of(question)}  # type: ignore[arg-type]
        given = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else str(value).split(",")
        counted = question.kind in ("choice", "choices", "boolean", "scale", "matrix", "ranking")  # type: ignore[union-attr]
        refuse_if(counted and not set(map(str, given)) <= known, _("Wybierz odpowiedź z listy."))
    stems = {key.removesuffix(f"-{OTHER}") for key in texts}
    refuse_if(not stems <= set(questions), _("Ta ankieta nie ma takiego pytania."))


# Words


@transaction.atomic
def decide_words(*, text: SurveyText, publish: bool, edited: str | None = None, by: Viewer) -> SurveyText:
    """Let everybody read somebody's words, as ``edited`` (personal data masked) or as they are; or keep them back."""
    survey = _lock(text.survey_id, by, ANSWER)
    row = SurveyText.objects.select_for_update().get(pk=text.pk)
    words = (edited if edited is not None else row.body).replace("\r\n", "\n").replace("\x00", "").strip()
    refuse_if(publish and not words, _("Wpisz treść."))
    row.state = State.APPROVED if publish else State.WITHHELD
    row.published = words if publish else ""
    row.save(update_fields=["state", "published"])
    _record("words", survey, by, published=publish)
    return row


@transaction.atomic
def import_responses(*, survey: Survey, rows: list[tuple[date, AnswerRow]], published: dict[str, bool], by: Viewer) -> int:
    """Answers of earlier days in bulk (an old system, the demo), whoever gave them; ``published``: which words may be read.

    Needs "participation.manage" in the unit.
    """
    locked = _lock(survey.pk, by)
    responses, marks, texts = [], [], []
    for day, row in rows:
        made = SurveyResponse(survey=locked, answers=row.answers, language=row.language, day=day)
        responses.append(made)
        said = [_text(made, key, body) for key, body in row.texts.items()]
        for one in row.marks:
            mark = SurveyMark(
                survey=locked,
                response=made,
                question=one.question,
                geom=one.geom,
                way=one.way,
                label=one.label,
                answers=one.answers,
            )
            marks.append(mark)
            said += [_text(made, key, body, mark) for key, body in one.texts.items()]
        for text in said:
            if text.body in published:
                text.state = State.APPROVED if published[text.body] else State.WITHHELD
                text.published = text.body if published[text.body] else ""
        texts += said
    SurveyResponse.objects.bulk_create(responses, batch_size=500)
    SurveyMark.objects.bulk_create(marks, batch_size=500)
    SurveyText.objects.bulk_create(texts, batch_size=500)
    _record("imported", locked, by, answers=len(responses))
    return len(responses)
