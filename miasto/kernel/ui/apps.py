"""The design system as a Django app."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def _install(**_context: Any) -> None:
    from miasto.kernel.ui.kept import install_triggers

    install_triggers()


class UiConfig(AppConfig):
    name = "miasto.kernel.ui"
    label = "ui"
    verbose_name = _("Wygląd i strony wspólne")

    def ready(self) -> None:
        # the signal is sent for apps with models only, after the migrations of all of them
        post_migrate.connect(_install, sender=apps.get_app_config("places"), dispatch_uid="ui.triggers")
