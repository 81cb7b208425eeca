"""Training the classifier: asking for it, running it, stopping it, and taking the new model where it is not worse."""

from __future__ import annotations

from datetime import timedelta
from math import sqrt
from typing import Any
from uuid import UUID

from django.db import transaction

from miasto.kernel.accounts.selectors import SYSTEM, Viewer
from miasto.kernel.cases import selectors as cases
from miasto.kernel.core import changes, clock, personal
from miasto.modules.contact_centre.case_type import KEY
from miasto.modules.contact_centre.likeness import classifier
from miasto.modules.contact_centre.likeness.linear import BadModel, LinearModel
from miasto.modules.contact_centre.likeness.measuring import measure
from miasto.modules.contact_centre.likeness.models import Training
from miasto.modules.contact_centre.likeness.training import Example, Learned, TooFew, learn

NEWEST = 100_000
FRESH_ENOUGH = 100
GIVEN_UP = timedelta(hours=3)
KEPT = 50
State = Training.State


class Stopped(Exception):
    """Somebody asked to stop the training."""


class AlreadyRunning(ValueError):
    """Another training has not ended yet."""


@transaction.atomic
def ask_training(*, by: Viewer) -> Training:
    """Queue a training; raises ``AlreadyRunning`` while another one has not ended."""
    from miasto.modules.contact_centre.likeness.jobs import train

    if running() is not None:
        raise AlreadyRunning
    made = Training.objects.create(asked_at=clock.now())
    changes.record(action="contact_centre.training_asked", kind="contact_centre.training", object_id=made.pk, actor=by.actor)
    train.defer(training_id=str(made.pk))
    return made


def running() -> Training | None:
    """The training that waits or runs; one whose worker was killed long ago does not count."""
    found = Training.objects.filter(state__in=(State.WAITING, State.RUNNING), asked_at__gte=clock.now() - GIVEN_UP)
    return found.defer("data", "report").first()


@transaction.atomic
def stop_training(*, training: Training, by: Viewer) -> None:
    """Stop a training at its next step; one that has ended stays as it is."""
    waiting = Training.objects.filter(pk=training.pk, state__in=(State.WAITING, State.RUNNING))
    if waiting.update(stop_asked=True):
        Training.objects.filter(pk=training.pk, state=State.WAITING).update(state=State.CANCELLED, ended_at=clock.now())
        changes.record(
            action="contact_centre.training_stopped", kind="contact_centre.training", object_id=training.pk, actor=by.actor
        )


def run_training(*, training_id: UUID) -> Training:
    """Train, measure, compare, and put the new model in use where it is not worse. Called twice it does nothing more."""
    mine = Training.objects.filter(pk=training_id, state__in=(State.WAITING, State.RUNNING))
    if not mine.update(state=State.RUNNING, percent=0):
        return Training.objects.get(pk=training_id)
    try:
        examples = history()
        learned = learn(examples, catalogue(), lambda percent: _tell(training_id, percent))
    except (Stopped, TooFew) as reason:
        return _end(training_id, State.CANCELLED if isinstance(reason, Stopped) else State.TOO_FEW)
    except Exception:
        _end(training_id, State.FAILED)
        raise
    return _judge(training_id, learned, examples)


def train_now() -> Training:
    """Train here and now, for the command line and the demo."""
    made = Training.objects.create(asked_at=clock.now())
    return run_training(training_id=made.pk)


def _tell(training_id: UUID, percent: int) -> None:
    Training.objects.filter(pk=training_id).update(percent=percent)
    if Training.objects.filter(pk=training_id, stop_asked=True).exists():
        raise Stopped


def _end(training_id: UUID, state: str, **fields: Any) -> Training:
    Training.objects.filter(pk=training_id).update(state=state, ended_at=clock.now(), **fields)
    return Training.objects.get(pk=training_id)


def history() -> list[Example]:
    """The newest cases of the city with their final categories, oldest first, without erased ones and personal data."""
    return [Example(impersonal(row.text), row.category, row.corrected) for row in cases.told(KEY, newest=NEWEST)]


def impersonal(text: str) -> str:
    """A text with what looks like personal data cut out."""
    made, at = [], 0
    for span in personal.find(text):
        made.append(text[at : span.start])
        at = span.end
    return " ".join([*made, text[at:]])


def catalogue() -> list[Example]:
    """What the city itself says of its categories: the name with the hint, all keywords together, and each keyword."""
    found = []
    for row in cases.leaves(KEY):
        texts = [f"{row.name}. {row.hint}", " ".join(row.keywords), *row.keywords]
        found += [Example(text, row.slug) for text in texts if text.strip()]
    return found


@transaction.atomic
def _judge(training_id: UUID, learned: Learned, examples: list[Example]) -> Training:
    old = Training.objects.select_for_update().filter(current=True).first()
    fields = {
        "percent": 100,
        "examples": len(examples),
        "corrections": sum(one.corrected for one in examples),
        "features": len(learned.model.terms),
        "first": learned.figures.first,
        "in_three": learned.figures.in_three,
        "report": learned.figures.as_json(),
        "compared": comparison(old, learned) if old else {},
    }
    if fields["compared"] and not fields["compared"]["taken"]:
        return _end(training_id, State.WORSE, **fields)
    Training.objects.filter(current=True).update(current=False, data=None)
    ended = _end(training_id, State.TAKEN, data=learned.model.to_bytes(), current=True, **fields)
    _forget_old()
    return ended


def comparison(old: Training, learned: Learned) -> dict[str, Any]:
    """The old model against the new one's twin: shares of right first guesses ``old`` and ``new``, on ``cases``; ``taken``.

    Both answer the cases that came after the old training, which neither has seen; where those are fewer than
    ``FRESH_ENOUGH``, the two measured shares are compared. A new model that is worse by no more than the error of the
    measurement (one standard error) counts as not worse: otherwise chance would keep an old model for ever.
    """
    since = cases.visible_cases(SYSTEM).filter(case_type=KEY, filed_at__gte=old.asked_at).count()
    fresh = learned.held_out[-since:] if since else []
    model = _model_of(old)
    if model is not None and len(fresh) >= FRESH_ENOUGH:
        pairs = [(one.text, one.category) for one in fresh]
        before, now = (measure(lambda text, of=of: of.best(text, 3), pairs).first for of in (model, learned.twin))
        cases_count = len(fresh)
    else:
        before, now, cases_count = old.first or 0.0, learned.figures.first, learned.figures.cases
    error = sqrt(max(before * (1 - before), 0.0025) / max(cases_count, 1))
    return {"old": before, "new": now, "cases": cases_count, "taken": now >= before - error}


def _model_of(training: Training) -> LinearModel | None:
    try:
        return LinearModel.from_bytes(training.data) if training.data else None
    except BadModel:
        return None


def _forget_old() -> None:
    kept = Training.objects.order_by("-asked_at").values_list("pk", flat=True)[:KEPT]
    Training.objects.filter(current=False).exclude(pk__in=list(kept)).delete()


def measured_again() -> Any:
    """The figures of the model in use on the newest cases (it may have seen some of them); None without a model."""
    model = classifier.current_model()
    if model is None:
        return None
    examples = history()
    newest = examples[-max(len(examples) // 5, 1) :]
    return measure(lambda text: model.best(text, 3), [(one.text, one.category) for one in newest], silence=model.silence)
