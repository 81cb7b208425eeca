"""Reads of things and data streams for pages: what a viewer may see, of the kinds and properties that a page is about."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from miasto.kernel.core.registry import registry
from miasto.kernel.observations.models import Datastream, Thing
from miasto.kernel.spec.observations import ThingKind

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from miasto.kernel.accounts.viewer import Viewer


def things(viewer: Viewer, *kinds: str) -> QuerySet[Thing]:
    """Things valid today that the viewer may see, of these declared kinds (all where none is named), by name."""
    found = Thing.objects.visible_to(viewer).current()
    return (found.filter(thing_kind__in=kinds) if kinds else found).order_by("name", "id")


def streams(viewer: Viewer, things: Iterable[UUID], *codes: str) -> QuerySet[Datastream]:
    """The data streams of some things that the viewer may see, with their properties; of these codes where any is named."""
    found = Datastream.objects.visible_to(viewer).filter(thing_id__in=list(things)).select_related("observed_property")
    return (found.filter(observed_property__code__in=codes) if codes else found).order_by("thing_id", "id")


def page_of(thing: Thing) -> str:
    """The address of a thing's own page, as its kind declares; the object's page where the kind or the slug is missing."""
    kind = registry().get(ThingKind, thing.thing_kind) if registry().has(ThingKind, thing.thing_kind) else None
    pattern = kind.url if kind else "/obiekty/{id}/"
    if "{slug}" in pattern and not thing.slug:
        pattern = "/obiekty/{id}/"
    return pattern.format(id=thing.pk, slug=thing.slug)
