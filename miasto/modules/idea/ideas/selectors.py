"""Reading ideas. Every read begins with ``visible_to``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from miasto.kernel.accounts.selectors import ANONYMOUS, Viewer, may
from miasto.kernel.core import clock
from miasto.kernel.discussions import selectors as discussions
from miasto.kernel.files import selectors as files
from miasto.kernel.participation import selectors as outcomes
from miasto.modules.idea.budget.models import Project
from miasto.modules.idea.ideas import rules
from miasto.modules.idea.ideas.models import (
    ANSWER,
    IN_FAVOUR,
    LEAD,
    WAITING,
    Idea,
    IdeaFlag,
    IdeaFollower,
    IdeaOpinion,
    IdeaStep,
    IdeaSupport,
    IdeaVersion,
    PublicName,
    Stance,
    State,
)
from miasto.modules.idea.ideas.petitioning import may_petition
from miasto.modules.idea.ideas.writing import words_of
from miasto.modules.idea.naming import KIND

HEAVY = ("geom", "geom_3857", "area__geom", "area__geom_3857", "words")
NEWEST, MOST, ENDING = "", "poparcie", "koniec"
GROUPS = {
    "poparcie": (State.GATHERING,),
    "rozpatrywane": WAITING,
    "przyjete": IN_FAVOUR,
    "zrealizowane": (State.DONE,),
    "odrzucone": (State.REJECTED, State.ANSWERED),
}
TARGETS = 60
_PROJECT = re.compile(r"/idea/budzet/([^/]+)/projekty/(\d{1,6})/?$")
SIMILAR_MOST, SIMILAR_LEAST, CANDIDATES = 4, 2, 200
COMMENTS = 100


def group_names() -> dict[str, str]:
    """The groups of states by which a list is narrowed."""
    return {
        "poparcie": _("zbierają poparcie"),
        "rozpatrywane": _("rozpatrywane przez miasto"),
        "przyjete": _("przyjęte"),
        "zrealizowane": _("zrealizowane"),
        "odrzucone": _("zakończone bez realizacji"),
    }


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What of the ideas is asked."""

    group: str = ""
    topic: str = ""
    area_id: UUID | None = None
    text: str = ""
    order: str = NEWEST


def ideas(viewer: Viewer, filters: Filters | None = None) -> QuerySet[Idea]:
    """The published ideas that a viewer may see; without geometry."""
    asked = filters or Filters()
    found = Idea.objects.visible_to(viewer).exclude(state=State.DRAFT).filter(hidden_at=None)
    if asked.group in GROUPS:
        found = found.filter(state__in=GROUPS[asked.group])
    if asked.topic:
        found = found.filter(topic=asked.topic)
    if asked.area_id:
        found = found.filter(Q(area=asked.area_id) | Q(reach=rules.CITY))
    for word in asked.text.split()[:6]:
        found = found.filter(words__overlap=words_of(word) or [word.casefold()])
    order = {MOST: ("-supports", "-published_at"), ENDING: ("closes_on", "-published_at")}.get(asked.order, ("-published_at",))
    if asked.order == ENDING:
        found = found.filter(state=State.GATHERING)
    return found.select_related("area").defer(*HEAVY).order_by(*order, "-id")


def idea_for(number: int, viewer: Viewer) -> Idea | None:
    """A published idea by its number; None where the viewer may not know of it."""
    found = Idea.objects.visible_to(viewer).exclude(state=State.DRAFT).select_related("unit", "area", "petition", "merged_into")
    return found.defer("geom_3857", "area__geom", "area__geom_3857", "words").filter(number=number).first()


def hidden(number: int) -> tuple[str, str] | None:
    """The rule and the reason for which a published idea is hidden, for everybody; None where it is not."""
    row = Idea.objects.filter(number=number, hidden_at__isnull=False).values_list("hidden_rule", "hidden_note").first()
    return (rules.rule_name(row[0]), row[1]) if row else None


