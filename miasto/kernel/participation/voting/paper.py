"""Voting on paper at a point: one envelope for each voter, opened by somebody else than who handed it out.

The envelope has a code of its own, random, printed once. Under the code lies, sealed, the voter's key in the box; the name is
stored nowhere. So who opens the envelope sees a ballot and a code, who handed it out saw a person and a code, and neither may
do the other's work on the same envelope. A paper ballot stands in the box like any other and follows the election's rule for
those who vote in two ways.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Count
from django.utils.translation import gettext as _
from nacl.exceptions import CryptoError
from nacl.secret import SecretBox

from miasto.kernel.accounts.selectors import may
from miasto.kernel.accounts.viewer import Viewer
from miasto.kernel.core import changes, clock
from miasto.kernel.participation.access import PAPERS
from miasto.kernel.participation.voting.casting import Refused, cast, replaces
from miasto.kernel.participation.voting.confirming import hashed, live_papers, marks_of
from miasto.kernel.participation.voting.models import Channel, Election, SealedBallot
from miasto.kernel.participation.voting.people_models import Paper, PointOfficer, VotingPoint

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no two look alike; twelve of them are 58 bits
LENGTH, GROUP = 12, 4
STATES = {"entered": Paper.State.ENTERED, "returned": Paper.State.RETURNED, "outvoted": Paper.State.OUTVOTED}


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a person may take a paper ballot now, and the sentence for the officer. ``replaces``: it will take the place
    of a ballot given in another way; ``lost``: a paper was handed out before, which may be made void by a new one.
    """

    may: bool
    message: str
    replaces: bool = False
    lost: bool = False


@transaction.atomic
def save_point(
    *, election: UUID, name: str, address: str, opens_at: datetime, closes_at: datetime, by: Viewer, point: UUID | None = None
) -> VotingPoint:
    """A voting point, new or changed. It ends no later than the vote: papers are entered before the box is closed."""
    found = Election.objects.get(pk=election)
    if not (opens_at < closes_at <= found.closes_at):
        raise Refused("hours", _("Punkt musi skończyć wydawanie kart, zanim skończy się głosowanie."))
    row = VotingPoint.objects.get(pk=point, election=election) if point else VotingPoint(election=found)
    row.name, row.address, row.opens_at, row.closes_at = name, address, opens_at, closes_at
    row.save()
    _note("voting_point_saved", row, by)
    return row


@transaction.atomic
def set_officers(*, point: UUID, people: list[UUID], by: Viewer) -> None:
    """Who serves the point from now on. The caller checks that they hold the permission."""
    row = VotingPoint.objects.select_for_update().get(pk=point)
    row.officers.exclude(person__in=people).delete()
    known = set(row.officers.values_list("person", flat=True))
    PointOfficer.objects.bulk_create(PointOfficer(point=row, person_id=one) for one in people if one not in known)
    _note("voting_point_officers", row, by, officers=len(people))


def _note(action: str, point: VotingPoint, by: Viewer, **data: Any) -> None:
    changes.record(
        action=f"participation.{action}",
        kind="participation.election",
        object_id=point.election_id,
        actor=by.actor,
        data={"point": str(point.pk), **data},
    )


def points_of(viewer: Viewer) -> Any:
    """The points that somebody serves, of votes that go on; one query."""
    rows = VotingPoint.objects.select_related("election").filter(election__state=Election.State.OPEN)
    return rows.filter(officers__person=viewer.person_id) if viewer.person_id else rows.none()


def served(point: UUID, viewer: Viewer) -> VotingPoint | None:
    """A point of the viewer; None for everybody else, members of the committee included."""
    return points_of(viewer).filter(pk=point).first() if may(viewer, PAPERS) else None


def standing(*, point: VotingPoint, identity: str) -> Standing:
    """Whether this person may take a paper ballot here; nothing is written."""
    voter, mark = marks_of(election=point.election_id, identity=identity)
    now = clock.now()
    if point.election.state != Election.State.OPEN or not point.opens_at <= now < point.closes_at:
        return Standing(False, _("Punkt nie wydaje teraz kart."))
    if Channel.PAPER not in point.election.channels:
        return Standing(False, _("W tym głosowaniu nie ma kart papierowych."))
    live = live_papers(point.election_id, mark).values_list("state", flat=True).first()
    if live is not None:
        message = _("Ta osoba wzięła już kartę w punkcie do głosowania. Drugiej nie wydajemy.")
        return Standing(False, message, lost=live == Paper.State.OUT)
    present = SealedBallot.objects.filter(election_id=point.election_id, voter=voter).values_list("channel", flat=True).first()
    if present is None:
        return Standing(True, _("Ta osoba jeszcze nie głosowała. Można wydać kartę."))
    if replaces(rule=point.election.double_votes, present=present, new=Channel.PAPER):
        return Standing(True, _("Ta osoba głosowała przez internet. Głos na papierze zastąpi tamten."), replaces=True)
    return Standing(
        False, _("Ta osoba głosowała przez internet i tamten głos się liczy. Może go zmienić tylko przez internet.")
    )


