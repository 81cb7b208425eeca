"""New models are rendered sparingly, and a data migration still sees every relation."""

import pytest
from django.db import connection, models
from django.db.migrations import Migration, operations
from django.db.migrations.state import ModelState, ProjectState

from miasto.kernel.core.management.commands.migrate import sparing


def state_of(*names_and_targets):
    state = ProjectState()
    for name, target in names_and_targets:
        add(state, name, target)
    return state


def add(state, name, target):
    fields = [("id", models.AutoField(primary_key=True))]
    if target:
        fields.append((target, models.ForeignKey(f"city.{target}", models.CASCADE, related_name=f"{name}s")))
    state.add_model(ModelState("city", name, fields))


def test_a_model_far_away_is_not_rendered_again():
    state = state_of(("person", None), ("case", "person"), ("step", "case"))
    step, case = state.apps.get_model("city.step"), state.apps.get_model("city.case")
    with sparing():
        add(state, "vote", "person")
    assert state.apps.get_model("city.step") is step
    assert state.apps.get_model("city.case") is not case
    assert state.apps.get_model("city.vote")._meta.get_field("person").related_model is state.apps.get_model("city.person")


def test_a_data_migration_finds_the_new_model_from_the_other_side():
    state = state_of(("person", None), ("case", "person"), ("step", "case"))
    assert state.apps
    with sparing():
        add(state, "answer", "step")
    state.clear_delayed_apps_cache()  # as RunPython does
    query = state.apps.get_model("city.person").objects.filter(cases__steps__answers__id=1)
    assert str(query.query).count("JOIN") == 3


def migration(name, *done):
    made = Migration(name, "city")
    made.operations = list(done)
    return made


def steps():
    """Three migrations: models alone, a change of the key to which another model points, and a model again."""
    number, person = models.AutoField(primary_key=True), models.ForeignKey("city.person", models.CASCADE)
    yield migration(
        "0001",
        operations.CreateModel("person", [("id", number)]),
        operations.CreateModel("case", [("id", models.AutoField(primary_key=True)), ("person", person)]),
        operations.AddField("person", "name", models.TextField(default="")),
        operations.AddIndex("case", models.Index(fields=["person", "id"], name="case_of_person")),
    )
    yield migration(
        "0002",
        operations.AlterField("person", "name", models.CharField(max_length=80)),
        operations.AlterField("person", "id", models.BigAutoField(primary_key=True)),
    )
    vote = models.ForeignKey("city.person", models.CASCADE)
    yield migration("0003", operations.CreateModel("vote", [("id", models.AutoField(primary_key=True)), ("person", vote)]))


def sql_of_steps():
    state, said = ProjectState(), []
    for one in steps():
        with connection.schema_editor(collect_sql=True, atomic=False) as editor:
            state = one.apply(state, editor, collect_sql=True)
        said += editor.collected_sql
    return said


@pytest.mark.django_db
def test_migrations_do_the_same_as_django_does():
    expected = sql_of_steps()
    with sparing():
        assert sql_of_steps() == expected
    changed = [line for line in expected if 'ALTER TABLE "city_case" ALTER COLUMN "person_id" TYPE bigint' in line]
    assert changed, "the key's change did not reach the model that points to it; the comparison proves nothing"


@pytest.mark.django_db
def test_only_the_changed_model_of_a_migration_of_new_things_is_rendered():
    state = state_of(("person", None), ("case", "person"))
    case = state.apps.get_model("city.case")
    add_field = migration("0001", operations.AddField("person", "name", models.TextField(default="")))
    with sparing(), connection.schema_editor(collect_sql=True, atomic=False) as editor:
        add_field.apply(state, editor, collect_sql=True)
    assert state.apps.get_model("city.person")._meta.get_field("name")
    assert state.apps.get_model("city.case") is case


def test_django_draws_as_before_outside_the_block():
    before = ProjectState.add_model, ProjectState.reload_model, Migration.apply
    with sparing():
        assert ProjectState.add_model is not before[0]
    assert (ProjectState.add_model, ProjectState.reload_model, Migration.apply) == before
