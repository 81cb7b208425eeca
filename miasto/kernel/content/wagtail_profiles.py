"""Wagtail's application of users without its pages: people, roles and passwords are in ``accounts`` alone."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from wagtail.users.apps import WagtailUsersAppConfig


class EditorProfiles(WagtailUsersAppConfig):
    """Only the model of an editor's preferences.

    Wagtail looks for hooks in the module of each application. Those of this one would import forms for groups and
    superusers, which ``Person`` has not; once the models are loaded the module is put out of its sight.
    """

    default = False

    def ready(self) -> None:
        super().ready()
        hidden: Any = SimpleNamespace(__name__=self.name)
        self.module = hidden
