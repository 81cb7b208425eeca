"""What the services of ideas share: the lock, the step, the audit, the words."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from miasto.kernel.accounts.selectors import Viewer, require
from miasto.kernel.cases.selectors import found_in
from miasto.kernel.core import changes, clock, digests, events, polish
from miasto.kernel.places.services import save_object
from miasto.modules.idea.ideas.events import IdeaMoved
from miasto.modules.idea.ideas.models import LEAD, Idea, IdeaStep, State

WORDS_MOST = 300


def lock(idea_id: UUID) -> Idea:
    """The idea's row, locked until the commit."""
    return Idea.objects.select_for_update(of=("self",)).select_related("area").get(pk=idea_id)


def led(idea: Idea, by: Viewer, permission: str = LEAD) -> Idea:
    """The same for the city's side; raises ``PermissionDenied``."""
    locked = lock(idea.pk)
    require(by, permission, locked)
    return locked


def step(idea: Idea, kind: str, by: Viewer, *, note: str = "", unit_id: UUID | None = None, **data: Any) -> IdeaStep:
    """Append a step to the public path, write the audit and tell who follows."""
    made = IdeaStep.objects.create(idea=idea, kind=IdeaStep.Kind(kind), at=clock.now(), unit_id=unit_id, note=note, data=data)
    record(str(made.kind), idea, by, step=str(made.pk))
    events.publish(IdeaMoved(idea_id=idea.pk, step_id=made.pk, step=str(made.kind)))
    return made


def record(action: str, idea: Idea, by: Viewer, **data: Any) -> None:
    """Append to the audit; identifiers and keys only."""
    changes.record(
        action=f"idea.idea_{action}",
        kind=Idea.kind,
        object_id=idea.pk,
        actor=by.actor,
        unit_id=idea.unit_id,
        data={"number": idea.number, **data},
    )


def save(idea: Idea, by: Viewer) -> Idea:
    """Write the idea with its row in the index of objects: map, search and links follow. A draft is in no index."""
    if idea.state != State.DRAFT:
        return save_object(idea, by=by)
    idea.prepare()
    idea.save()
    return idea


def words_of(*texts: str) -> list[str]:
    """The folded words and lemmas by which ideas are alike, without prepositions, each once."""
    found = [form for text in texts for form in polish.lemmas(text) if len(form) > 2 and form not in polish.FUNCTION_WORDS]
    return [form[:60] for form in dict.fromkeys(found)][:WORDS_MOST]


def clean(text: str) -> str:
    """Words as they are kept."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip()


def digest(name: str) -> str:
    """A keyed digest that tells repetitions and nothing else."""
    return digests.keyed("miasto.idea.ideas", name)


def private_in(text: str) -> list[Any]:
    """Personal data that may never stand in public words: numbers and addresses, but not names (of patrons, officials)."""
    return [one for one in found_in(text) if one.kind != "name"]
