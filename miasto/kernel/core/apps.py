"""Start of the kernel: every declaration is checked before the first request."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "miasto.kernel.core"
    label = "core"

    def ready(self) -> None:
        from miasto.kernel.core.registry import registry

        registry()
