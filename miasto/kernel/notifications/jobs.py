"""Background work of the notifications."""

from miasto.kernel.core.jobs import job, periodic


@periodic(name="notifications.daily", cron="0 5 * * *")
def daily() -> int:
    """The daily messages of subscriptions, before people go to work."""
    from miasto.kernel.notifications import listeners

    return listeners.send_daily()


@job(name="notifications.push")
def push(*, device_id: str, payload: dict[str, str], urgent: bool) -> None:
    """Hand one message to the push service of a browser."""
    from miasto.kernel.notifications import push as web_push

    web_push.deliver(device_id=device_id, payload=payload, urgent=urgent)


@job(name="notifications.push_first", queue="alerts_people", urgent=True)
def push_first(*, device_id: str, payload: dict[str, str], urgent: bool) -> None:
    """The same for what is about a danger to life."""
    from miasto.kernel.notifications import push as web_push

    web_push.deliver(device_id=device_id, payload=payload, urgent=urgent)
