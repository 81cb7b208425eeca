"""Hydrological warnings of IMGW-PIB for the city's catchments: taken in, called off, shown while they hold."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet

from miasto.kernel.core import clock
from miasto.modules.environment.feeds.imgw import Warning, concerns
from miasto.modules.environment.models import HydroWarning


def standing_warnings() -> QuerySet[HydroWarning]:
    """Warnings that hold now or begin later, the gravest first."""
    now = clock.now()
    return HydroWarning.objects.filter(Q(ends=None) | Q(ends__gt=now), gone_at=None).order_by("-degree", "starts")


@transaction.atomic
def take_in(listed: Iterable[Warning], catchments: Iterable[str]) -> int:
    """Keep those that concern the catchments; what is no longer listed is called off. Returns how many stand."""
    wanted = list(catchments)
    ours = [one for one in listed if concerns(one, wanted)]
    now = clock.now()
    for one in ours:
        HydroWarning.objects.update_or_create(
            key=one.key[:200],
            defaults={
                "degree": one.degree,
                "event": one.event[:200],
                "text": one.text,
                "comment": one.comment,
                "office": one.office[:300],
                "published": one.published,
                "starts": one.starts,
                "ends": one.ends,
                "probability": one.probability,
                "catchments": sorted(one.catchments),
                "seen_at": now,
                "gone_at": None,
            },
        )
    HydroWarning.objects.filter(gone_at=None).exclude(key__in=[one.key[:200] for one in ours]).update(gone_at=now)
    return len(ours)
