"""The life of a panel: recruitment, the list, the draw, answers of the drawn, sessions, recommendations."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM, Viewer, require
from miasto.kernel.core import changes, clock, events
from miasto.kernel.core.sealed import Sealer, Unreadable, lasting
from miasto.kernel.participation.counting.draw import commitment, new_seed
from miasto.kernel.participation.services import Refused, refuse_if
from miasto.kernel.participation.sortition.draw import Draw, substitute
from miasto.kernel.participation.sortition.replacing import replacement
from miasto.modules.idea.panels import drawing
from miasto.modules.idea.panels.events import ApplicantInvited, PanelClosed
from miasto.modules.idea.panels.models import MANAGE, Applicant, Exchange, Fate, Panel, Recommendation, Session, State

KIND = "idea.panel"
_LETTERS = str.maketrans("łŁ", "lL")
TOO_LONG = timedelta(minutes=15)
SEALER = Sealer("miasto.idea.panel_seed")
SITTING = (State.INVITED, State.ACCEPTED)


@dataclass(frozen=True, kw_only=True)
class PanelRow:
    """What a panel says of itself; ``features`` as in ``Panel``."""

    title: str
    question: str
    unit_id: UUID
    size: int
    recruit_until: date
    draw_on: date
    public_source: str
    features: list[dict[str, Any]] = field(default_factory=list)
    about: str = ""
    min_age: int = 16


def _lock(panel_id: UUID) -> Panel:
    return Panel.objects.select_for_update(of=("self",)).get(pk=panel_id)


def _managed(panel: Panel, by: Viewer) -> Panel:
    locked = _lock(panel.pk)
    require(by, MANAGE, locked)
    return locked


def _record(action: str, panel: Panel, by: Viewer, **data: Any) -> None:
    changes.record(
        action=f"idea.panel_{action}", kind=KIND, object_id=panel.pk, actor=by.actor, unit_id=panel.unit_id, data=data
    )


@transaction.atomic
def create_panel(*, row: PanelRow, by: Viewer) -> Panel:
    """A draft that its unit sees."""
    made = Panel(slug=_free_slug(row.title))
    _fill(made, row)
    require(by, MANAGE, made)
    made.save(force_insert=True)
    _record("created", made, by)
    return made


@transaction.atomic
def update_panel(*, panel: Panel, row: PanelRow, by: Viewer) -> Panel:
    """Other words, dates or quotas: all in a draft; after sign-up has opened the groups stay, only their bounds may change."""
    locked = _managed(panel, by)
    refuse_if(locked.listed_at is not None, _("Lista jest już opublikowana, więc zasad nie można zmienić."))
    refuse_if(works(locked), _("Lista właśnie się liczy. Poczekaj, aż będzie gotowa."))
    if locked.published_at is not None:
        same = [group_names(one) for one in locked.features] == [group_names(one) for one in row.features]
        refuse_if(not same, _("Zgłoszenia już trwają: można zmienić liczby miejsc, ale nie same grupy."))
        refuse_if(row.min_age != locked.min_age, _("Zgłoszenia już trwają, więc wieku nie można zmienić."))
    _fill(locked, row)
    locked.problem = []
    locked.save()
    _record("updated", locked, by)
    return locked


def group_names(feature: dict[str, Any]) -> tuple[str, list[str]]:
    """A feature's name and the names of its groups."""
    return feature["name"], [value["name"] for value in feature["values"]]


def _fill(panel: Panel, row: PanelRow) -> None:
    if row.draw_on <= row.recruit_until:
        raise ValidationError({"draw_on": _("Losowanie musi być później niż ostatni dzień zgłoszeń.")})
    if not row.features:
        raise ValidationError({"features": _("Opisz przynajmniej jedną cechę, na przykład wiek.")})
    for name in PanelRow.__dataclass_fields__:
        setattr(panel, name, getattr(row, name))


def _free_slug(title: str) -> str:
    stem = slugify(title.translate(_LETTERS))[:70].strip("-") or "panel"
    taken = set(Panel.objects.filter(slug__startswith=stem).values_list("slug", flat=True))
    return next(name for name in [stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))] if name not in taken)


