"""After the migrations the tables behind the layers tell of their changes."""

from typing import Any

from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


def _install(**_context: Any) -> None:
    from miasto.kernel.maps.freshness import install_triggers

    install_triggers()


class MapsConfig(AppConfig):
    name = "miasto.kernel.maps"
    label = "maps"

    def ready(self) -> None:
        # the signal is sent for apps with models only, after the migrations of all of them
        post_migrate.connect(_install, sender=apps.get_app_config("places"), dispatch_uid="maps.triggers")
