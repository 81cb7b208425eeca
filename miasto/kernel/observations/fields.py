"""Abstract models of the engine."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from miasto.kernel.core import clock


class JobRun(models.Model):
    """One run of a long job: how it stands, whether somebody asked it to stop, when it last gave a sign of life."""

    class State(models.TextChoices):
        RUNNING = "running", _("trwa")
        DONE = "done", _("zakończone")
        FAILED = "failed", _("przerwane błędem")
        CANCELLED = "cancelled", _("zatrzymane")

    id = models.BigAutoField(primary_key=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.RUNNING)
    asked_to_stop = models.BooleanField(default=False)
    started_at = models.DateTimeField(default=clock.now)
    seen_at = models.DateTimeField(default=clock.now)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
