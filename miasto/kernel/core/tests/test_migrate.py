"""New models are rendered sparingly, and a data migration still sees every relation."""

from django.db import models
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


def test_django_draws_as_before_outside_the_block():
    before = ProjectState.add_model
    with sparing():
        assert ProjectState.add_model is not before
    assert ProjectState.add_model is before
