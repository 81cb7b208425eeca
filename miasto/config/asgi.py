"""The ASGI application that the web server runs."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")
django_application = get_asgi_application()

# models may be imported only after the set-up
from miasto.kernel.core.body_limit import BodyLimit  # noqa: E402
from miasto.kernel.core.city import city  # noqa: E402
from miasto.kernel.maps.front import TileFront  # noqa: E402

application = TileFront(BodyLimit(django_application, most=city().limit("request_bytes", 80_000_000)))
