"""The life of an alert: begins, goes on, is cleared; people take it up and write what they did."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.core import changes, clock, events
from miasto.kernel.observations.access import ALERTS
from miasto.kernel.observations.alerts.publishing import tell_partners
from miasto.kernel.observations.alerts.telling import tell, tell_over
from miasto.kernel.observations.alerts.watch import Watched
from miasto.kernel.observations.events import AlertCleared, AlertRaised
from miasto.kernel.observations.models import Alert, AlertNote, AlertRule, AlertStep

if TYPE_CHECKING:
    from miasto.kernel.accounts.viewer import Viewer

KIND = "observations.alert"
LONGEST = 2000


def begin(rule: Watched, thing: UUID, *, at: datetime, value: float | None, returns: int = 0) -> Alert:
    """A condition began to hold; ``returns`` as the alert keeps it. The caller holds the lock of the rule and the thing."""
    declared = AlertRule.objects.only("life").get(pk=rule.id)
    alert = Alert.objects.create(
        rule_id=rule.id,
        thing_id=thing,
        severity=rule.severity,
        raised_at=at,
        seen_at=clock.now(),
        last_at=at,
        value=value,
        peak=value,
        code=rule.main,
        returns=returns,
    )
    _step(alert, AlertStep.Kind.RAISED, value=value)
    changes.record(action="observations.alert_raised", kind=KIND, object_id=alert.pk, actor=SYSTEM.actor)
    events.publish(AlertRaised(alert_id=alert.pk, thing_id=thing, severity=rule.severity, life=declared.life))
    tell.defer(alert_id=str(alert.pk), first=declared.life)
    tell_partners(alert, "raised")
    return alert


def goes_on(alert: Alert, *, at: datetime, value: float | None, calm_since: datetime | None = None) -> None:
    """It still holds; the worst value is the one farthest from where it began, on the side of the alert. Not saved yet."""
    alert.last_at, alert.calm_since = at, calm_since
    if value is None or alert.value is None or alert.peak is None:
        return
    if abs(value - alert.value) > abs(alert.peak - alert.value) and (value - alert.value) * (alert.peak - alert.value) >= 0:
        alert.peak = value


def keep(alert: Alert) -> None:
    """Store what ``goes_on`` noted."""
    alert.save(update_fields=["last_at", "peak", "calm_since"])


def clear(alert: Alert, *, at: datetime, value: float | None, by: Viewer = SYSTEM) -> None:
    """It holds no longer, or a person ended it. The caller holds the lock."""
    alert.state, alert.cleared_at, alert.last_at = Alert.State.CLEARED, at, max(at, alert.last_at)
    alert.save(update_fields=["state", "cleared_at", "last_at", "peak"])
    _step(alert, AlertStep.Kind.CLEARED, value=value, person_id=by.person_id)
    changes.record(action="observations.alert_cleared", kind=KIND, object_id=alert.pk, actor=by.actor)
    events.publish(AlertCleared(alert_id=alert.pk, thing_id=alert.thing_id))
    tell_over.defer(alert_id=str(alert.pk), first=alert.rule.life)
    tell_partners(alert, "cleared")


@transaction.atomic
def acknowledge(*, alert_id: UUID, by: Viewer, text: str = "") -> Alert:
    """Somebody takes an alert up; twice is once. Raises ``PermissionDenied``, ``ValidationError`` where it is over."""
    alert = _mine(alert_id, by)
    if not alert.open:
        raise ValidationError(_("Ten alert już odwołano."))
    if alert.state == Alert.State.RAISED:
        alert.state, alert.known_at = Alert.State.ACKNOWLEDGED, clock.now()
        alert.save(update_fields=["state", "known_at"])
        _write(alert, AlertStep.Kind.KNOWN, by, text)
        changes.record(action="observations.alert_known", kind=KIND, object_id=alert.pk, actor=by.actor)
        tell_partners(alert, "known")
    return alert


@transaction.atomic
def comment(*, alert_id: UUID, text: str, by: Viewer) -> AlertStep:
    """Add words to an alert, open or not. Raises ``PermissionDenied``, ``ValidationError`` for no words or too many."""
    alert = _mine(alert_id, by)
    if not text.strip():
        raise ValidationError({"text": _("Napisz, co ustalono albo zrobiono.")})
    step = _write(alert, AlertStep.Kind.COMMENTED, by, text)
    changes.record(action="observations.alert_commented", kind=KIND, object_id=alert.pk, actor=by.actor)
    tell_partners(alert, "comment", step)
    return step


def _mine(alert_id: UUID, by: Viewer) -> Alert:
    alert = Alert.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=alert_id).first()
    if alert is None or not by.holds(ALERTS):
        raise PermissionDenied
    return alert


def _write(alert: Alert, kind: str, by: Viewer, text: str) -> AlertStep:
    if len(text) > LONGEST:
        raise ValidationError({"text": _("Skróć tekst do %(most)d znaków.") % {"most": LONGEST}})
    step = _step(alert, kind, person_id=by.person_id)
    if text.strip():
        AlertNote.objects.create(step=step, text=text.strip())
    return step


def _step(alert: Alert, kind: str, *, value: float | None = None, person_id: UUID | None = None) -> AlertStep:
    return AlertStep.objects.create(alert=alert, kind=kind, at=clock.now(), value=value, person_id=person_id)
