"""Django's ``migrate``, with new models drawn into the state as sparingly as Django draws a changed one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands.migrate import Command as Migrate
from django.db.migrations.state import ModelState, ProjectState


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        with sparing():
            super().handle(*args, **options)


@contextmanager
def sparing() -> Iterator[None]:
    """Within the block a new model is rendered with its direct neighbours only; what is further follows before it is asked for.

    ``ProjectState.add_model`` renders every model that any chain of relations leads to. All of ours meet in the person, so
    each new table rendered the whole city again: of the 68 seconds of an empty database's migrations two thirds. ``delay`` is
    Django's own: it marks the state, and ``RunPython`` renders a marked state anew before it looks at a model.
    """
    kept = ProjectState.add_model

    def add_model(self: ProjectState, model_state: ModelState) -> None:
        key = model_state.app_label, model_state.name_lower
        self.models[key] = model_state
        if self._relations is not None:
            self.resolve_model_relations(key)
        if "apps" in self.__dict__:
            self.reload_model(*key, delay=True)

    ProjectState.add_model = add_model
    try:
        yield
    finally:
        ProjectState.add_model = kept
