"""Import of a knowledge base, by the demo and from another city's system."""

import pytest
from django.core.exceptions import PermissionDenied

from miasto.kernel.accounts.selectors import SYSTEM
from miasto.kernel.accounts.testing import make_unit, make_viewer
from miasto.kernel.content.importing import KnowledgeError
from miasto.kernel.content.models import Service, Topic
from miasto.kernel.content.services import import_knowledge, note_edit

pytestmark = pytest.mark.django_db
TOPICS = [{"slug": "dom", "name": "Dom"}]
ROW = {"slug": "numer", "topic": "dom", "title": "Numer domu", "line": "Numer nadaje się bezpłatnie."}


def test_an_import_may_be_repeated_and_changes_what_changed():
    import_knowledge(by=SYSTEM, topics=TOPICS, services=[ROW])
    again = import_knowledge(by=SYSTEM, topics=TOPICS, services=[{**ROW, "title": "Numer budynku"}])
    row = Service.objects.get()
    assert (row.title, row.live, row.revisions.count(), again.services) == ("Numer budynku", True, 2, 1)


def test_a_page_that_an_editor_touched_stays_as_it_is():
    import_knowledge(by=SYSTEM, topics=TOPICS, services=[ROW])
    note_edit(service_id=Service.objects.get().id, action="published", by=SYSTEM)
    done = import_knowledge(by=SYSTEM, topics=TOPICS, services=[{**ROW, "title": "Z pliku"}])
    assert (done.services, done.kept) == (0, 1)
    assert Service.objects.get().title == "Numer domu"


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ({"line": ""}, "needs line"),
        ({"topic": "obcy"}, "no topic 'obcy'"),
        ({"unit": "obca"}, "no unit 'obca'"),
        ({"colour": "red"}, "unknown fields colour"),
        ({"slug": "gdzie"}, "zajęty"),
        ({"title": "x" * 200}, "title"),
    ],
)
def test_a_wrong_row_stops_the_whole_import_and_is_named(broken, said):
    with pytest.raises(KnowledgeError, match=said):
        import_knowledge(by=SYSTEM, topics=TOPICS, services=[{**ROW, "slug": "dobra"}, {**ROW, **broken}])
    assert not Service.objects.exists()
    assert not Topic.objects.exists()


def test_hours_of_an_import_are_checked():
    unit = make_unit(slug="usc")
    with pytest.raises(KnowledgeError, match="office usc, tue"):
        import_knowledge(by=SYSTEM, offices=[{"unit": unit.slug, "tue": "rano"}])
    with pytest.raises(KnowledgeError, match="no unit"):
        import_knowledge(by=SYSTEM, offices=[{"unit": "nie-ma"}])


def test_only_editors_import():
    with pytest.raises(PermissionDenied):
        import_knowledge(by=make_viewer(), topics=TOPICS, services=[ROW])
