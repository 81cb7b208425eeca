"""What happens to city objects and service pages is told to the index."""

from miasto.kernel.content.events import ServiceChanged, ServicesImported
from miasto.kernel.places.events import ObjectRetired, ObjectSaved, ObjectsImported
from miasto.kernel.search import services
from miasto.kernel.search.sources import sources

SERVICES = "content.services"


def object_changed(event: ObjectSaved | ObjectRetired) -> None:
    """One object was saved or retired."""
    if event.kind in sources():
        services.reindex(event.kind, [event.object_id])


def objects_imported(event: ObjectsImported) -> None:
    """Many objects of a kind were written at once."""
    if event.kind in sources():
        services.reindex(event.kind)


def service_changed(event: ServiceChanged) -> None:
    """One service page was published, changed or taken down."""
    services.reindex(SERVICES, [event.service_id])


def services_imported(event: ServicesImported) -> None:
    """Many service pages were written at once."""
    services.reindex(SERVICES)
