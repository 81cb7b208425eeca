"""What the engine of search declares."""

from django.utils.translation import gettext_lazy as _

from miasto.kernel.content.events import ServiceChanged, ServicesImported
from miasto.kernel.core.module import Engine, Mount
from miasto.kernel.places.events import ObjectRetired, ObjectSaved, ObjectsImported
from miasto.kernel.search import listeners

ENGINE = Engine(
    slug="search",
    name=_("Wyszukiwarka"),
    summary=_("Jedno pole wyszukiwania dla wszystkiego, co jest w serwisie."),
    mounts=(Mount("szukaj/"),),
    listens={
        ServiceChanged: (listeners.service_changed,),
        ServicesImported: (listeners.services_imported,),
        ObjectSaved: (listeners.object_changed,),
        ObjectRetired: (listeners.object_changed,),
        ObjectsImported: (listeners.objects_imported,),
    },
)
