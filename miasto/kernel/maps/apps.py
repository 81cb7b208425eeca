"""After the migrations the tables behind the layers tell of their changes."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


def _install(**_context: Any) -> None:
    from miasto.kernel.maps.freshness import install_triggers

    install_triggers()


class MapsConfig(AppConfig):
    name = "miasto.kernel.maps"
    label = "maps"

    def ready(self) -> None:
        post_migrate.connect(_install, sender=self, dispatch_uid="maps.triggers")