def draft_for(idea_id: UUID, viewer: Viewer) -> Idea | None:
    """A draft of the viewer's own."""
    if viewer.person_id is None:
        return None
    found = Idea.objects.filter(pk=idea_id, author=viewer.person_id, state=State.DRAFT)
    return found.select_related("area").first()


def mine(viewer: Viewer) -> dict[str, list[Idea]]:
    """An account's drafts, ideas, and those that it supports or follows; four queries."""
    own = Idea.objects.filter(author=viewer.person_id).defer("geom", "geom_3857", "words")
    others = ideas(viewer)
    supported = others.filter(Exists(IdeaSupport.objects.filter(idea=OuterRef("pk"), person=viewer.person_id)))
    followed = others.filter(Exists(IdeaFollower.objects.filter(idea=OuterRef("pk"), person=viewer.person_id)))
    return {
        "drafts": list(own.filter(state=State.DRAFT).order_by("-updated_at")),
        "own": list(own.exclude(state=State.DRAFT).order_by("-published_at")),
        "supported": list(supported[:50]),
        "followed": list(followed[:50]),
    }


def similar(title: str, text: str, *, without: UUID | None = None) -> list[Idea]:
    """The ideas most like some words, best first: shared words weigh by how rare they are among the candidates; one query."""
    asked = words_of(title, text)
    if len(asked) < SIMILAR_LEAST:
        return []
    found = ideas(ANONYMOUS).exclude(state__in=(State.MERGED, State.WITHDRAWN)).filter(words__overlap=asked)
    rows = list(found.exclude(pk=without).defer(None).defer("geom", "geom_3857", "area__geom", "area__geom_3857")[:CANDIDATES])
    uses = Counter(word for row in rows for word in set(row.words))
    titled = set(words_of(title))

    def weight(row: Idea) -> float:
        shared = set(row.words) & set(asked)
        names = set(words_of(row.title))
        return sum((2.0 if word in names and word in titled else 1.0) / uses[word] ** 0.5 for word in shared)

    ranked = sorted(((weight(row), len(set(row.words) & set(asked)), row) for row in rows), key=lambda one: -one[0])
    return [row for _weight, shared, row in ranked if shared >= SIMILAR_LEAST][:SIMILAR_MOST]


