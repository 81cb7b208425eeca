"""What the engine of places declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Engine
from miasto.kernel.spec.places import ObjectKind

ENGINE = Engine(
    slug="places",
    provides=(
        ObjectKind(key="places.area", model="places.Area", name=_("obszar"), name_plural=_("obszary"), icon="map"),
        ObjectKind(key="places.place", model="places.Place", name=_("miejsce"), name_plural=_("miejsca")),
        ObjectKind(key="places.waterway", model="places.Waterway", name=_("woda"), name_plural=_("wody"), icon="waves"),
        ObjectKind(key="places.street", model="places.Street", name=_("ulica"), name_plural=_("ulice"), icon="signpost"),
        ObjectKind(
            key="places.address",
            model="places.Address",
            name=_("adres"),
            name_plural=_("adresy"),
            icon="house",
            searchable=False,
        ),
    ),
    mounts=(),
)
