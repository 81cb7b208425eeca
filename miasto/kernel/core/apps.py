"""Start of the kernel: every declaration is checked before the first request."""

import os
from typing import Any

from django.apps import AppConfig
from django.core.checks import Error, Tags, register


class CoreConfig(AppConfig):
    name = "miasto.kernel.core"
    label = "core"

    def ready(self) -> None:
        from miasto.kernel.core.registry import registry

        registry()
        register(_own_secret_key, Tags.security, deploy=True)


def _own_secret_key(app_configs: Any, **_more: Any) -> list[Error]:
    if os.environ.get("MIASTO_SECRET_KEY"):
        return []
    words = "MIASTO_SECRET_KEY is not set: each process makes a key of its own, and nobody stays signed in."
    return [Error(words, hint="openssl rand -base64 48; the same on every server", id="miasto.E001")]
