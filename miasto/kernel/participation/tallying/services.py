"""The steps from the plan to the announcement: plan, count (a job), announce. Each is one call with its change and event.

The caller checks that ``by`` may run the election. No step says what a result is before the announcement: changes and events
hold states and numbers of counts only.
"""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.core import changes, clock
from miasto.kernel.core.events import publish
from miasto.kernel.participation.counting.model import CountingError
from miasto.kernel.participation.events import ElectionPublished, ElectionTallied, ResultsAnnounced, VotesCounted
from miasto.kernel.participation.tallying import counting, files, planning
from miasto.kernel.participation.tallying.models import OptionResult, PoolCount, Tally, TallyFile
from miasto.kernel.participation.tallying.planning import Plan
from miasto.kernel.participation.voting import closing
from miasto.kernel.participation.voting.elections import WrongState
from miasto.kernel.participation.voting.models import Election

log = logging.getLogger(__name__)
KIND = "participation.election"
PLANNED_IN = (Election.State.DRAFT, Election.State.KEYED)
COUNTED_IN = (Election.State.TALLIED, Election.State.PUBLISHED)
BATCH = 2000


def _record(election: UUID, action: str, by: Viewer, **data: Any) -> None:
    changes.record(action=f"participation.tally_{action}", kind=KIND, object_id=election, actor=by.actor, data=data)


@transaction.atomic
def plan_tally(*, election: UUID, plan: Plan, by: Viewer) -> Tally:
    """Fix how the votes will be counted; may be called again until the vote opens, never after.

    Raises ``WrongState`` once the box is open, ``CountingError`` for a plan that does not fit the ballot paper.
    """
    found = Election.objects.select_for_update().get(pk=election)
    if found.state not in PLANNED_IN:
        raise WrongState(_("Zasad liczenia nie można zmienić po rozpoczęciu głosowania."))
    paper = counting.Paper.of(found)
    planning.check(plan, paper.keys(paper.pools), [pool.number for pool in paper.pools])
    tally, _made = Tally.objects.update_or_create(
        election=found,
        defaults={
            "rule": planning.as_json(plan.rule),
            "money": {str(number): money for number, money in plan.money.items()},
            "together": plan.together,
        },
    )
    _record(found.pk, "planned", by, rule=plan.rule.rule, completion=plan.rule.completion)
    return tally


@transaction.atomic
def request_tally(*, election: UUID, by: Viewer) -> bool:
    """Have the opened ballots counted by a job; also once more after a failure, or where the job was lost.

    ``False`` where nothing is planned or it is counted already. Asking twice queues one job.
    """
    from miasto.kernel.participation.tallying import jobs

    tally = Tally.objects.select_for_update().select_related("election").filter(pk=election).first()
    if tally is None or tally.state == Tally.State.READY:
        return False
    if tally.election.state not in COUNTED_IN:
        raise WrongState(_("Urna nie jest jeszcze otwarta."))
    tally.state, tally.error = Tally.State.WAITING, ""
    tally.save(update_fields=["state", "error"])
    _record(election, "requested", by)
    jobs.count_votes.defer(election_id=str(election), once=f"participation.count:{election}")
    return True


def run(election: UUID) -> bool:
    """Count and keep the result: the job's work, also called directly (the demo city). ``True`` where a result is there.

    May be killed at any moment and called again: what was begun is begun anew, and what is there is not touched. A count that
    cannot be made (``CountingError``) is marked as failed and not raised; anything else is marked and raised, for the next try.
    """
    tally = _begin(election)
    if tally is None:
        return Tally.objects.counted().filter(pk=election).exists()
    try:
        made, whole = counting.counted(tally, _progress(election))
        _store(election, made, whole)
    except CountingError as error:
        _fail(election, str(error))
        return False
    except Exception:
        log.exception("the votes could not be counted")
        _fail(election, "unexpected")
        raise
    return True


@transaction.atomic
def _begin(election: UUID) -> Tally | None:
    """The plan, marked as being counted; ``None`` where there is nothing to count (any more)."""
    tally = Tally.objects.select_for_update(of=("self",)).select_related("election").filter(pk=election).first()
    if tally is None or tally.state in (Tally.State.PLANNED, Tally.State.READY):
        return None
    tally.state, tally.started_at, tally.error, tally.done, tally.steps = Tally.State.RUNNING, clock.now(), "", 0, 0
    tally.attempts += 1
    tally.save()
    return tally


