"""What happened to a case. Identifiers and keys only."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from miasto.kernel.core.events import Event


@dataclass(frozen=True, kw_only=True)
class CaseOpened(Event):
    """A case was filed and given to a unit."""

    case_id: UUID
    case_type: str
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class CaseStepTaken(Event):
    """A case went from stage to stage. ``answer_id`` is the comment that came with it."""

    case_id: UUID
    case_type: str
    step_id: int
    transition: str
    from_stage: str
    to_stage: str
    by_filer: bool
    answer_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class CaseAssigned(Event):
    """A case was given to another unit or person, or returned to the unit (``assignee_id`` None)."""

    case_id: UUID
    case_type: str
    step_id: int
    unit_id: UUID
    assignee_id: UUID | None
    unit_changed: bool


@dataclass(frozen=True, kw_only=True)
class CaseRecategorised(Event):
    """A case got another category."""

    case_id: UUID
    case_type: str
    category_id: int


@dataclass(frozen=True, kw_only=True)
class CaseCommented(Event):
    """Somebody wrote in a case outside a transition; ``by_filer`` where the filer added to it.

    ``comment_id`` is None where only photos were added.
    """

    case_id: UUID
    case_type: str
    step_id: int
    comment_id: UUID | None
    audience: str
    by_filer: bool


@dataclass(frozen=True, kw_only=True)
class CaseTextDecided(Event):
    """The description, a photo or a comment was approved for the public or withheld (``what``: text, file, comment)."""

    case_id: UUID
    case_type: str
    what: str
    published: bool


@dataclass(frozen=True, kw_only=True)
class CaseReclassified(Event):
    """A case became one of another type; ``before`` is the type that it had."""

    case_id: UUID
    case_type: str
    before: str
    step_id: int
    unit_id: UUID


@dataclass(frozen=True, kw_only=True)
class CasePlaced(Event):
    """A case got its place, or another one."""

    case_id: UUID
    case_type: str


@dataclass(frozen=True, kw_only=True)
class CasesImported(Event):
    """Many cases of a type came at once, with their history; nobody is told of each."""

    case_type: str
    count: int


@dataclass(frozen=True, kw_only=True)
class CoFilerInvited(Event):
    """Somebody was asked to file together with others; ``invite_id`` names the invitation."""

    case_id: UUID
    case_type: str
    invite_id: UUID


@dataclass(frozen=True, kw_only=True)
class CoFilerJoined(Event):
    """Somebody joined those who file a case together; ``invite_id`` is the invitation they came by."""

    case_id: UUID
    case_type: str
    invite_id: UUID


@dataclass(frozen=True, kw_only=True)
class CaseErased(Event):
    """The words and the people of a case were overwritten."""

    case_id: UUID
    case_type: str


@dataclass(frozen=True, kw_only=True)
class CaseMerged(Event):
    """A duplicate was closed and goes on in another case."""

    case_id: UUID
    case_type: str
    into_id: UUID
    step_id: int


@dataclass(frozen=True, kw_only=True)
class CaseUnmerged(Event):
    """A case was no duplicate after all and goes on by itself."""

    case_id: UUID
    case_type: str
    from_id: UUID
    step_id: int


@dataclass(frozen=True, kw_only=True)
class CaseSplit(Event):
    """Parts of a case were given to several units; each part is a case of its own (``CaseOpened``)."""

    case_id: UUID
    case_type: str
    step_id: int
    parts: int


@dataclass(frozen=True, kw_only=True)
class CaseSupported(Event):
    """Somebody says that a case concerns them too, or takes it back; ``count`` is how many there are now."""

    case_id: UUID
    case_type: str
    supporter_id: UUID
    count: int


@dataclass(frozen=True, kw_only=True)
class CaseForwarded(Event):
    """A case went to a body outside the city, which is to answer."""

    case_id: UUID
    case_type: str
    forwarding_id: UUID
    body_id: UUID


@dataclass(frozen=True, kw_only=True)
class CaseAnsweredOutside(Event):
    """The body outside answered: ``outcome`` is accepted, done or refused."""

    case_id: UUID
    case_type: str
    forwarding_id: UUID
    step_id: int
    outcome: str
    answer_id: UUID | None = None
