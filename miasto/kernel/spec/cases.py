"""Declarations of case types: questions, stages, transitions, deadlines, responsibility, what is public."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from miasto.kernel.core.module import Spec
from miasto.kernel.core.registry import Registry
from miasto.kernel.spec.accounts import Permission
from miasto.kernel.spec.questions import Question

FILER = "filer"
CLOCK = "clock"
CLOCKS = ("runs", "paused", "stopped")
WAITS_FOR = (FILER, "outside")
NEEDS = ("answer", "question", "reason", "photo_or_reason")
MERGE, UNMERGE, FORWARD = "merge", "unmerge", "forward"
OUTSIDE_DONE, OUTSIDE_REFUSED, OWN = "outside_done", "outside_refused", "own"
EFFECTS = (MERGE, UNMERGE, FORWARD, OUTSIDE_DONE, OUTSIDE_REFUSED, OWN)
PART_PLACES = ("work", "public")
QUESTION_KINDS = ("text", "long_text", "choice", "choices", "boolean", "number", "scale", "date")


@dataclass(frozen=True, kw_only=True)
class Stage:
    """A stage of a case. ``clock`` says whether the deadline runs; ``final`` stages end the case; ``colour`` is a tag colour.

    ``waits_for`` says whom a ``paused`` stage waits for: the filer or a body ``outside`` the city.
    ``meaning`` tells the resident in one plain sentence what happens now. A case in a stage that is not ``public`` is taken
    out of the public register (withdrawn, spam).
    """

    key: str
    name: Any
    meaning: Any
    colour: str = "grey"
    clock: str = "runs"
    final: bool = False
    public: bool = True
    waits_for: str = FILER


@dataclass(frozen=True, kw_only=True)
class Transition:
    """A step from one of the stages ``sources`` to ``target``.

    ``by`` names who may take it: permission keys, ``FILER`` for the person who filed, or ``CLOCK``: then the platform takes it
    by itself once the case has been ``days`` days in the stage. ``needs`` names what must come with it: "answer" (a public
    answer), "question" (to the filer), "reason", "photo_or_reason". ``days`` limits a filer's step to so many days after the
    stage began. ``button`` is what the button says where the label is longer. ``dispute`` marks the step by which the filer
    says that the matter is not settled: a supervisor of the unit gets the case. ``term`` is the term of the case from this step
    on, counted from the day of receipt like the first one (a lawful extension). ``effect`` gives a step to one of the engine's
    own services, and then it is nobody's plain step: "merge" into another case and "unmerge", "forward" to a body outside,
    "outside_done" and "outside_refused" by that body's answer, "own" by a service of the module that declares the type.
    ``anew``: the ``term`` counts from the day of the step, or from one that comes with it, and not from the receipt.
    ``limit`` is how long after the receipt the law allows the step; pages tell its last day.
    """

    key: str
    label: Any
    sources: tuple[str, ...]
    target: str
    by: tuple[str, ...]
    needs: tuple[str, ...] = ()
    days: int | None = None
    button: Any = ""
    prominent: bool = False
    dispute: bool = False
    term: Deadline | None = None
    effect: str = ""
    anew: bool = False
    limit: Deadline | None = None


@dataclass(frozen=True, kw_only=True)
class Deadline:
    """The time for the answer, counted as KPA art. 57: the day of filing is not counted, an end on a free day moves on.

    ``months`` (KPA art. 57 § 3) overrule ``days``. A category may set its own number of days where the type counts days.
    ``working`` counts working days only. ``first_response_hours`` are working hours of the unit to the first answer (0: none is
    promised).
    """

    days: int = 30
    working: bool = False
    months: int = 0
    first_response_hours: int = 0


@dataclass(frozen=True, kw_only=True)
class CaseType(Spec):
    """A kind of matter that someone brings to the city and the city must answer.

    ``prefix`` begins the public number (``ZG-2026-000123``). ``competence`` is the default responsibility; a category may name
    another. ``public_register`` cases have a public page with category, place and stage; description, photos and answers
    appear there only after approval. ``photos`` limits the photos at filing. ``register`` is the URL name of the page that
    lists the public cases of the type. ``order`` sorts the types where they are offered. ``names``: whoever files is asked
    whether their name may be published; ``supported``: others may say "me too".
    """

    name: Any
    name_plural: Any
    prefix: str
    stages: tuple[Stage, ...]
    transitions: tuple[Transition, ...]
    competence: str
    deadline: Deadline = Deadline()
    questions: tuple[Question, ...] = ()
    public_register: bool = True
    needs_place: bool = True
    photos: int = 5
    icon: str = "file-text"
    register: str = ""
    order: int = 100
    names: bool = False
    supported: bool = True

    @property
    def initial(self) -> Stage:
        return self.stages[0]

    def stage(self, key: str) -> Stage:
        """The stage of that key; raises ``KeyError``."""
        return next((stage for stage in self.stages if stage.key == key), None) or _missing(self.key, "stage", key)

    def transition(self, key: str) -> Transition:
        """The transition of that key; raises ``KeyError``."""
        found = next((step for step in self.transitions if step.key == key), None)
        return found or _missing(self.key, "transition", key)

    def effect(self, effect: str, stage: str | None = None) -> Transition | None:
        """The transition of an effect that leads from a stage (from any where None); None where the type has none."""
        found = (step for step in self.transitions if step.effect == effect)
        return next((step for step in found if stage is None or stage in step.sources), None)

    def problems(self, registry: Registry) -> Iterable[str]:
        keys = {stage.key for stage in self.stages}
        if not self.stages or len(keys) != len(self.stages):
            yield "stages must be there and have keys of their own"
        for stage in self.stages:
            if stage.clock not in CLOCKS:
                yield f"stage {stage.key}: clock is {stage.clock!r}; use one of {', '.join(CLOCKS)}"
            if stage.waits_for not in WAITS_FOR:
                yield f"stage {stage.key}: waits for {stage.waits_for!r}; use one of {', '.join(WAITS_FOR)}"
        for step in self.transitions:
            yield from _problems_of_step(step, keys, registry)
        for question in self.questions:
            if question.kind not in QUESTION_KINDS:
                yield f"question {question.key}: kind is {question.kind!r}; use one of {', '.join(QUESTION_KINDS)}"


@dataclass(frozen=True, kw_only=True)
class CasePart(Spec):
    """A part that a module adds to the pages of its cases.

    ``where`` is "work" (the page on which staff handle a case, shown to those who have ``permission`` in the case's unit) or
    "public" (the public page). ``context(case, viewer)`` gets the ``CaseView`` and the ``Viewer`` and returns what the template
    reads as ``part``, or None where there is nothing to show; it makes few queries, for the page waits for it. The template
    finds ``case`` and ``request`` too; its forms post to the module's own addresses.
    """

    case_type: str
    template: str
    context: Callable[[Any, Any], dict[str, Any] | None]
    permission: str = ""
    where: str = "work"
    order: int = 100

    def problems(self, registry: Registry) -> Iterable[str]:
        if self.where not in PART_PLACES:
            yield f"where is {self.where!r}; use one of {', '.join(PART_PLACES)}"
        if not registry.has(CaseType, self.case_type):
            yield f"no CaseType {self.case_type!r} is declared"
        if self.permission and not registry.has(Permission, self.permission):
            yield f"no Permission {self.permission!r} is declared"
        if self.where == "work" and not self.permission:
            yield "a part of the work page needs a permission"


def _problems_of_step(step: Transition, stages: set[str], registry: Registry) -> Iterable[str]:
    for key in {*step.sources, step.target} - stages:
        yield f"transition {step.key}: there is no stage {key!r}"
    for who in set(step.by) - {FILER, CLOCK}:
        if not registry.has(Permission, who):
            yield f"transition {step.key}: no Permission {who!r} is declared"
    if CLOCK in step.by and step.days is None:
        yield f"transition {step.key}: CLOCK needs days; say after how many"
    if CLOCK in step.by and step.needs:
        yield f"transition {step.key}: CLOCK brings no {', '.join(step.needs)}; use a transition without needs"
    for need in set(step.needs) - set(NEEDS):
        yield f"transition {step.key}: needs {need!r}; use some of {', '.join(NEEDS)}"
    if step.anew and step.term is None:
        yield f"transition {step.key}: a term that counts anew must be told; add term=Deadline(...)"
    if step.effect and step.effect not in EFFECTS:
        yield f"transition {step.key}: effect is {step.effect!r}; use one of {', '.join(EFFECTS)}"


def _missing(case_type: str, what: str, key: str) -> Any:
    raise KeyError(f"{case_type} has no {what} {key!r}")
