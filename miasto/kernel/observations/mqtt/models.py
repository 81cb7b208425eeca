"""Sessions of MQTT clients that outlive their connections."""

from django.db import models

from miasto.kernel.core import clock


class MqttSession(models.Model):
    """What a client of a key listens to while it is away; the broker keeps its messages under ``name``.

    ``filters`` are the client's own; ``series`` those data streams among them that not everybody may see.
    """

    id = models.BigAutoField(primary_key=True)
    key = models.ForeignKey("accounts.ApiKey", on_delete=models.CASCADE, related_name="+")
    client = models.CharField(max_length=256)
    name = models.CharField(max_length=64, unique=True)
    filters = models.JSONField(default=list)
    series = models.JSONField(default=list)
    seen_at = models.DateTimeField(default=clock.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "client"], name="mqtt_session_once")]
        indexes = [models.Index(fields=["seen_at"], name="mqtt_session_seen")]
