"""Reading surveys and their results. Every read begins with ``visible_to``; a public result reveals nobody.

What everybody sees while a survey goes on are the answers up to yesterday, so that one more answer is not told from the change.
Places are counted in hexagons; those that fewer than ``LEAST`` people marked are not shown. In a table by another question
numbers are rounded to 5. Staff of the unit see exact numbers.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer, may
from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.kernel.places import selectors as places
from miasto.kernel.spec.questions import OTHER, TEXT_KINDS, Question
from miasto.kernel.ui.questions import is_counted, labels_of
from miasto.modules.idea.surveys import counting, structure
from miasto.modules.idea.surveys.counting import LEAST, Result, seen
from miasto.modules.idea.surveys.models import ANSWER, Shown, State, Survey, SurveyMark, SurveyResponse, SurveyText

WORDS_SHOWN = 200
MARKS_SHOWN = 5000
_NUMBER = re.compile(r"\s+\d\S*$")
OPEN, PLANNED, CLOSED = "open", "planned", "closed"


def surveys(viewer: Viewer) -> QuerySet[Survey]:
    """The published surveys that a viewer may see, newest first; without their questions."""
    found = Survey.objects.visible_to(viewer).filter(published_at__isnull=False)
    return (
        found.select_related("unit", "process").defer("pages", "process__geom", "process__geom_3857").order_by("-published_at")
    )


def state_of(survey: Survey) -> str:
    """Where a published survey stands today."""
    if survey.open:
        return OPEN
    return PLANNED if survey.closed_at is None and survey.starts_on > clock.today() else CLOSED


def survey_for(slug: str, viewer: Viewer) -> Survey:
    """A survey by its address; raises ``Survey.DoesNotExist``."""
    found = Survey.objects.visible_to(viewer).select_related("unit", "process")
    return found.defer("process__geom", "process__geom_3857").get(slug=slug)


def of_process(process_id: UUID, viewer: Viewer) -> list[Survey]:
    """The published surveys of a consultation; one query."""
    return list(surveys(viewer).filter(process_id=process_id))


def managed(survey_id: UUID, viewer: Viewer, permission: str) -> Survey | None:
    """A survey for staff with a permission in its unit."""
    found = Survey.objects.managed_by(viewer, permission).select_related("unit", "process")
    return found.defer("process__geom", "process__geom_3857").filter(pk=survey_id).first()


def shows_results(survey: Survey) -> bool:
    """Whether everybody may see the results now."""
    if survey.results_at is not None:
        return True
    return survey.shown == Shown.LIVE and survey.published_at is not None and survey.closed_at is None


def reads_all(survey: Survey, viewer: Viewer) -> bool:
    """Whether the viewer sees exact numbers and every word."""
    return may(viewer, ANSWER, survey)


def _until(survey: Survey, exact: bool) -> date | None:
    """The local date before which answers count for everybody; None: all."""
    return None if exact or survey.closed_at is not None else clock.today()


def responses(survey: Survey, *, exact: bool) -> QuerySet[SurveyResponse]:
    """The answers that count."""
    found = SurveyResponse.objects.filter(survey=survey)
    before = _until(survey, exact)
    return found.filter(day__lt=before) if before else found


def total(survey: Survey, *, exact: bool = False) -> int:
    """How many answered."""
    return responses(survey, exact=exact).count()


def results(survey: Survey, *, exact: bool, language: str = "pl") -> list[Result]:
    """The answers to all questions but those of the map, in order; 3 queries."""
    given = list(responses(survey, exact=exact).values_list("answers", flat=True))
    words, waiting = _words(survey, exact)
    made = []
    for question in structure.questions_of(survey, language):
        if question.kind == "marks":
            continue
        one = counting.result_of(question, [row[question.key] for row in given if question.key in row], exact=exact)
        own = question.key if question.kind in TEXT_KINDS else f"{question.key}-{OTHER}"
        made.append(_with_words(one, words.get(own, []), waiting.get(own, 0)))
    return made


def _with_words(one: Result, words: list[str], waiting: int) -> Result:
    answered = one.answered or (len(words) + waiting if one.question.kind in TEXT_KINDS else 0)
    return replace(one, answered=answered, words=words[:WORDS_SHOWN], waiting=waiting)


def _words(survey: Survey, exact: bool) -> tuple[dict[str, list[str]], dict[str, int]]:
    """Published texts by question, and how many wait."""
    found = SurveyText.objects.filter(survey=survey, mark=None)
    before = _until(survey, exact)
    if before:
        found = found.filter(response__day__lt=before)
    words: dict[str, list[str]] = {}
    for key, text in found.filter(state=State.APPROVED).order_by("id").values_list("question", "published"):
        words.setdefault(key, []).append(text)
    waiting = dict(found.filter(state=State.WAITING).values_list("question").annotate(n=Count("pk")))
    return words, waiting


@dataclass(frozen=True)
class Cross:
    """One question's answers by another's: ``rows`` is [(label, [counts])] under ``columns`` ([(label, people)])."""

    question: Question
    columns: list[tuple[Any, int]]
    rows: list[tuple[Any, list[int]]]


def cross_tables(survey: Survey, by_key: str, *, exact: bool, language: str = "pl") -> list[Cross]:
    """Every counted question by one of them. For everybody groups under ``LEAST`` are left out and numbers rounded to 5."""
    questions = structure.questions_of(survey, language)
    by = next((one for one in structure.countable(survey, language) if one.key == by_key), None)
    if by is None:
        return []
    given = list(responses(survey, exact=exact).values_list("answers", flat=True))
    groups = [(label, [row for row in given if row.get(by.key) == key]) for key, label in labels_of(by)]
    groups = [(label, rows) for label, rows in groups if len(rows) >= (1 if exact else LEAST)]
    made = []
    for question in questions:
        if question.key == by.key or question.kind not in ("choice", "choices", "boolean", "scale"):
            continue
        columns = [(label, seen(len(rows), exact)) for label, rows in groups]
        counts = [Counter(one for row in rows for one in str(row.get(question.key, "")).split(",")) for _label, rows in groups]
        rows = [(label, [seen(count[key], exact) for count in counts]) for key, label in labels_of(question)]
        made.append(Cross(question, columns, rows))
    return made


# The map


_CELLS = """
WITH marked AS (
    SELECT mark.response_id, ST_Transform(mark.geom, %(srid)s) AS flat
    FROM idea_surveymark AS mark JOIN idea_surveyresponse AS response ON response.id = mark.response_id
    WHERE mark.survey_id = %(survey)s AND mark.question = %(question)s
        AND (%(before)s::date IS NULL OR response.day < %(before)s)),
