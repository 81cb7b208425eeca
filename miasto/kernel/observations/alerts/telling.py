"""Who is told of an alert: the people of the units that the rule names, and partners' servers."""

from __future__ import annotations

import hashlib
import hmac
import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from procrastinate.jobs import Job
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from miasto.kernel.accounts.selectors import contact_of, people_in
from miasto.kernel.core import clock, outbound
from miasto.kernel.core.jobs import job
from miasto.kernel.core.sealed import Sealer, Unreadable
from miasto.kernel.notifications import sms
from miasto.kernel.notifications.services import Recipient, notify
from miasto.kernel.observations.access import ALERTS
from miasto.kernel.observations.alerts.turns import Turns
from miasto.kernel.observations.models import Alert, AlertHook, AlertRule, AlertStep

RAISED, OVER = "observations.alert", "observations.alert_over"
SECRETS = Sealer("observations.hook")
TURNS = Turns(each=2, plain=8, failing=4)  # of the places in the lane (core.jobs.APART)
EVENT_TYPES = {
    "raised": "city.alert.raised.v1",
    "known": "city.alert.acknowledged.v1",
    "comment": "city.alert.commented.v1",
    "cleared": "city.alert.cleared.v1",
}


STATES = {Alert.State.RAISED: "raised", Alert.State.ACKNOWLEDGED: "acknowledged", Alert.State.CLEARED: "cleared"}


class Refused(Exception):
    """A partner's server did not take a message; it is tried again."""


class NoTurn(Exception):
    """Enough is on its way to this partner, or to those who do not answer."""


@job(name="observations.tell_alert", queue="alerts", urgent=True)
def tell(*, alert_id: str) -> None:
    """Tell people that an alert stands. In quiet hours people are told when these end, if it still stands then."""
    alert = Alert.objects.select_related("rule", "thing").get(pk=alert_id)
    wakes = quiet_until(alert.rule, clock.now())
    if wakes is not None:
        tell_late.defer(at=wakes, once=f"alert {alert_id}", alert_id=alert_id)
        return
    _to_people(alert)


@job(name="observations.tell_alert_late", queue="alerts", urgent=True)
def tell_late(*, alert_id: str) -> None:
    """The quiet hours are over: tell of what still stands."""
    alert = Alert.objects.select_related("rule", "thing").get(pk=alert_id)
    if alert.open:
        _to_people(alert)


@job(name="observations.tell_alert_over", queue="alerts", urgent=True)
def tell_over(*, alert_id: str) -> None:
    """Tell those who know of an alert that it is over."""
    alert = Alert.objects.select_related("rule", "thing").get(pk=alert_id)
    if alert.told_at is not None:
        _notify(alert, OVER, "over")


def _to_people(alert: Alert) -> None:
    _notify(alert, RAISED, "raised")
    if alert.rule.life and alert.told_at is None and sms.available():
        runs = ({"alert_id": str(alert.pk), "person_id": str(one.pk)} for one in recipients(alert.rule))
        text.defer_many(runs, first=True)
    Alert.objects.filter(pk=alert.pk, told_at=None).update(told_at=clock.now())


@job(name="observations.text_alert", queue="alerts_people", urgent=True)
def text(*, alert_id: str, person_id: str) -> None:
    """A text message of a danger to life, to one person's telephone; nothing for who left no number. Raises ``sms.NotSent``."""
    contact = contact_of(UUID(person_id))
    if contact is None:
        return
    with suppress(sms.BadNumber):
        number = sms.number_of(contact["phone"] or "")
        alert = Alert.objects.select_related("rule", "thing").get(pk=alert_id)
        if alert.open:
            words = render_to_string("observations/mail/alert.sms.txt", {"name": alert.rule.name, "thing": alert.thing.name})
            sms.send(to=number, text=words.strip())


def _notify(alert: Alert, topic: str, once: str) -> None:
    notify(
        topic=topic,
        to=[Recipient(person_id=one.pk) for one in recipients(alert.rule)],
        context={"name": alert.rule.name, "thing": alert.thing.name, "advice": alert.rule.advice, "life": alert.rule.life},
        url=reverse("observations_alerts:alert", args=[alert.pk]),
        about_id=alert.pk,
        once=f"alert {alert.pk} {once}",  # of each alert, not of the first one ever
        first=alert.rule.life,
    )


def recipients(rule: AlertRule) -> list[Any]:
    """The people who handle alerts in the rule's unit and in those it tells, each once."""
    units = {rule.unit_id, *rule.told.values_list("pk", flat=True)} - {None}
    found = people_in(units, ALERTS) if units else people_in(None, ALERTS)
    return list(found)


def quiet_until(rule: AlertRule, now: datetime) -> datetime | None:
    """When the quiet hours end in which ``now`` lies; None outside them and for a danger to life, which nothing mutes."""
    if rule.life or rule.quiet_from is None or rule.quiet_to is None or rule.quiet_from == rule.quiet_to:
        return None
    here = clock.local(now)
    inside = (
        rule.quiet_from <= here.time() < rule.quiet_to
        if rule.quiet_from < rule.quiet_to
        else here.time() >= rule.quiet_from or here.time() < rule.quiet_to
    )
    if not inside:
        return None
    day = here.date() if here.time() < rule.quiet_to else here.date() + timedelta(days=1)
    return datetime.combine(day, rule.quiet_to, tzinfo=clock.zone())


