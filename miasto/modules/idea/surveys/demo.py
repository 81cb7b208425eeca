"""Made-up surveys: what the profile's ``demo_surveys.toml`` says, with answers drawn from its shares; deterministic."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

from django.contrib.gis.geos import Point

from miasto.kernel.accounts.selectors import SYSTEM, unit_for
from miasto.kernel.core.city import city
from miasto.kernel.participation import selectors as participation
from miasto.kernel.places.selectors import geocode, shapes_named
from miasto.modules.idea import demo_days
from miasto.modules.idea.naming import KIND
from miasto.modules.idea.surveys import services
from miasto.modules.idea.surveys.models import Survey

SPREAD_DEG = 0.0011
WORDS_PART = 0.16


def load(*, seed: int) -> None:
    """Each survey of the profile at its days."""
    for row in city().toml("demo_surveys.toml").get("surveys", []):
        _live(row, random.Random(f"{seed}-{row['title']}"))  # noqa: S311 - of the demo only


def _live(row: dict[str, Any], chance: random.Random) -> None:
    pages = [{**page, "questions": [_plain(one) for one in page["questions"]]} for page in row["pages"]]
    starts, ends = demo_days.day(row["starts"]), demo_days.day(row["ends"])
    last = min(ends, demo_days.day(-1))
    with demo_days.at(row["published"], 10):
        survey = services.create_survey(row=_row(row, starts, ends), by=SYSTEM)
        Survey.objects.filter(pk=survey.pk).update(pages=pages, last_key=20)
        survey = services.publish_survey(survey=survey, by=SYSTEM)
    answers = _answers(row, chance, starts, (last - starts).days)
    published = {one["text"]: True for one in row.get("words", []) if one.get("publish")}
    services.import_responses(survey=survey, rows=answers, published=published, by=SYSTEM)
    if "closed" in row:
        with demo_days.at(row["closed"], 10):
            services.close_survey(survey=survey, by=SYSTEM)
        with demo_days.at(row["results"], 10):
            services.publish_results(survey=survey, by=SYSTEM)


def _plain(question: dict[str, Any]) -> dict[str, Any]:
    """The question without what only the demo knows of it."""
    made = {key: value for key, value in question.items() if key != "shares"}
    if "parts" in made:
        made["parts"] = [_plain(one) for one in made["parts"]]
    return made


def _row(row: dict[str, Any], starts: date, ends: date) -> services.SurveyRow:
    process = participation.processes(SYSTEM, KIND).filter(title=row.get("process", "")).first()
    return services.SurveyRow(
        title=row["title"],
        about=row["about"].strip(),
        translations=row.get("translations", {}),
        unit_id=unit_for(row["competence"]).pk,
        process_id=process.pk if process else None,
        starts_on=starts,
        ends_on=ends,
        shown=row["shown"],
    )


def _answers(row: dict[str, Any], chance: random.Random, starts: date, days: int) -> list[tuple[date, services.AnswerRow]]:
    questions = [one for page in row["pages"] for one in page["questions"]]
    marks = [(one, _places(row, one["key"])) for one in questions if one["kind"] == "marks"]
    words = iter(row.get("words", []))
    made = []
    for _n in range(row["answers"]):
        given: dict[str, Any] = {}
        for one in questions:
            value = _answer(one, given, chance)
            if value is not None:
                given[one["key"]] = value
        placed = tuple(mark for one, places in marks if places for mark in _marks(one, places, chance))
        said = next(words, None) if chance.random() < WORDS_PART else None
        texts = {said["question"]: said["text"]} if said else {}
        day = starts + timedelta(days=int(days * chance.random() ** 1.6))
        made.append((day, services.AnswerRow(answers=given, texts=texts, marks=placed, language="pl")))
    return made


def _answer(one: dict[str, Any], given: dict[str, Any], chance: random.Random) -> Any:
    """A drawn answer; None where the question is not put or was left out."""
    when = one.get("when")
    if (when and given.get(when[0]) not in when[1]) or (not one.get("required") and chance.random() < 0.12):
        return None
    keys = [key for key, _words in one.get("choices", [])]
    kind = one["kind"]
    if kind == "choice":
        return chance.choices(keys, one["shares"])[0]
    if kind == "boolean":
        return chance.choices(["true", "false"], one["shares"])[0]
    if kind == "scale":
        return chance.choices([str(n) for n in range(one["least"], one["most"] + 1)], one["shares"])[0]
    if kind == "choices":
        return ",".join(key for key, share in zip(keys, one["shares"], strict=True) if chance.random() * 100 < share) or keys[0]
    if kind == "matrix":
        return {value: chance.choices(keys, one["shares"])[0] for value, _words in one["rows"]}
    if kind == "ranking":
        return sorted(keys, key=lambda key: keys.index(key) + chance.gauss(0, 1.1))
    return str(min(round(abs(chance.gauss(6, 11))), 90)) if kind == "number" else None


def _places(row: dict[str, Any], key: str) -> list[tuple[Any, str, int]]:
    """(geometry, words, weight) of what is marked for a question."""
    found = []
    for name, weight in row.get("marks", {}).get(key, []):
        place = next(iter(geocode(name, limit=1)), None)
        if place is not None:
            found.append((Point(place.lon, place.lat, srid=4326), place.label, weight))
    for one in row.get("lines", []):
        named = shapes_named("line", one["street"], start=one.get("from", ""), end=one.get("to", ""))
        if one["question"] == key and named:
            found.append((named[0].geom, named[0].label, one["weight"]))
    return found


def _marks(one: dict[str, Any], places: list[tuple[Any, str, int]], chance: random.Random) -> list[services.MarkRow]:
    least = one.get("least", 0)
    count = least + chance.choices([0, 1, 2], [55, 33, 12])[0]
    made = []
    for _n in range(min(count, one["most"])):
        geom, label, _weight = chance.choices(places, [weight for _geom, _label, weight in places])[0]
        listed = geom.geom_type != "Point" or chance.random() < 0.2
        if geom.geom_type == "Point" and not listed:
            geom = Point(geom.x + chance.gauss(0, SPREAD_DEG), geom.y + chance.gauss(0, SPREAD_DEG * 0.6), srid=4326)
        answers = {part["key"]: value for part in one["parts"] if (value := _answer(part, {}, chance))}
        made.append(
            services.MarkRow(
                question=one["key"],
                geom=geom,
                way="list" if listed else "map",
                label=label if listed else "",
                answers=answers,
            )
        )
    return made