def hand_out(*, point: VotingPoint, identity: str, by: Viewer, instead: bool = False) -> str:
    """Note that a paper ballot is handed out and return the code of its envelope, which is shown once and not kept.

    ``instead`` of one that was spoilt or lost before it was entered: that one is void from now on, even if it is found.
    Raises ``Refused`` where ``standing`` says no.
    """
    code = "".join(secrets.choice(LETTERS) for _place in range(LENGTH))
    voter, mark = marks_of(election=point.election_id, identity=identity)
    with transaction.atomic():
        with connection.cursor() as cursor:  # the same person at two points at once: the second waits for the first here
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(mark[:8], "big", signed=True)])
        if instead:
            lost = live_papers(point.election_id, mark).filter(state=Paper.State.OUT)
            lost.update(state=Paper.State.RETURNED, sealed=None)
        found = standing(point=point, identity=identity)
        if not found.may:
            raise Refused("no_paper", found.message)
        Paper.objects.create(
            election_id=point.election_id,
            point=point,
            voter=mark,
            envelope=hashed("envelopes", point.election_id, code),
            sealed=bytes(_box(point.election_id, code).encrypt(voter)),
            handed_by=by.person_id,
        )
    return "-".join(code[at : at + GROUP] for at in range(0, LENGTH, GROUP))


def _box(election: UUID, code: str) -> SecretBox:
    return SecretBox(hashlib.blake2b(code.encode(), key=hashed("envelope keys", election, ""), digest_size=32).digest())


def tidy(code: str) -> str:
    """A typed code without spaces and hyphens, in capitals."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def opened(*, point: VotingPoint, code: str, by: Viewer) -> Paper:
    """The envelope of a code at this point, for who may open it; raises ``Refused`` with what is wrong."""
    row = Paper.objects.filter(point=point, envelope=hashed("envelopes", point.election_id, tidy(code))).first()
    if row is None:
        raise Refused("no_envelope", _("Nie ma takiej koperty w tym punkcie. Porównaj kod z nadrukiem."))
    if row.handed_by == by.person_id:
        raise Refused("same_officer", _("Tę kartę wydała ta sama osoba. Kopertę otwiera ktoś inny z komisji."))
    return row


def enter(*, point: VotingPoint, code: str, ballot: Mapping[Any, Any], by: Viewer) -> Paper:
    """Put the ballot of an opened envelope into the box. Entered once: a repetition changes nothing.

    Where another ballot of the same voter counts, the paper is marked so. Raises ``Refused`` and ``InvalidBallot``. Not to be
    called in a transaction.
    """
    row = opened(point=point, code=code, by=by)
    if row.state == Paper.State.RETURNED:
        raise Refused("returned", _("Ta koperta jest zapisana jako oddana bez głosu."))
    if row.state != Paper.State.OUT:
        return row
    try:
        voter = _box(point.election_id, tidy(code)).decrypt(bytes(row.sealed))
    except CryptoError:
        raise Refused("no_envelope", _("Nie udało się odczytać koperty.")) from None
    # made of the code, so that a form sent twice, or again after a power cut, casts one ballot; no column shows the code
    request = UUID(bytes=hashed("paper requests", point.election_id, tidy(code))[:16], version=4)
    state = Paper.State.ENTERED
    try:
        cast(election=point.election_id, voter_key=voter, ballot=ballot, channel=Channel.PAPER, request=request)
    except Refused as refused:
        if refused.code != "voted_elsewhere":
            raise
        state = Paper.State.OUTVOTED
    Paper.objects.filter(pk=row.pk, state=Paper.State.OUT).update(state=state, sealed=None)
    row.state = state
    return row


@transaction.atomic
def give_back(*, point: VotingPoint, code: str, by: Viewer) -> Paper:
    """An envelope without a valid ballot: given back, spoilt or empty. Its voter may vote anew while the vote goes on."""
    row = Paper.objects.select_for_update().get(pk=opened(point=point, code=code, by=by).pk)
    if row.state in (Paper.State.ENTERED, Paper.State.OUTVOTED):
        raise Refused("entered", _("Głos z tej koperty jest już wpisany."))
    row.state, row.sealed = Paper.State.RETURNED, None
    row.save(update_fields=["state", "sealed"])
    return row


def counts(election: UUID) -> dict[UUID, dict[str, int]]:
    """Papers by point: handed, entered, returned, outvoted, missing (handed out and not entered yet); one query."""
    rows = Paper.objects.filter(election=election).values_list("point", "state").annotate(n=Count("pk"))
    found: dict[UUID, dict[str, int]] = {}
    for point, state, number in rows:
        found.setdefault(point, {})[state] = number
    return {point: _sums(states) for point, states in found.items()}


def _sums(states: Mapping[str, int]) -> dict[str, int]:
    done = {name: states.get(state, 0) for name, state in STATES.items()}
    return {"handed": sum(states.values()), **done, "missing": states.get(Paper.State.OUT, 0)}


def sum_up(election: UUID) -> None:
    """At the close: keep the numbers of each point and delete the papers' rows."""
    found = counts(election)
    for point in VotingPoint.objects.filter(election=election):
        point.counts = found.get(point.pk, _sums({}))
        point.save(update_fields=["counts"])
    Paper.objects.filter(election=election).delete()