def units_of(alert: Alert) -> set[UUID]:
    """The units that an alert concerns: that of its rule, that of its thing, and those that the rule tells."""
    return {alert.rule.unit_id, alert.thing.unit_id, *alert.rule.told.values_list("pk", flat=True)} - {None}


def to_hooks(alert: Alert, what: str, step: AlertStep | None = None) -> None:
    """Have a step of an alert sent to the servers of those whom it concerns, to each in the order of the steps."""
    hooks = list(AlertHook.objects.filter(active=True, alerts=True, least__lte=alert.severity))
    units = units_of(alert) if hooks else set()
    for hook in hooks:
        if hook.unit_id is None or hook.unit_id in units:
            post.defer(
                after=f"hook {hook.pk} alert {alert.pk}",
                first=alert.rule.life,
                hook_id=str(hook.pk),
                alert_id=str(alert.pk),
                what=what,
                step_id=step.pk if step else None,
            )


def cloud_event(alert: Alert, what: str, step: AlertStep | None = None) -> dict[str, Any]:
    """An alert as a CloudEvents 1.0 event in its JSON format; its ``id`` is the same at every repetition.

    ``step`` for what may happen more than once (a comment, whose words stay here).
    """
    place = alert.thing.geom.centroid if alert.thing.geom else None
    moments = {"raised": alert.raised_at, "known": alert.known_at, "cleared": alert.cleared_at}
    at = step.at if step else moments.get(what) or alert.last_at
    return {
        "specversion": "1.0",
        "id": f"{alert.pk}-{what}" + (f"-{step.pk}" if step else ""),
        "source": f"{settings.BASE_URL}/",
        "type": EVENT_TYPES[what],
        "subject": str(alert.thing_id),
        "time": at.isoformat(),
        "datacontenttype": "application/json",
        "data": {
            "alert": str(alert.pk),
            "rule": alert.rule.name,
            "state": STATES[alert.state],
            "severity": alert.get_severity_display(),
            "danger_to_life": alert.rule.life,
            "thing": alert.thing.name,
            "property": alert.code,
            "value": alert.value,
            "peak": alert.peak,
            "position": [round(place.x, 6), round(place.y, 6)] if place else None,
        },
    }


class Patience(BaseRetryStrategy):
    """When a partner is tried again, for about two days; a job that waits for a turn looks ever more rarely."""

    ATTEMPTS_MOST, LOOK_S, REST_S = 60, 5, 3600

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """After a refusal as other jobs; sooner where there was no turn."""
        if job.attempts >= self.ATTEMPTS_MOST:
            return None
        if isinstance(exception, NoTurn):
            return RetryDecision(retry_in={"seconds": min(int(self.LOOK_S * 1.5**job.attempts), 120)})
        return RetryDecision(retry_in={"seconds": min(3 ** (job.attempts + 1), self.REST_S)})


@job(name="observations.post_alert", queue="alerts_out", urgent=True, retry=Patience())
def post(*, hook_id: str, alert_id: str, what: str, step_id: int | None = None) -> None:
    """Send one event to one partner. Raises ``Refused`` and ``NoTurn``: it is tried again, what follows it after it.

    A partner who did not take the last one, or who has not answered those that are on their way, waits for a turn.
    """
    hook = AlertHook.objects.filter(pk=hook_id, active=True).first()
    if hook is None:
        return
    alert = Alert.objects.select_related("rule", "thing").get(pk=alert_id)
    with TURNS.take(hook_id, life=alert.rule.life, failing=hook.failures > 0) as given:
        if not given:
            raise NoTurn
        _post(hook, alert, what, AlertStep.objects.get(pk=step_id) if step_id else None)


def _post(hook: AlertHook, alert: Alert, what: str, step: AlertStep | None) -> None:
    body = json.dumps(cloud_event(alert, what, step), ensure_ascii=False).encode()
    try:
        send_signed(hook, body, "application/cloudevents+json; charset=utf-8")
    except Refused:
        AlertHook.objects.filter(pk=hook.pk).update(failures=F("failures") + 1)
        raise
    AlertHook.objects.filter(pk=hook.pk).update(failures=0, last_ok_at=clock.now())


def send_signed(hook: AlertHook, body: bytes, media_type: str) -> None:
    """Hand a body to a partner's server. Raises ``Refused`` where it does not say that it took it."""
    try:
        secret = SECRETS.unseal(hook.secret)
    except Unreadable as error:  # the platform's key was changed: the page must not show a partner who hears
        raise Refused("Unreadable") from error
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    try:
        answer = outbound.send(
            hook.url, body, media_type=media_type, most=64_000, seconds=10, headers={"X-Signature-256": f"sha256={signature}"}
        )
    except (outbound.Forbidden, outbound.NotSent, outbound.Unanswered) as error:
        raise Refused(type(error).__name__) from error
    if not 200 <= answer.status < 300:
        raise Refused(f"HTTP {answer.status}")