@transaction.atomic
def publish_panel(*, panel: Panel, by: Viewer) -> Panel:
    """Everybody sees it and may sign up until the last day."""
    locked = _managed(panel, by)
    if locked.published_at is None:
        refuse_if(locked.recruit_until < clock.today(), _("Ostatni dzień zgłoszeń już minął. Zmień go przed publikacją."))
        locked.published_at = clock.now()
        locked.save(update_fields=["published_at"])
        _record("published", locked, by)
    return locked


def open_now(panel: Panel) -> bool:
    """Whether one can sign up today."""
    return panel.published_at is not None and panel.closed_at is None and clock.today() <= panel.recruit_until


@transaction.atomic
def apply(*, panel: Panel, values: dict[str, str], phone: str = "", language: str = "pl", by: Viewer) -> Applicant:
    """Sign up with consent to the draw; a second time changes what was given. Raises ``Refused`` when it is not open."""
    locked = _lock(panel.pk)
    refuse_if(by.person_id is None, _("Zaloguj się, żeby się zgłosić."))
    refuse_if(not open_now(locked), _("Do tego panelu nie można się już zgłosić."))
    for feature in locked.features:
        if values.get(feature["name"]) not in group_names(feature)[1]:
            raise Refused(_("Odpowiedz na każde pytanie o cechy."))
    known = {feature["name"]: values[feature["name"]] for feature in locked.features}
    made, created = Applicant.objects.update_or_create(
        panel=locked,
        person_id=by.person_id,
        defaults={"values": known, "phone": phone, "language": language},
        create_defaults={"values": known, "phone": phone, "language": language, "consent_at": clock.now()},
    )
    if created:
        _record("applied", locked, SYSTEM)
    return made


@transaction.atomic
def withdraw(*, panel: Panel, by: Viewer) -> None:
    """Take an application back before the sign-up ends; nothing of it stays."""
    locked = _lock(panel.pk)
    refuse_if(locked.closed_at is not None, _("Zgłoszenia są już zamknięte. Jeśli los wskaże Ciebie, możesz odmówić."))
    Applicant.objects.filter(panel=locked, person_id=by.person_id).delete()


@transaction.atomic
def close_recruitment(*, panel: Panel, by: Viewer) -> Panel:
    """End the sign-up, give everyone an anonymous number in a random order, count the pool and begin the list."""
    locked = _managed(panel, by)
    refuse_if(locked.published_at is None, _("Ten panel nie jest jeszcze opublikowany."))
    refuse_if(
        locked.closed_at is None and clock.today() <= locked.recruit_until, _("Zgłoszenia trwają do końca ostatniego dnia.")
    )
    refuse_if(locked.listed_at is not None or works(locked), _("Lista już powstała albo właśnie się liczy."))
    if locked.closed_at is None:
        people = list(locked.applicants.order_by("id"))
        secrets.SystemRandom().shuffle(people)
        for number, one in enumerate(people, start=1):
            one.number = number
        Applicant.objects.bulk_update(people, ["number"], batch_size=500)
        locked.closed_at = clock.now()
        locked.counts = drawing.counted(locked, people)
        _record("recruited", locked, by, people=len(people))
    locked.attempt += 1
    locked.working_since, locked.failed_at, locked.problem = clock.now(), None, []
    locked.save()
    events.publish(PanelClosed(panel_id=locked.pk, attempt=locked.attempt))
    return locked


def works(panel: Panel) -> bool:
    """Whether the list is being made. After ``TOO_LONG`` it is taken for lost, and a person may begin anew."""
    return panel.working_since is not None and clock.now() - panel.working_since < TOO_LONG


def stuck(panel: Panel) -> bool:
    """Whether the last making of the list broke or is overdue."""
    return panel.listed_at is None and (panel.failed_at is not None or (panel.working_since is not None and not works(panel)))