def names_of(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The names that people chose to be seen by; one query."""
    wanted = {one for one in ids if one is not None}
    return dict(PublicName.objects.filter(person__in=wanted).values_list("person_id", "name")) if wanted else {}


def own_name(viewer: Viewer) -> str:
    """The name that the account chose."""
    return names_of([viewer.person_id]).get(viewer.person_id, "") if viewer.person_id else ""


@dataclass(frozen=True)
class StepView:
    """A step of the public path. ``days`` since the step before; ``said`` is what the data of the step say."""

    row: IdeaStep
    title: str
    said: str
    days: int | None


@dataclass(frozen=True)
class CommentView:
    """A comment as everybody reads it."""

    row: Any
    who: str
    official: bool
    flags: int = 0


@dataclass(frozen=True)
class IdeaView:
    """One idea with everything that its page shows, cut down to what the viewer may know."""

    idea: Idea
    version: IdeaVersion
    versions: int
    author: str
    topic: rules.Named
    photos: list[Any]
    steps: list[StepView]
    opinions: list[IdeaOpinion]
    outcomes: list[Any]
    comments: list[CommentView]
    comment_page: Any
    duplicates: list[Idea]
    mine: bool
    support: IdeaSupport | None
    follows: bool
    may_petition: bool
    leads: bool
    petition_url: str = ""
    flags: list[IdeaFlag] = field(default_factory=list)


def page_of(rows: QuerySet, asked: str) -> Any:
    """One page of comments, oldest first; the last one where none is asked for."""
    pages = Paginator(rows, COMMENTS)
    return pages.get_page(asked or pages.num_pages)


def idea_view(idea: Idea, viewer: Viewer, page: str = "") -> IdeaView:
    """Everything of an idea's page with one page of its comments; a constant number of queries."""
    versions = list(idea.versions.all())
    comments = page_of(discussions.comments([idea.thread_id], ["public"]).select_related("unit"), page)
    names = names_of([idea.author_id, *(one.author_id for one in comments)])
    person = viewer.person_id
    return IdeaView(
        idea=idea,
        version=versions[-1],
        versions=len(versions),
        author=names.get(idea.author_id, "") if idea.author_id else "",
        topic=rules.topic(idea.topic),
        photos=files.files_of([idea.pk]).get(idea.pk, []),
        steps=path_of(idea),
        opinions=list(idea.opinions.select_related("unit")),
        outcomes=outcomes.outcomes_of([idea.pk]).get(idea.pk, []),
        comments=[_comment(one, names) for one in comments],
        comment_page=comments,
        duplicates=list(ideas_merged(idea)),
        mine=person is not None and idea.author_id == person,
        support=IdeaSupport.objects.filter(idea=idea, person=person).first() if person else None,
        follows=bool(person) and IdeaFollower.objects.filter(idea=idea, person=person).exists(),
        may_petition=may_petition(idea, viewer),
        leads=may(viewer, LEAD, idea) or may(viewer, ANSWER, idea),
        petition_url=f"/petycje/{idea.petition.number}/" if idea.petition else "",
    )


def _comment(row: Any, names: dict[UUID, str], flags: int = 0) -> CommentView:
    who = row.unit.name if row.unit else names.get(row.author_id, "") or _("ktoś, kto usunął konto")
    return CommentView(row, who, row.unit is not None, flags)


def ideas_merged(idea: Idea) -> QuerySet[Idea]:
    """The duplicates that were joined to an idea."""
    return Idea.objects.filter(merged_into=idea, hidden_at=None).only("id", "number", "title", "state").order_by("number")


def path_of(idea: Idea) -> list[StepView]:
    """The public path, oldest first, with the days that each step took; one query."""
    rows = list(idea.steps.select_related("unit"))
    before: datetime | None = None
    made = []
    for row in rows:
        days = (clock.local(row.at).date() - clock.local(before).date()).days if before else None
        made.append(StepView(row, str(IdeaStep.Kind(row.kind).label), said(row), days))
        before = row.at
    return made


def _day(text: str) -> str:
    year, month, day = text.split("-")
    return f"{int(day)}.{month}.{year}"


def said(row: IdeaStep) -> str:
    """What the data of a step say, in a sentence."""
    data, kind = row.data, IdeaStep.Kind(row.kind)
    if kind == IdeaStep.Kind.PUBLISHED:
        words = ngettext(
            "Potrzebne poparcie: %(n)d osoba do %(day)s.", "Potrzebne poparcie: %(n)d osób do %(day)s.", data["threshold"]
        )
        return words % {"n": data["threshold"], "day": _day(data["until"])}
    if kind == IdeaStep.Kind.REVISED:
        return (
            _("Wersja %(n)d, zmiana istotna.") % {"n": data["version"]}
            if data["substantial"]
            else _("Wersja %(n)d.") % {"n": data["version"]}
        )
    if kind in (IdeaStep.Kind.REACHED, IdeaStep.Kind.TAKEN_UP):
        return _("Decyzja obiecana do %(day)s.") % {"day": _day(data["due"])}
    if kind == IdeaStep.Kind.CLOSED:
        words = _("Poparcie: %(n)d z %(all)d. Odpowiedź obiecana do %(day)s.")
        return words % {"n": data["supports"], "all": data["threshold"], "day": _day(data["due"])}
    if kind == IdeaStep.Kind.OPINION_ASKED:
        return _("Termin opinii: %(day)s.") % {"day": _day(data["due"])}
    return _said_later(kind, data)


def _said_later(kind: Any, data: dict[str, Any]) -> str:
    if kind == IdeaStep.Kind.OPINION_GIVEN:
        return _("Opinia: %(stance)s.") % {"stance": Stance(data["stance"]).label}
    if kind == IdeaStep.Kind.EXTENDED:
        return _("Z %(before)s na %(day)s.") % {"before": _day(data["before"]), "day": _day(data["due"])}
    if kind == IdeaStep.Kind.DECIDED:
        late = "" if data["on_time"] else " " + _("Po terminie.")
        return (
            _("%(state)s. Decyzja: %(who)s.") % {"state": str(State(data["state"]).label).capitalize(), "who": data["who"]}
            + late
        )
    if kind == IdeaStep.Kind.GAINED:
        return _("Pomysł nr %(n)d. Razem poparcie: %(all)d.") % {"n": data["number"], "all": data["supports"]}
    if kind == IdeaStep.Kind.MERGED:
        return _("Dalszy ciąg: pomysł nr %(n)d.") % {"n": data["into"]}
    if kind == IdeaStep.Kind.PETITION:
        return _("Petycja %(number)s.") % {"number": data["case"]}
    if kind == IdeaStep.Kind.HIDDEN:
        return rules.rule_name(data["rule"]).capitalize() + "."
    return ""


def differences(before: IdeaVersion, after: IdeaVersion) -> list[tuple[str, str]]:
    """What changed from one version to the next: ``(kind, words)``, kind "" (the same), "ins" or "del"."""
    old, new = _pieces(before), _pieces(after)
    found: list[tuple[str, str]] = []
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(("", "".join(old[i:j])))
            continue
        if i < j:
            found.append(("del", "".join(old[i:j])))
        if k < m:
            found.append(("ins", "".join(new[k:m])))
    return found


def _pieces(version: IdeaVersion) -> list[str]:
    text = f"{version.title}\n\n{version.text}" + (f"\n\n{version.place}" if version.place else "")
    pieces: list[str] = []
    for line in text.splitlines(keepends=True):
        words = line.split(" ")
        pieces += [f"{word} " for word in words[:-1]] + [words[-1]]
    return pieces


def versions_of(idea: Idea) -> list[tuple[IdeaVersion, list[tuple[str, str]]]]:
    """All versions, newest first, each with what changed since the one before; one query."""
    rows = list(idea.versions.all())
    pairs = [(row, differences(before, row)) for before, row in pairwise(rows)]
    return [*reversed(pairs), (rows[0], [])]


def support_for(support_id: UUID, viewer: Viewer) -> IdeaSupport | None:
    """The support of an address whose link the viewer holds."""
    if support_id not in viewer.links:
        return None
    return IdeaSupport.objects.select_related("idea").filter(pk=support_id).first()


# --- the city's side


def led(viewer: Viewer) -> QuerySet[Idea]:
    """The published ideas on which the viewer answers for the city, what waits longest first."""
    found = Idea.objects.led_by(viewer).select_related("area", "unit").defer(*HEAVY)
    waiting = Count("flags", filter=Q(flags__handled_at=None))
    return found.annotate(open_flags=waiting).order_by(F("due_on").asc(nulls_last=True), "-published_at", "-id")


def led_one(number: int, viewer: Viewer) -> Idea | None:
    """One of them."""
    found = Idea.objects.led_by(viewer).select_related("unit", "area", "petition", "merged_into")
    return found.defer("geom_3857", "area__geom", "area__geom_3857", "words").filter(number=number).first()


def work_groups() -> dict[str, Q]:
    """What a lead of ideas looks at: what is owed, what is flagged, what came in."""
    late = Q(due_on__lt=clock.today())
    return {
        "termin": late,
        "rozpatrywane": Q(state__in=WAITING),
        "bez-skutku": Q(state__in=IN_FAVOUR, due_on__isnull=False),
        "zasady": Q(flags__handled_at=None, flags__isnull=False),
        "poparcie": Q(state=State.GATHERING),
    }


def waiting(viewer: Viewer) -> dict[str, int]:
    """How much waits, for the first page of the panel; one query."""
    names = {name: Count("pk", filter=q, distinct=True) for name, q in work_groups().items() if name != "poparcie"}
    return Idea.objects.led_by(viewer).aggregate(**{name.replace("-", "_"): count for name, count in names.items()})


def comment_of(idea: Idea, comment_id: UUID) -> Any:
    """One comment on an idea, hidden or not; None where there is none."""
    return discussions.comments([idea.thread_id], ["public"], states=("published", "withheld")).filter(pk=comment_id).first()


def comments_for_staff(idea: Idea, page: str = "") -> tuple[Any, list[CommentView]]:
    """A page of comments, hidden ones too, and its rows with how many open flags each has; four queries.

    Without ``page``: the one with the oldest flagged comment, else the last.
    """
    rows = discussions.comments([idea.thread_id], ["public"], states=("published", "withheld")).select_related("unit")
    if not page:
        page = _flagged_page(idea, rows)
    shown = page_of(rows, page)
    names = names_of(one.author_id for one in shown)
    flagged = IdeaFlag.objects.filter(idea=idea, comment__isnull=False, handled_at=None).values_list("comment_id", flat=True)
    flags = Counter(flagged)
    return shown, [_comment(one, names, flags[one.pk]) for one in shown]


def _flagged_page(idea: Idea, rows: QuerySet) -> str:
    first = IdeaFlag.objects.filter(idea=idea, comment__isnull=False, handled_at=None).order_by("comment__created_at")
    at = first.values_list("comment__created_at", flat=True).first()
    return str(rows.filter(created_at__lt=at).count() // COMMENTS + 1) if at else ""


def came_to(target_id: UUID, viewer: Viewer) -> list[Idea]:
    """The ideas of which an object came (a consultation, a project), as far as the viewer may see them; two queries."""
    ids = [row.pk for row in outcomes.came_of(target_id, viewer)]
    return (
        list(Idea.objects.visible_to(viewer).filter(pk__in=ids).only("id", "number", "title").order_by("number")) if ids else []
    )


def targets(viewer: Viewer) -> list[tuple[str, list[tuple[str, str]]]]:
    """What an idea may have come to, for a list: published consultations and projects of the budget, newest first."""
    processes = outcomes.processes(viewer, KIND).filter(published_at__isnull=False)[:TARGETS]
    public = Project.objects.visible_to(viewer).filter(audience="public").select_related("edition")
    projects = public.defer("geom", "geom_3857").order_by("-pk")[:TARGETS]
    return [
        (_("Konsultacje"), [(f"process:{one.pk}", one.title) for one in processes]),
        (
            _("Budżet obywatelski"),
            [(f"project:{one.pk}", f"{one.number}. {one.title} ({one.edition.title})") for one in projects],
        ),
    ]


def address_of(target: str, viewer: Viewer) -> tuple[str, UUID]:
    """The page and the object that a choice of ``targets`` names; raises ``LookupError``."""
    kind, _colon, key = target.partition(":")
    rows = outcomes.processes(viewer, KIND) if kind == "process" else Project.objects.visible_to(viewer)
    found = rows.filter(pk=key).first()
    if found is None:
        raise LookupError(target)
    return (outcomes.process_url(found) if kind == "process" else found.get_absolute_url()), found.pk


def project_at(url: str) -> UUID | None:
    """The project of the budget whose page an address is."""
    found = _PROJECT.search(url)
    if found is None:
        return None
    rows = Project.objects.filter(edition__slug=found[1], number=int(found[2]), audience="public")
    return rows.values_list("pk", flat=True).first()


def open_flags(idea: Idea) -> list[tuple[str, int]]:
    """(rule, how many) of the flags of the idea itself that nobody has read."""
    found = IdeaFlag.objects.filter(idea=idea, comment=None, handled_at=None).values_list("rule", flat=True)
    return [(rules.rule_name(rule), count) for rule, count in Counter(found).items()]