counted AS (
    SELECT hex.i, hex.j, hex.geom, count(DISTINCT marked.response_id) AS people
    FROM marked CROSS JOIN LATERAL ST_HexagonGrid(%(side)s, marked.flat) AS hex
    WHERE ST_Intersects(hex.geom, marked.flat) GROUP BY hex.i, hex.j, hex.geom)
SELECT ST_AsGeoJSON(ST_Transform(geom, 4326), 6), people,
       ST_X(ST_Transform(ST_Centroid(geom), 4326)), ST_Y(ST_Transform(ST_Centroid(geom), 4326))
FROM counted ORDER BY people DESC, i, j"""


@dataclass(frozen=True)
class Cell:
    """A hexagon of the map (``geometry`` is GeoJSON) marked by ``count`` people; ``name`` says where it is."""

    geometry: dict[str, Any]
    count: int
    name: str


@dataclass(frozen=True)
class MapResult:
    """The places of one question. ``hidden`` is how many hexagons fewer than ``LEAST`` people marked."""

    question: Question
    people: int
    places: int
    cells: list[Cell]
    hidden: int
    parts: list[Result]


def map_results(survey: Survey, *, exact: bool, language: str = "pl") -> list[MapResult]:
    """What was marked for each question of the map; 4 queries for each."""
    asked = [one for one in structure.questions_of(survey, language) if one.kind == "marks"]
    return [_map_result(survey, one, exact) for one in asked]


def marks(survey: Survey, question: str, *, exact: bool) -> QuerySet[SurveyMark]:
    """The places of one question that count."""
    found = SurveyMark.objects.filter(survey=survey, question=question)
    before = _until(survey, exact)
    return found.filter(response__day__lt=before) if before else found


def _map_result(survey: Survey, question: Question, exact: bool) -> MapResult:
    found = marks(survey, question.key, exact=exact)
    counts = found.aggregate(places=Count("pk"), people=Count("response", distinct=True))
    shown, hidden = cells(survey, question.key, exact=exact)
    said = list(found.values_list("answers", flat=True)) if question.parts else []
    parts = [
        counting.result_of(one, [row[one.key] for row in said if one.key in row], exact=exact)
        for one in question.parts
        if is_counted(one)
    ]
    return MapResult(question, counts["people"], counts["places"], shown, hidden, parts)


def cells(survey: Survey, question: str, *, exact: bool) -> tuple[list[Cell], int]:
    """The hexagons that people marked, most first, and how many are not shown; 2 queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CELLS,
            {
                "srid": city().srid,
                "survey": survey.pk,
                "question": question,
                "before": _until(survey, exact),
                "side": survey.cell_m,
            },
        )
        rows = cursor.fetchall()
    kept = [row for row in rows if exact or row[1] >= LEAST]
    where = places.reverse_many([(lon, lat) for _geom, _count, lon, lat in kept])
    made = [
        Cell(json.loads(geom), count, place_name(place)) for (geom, count, *_middle), place in zip(kept, where, strict=True)
    ]
    return made, len(rows) - len(kept)


def place_name(place: Any) -> str:
    """The street and the district of a place, without a house number."""
    street = _NUMBER.sub("", place.address_text) if place.address_id else place.address_text
    return ", ".join(filter(None, (street, place.district_name))) or _("miejsce bez nazwy")


