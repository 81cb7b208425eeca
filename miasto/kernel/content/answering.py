"""Answers to a question in a resident's own words: which page it asks about, and the one sentence that answers it."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from uuid import UUID

from django.db import connection

from miasto.kernel.content.models import Service
from miasto.kernel.content.offices import Desk, desks
from miasto.kernel.content.presenting import text_of
from miasto.kernel.content.words import phrases, terms
from miasto.kernel.core import polish
from miasto.kernel.core.city import city

MOST_TERMS = 14
MOST_WORD = 60
LIKE = 0.72
SHORTEST_TYPO = 4
LEAST, LEAST_OF_BEST = 0.3, 0.5
PHRASE = 0.6

# Words by which people ask; they say what they want to know, not about what.
ASKING = frozenset(
    polish.WORD.findall(
        """
        ile jaki jaka jakie jakich jakim kiedy kto komu kogo dlaczego skad dokad czego czemu ktory ktora ktore ktorym
        chce chcialbym chcialabym chcialem chcialam moge mozna musze trzeba nalezy potrzebuje potrzebne potrzebny potrzebna
        potrzebnych zrobic robic robi prosze dzien dobry witam czesc panstwo pan pani pana moj moja moje moim mojego mojej
        mnie sobie jestem mam mial miec jesli nowy nowa nowe nowego stary stara stare starego starej starych musi moze dostac
        uzyskac otrzymac sprawa sprawy sprawe sprawie urzad urzedzie urzedu urzedem miasto miescie miasta tutaj jeszcze
        juz dzis dzisiaj teraz dac dostane zalatwic zalatwia zalatwie zalatwiam zlozyc zglosic pojsc isc udac kosztuje koszt
        kosztuja oplata oplaty zaplacic place cena dlugo trwa czeka czekac dokument dokumenty dokumentow formularz wniosek
        wniosku wzor druk godziny godzinach godzinie otwarte czynne czynny otwarty nieczynne adres telefon pytanie
        the a an how do i can where what is are to get my for of in much when need which
        """
    )
)
# In order: the first that the question contains decides which part of the page answers it.
FACETS = tuple(
    (name, re.compile(rf"\b({'|'.join(words.split(', '))})"))
    for name, words in (
        (
            "cost",
            "ile (to )?koszt, koszt, ile (sie )?plac, ile (trzeba )?zaplac, oplat, cena, cennik, platn, darmo, how much",
        ),
        ("hours", "godzin, otwart, czynn, do ktorej, od ktorej, open"),
        ("duration", "jak dlugo, ile (sie )?czeka, ile trwa, ile dni, how long"),
        (
            "documents",
            "dokumenty (sa )?(potrzebn|do), jakie dokument, co (jest )?potrzebn, co przygotowac, co zabrac, zalaczni",
        ),
        ("place", "gdzie, dokad, do kogo, adres, where"),
        ("when", "kiedy, do kiedy, termin, when"),
    )
)
_EXACT = "SELECT form, service_id, weight FROM content_term WHERE form = ANY(%s)"
_LIKE = """
SELECT asked.term, near.form, near.service_id, near.weight
FROM unnest(%s::text[]) AS asked (term)
CROSS JOIN LATERAL (
    SELECT form, service_id, weight FROM content_term
    WHERE form %% asked.term AND weight > 0.2 ORDER BY similarity(form, asked.term) DESC LIMIT 60
) AS near"""


@dataclass(frozen=True)
class Answer:
    """One page that answers. ``line`` is the sentence to say, ``detail`` who answers, where and whether it is open now."""

    title: str
    line: str
    url: str
    unit_id: UUID | None
    detail: str
    service_id: UUID
    facet: str
    score: float


def answers(text: str, *, limit: int = 5, language: str = "pl") -> list[Answer]:
    """The published pages that a question asks about, best first; at most 8 queries, none for an empty question.

    Inflection, missing Polish letters and typing errors are borne. Where the question asks for the price, the place, the
    hours, the time or the documents, ``line`` tells that.
    """
    asked = _asked(text)
    if not asked:
        return []
    scores = _scores(asked)
    rows = {row.id: row for row in Service.objects.filter(live=True, id__in=_best(scores, 30)).select_related("topic", "unit")}
    final = {id: scores[id] + PHRASE * _whole_phrase(row, asked) for id, row in rows.items()}
    order = sorted(final, key=lambda id: (-final[id], not rows[id].popular, rows[id].title))
    if not order or final[order[0]] < LEAST:
        return []
    kept = [id for id in order if final[id] >= max(LEAST, LEAST_OF_BEST * final[order[0]])][:limit]
    known = desks([rows[id].unit_id for id in kept])
    facet = _facet(text)
    return [_answer(rows[id], known.get(rows[id].unit_id), facet, language, final[id]) for id in kept]


def _asked(text: str) -> list[frozenset[str]]:
    """The words of a question that say what it is about, each by its forms; all of them where none else is left."""
    words = polish.words(text.replace("\x00", " "))[: 4 * MOST_TERMS]
    known = [word[:MOST_WORD] for word in words if polish.fold(word) not in polish.FUNCTION_WORDS]
    telling = [word for word in known if polish.fold(word) not in ASKING | _names()] or known
    return [frozenset(polish.forms(word)) for word in telling[:MOST_TERMS]]


@cache
def _names() -> frozenset[str]:
    """The city's own name in its cases: it tells nothing of a question."""
    keys = ("name", "name_genitive", "name_dative", "name_locative", "name_instrumental")
    return frozenset(polish.fold(word) for key in keys for word in polish.words(str(city().data.get(key, ""))))