def publish_list(*, panel_id: UUID, by: Viewer, attempt: int | None = None, seed: str = "") -> Panel:
    """Compute the list and publish it with its hash and the commitment; or keep what would make it possible. For the job.

    It takes up to a minute, so no row is locked meanwhile. Nothing that it reads changes; where another ``attempt`` began, this
    one writes nothing.
    """
    panel = Panel.objects.get(pk=panel_id)
    attempt = panel.attempt if attempt is None else attempt
    if panel.listed_at is not None or panel.attempt != attempt:
        return panel
    made = drawing.listed(panel, list(panel.applicants.all()))
    return _keep_list(panel_id, attempt, made, seed or new_seed(), by)


@transaction.atomic
def _keep_list(panel_id: UUID, attempt: int, made: Any, seed: str, by: Viewer) -> Panel:
    locked = _lock(panel_id)
    if locked.listed_at is not None or locked.attempt != attempt:
        return locked
    locked.working_since = locked.failed_at = None
    if isinstance(made, list):
        locked.problem = made
    else:
        locked.list_text, locked.list_sha256 = made.text, made.digest
        locked.limit, locked.difference = made.limit, made.difference
        locked.sealed_seed, locked.commitment = SEALER.seal(seed), commitment(seed)
        locked.listed_at, locked.problem = clock.now(), []
        _record("listed", locked, by, sha256=made.digest)
    locked.save()
    return locked


@transaction.atomic
def fail_list(*, panel_id: UUID, attempt: int) -> Panel:
    """The making of the list broke: the panel says so and may be begun again. Nothing where another attempt goes on."""
    locked = _lock(panel_id)
    if locked.attempt == attempt and locked.working_since is not None:
        locked.working_since, locked.failed_at = None, clock.now()
        locked.save(update_fields=["working_since", "failed_at"])
    return locked


@transaction.atomic
def renew_seeds() -> int:
    """Seeds that wait for their draw come under the present key; returns how many. At each ``prepare``."""
    changed = 0
    for panel in Panel.objects.select_for_update().exclude(sealed_seed="") if lasting() else ():
        fresh = SEALER.renewed(panel.sealed_seed)
        if fresh != panel.sealed_seed:
            Panel.objects.filter(pk=panel.pk).update(sealed_seed=fresh)
            changed += 1
    return changed


@transaction.atomic
def draw(*, panel: Panel, public_value: str, by: Viewer) -> Panel:
    """The draw with the public value of the day that was announced; invites those of the drawn line."""
    locked = _managed(panel, by)
    refuse_if(locked.listed_at is None, _("Najpierw musi być opublikowana lista."))
    refuse_if(locked.drawn_at is not None, _("Losowanie już się odbyło."))
    refuse_if(clock.today() < locked.draw_on, _("Na losowanie trzeba poczekać do ogłoszonego dnia."))
    refuse_if(not public_value.strip(), _("Wpisz ogłoszony wynik, z którego powstanie ziarno losowania."))
    locked.seed, locked.sealed_seed = _revealed(locked), ""
    done = Draw(drawing.lottery_of(locked), locked.seed, public_value.strip())
    locked.public_value, locked.line, locked.drawn_at = public_value.strip(), done.line, clock.now()
    locked.save()
    locked.applicants.update(state=State.RESERVE)
    locked.applicants.filter(number__in=[int(number) for number in done.committee]).update(state=State.INVITED)
    _record("drawn", locked, by, line=done.line)
    for applicant_id in locked.applicants.filter(state=State.INVITED).values_list("pk", flat=True):
        events.publish(ApplicantInvited(applicant_id=applicant_id))
    return locked


def _revealed(panel: Panel) -> str:
    """The seed that was committed to. Refuses one that no key opens, or another: the draw would not be the announced one."""
    try:
        seed = SEALER.unseal(panel.sealed_seed)
    except Unreadable:
        seed = ""
    refuse_if(
        not seed or commitment(seed) != panel.commitment,
        _("Nie da się odczytać tajnej liczby, bo zmienił się klucz platformy. Administrator musi podać też dawny klucz."),
    )
    return seed


