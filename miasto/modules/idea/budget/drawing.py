"""The order of the ballot drawn in public, and the election made of it (``participation.counting.draw``)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import Viewer
from miasto.kernel.core import clock
from miasto.kernel.participation.counting import draw
from miasto.kernel.participation.services import voting
from miasto.kernel.places.services import save_object
from miasto.modules.idea.budget import results, timing
from miasto.modules.idea.budget.editions import rules_of
from miasto.modules.idea.budget.models import BallotDraw, Edition, Pool, Project
from miasto.modules.idea.budget.rules import ONE_DISTRICT, EditionRules
from miasto.modules.idea.budget.states import OPEN_STATES, PhaseKind, ProjectState, StepKind
from miasto.modules.idea.budget.writing import Refused, lock_edition, record_edition, require, step


@transaction.atomic
def commit_draw(*, edition: Edition, source: str, by: Viewer) -> BallotDraw:
    """Before the draw: fix and publish what is drawn and the hash of the secret seed.

    ``source`` says which later public event gives the randomness ("the result of the lottery of 12 September"). Raises
    ``Refused`` while a project still waits for its verdict, and once the order is drawn. Repeated before the draw, it makes
    a new seed for the list as it is now.
    """
    require(by)
    found = lock_edition(edition.pk)
    if BallotDraw.objects.filter(edition=found, drawn_at__isnull=False).exists():
        raise Refused(_("Kolejność jest już wylosowana."), code="drawn")
    if not source.strip():
        raise Refused({"source": _("Podaj publiczne zdarzenie, którego wynik rozstrzygnie losowanie.")})
    waiting = Project.objects.filter(edition=found, state__in=OPEN_STATES).count()
    if waiting:
        raise Refused(_("Są jeszcze projekty bez wyniku oceny: %(count)d.") % {"count": waiting}, code="waiting")
    items = items_of(found)
    if not any(items.values()):
        raise Refused(_("Nie ma projektów dopuszczonych do głosowania."), code="empty")
    seed = draw.new_seed()
    values = {
        "seed": seed,
        "commitment": draw.commitment(seed),
        "source": source.strip()[:300],
        "items": items,
        "committed_at": clock.now(),
    }
    made, _fresh = BallotDraw.objects.update_or_create(edition=found, defaults=values)
    record_edition("draw_committed", found, by, commitment=made.commitment)
    return made


def items_of(edition: Edition) -> dict[str, list[str]]:
    """What is drawn: by pool number, the numbers of the accepted projects as text."""
    rows = Project.objects.filter(edition=edition, state=ProjectState.ACCEPTED).order_by("number")
    found: dict[str, list[str]] = {str(one.number): [] for one in edition.pools.order_by("number")}
    for pool, number in rows.values_list("pool__number", "number"):
        found[str(pool)].append(str(number))
    return found


def order_of(items: dict[str, list[str]], seed: str, event: str) -> dict[str, list[str]]:
    """The drawn order by pool number; each pool is drawn by itself, its number joined to the event."""
    return {pool: draw.shuffled(rows, seed, f"{event.strip()} / {pool}") if rows else [] for pool, rows in items.items()}


@transaction.atomic
def draw_order(*, edition: Edition, event: str, by: Viewer) -> BallotDraw:
    """After the public event: its result as published gives the order, the seed is published, the election is made.

    Numbers on the ballot run through all pools, the city-wide one first. Raises ``Refused``; drawn once.
    """
    require(by)
    found = lock_edition(edition.pk)
    row = BallotDraw.objects.select_for_update().filter(edition=found).first()
    if row is None:
        raise Refused(_("Najpierw opublikuj listę i skrót ziarna."), code="commit")
    if row.drawn_at is not None:
        raise Refused(_("Kolejność jest już wylosowana."), code="drawn")
    if not event.strip():
        raise Refused({"event": _("Wpisz wynik zdarzenia dokładnie tak, jak go ogłoszono.")})
    if timing.began(found, PhaseKind.VOTING):
        raise Refused(_("Głosowanie już się zaczęło."), code="late")
    if row.items != items_of(found):
        raise Refused(_("Lista projektów zmieniła się od publikacji. Opublikuj ją jeszcze raz."), code="changed")
    row.event, row.drawn_at = event.strip()[:200], clock.now()
    row.order = order_of(row.items, row.seed, row.event)
    row.save()
    _number(found, row.order, by)
    record_edition("drawn", found, by)
    prepare_election(edition=found, by=by)
    return row


def _number(edition: Edition, order: dict[str, list[str]], by: Viewer) -> None:
    rows = {one.number: one for one in Project.objects.filter(edition=edition, state=ProjectState.ACCEPTED)}
    place = 0
    for _pool, numbers in sorted(order.items(), key=lambda one: int(one[0])):
        for number in numbers:
            place += 1
            project = rows[int(number)]
            project.edition = edition
            project.ballot_number, project.state = place, ProjectState.BALLOT
            save_object(project, by=by)
            step(project, StepKind.NUMBERED, by, text=str(place))


def prepare_election(*, edition: Edition, by: Viewer) -> Edition:
    """The engine's election with the pools, options and rules of the edition; made once.

    It opens at the first instant of the phase of voting and closes after its last day. The committee makes its key and opens
    the box by the screens of the vote.
    """
    if edition.election_id:
        return edition
    phase = timing.phase(edition, PhaseKind.VOTING)
    if phase is None:
        raise Refused(_("W tej edycji nie ma etapu głosowania."), code="phase")
    rules = rules_of(edition)
    pools = list(edition.pools.order_by("number"))
    election = voting.create_election(
        title=edition.title,
        opens_at=clock.start_of(phase.starts_on),
        closes_at=clock.start_of(phase.ends_on + timedelta(days=1)),
        pools=[made for one in pools if (made := _pool(one, rules)).options],
        channels=rules.voting.channels,
        limits=_limits(pools, rules),
        double_votes=rules.voting.double_votes,
        blank_allowed=rules.ballot.blank,
        turnout_shown=rules.voting.turnout_shown,
        voters=voting.VoterRules(
            least_age=rules.voting.min_age or None,
            guardian_under=rules.proposals.guardian_under or None,
            most_per_phone=rules.voting.phone_votes,
        ),
        about=edition.summary,
        url=edition.get_absolute_url(),
        by=by,
    )
    edition.election = election
    edition.save(update_fields=["election"])
    results.plan(edition, by=by)
    record_edition("election_prepared", edition, by, election=str(election.pk))
    return edition


def _pool(pool: Pool, rules: EditionRules) -> voting.NewPool:
    projects = Project.objects.select_related("edition").filter(pool=pool, state=ProjectState.BALLOT).order_by("ballot_number")
    ballot = rules.ballot
    bounds = [one for one in (ballot.most, ballot.citywide_most if pool.citywide else ballot.district_most) if one is not None]
    options = tuple(_option(one) for one in projects)
    return voting.NewPool(
        number=pool.number,
        name=pool.name,
        kind=voting.Kind(ballot.kind),
        least=min(ballot.least, len(options)),
        most=min(bounds, default=None),
        budget=pool.money if ballot.kind == voting.Kind.KNAPSACK else None,
        points=ballot.points,
        most_points=ballot.most_points,
        options=options,
    )


def _option(project: Project) -> Any:
    return voting.NewOption(
        number=project.ballot_number,
        name=project.title,
        cost=project.cost,
        object_id=project.pk,
        summary=project.summary,
        url=project.get_absolute_url(),
    )


def _limits(pools: list[Pool], rules: EditionRules) -> list[voting.Limit]:
    """A voter's district projects together: so many, of any districts or of one only."""
    districts = frozenset(one.number for one in pools if not one.citywide)
    if len(districts) < 2:
        return []
    one_only = 1 if rules.ballot.districts == ONE_DISTRICT else None
    if rules.ballot.district_most is None and one_only is None:
        return []
    return [voting.Limit(_("Projekty dzielnicowe"), districts, most=rules.ballot.district_most, most_pools=one_only)]
