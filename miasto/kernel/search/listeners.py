"""What happens to city objects is told to the index."""

from miasto.kernel.places.events import ObjectRetired, ObjectSaved, ObjectsImported
from miasto.kernel.search import services
from miasto.kernel.search.sources import sources


def object_changed(event: ObjectSaved | ObjectRetired) -> None:
    """One object was saved or retired."""
    if event.kind in sources():
        services.reindex(event.kind, [event.object_id])


def objects_imported(event: ObjectsImported) -> None:
    """Many objects of a kind were written at once."""
    if event.kind in sources():
        services.reindex(event.kind)