def _progress(election: UUID) -> counting.Progress:
    def tell(done: int, steps: int) -> None:
        Tally.objects.filter(pk=election, state=Tally.State.RUNNING).update(done=done, steps=steps)

    return tell


@transaction.atomic
def _store(election: UUID, made: list[counting.Counted], whole: bytes | None) -> None:
    """Write the whole result at once. Two jobs that counted at the same time find the same; the second writes nothing."""
    tally = Tally.objects.select_for_update(of=("self",)).select_related("election").get(pk=election)
    if tally.state == Tally.State.READY:
        return
    paper = counting.Paper.of(tally.election)
    options = paper.by_key()
    for one in made:
        count = PoolCount.objects.create(tally=tally, **_count_fields(one))
        OptionResult.objects.bulk_create(
            (OptionResult(count=count, **_fields(one, decision, options)) for decision in one.result.decisions),
            batch_size=BATCH,
        )
    TallyFile.objects.bulk_create(files.rows(tally, paper, made, whole))
    tally.state, tally.counted_at, tally.input_sha256 = Tally.State.READY, clock.now(), counting.input_hash(made)
    tally.done = tally.steps
    tally.save()
    _record(election, "counted", SYSTEM, counts=len(made))
    publish(VotesCounted(election_id=election))
    if tally.election.state == Election.State.PUBLISHED:
        _announce(tally, SYSTEM)


def _count_fields(one: counting.Counted) -> dict[str, Any]:
    election = one.result.election
    return {
        "number": one.number,
        "pools": [pool.number for pool in one.pools],
        "name": one.name,
        "vote_type": election.vote_type,
        "ballots": election.ballots,
        "budget": election.budget * 100 // election.scale,
        "cost": one.result.cost * 100 // election.scale,
        "sha256": election.sha256,
        "figures": one.figures,
    }


def _fields(one: counting.Counted, decision: Any, options: dict[str, Any]) -> dict[str, Any]:
    election = one.result.election
    key = election.projects[decision.project].id
    return {
        "option": options[key],
        "key": key,
        "won": decision.won,
        "place": decision.order,
        "votes": election.votes[decision.project],
        "score": election.scores[decision.project],
        "reason": decision.reason,
        "missing_votes": one.missing_votes(decision),
        "missing_money": counting.grosze(decision.missing_money),
        "price": "" if decision.price is None else str(decision.price),
        "tied": [election.projects[other].id for other in decision.tied],
    }


@transaction.atomic
def _fail(election: UUID, error: str) -> None:
    changed = Tally.objects.filter(pk=election, state=Tally.State.RUNNING).update(state=Tally.State.FAILED, error=error[:200])
    if changed:
        _record(election, "failed", SYSTEM)


@transaction.atomic
def publish_results(*, election: UUID, by: Viewer) -> None:
    """Announce the election together with its counted result; refused while the votes are not counted."""
    if not Tally.objects.select_for_update(of=("self",)).counted().filter(pk=election).exists():
        raise WrongState(_("Głosy nie są jeszcze policzone."))
    closing.publish_election(election=election, by=by)
    announce(election=election, by=by)


@transaction.atomic
def announce(*, election: UUID, by: Viewer = SYSTEM) -> bool:
    """Show the result to everybody, once: where the election is published and the votes are counted. Else ``False``."""
    tally = Tally.objects.select_for_update(of=("self",)).select_related("election").counted().filter(pk=election).first()
    if tally is None or tally.announced_at is not None or tally.election.state != Election.State.PUBLISHED:
        return False
    _announce(tally, by)
    return True


def _announce(tally: Tally, by: Viewer) -> None:
    tally.announced_at = clock.now()
    tally.save(update_fields=["announced_at"])
    _record(tally.pk, "announced", by, input=tally.input_sha256)
    publish(ResultsAnnounced(election_id=tally.pk))


def when_tallied(event: ElectionTallied) -> None:
    """The committee opened the box: count, where a plan says how."""
    request_tally(election=event.election_id, by=SYSTEM)


def when_published(event: ElectionPublished) -> None:
    """The election was announced by itself: its result follows as soon as it is there."""
    announce(election=event.election_id)