@transaction.atomic
def answer(*, panel: Panel, accepts: bool, by: Viewer, applicant: Applicant | None = None) -> Applicant:
    """The drawn person's yes or no, or staff's for ``applicant`` who told it otherwise; a no calls the replacement."""
    locked = _lock(panel.pk)
    if applicant is not None:
        require(by, MANAGE, locked)
    wanted = {"pk": applicant.pk} if applicant is not None else {"person_id": by.person_id}
    one = locked.applicants.filter(**wanted).first()
    refuse_if(
        one is None or one.state not in SITTING or locked.finished_at is not None,
        _("To zaproszenie nie czeka już na odpowiedź."),
    )
    one.state, one.answered_at = State.ACCEPTED if accepts else State.REFUSED, clock.now()
    one.save(update_fields=["state", "answered_at"])
    _record("accepted" if accepts else "refused", locked, SYSTEM, number=one.number)
    if not accepts:
        _replace(locked, one)
    return one


def _replace(panel: Panel, gone: Applicant) -> None:
    people = list(panel.applicants.all())
    turn = panel.exchanges.count() + 1
    sitting = [str(one.number) for one in people if one.state in SITTING]
    refused = [str(one.number) for one in people if one.state == State.REFUSED]
    problem = drawing.problem_of(panel, people, len(sitting) + 1)
    drawn_turn = panel.exchanges.exclude(chosen="").count() + 1  # as the script counts them
    drawn_below = substitute(panel.seed, panel.public_value, drawn_turn)
    found = replacement(problem, [*sitting, str(gone.number)], str(gone.number), refused, drawn_below)
    now = clock.now()
    if found is None:
        Exchange.objects.create(panel=panel, turn=turn, gone=str(gone.number), at=now)
        return
    Exchange.objects.create(panel=panel, turn=turn, gone=found.gone, chosen=found.chosen, equals=list(found.equals), at=now)
    chosen = next(one for one in people if str(one.number) == found.chosen)
    chosen.state = State.INVITED
    chosen.save(update_fields=["state"])
    events.publish(ApplicantInvited(applicant_id=chosen.pk))


@transaction.atomic
def save_session(
    *, panel: Panel, title: str, starts_at: datetime, place: str, materials: str, by: Viewer, session: Session | None = None
) -> Session:
    """A sitting with its place and materials."""
    locked = _managed(panel, by)
    made = session or Session(panel=locked)
    made.title, made.starts_at, made.place, made.materials = title, starts_at, place, materials
    made.save()
    _record("session", locked, by, session=str(made.pk))
    return made


@transaction.atomic
def recommend(*, panel: Panel, text: str, by: Viewer) -> Recommendation:
    """Publish a recommendation; it is owed an answer."""
    locked = _managed(panel, by)
    refuse_if(locked.drawn_at is None, _("Panel nie jest jeszcze wylosowany."))
    made = Recommendation.objects.create(panel=locked, number=locked.recommendations.count() + 1, text=text)
    _record("recommended", locked, by, number=made.number)
    return made


@transaction.atomic
def decide(*, recommendation: Recommendation, fate: str, reasons: str, url: str, by: Viewer) -> Recommendation:
    """What became of a recommendation, with reasons; may be said anew."""
    locked = _managed(recommendation.panel, by)
    row = Recommendation.objects.get(pk=recommendation.pk)
    refuse_if(fate == Fate.WAITING or not reasons.strip(), _("Wybierz decyzję i podaj jej powody."))
    row.fate, row.reasons, row.url, row.answered_at = fate, reasons, url, clock.now()
    row.save()
    _record("decided", locked, by, number=row.number, fate=fate)
    return row


@transaction.atomic
def finish(*, panel: Panel, by: Viewer) -> Panel:
    """End the panel; refused while one recommendation has no answer. From now the time of keeping applications runs."""
    locked = _managed(panel, by)
    refuse_if(locked.drawn_at is None, _("Panel nie jest jeszcze wylosowany."))
    refuse_if(locked.recommendations.filter(fate=Fate.WAITING).exists(), _("Najpierw odpowiedz na każdą rekomendację."))
    if locked.finished_at is None:
        locked.finished_at = clock.now()
        locked.save(update_fields=["finished_at"])
        _record("finished", locked, by)
    return locked
