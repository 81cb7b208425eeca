"""What a survey holds of people: no names, only digests while it lasts and what somebody wrote in own words."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from miasto.kernel.core import clock
from miasto.kernel.core.city import city
from miasto.modules.idea.surveys.models import Access, State, Survey, SurveyResponse
from miasto.modules.idea.surveys.services import digest

MONTHS = 12


def months() -> int:
    """How long unpublished words are kept after a survey closed."""
    return city().limit("survey_months", MONTHS)


def _of(person_id: UUID) -> list[SurveyResponse]:
    """A person's answers to the surveys by account that go on; to a closed one nobody can tell."""
    going = Survey.objects.filter(access=Access.ACCOUNT).exclude(key="")
    found = [SurveyResponse.objects.filter(survey=one, who=digest(one, "person", str(person_id))).first() for one in going]
    return [one for one in found if one is not None]


def export(person_id: UUID) -> list[dict[str, Any]]:
    """Each answer that can still be told to be the person's."""
    return [
        {
            "survey": one.survey.title,
            "day": one.day.isoformat(),
            "answers": one.answers,
            "words": list(one.texts.values_list("body", flat=True)),
            "places": [mark.geom.geojson for mark in one.marks.all()],
        }
        for one in _of(person_id)
    ]


def erase(person_id: UUID) -> int:
    """Delete those answers."""
    found = _of(person_id)
    for one in found:
        one.delete()
    return len(found)


def _old(before: datetime) -> Any:
    return Survey.objects.filter(closed_at__lt=before, erased_at=None)


def due(until: datetime) -> int:
    """How many closed surveys will lose their unpublished words up to an instant."""
    return _old(clock.months_before(until, months())).count()


def expire(before: datetime) -> int:
    """Delete the words that were not published, what was masked in the others, and the words of the list way."""
    count = 0
    for survey in list(_old(before)):
        with transaction.atomic():
            survey.texts.exclude(state=State.APPROVED).delete()
            survey.texts.update(body="")
            survey.marks.update(label="")
            Survey.objects.filter(pk=survey.pk).update(erased_at=clock.now())
        count += 1
    return count
