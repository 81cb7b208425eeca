"""The ASGI application that the web server runs."""

import gc
import os

from django.core.asgi import get_asgi_application
from django.urls import resolve

gc.disable()  # until everything is loaded: all of it stays
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "miasto.config.settings")
django_application = get_asgi_application()

# models may be imported only after the set-up
from miasto.kernel.core.body_limit import BodyLimit  # noqa: E402
from miasto.kernel.core.city import city  # noqa: E402
from miasto.kernel.maps.front import TileFront  # noqa: E402

application = TileFront(BodyLimit(django_application, most=city().limit("request_bytes", 80_000_000)))

# What is loaded by now stays as long as the process: a full collection that walks through it holds a request up by 0.1 s.
resolve("/")
gc.collect()
gc.freeze()
gc.enable()