def _scores(asked: list[frozenset[str]]) -> dict[UUID, float]:
    """How much of a question each page answers: its words, the rarer the weightier."""
    matches = _matches(asked)
    total = max(Service.objects.filter(live=True).count(), 1)
    scores: dict[UUID, float] = defaultdict(float)
    possible = 0.0
    for found in matches:
        rarity = math.log(1 + total / len(found)) if found else 0.6 * math.log(1 + total)
        possible += rarity
        for service_id, weight in found.items():
            scores[service_id] += rarity * weight
    return {id: score / possible for id, score in scores.items()}


def _matches(asked: list[frozenset[str]]) -> list[dict[UUID, float]]:
    """For each word of a question the pages that know it, with its weight; a word that none knows may be misspelt."""
    with connection.cursor() as cursor:
        cursor.execute(_EXACT, [sorted({form for term in asked for form in term})])
        rows = cursor.fetchall()
    by_form: dict[str, dict[UUID, float]] = defaultdict(dict)
    for form, service_id, weight in rows:
        by_form[form][service_id] = weight
    found = [_together(by_form[form] for form in term if form in by_form) for term in asked]
    unknown = {next(iter(sorted(term, key=len, reverse=True))): at for at, term in enumerate(asked) if not found[at]}
    unknown = {word: at for word, at in unknown.items() if _may_be_misspelt(word)}
    if unknown:
        for word, near in _misspelt(list(unknown)).items():
            found[unknown[word]] = near
    return found


def _together(parts: object) -> dict[UUID, float]:
    found: dict[UUID, float] = {}
    for part in parts:  # type: ignore[attr-defined]
        for service_id, weight in part.items():
            found[service_id] = max(found.get(service_id, 0.0), weight)
    return found


def _may_be_misspelt(word: str) -> bool:
    return len(word) >= SHORTEST_TYPO and not word.isdigit() and not polish.known(word)


def _misspelt(words: list[str]) -> dict[str, dict[UUID, float]]:
    with connection.cursor() as cursor:
        cursor.execute(_LIKE, [words])
        rows = cursor.fetchall()
    alike = [(word, form, service_id, weight, _likeness(word, form)) for word, form, service_id, weight in rows]
    best: dict[str, float] = defaultdict(float)
    for word, _form, _service, _weight, likeness in alike:
        best[word] = max(best[word], likeness)
    found: dict[str, dict[UUID, float]] = defaultdict(dict)
    for word, _form, service_id, weight, likeness in alike:
        if likeness >= LIKE and likeness >= best[word] - 0.06:
            found[word][service_id] = max(found[word].get(service_id, 0.0), weight * likeness)
    return found


def _likeness(asked: str, form: str) -> float:
    """0 to 1: how much a word looks like another with a typing error."""
    return SequenceMatcher(None, asked, form, autojunk=False).ratio() if abs(len(asked) - len(form)) <= 3 else 0.0


def _whole_phrase(row: Service, asked: list[frozenset[str]]) -> float:
    """1 where the question holds all the words of the title or of a resident's phrase, and less where it holds most."""
    best = 0.0
    for phrase in phrases(row):
        parts = [part for part in terms(phrase) if not part & ASKING] or list(terms(phrase))
        held = sum(any(_same(part, term) for term in asked) for part in parts)
        share = held / len(parts) if parts else 0.0
        if share == 1:
            best = max(best, min(1.0, 0.55 + 0.15 * len(parts)))
        elif share >= 0.5:
            best = max(best, 0.35 * share)
    return best


def _same(part: frozenset[str], term: frozenset[str]) -> bool:
    if part & term:
        return True
    one, other = max(part, key=len), max(term, key=len)
    return _may_be_misspelt(other) and one[0] == other[0] and _likeness(one, other) >= 0.84


def _best(scores: dict[UUID, float], most: int) -> list[UUID]:
    return sorted(scores, key=lambda id: -scores[id])[:most]


def _facet(text: str) -> str:
    folded = " ".join(polish.fold(text).split())
    return next((name for name, pattern in FACETS if pattern.search(folded)), "")


def _answer(row: Service, desk: Desk | None, facet: str, language: str, score: float) -> Answer:
    line = _line(row, desk, facet, language)
    title = text_of(row, "title", language)
    return Answer(title, line, row.get_absolute_url(), row.unit_id, detail_of(row, desk), row.id, facet, round(score, 3))


def _line(row: Service, desk: Desk | None, facet: str, language: str) -> str:
    """The sentence for what was asked; the page's own one sentence where nothing special was asked or is known."""
    told = ""
    if facet == "hours" and desk is not None:
        told = desk.sentence
    elif facet == "documents":
        told = "; ".join(item for block in row.body if block.block_type == "documents" for item in block.value["items"])
    elif facet in ("cost", "duration", "place", "when"):
        told = text_of(row, facet, language)
    return told or text_of(row, "line", language)


def detail_of(row: Service, desk: Desk | None) -> str:
    """Who answers, the telephone, the address and whether it is open now, as one line."""
    if row.unit is None:
        return ""
    parts = [row.unit.name, row.unit.phone]
    if desk is not None:
        parts += [", ".join(part for part in (desk.office.address, desk.directions) if part), desk.sentence.rstrip(".")]
    return " · ".join(part for part in parts if part)