def cells_geojson(survey: Survey, question: str, *, exact: bool) -> dict[str, Any]:
    """The hexagons as GeoJSON (RFC 7946) with ``count`` and ``name``."""
    found, hidden = cells(survey, question, exact=exact)
    return {
        "type": "FeatureCollection",
        "hidden": hidden,
        "features": [feature_of(one) for one in found],
    }


def feature_of(cell: Cell) -> dict[str, Any]:
    """A hexagon as a GeoJSON feature."""
    return {"type": "Feature", "geometry": cell.geometry, "properties": {"count": cell.count, "name": cell.name}}


def marks_geojson(survey: Survey, *, exact: bool, language: str = "pl") -> dict[str, Any]:
    """Exact places as GeoJSON, for staff or where the survey said so beforehand: question, closed answers, published words."""
    questions = {one.key: one for one in structure.questions_of(survey, language)}
    found = SurveyMark.objects.filter(survey=survey).prefetch_related("texts")
    before = _until(survey, exact)
    if before:
        found = found.filter(response__day__lt=before)
    return {
        "type": "FeatureCollection",
        "features": [_feature(one, questions, exact) for one in found.order_by("question", "id")[:MARKS_SHOWN]],
    }


def _feature(mark: SurveyMark, questions: dict[str, Question], exact: bool) -> dict[str, Any]:
    question = questions[mark.question]
    said = {one.key: str(one.label) for one in question.parts}
    labels = {one.key: dict(labels_of(one)) for one in question.parts if is_counted(one)}
    answers = {
        said[key]: ", ".join(str(labels[key].get(one, one)) for one in str(value).split(","))
        for key, value in mark.answers.items()
        if key in labels
    }
    words = [text.body if exact else text.published for text in mark.texts.all() if exact or text.state == State.APPROVED]
    properties: dict[str, Any] = {"question": str(question.label), "answers": answers, "words": words}
    if exact:
        properties |= {"way": mark.way, "label": mark.label}
    return {"type": "Feature", "geometry": json.loads(mark.geom.geojson), "properties": properties}


# Staff


def for_staff(viewer: Viewer, permission: str) -> QuerySet[Survey]:
    """The surveys of one's units, newest first, with how many answered and how many words wait."""
    waiting = Count("texts", filter=Q(texts__state=State.WAITING), distinct=True)
    found = Survey.objects.managed_by(viewer, permission).select_related("unit").defer("pages")
    return found.annotate(answers=Count("responses", distinct=True), waiting=waiting).order_by("-id")


def words(survey: Survey, viewer: Viewer, state: str = State.WAITING) -> QuerySet[SurveyText]:
    """Words of a survey in a state, for those who moderate."""
    found = SurveyText.objects.visible_to(viewer).filter(survey=survey, state=state)
    return found.select_related("mark").order_by("question", "id")


def words_of(text_id: UUID, survey: Survey, viewer: Viewer) -> SurveyText | None:
    """One text of a survey for those who moderate."""
    return SurveyText.objects.visible_to(viewer).filter(survey=survey, pk=text_id).first()


def raw_rows(survey: Survey, viewer: Viewer) -> Iterable[list[Any]]:
    """Every answer as a row of a table, first the head; for staff."""
    questions = [one for one in structure.questions_of(survey) if one.kind != "marks"]
    columns: list[tuple[str, str]] = []
    for one in questions:
        if one.kind == "matrix":
            columns += [(f"{one.key}/{row}", f"{one.label}: {label}") for row, label in one.rows]
        else:
            columns.append((one.key, str(one.label)))
        if one.other:
            columns.append((f"{one.key}-{OTHER}", f"{one.label}: {_('inna odpowiedź')}"))
    yield [_("Dzień"), _("Sposób"), _("Język"), *(label for _key, label in columns), _("Miejsca")]
    labels = {one.key: dict(labels_of(one)) for one in questions if is_counted(one)}
    found = SurveyResponse.objects.visible_to(viewer).filter(survey=survey).order_by("day", "id")
    for row in found.prefetch_related("texts").annotate(places=Count("marks")):
        flat = _flat(row, labels)
        yield [
            row.day.isoformat(),
            row.get_source_display(),
            row.language,
            *(flat.get(key, "") for key, _l in columns),
            row.places,
        ]


def _flat(row: SurveyResponse, labels: dict[str, dict[str, Any]]) -> dict[str, str]:
    flat = {text.question: text.body for text in row.texts.all() if text.mark_id is None}
    for key, value in row.answers.items():
        known = labels.get(key, {})
        if isinstance(value, dict):
            flat |= {f"{key}/{name}": str(known.get(one, one)) for name, one in value.items()}
        else:
            given = value if isinstance(value, list) else str(value).split(",")
            flat[key] = ", ".join(str(known.get(one, one)) for one in given)
    return flat
