"""Django's ``migrate``, with changed models drawn into the state as sparingly as the operations allow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, CreateExtension
from django.core.management.commands.migrate import Command as Migrate
from django.db.migrations import Migration, operations
from django.db.migrations.state import ModelState, ProjectState

# These look at their own model and at the table and key of those it points to, never at what points back to it.
OWN_MODEL_ONLY = (
    operations.CreateModel,
    operations.DeleteModel,
    operations.AddField,
    operations.RemoveField,
    operations.AddIndex,
    operations.RemoveIndex,
    operations.AddConstraint,
    operations.RemoveConstraint,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.AlterUniqueTogether,
    operations.RunSQL,
    operations.RunPython,  # renders a marked state anew before it looks at a model
    AddIndexConcurrently,
    CreateExtension,
)


def looks_at_own_model_only(operation: operations.base.Operation) -> bool:
    """Whether nothing that points to the operation's model need be drawn for it."""
    if isinstance(operation, operations.AlterField):  # what points to a key changes with it
        return not (operation.field.many_to_many or operation.field.unique)
    return isinstance(operation, OWN_MODEL_ONLY)


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        with sparing():
            super().handle(*args, **options)


@contextmanager
def sparing() -> Iterator[None]:
    """Within the block a changed model is rendered alone where that is enough; what is around it follows when it is asked for.

    ``ProjectState`` renders a changed model with every model that a relation, or any chain of them, leads to. All of ours meet
    in the person, so each new table, index and constraint rendered the whole city again: four fifths of the time of an empty
    database's migrations. The mark is Django's own (``is_delayed``): ``RunPython`` renders a marked state anew before it looks
    at a model, and here so does a migration with an operation that looks further than at its own model.
    """
    kept = ProjectState.add_model, ProjectState.reload_model, Migration.apply

    def add_model(self: ProjectState, model_state: ModelState) -> None:
        key = model_state.app_label, model_state.name_lower
        self.models[key] = model_state
        if self._relations is not None:
            self.resolve_model_relations(key)
        if "apps" in self.__dict__:
            self.reload_model(*key, delay=True)

    def reload_model(self: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
        if not self.__dict__.get("alone") or "apps" not in self.__dict__:
            kept[1](self, app_label, model_name, delay)
            return
        self.is_delayed = True
        self._reload({(app_label, model_name)})

    def apply(self: Migration, state: ProjectState, *args: Any, **options: Any) -> ProjectState:
        alone = all(looks_at_own_model_only(operation) for operation in self.operations)
        if not alone and state.__dict__.pop("alone", False):
            state.clear_delayed_apps_cache()
        if alone:
            state.__dict__["alone"] = True
        _ = state.apps  # an operation gets a copy: rendered before it is copied, it is rendered once
        return kept[2](self, state, *args, **options)

    ProjectState.add_model, ProjectState.reload_model, Migration.apply = add_model, reload_model, apply
    try:
        yield
    finally:
        ProjectState.add_model, ProjectState.reload_model, Migration.apply = kept
