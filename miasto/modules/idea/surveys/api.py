"""The JSON API of published surveys: what everybody reads, and nothing else."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Router, Schema
from ninja.errors import HttpError

from miasto.kernel.accounts.selectors import ANONYMOUS
from miasto.modules.idea.surveys import selectors
from miasto.modules.idea.surveys.models import Survey

router = Router()


class Count(Schema):
    """An answer and how many people gave it (of a ranking: its mean place)."""

    row: str = Field(description="Row of a matrix, else empty")
    answer: str
    count: float


class QuestionResult(Schema):
    """The answers to one question. Counts are rounded to 5; below 5 answers none are told (``answered`` is 0 then)."""

    key: str
    question: str
    kind: str
    answered: int
    counts: list[Count]
    words: list[str] = Field(description="Answers in own words, as approved for publication")


class Places(Schema):
    """The places marked for one question, counted in hexagons that at least five people marked."""

    key: str
    question: str
    people: int
    places: int
    hidden_cells: int
    cells: dict[str, Any] = Field(description="GeoJSON FeatureCollection (RFC 7946)")


class SurveyResults(Schema):
    """The published results of a survey."""

    id: UUID
    title: str
    answers: int
    closed: bool
    questions: list[QuestionResult]
    places: list[Places]


@router.get("/{survey_id}/results", response=SurveyResults, summary="Results of a survey")
def survey_results(request: HttpRequest, survey_id: UUID) -> dict[str, Any]:
    """The same for all callers; 404 until the results are public."""
    one = Survey.objects.visible_to(ANONYMOUS).filter(pk=survey_id).first()
    if one is None or not selectors.shows_results(one):
        raise HttpError(404, "there are no such results")
    return {
        "id": one.pk,
        "title": one.title,
        "answers": selectors.total(one),
        "closed": one.closed_at is not None,
        "questions": [_question(row) for row in selectors.results(one, exact=False)],
        "places": [_places(row) for row in selectors.map_results(one, exact=False)],
    }


def _question(result: selectors.Result) -> dict[str, Any]:
    counts = []
    for label, value in result.rows:
        if result.columns:
            counts += [
                {"row": str(label), "answer": str(name), "count": n} for name, n in zip(result.columns, value, strict=True)
            ]
        else:
            counts.append({"row": "", "answer": str(label), "count": value})
    return {
        "key": result.question.key,
        "question": str(result.question.label),
        "kind": result.question.kind,
        "answered": 0 if result.few else result.answered,
        "counts": counts,
        "words": result.words,
    }


def _places(found: selectors.MapResult) -> dict[str, Any]:
    features = [selectors.feature_of(one) for one in found.cells]
    return {
        "key": found.question.key,
        "question": str(found.question.label),
        "people": found.people,
        "places": found.places,
        "hidden_cells": found.hidden,
        "cells": {"type": "FeatureCollection", "features": features},
    }
