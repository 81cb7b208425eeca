"""Alerts to partners by MQTT, as the same CloudEvents that their servers get over HTTP.

- ``alerts/events/<weight>/<kind of thing>``: what happened (raised, acknowledged, commented, cleared), QoS 1.
- ``alerts/open/<weight>/<kind of thing>/<alert>``: retained while it stands, so who connects knows at once what stands now; an
  empty message takes it away.

``weight`` is ``note``, ``warning``, ``alarm`` or ``life`` (a danger to life). Under these topics everybody hears public
alerts. A unit that a rule names hears all of its own under ``units/<unit>/alerts/…``: the fire brigade connects with a key
that may listen to alerts and subscribes to ``units/straz/alerts/#``. Quiet hours do not hold for programs.
"""

from __future__ import annotations

import json
import os
import threading
from typing import Any

from miasto.kernel.accounts.selectors import Unit
from miasto.kernel.core.jobs import job, periodic
from miasto.kernel.observations.alert_models import Alert, AlertStep, Severity
from miasto.kernel.observations.alerts.telling import Refused, cloud_event, to_hooks, units_of
from miasto.kernel.observations.mqtt.client import connect
from miasto.kernel.observations.mqtt.rights import INSIDE, outside
from miasto.kernel.places.fields import Audience

WEIGHTS = {Severity.NOTE: "note", Severity.WARNING: "warning", Severity.ALARM: "alarm"}
MEDIA = "application/cloudevents+json; charset=utf-8"
ANSWER_S = 10
OPEN_MOST = 5000
Said = tuple[str, str, bool]  # topic, payload, retained


def tell_partners(alert: Alert, what: str, step: AlertStep | None = None) -> None:
    """Have a step of an alert sent to partners' servers and, where there is a broker, published, after the commit."""
    to_hooks(alert, what, step)
    if os.environ.get("MIASTO_MQTT_OUT"):
        publish.defer(alert_id=str(alert.pk), what=what, step_id=step.pk if step else None, first=alert.rule.life)


@job(name="observations.publish_alert", queue="alerts_mqtt", urgent=True)
def publish(*, alert_id: str, what: str, step_id: int | None = None) -> None:
    """Publish one step and what stands now. Raises ``Refused`` where the broker is away: it is tried again."""
    alert = Alert.objects.select_related("rule", "thing").get(pk=alert_id)
    step = AlertStep.objects.get(pk=step_id) if step_id else None
    _send([*_event(alert, cloud_event(alert, what, step)), *_standing(alert)])


@periodic(name="observations.publish_open_alerts", cron="50 * * * *")
def publish_open() -> None:
    """Every hour what stands, should the broker have lost what it kept."""
    if not os.environ.get("MIASTO_MQTT_OUT"):
        return
    rows = Alert.objects.exclude(state=Alert.State.CLEARED).select_related("rule", "thing").order_by("-raised_at")[:OPEN_MOST]
    _send([one for alert in rows for one in _standing(alert)])


def _event(alert: Alert, event: dict[str, Any]) -> list[Said]:
    body = json.dumps(event, ensure_ascii=False)
    return [(f"{place}alerts/events/{_where(alert)}", body, False) for place in _places(alert)]


def _standing(alert: Alert) -> list[Said]:
    what = "known" if alert.state == Alert.State.ACKNOWLEDGED else "raised"
    body = json.dumps(cloud_event(alert, what), ensure_ascii=False) if alert.open else ""
    return [(f"{place}alerts/open/{_where(alert)}/{alert.pk}", body, True) for place in _places(alert)]


def _where(alert: Alert) -> str:
    weight = "life" if alert.rule.life else WEIGHTS[Severity(alert.severity)]
    return f"{weight}/{alert.thing.thing_kind or 'thing'}"


def _places(alert: Alert) -> list[str]:
    """The prefixes under which an alert is told: everybody's, and those of the units that it concerns."""
    slugs = Unit.objects.filter(pk__in=units_of(alert)).order_by("slug").values_list("slug", flat=True)
    public = alert.rule.public and alert.thing.audience == Audience.PUBLIC
    return [*([outside()] if public else []), *(f"{INSIDE}units/{slug}/" for slug in slugs)]


def _send(said: list[Said]) -> None:
    """Publish, each acknowledged by the broker. Raises ``Refused``."""
    if not said:
        return
    client = connect(os.environ["MIASTO_MQTT_URL"], "")
    ready = threading.Event()
    client.on_connect = lambda *_: ready.set()
    client.loop_start()
    try:
        if not ready.wait(ANSWER_S):
            raise Refused("the broker is away")
        for one in [_publish(client, *one) for one in said]:
            one.wait_for_publish(ANSWER_S)
            if not one.is_published():
                raise Refused("the broker does not answer")
    except (RuntimeError, ValueError) as error:
        raise Refused(type(error).__name__) from error
    finally:
        client.disconnect()
        client.loop_stop()


def _publish(client: Any, topic: str, payload: str, retained: bool) -> Any:
    from paho.mqtt.packettypes import PacketTypes
    from paho.mqtt.properties import Properties

    found = Properties(PacketTypes.PUBLISH)
    found.ContentType = MEDIA
    return client.publish(topic, payload.encode(), qos=1, retain=retained, properties=found)
