"""City objects and their index: written together, seen by those who may."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from django.test.utils import isolate_apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from miasto.kernel.accounts.viewer import ANONYMOUS, SYSTEM, Viewer
from miasto.kernel.core import changes, clock
from miasto.kernel.core.ids import uuid7
from miasto.kernel.places import testing
from miasto.kernel.places.models import Address, Area, ObjectIndex, Place, Street, Waterway
from miasto.kernel.places.selectors import object_index
from miasto.kernel.places.services import ImportOptions, import_features, retire_object, save_object, save_objects
from miasto.kernel.places.writing import index_row

pytestmark = pytest.mark.django_db
MODELS = (Area, Place, Street, Waterway, Address)
COLUMNS = ("id", "kind", "label", "geom", "audience", "unit_id", "valid_from", "valid_to", "norm", "lookup")


def index_equals_objects() -> bool:
    """Whether the index holds exactly the rows that all the objects would make."""
    made = {obj.pk: index_row(obj) for model in MODELS for obj in model.objects.all()}
    kept = {row.pk: row for row in ObjectIndex.objects.all()}
    same = all(getattr(kept[key], name) == getattr(row, name) for key, row in made.items() if key in kept for name in COLUMNS)
    return made.keys() == kept.keys() and same


def a_unit():
    from miasto.kernel.accounts.models import Organisation, Unit

    organisation, _made = Organisation.objects.get_or_create(slug="city", defaults={"name": "Urząd", "kind": "city"})
    return Unit.objects.create(slug=f"unit-{uuid7()}", name="Zieleń", organisation=organisation)


def test_a_saved_object_has_its_row_in_the_index_a_change_and_a_mercator_copy():
    place = testing.make_place(name="Biblioteka")
    row = ObjectIndex.objects.get(pk=place.pk)
    assert (row.kind, row.label, row.norm) == ("places.place", "Biblioteka", "biblioteka")
    assert index_equals_objects()
    assert [change.action for change in changes.history(place.pk)] == ["places.saved"]
    assert Place.objects.filter(pk=place.pk, geom_3857__isnull=False).exists()
    x, _y = Place.objects.values_list("geom_3857", flat=True).get(pk=place.pk).coords
    assert x == pytest.approx(place.geom.x * 111319.4908, rel=1e-6)


def test_a_changed_object_changes_its_row_in_the_index():
    place = testing.make_place(name="Biblioteka")
    place = Place.objects.get(pk=place.pk)
    place.name = "Mediateka"
    save_object(place, by=SYSTEM)
    assert ObjectIndex.objects.get(pk=place.pk).label == "Mediateka"
    assert changes.history(place.pk)[-1].data == {"created": False}


def test_a_retired_object_is_no_longer_current_but_stays():
    place = testing.make_place()
    retire_object(place, by=SYSTEM)
    assert not Place.objects.current().filter(pk=place.pk).exists()
    assert not ObjectIndex.objects.current().filter(pk=place.pk).exists()
    assert Place.objects.filter(pk=place.pk).exists()
    assert changes.history(place.pk)[-1].action == "places.retired"


def test_an_object_is_valid_on_both_ends_of_its_validity():
    today = clock.today()
    place = testing.make_place(valid_from=today, valid_to=today)
    current = Place.objects.filter(pk=place.pk)
    assert current.current().exists()
    assert not current.current(today - timedelta(days=1)).exists()
    assert not current.current(today + timedelta(days=1)).exists()


def test_only_the_staff_of_its_unit_or_of_the_whole_city_sees_an_object_for_the_unit():
    unit = a_unit()
    place = testing.make_place(audience="unit", unit=unit)
    seen = {
        name: Place.objects.visible_to(viewer).filter(pk=place.pk).exists()
        for name, viewer in {
            "anonymous": ANONYMOUS,
            "resident": Viewer(person_id=uuid7()),
            "own": Viewer(person_id=uuid7(), grants=frozenset({("any", unit.pk)})),
            "other": Viewer(person_id=uuid7(), grants=frozenset({("any", uuid7())})),
            "citywide": Viewer(person_id=uuid7(), grants=frozenset({("any", None)})),
            "system": SYSTEM,
        }.items()
    }
    assert seen == {"anonymous": False, "resident": False, "own": True, "other": False, "citywide": True, "system": True}


def test_a_private_object_is_seen_by_the_system_alone():
    unit = a_unit()
    place = testing.make_place(audience="private", unit=unit)
    clerk = Viewer(person_id=uuid7(), grants=frozenset({("any", unit.pk), ("any", None)}))
    for viewer in (ANONYMOUS, clerk):
        assert object_index([place.pk], viewer) == {}
        assert not Place.objects.visible_to(viewer).filter(pk=place.pk).exists()
    assert list(object_index([place.pk], SYSTEM)) == [place.pk]


def test_an_object_without_a_place_or_of_the_wrong_geometry_is_refused():
    with pytest.raises(ValidationError):
        save_object(Area(name="A", area_kind="district", geom=testing.point()), by=SYSTEM)
    with pytest.raises(ValidationError):
        save_object(Place(name="A", place_kind="school", geom=None), by=SYSTEM)
    assert not ObjectIndex.objects.exists()


@isolate_apps("miasto.kernel.places")
def test_a_class_without_a_declared_kind_is_refused():
    class Nameless(Place):
        kind = "places.nameless"

        class Meta:
            app_label = "places"
            proxy = True

    with pytest.raises(TypeError, match="ObjectKind"):
        save_object(Nameless(name="A", place_kind="school", geom=testing.point()), by=SYSTEM)


def test_renaming_a_street_renames_its_addresses_in_the_index_too():
    street = testing.make_street(name="Polna", prefix="ul.")
    address = testing.make_address(street=street, number="7")
    street.name = "Leśna"
    save_object(street, by=SYSTEM)
    assert Address.objects.get(pk=address.pk).address_text == "ul. Leśna 7"
    assert ObjectIndex.objects.get(pk=address.pk).label == "ul. Leśna 7"


def test_many_objects_are_written_in_few_queries_with_one_change_for_each_class(django_assert_max_num_queries):
    objs = [Place(name=f"Ławka {n}", place_kind="bench", geom=testing.point(n)) for n in range(300)]
    with django_assert_max_num_queries(12):
        assert save_objects(objs, by=SYSTEM) == 300
    assert index_equals_objects()
    assert ObjectIndex.objects.count() == 300
    again = list(Place.objects.all())
    assert save_objects(again, by=SYSTEM) == 0


def feature(number: int, name: str, east: float) -> dict:
    return {
        "type": "Feature",
        "id": number,
        "properties": {"name": name},
        "geometry": {"type": "Point", "coordinates": list(testing.point(east).coords)},
    }


names = st.text(alphabet="aąbcłóźż 12", min_size=1, max_size=8).filter(lambda text: text.strip())
steps = st.lists(
    st.one_of(
        st.tuples(st.just("save"), st.integers(0, 5), names),
        st.tuples(st.just("retire"), st.integers(0, 5), st.just("")),
        st.tuples(st.just("many"), st.integers(1, 4), names),
        st.tuples(st.just("import"), st.integers(1, 6), names),
        st.tuples(st.just("replace"), st.integers(1, 3), names),
    ),
    max_size=8,
)


class TestIndexFollowsObjects(TestCase):
    """The index equals the objects after any sequence of writes."""

    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(steps)
    def test_the_index_equals_the_objects_after_any_sequence_of_writes(self, sequence):
        made: list[Place] = []
        for step, number, name in sequence:
            self.take(step, number, name, made)
            assert index_equals_objects()

    def take(self, step: str, number: int, name: str, made: list[Place]) -> None:
        known = list(Place.objects.order_by("id"))
        if step == "save":
            obj = known[number] if number < len(known) else Place(place_kind="stop", geom=testing.point(number))
            obj.name = name
            save_object(obj, by=SYSTEM)
        elif step == "retire" and number < len(known):
            retire_object(known[number], by=SYSTEM)
        elif step == "many":
            new = [Place(name=f"{name}{n}", place_kind="stop", geom=testing.point(n)) for n in range(number)]
            save_objects([*new, *known[:2]], by=SYSTEM)
        elif step in ("import", "replace"):
            source = [feature(n, name, n * 10) for n in range(number)]
            options = ImportOptions(kind="stop", replace=step == "replace")
            import_features(source=source, target="places", by=SYSTEM, options=options)


def test_identifiers_are_time_ordered_version_seven():
    assert UUID(str(testing.make_place().pk)).version == 7
