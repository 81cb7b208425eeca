"""The ASGI application that the web server runs."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")
django_application = get_asgi_application()

from miasto.kernel.maps.front import TileFront  # noqa: E402 - models may be imported only after the set-up

application = TileFront(django_application)
