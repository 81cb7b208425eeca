"""What the engine of places declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.core.module import Engine, Mount, Setup
from miasto.kernel.places import api, details, layers, profile
from miasto.kernel.spec.accounts import ChangeName
from miasto.kernel.spec.places import ObjectKind
from miasto.kernel.spec.ui import Api

ENGINE = Engine(
    slug="places",
    provides=(
        ObjectKind(
            key="places.area",
            model="places.Area",
            name=_("obszar"),
            name_plural=_("obszary"),
            icon="map",
            details=details.area,
            words=details.area_words,
        ),
        ObjectKind(
            key="places.place",
            model="places.Place",
            name=_("miejsce"),
            name_plural=_("miejsca"),
            details=details.place,
            words=details.place_words,
        ),
        ObjectKind(
            key="places.waterway",
            model="places.Waterway",
            name=_("woda"),
            name_plural=_("wody"),
            icon="waves",
            details=details.waterway,
        ),
        ObjectKind(
            key="places.street",
            model="places.Street",
            name=_("ulica"),
            name_plural=_("ulice"),
            icon="signpost",
            details=details.street,
        ),
        ObjectKind(
            key="places.address",
            model="places.Address",
            name=_("adres"),
            name_plural=_("adresy"),
            icon="house",
            details=details.address,
            searchable=False,
        ),
        *layers.LAYERS,
        ChangeName(key="places.saved", name=_("zapisano obiekt")),
        ChangeName(key="places.retired", name=_("wycofano obiekt")),
        ChangeName(key="places.imported", name=_("wczytano obiekty")),
        Setup(key="places.profile", run=profile.load_profile, order=20),
        Api(key="places.api", prefix="places", router=api.router, name=_("Miejsca i adresy")),
    ),
    mounts=(Mount("obiekty/", "urls"),),
)
